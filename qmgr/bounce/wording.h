/* SPDX-License-Identifier: MIT */
/* The templates in force and what their $names mean. The process has one set,
 * read when it starts. */
#ifndef BOUNCE_WORDING_H
#define BOUNCE_WORDING_H

#include "lib/base/pool.h"
#include "lib/ipc/messages.h"
#include "lib/param/param.h"

#include "qmgr/bounce/template.h"

/* Reads the file at `path`, from which *set then borrows through `pool`, and
 * tries every template in it. False: the words say what is wrong and where, and
 * *set is unchanged. */
bool wording_read(struct template_set *set, const char *path,
    const struct param_source *source, struct pool *pool,
    struct error *error) MUST_USE;

/* Appends the text of a template, expanded. Besides parameters it may name
 * $delay_warning_time_UNIT and $maximal_queue_lifetime_UNIT with seconds,
 * minutes, hours, days or weeks for UNIT. */
bool wording_expand(const struct template *template,
    const struct param_source *source, struct buf *out,
    struct error *error) MUST_USE;

/* Takes bounce_template_file. False, in check mode only: it has an error; else
 * that is logged, and the built-in words serve. */
bool wording_open(struct error *error) MUST_USE;
/* The one for a notice of this kind. */
const struct template *wording_for(enum notice_kind kind)
    __attribute__((returns_nonnull));

#endif
