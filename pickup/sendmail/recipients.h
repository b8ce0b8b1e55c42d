/* SPDX-License-Identifier: MIT */
/* Who gets the message: the recipients of the command line and, with -t, of the
 * header. Embedded in its owner. */
#ifndef PICKUP_SENDMAIL_RECIPIENTS_H
#define PICKUP_SENDMAIL_RECIPIENTS_H

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/pool.h"

enum {
	RECIPIENTS_MAXIMUM = 1000000
};

struct recipients {
	struct pool *pool; /* of the texts */
	struct buf list;   /* of struct span */
};

void recipients_init(struct recipients *recipients, struct pool *pool);
void recipients_finish(struct recipients *recipients);

/* Each adds the addresses of a list; one that cannot be read fails, for mail
 * goes to all or to nobody. */
bool recipients_add_list(struct recipients *recipients, struct span text,
    struct error *error) MUST_USE;
/* Those of To, Cc and Bcc, or, if the header has any Resent- field, of
 * Resent-To, Resent-Cc and Resent-Bcc. */
bool recipients_add_header(struct recipients *recipients, struct span header,
    struct error *error) MUST_USE;

size_t recipients_count(const struct recipients *recipients);
/* In internal form. */
struct span recipients_at(const struct recipients *recipients, size_t i);

#endif
