/* SPDX-License-Identifier: MIT */
/* Text files of PEM blocks (RFC 7468), cut into blocks without decoding them:
 * who wants the certificates of a file need not touch the key in it. */
#ifndef TLS_PEM_H
#define TLS_PEM_H

#include "lib/base/span.h"

enum pem_step {
	PEM_STEP_BLOCK,
	PEM_STEP_END,
	PEM_STEP_BROKEN /* a block has no end, or another's */
};

struct pem_block {
	struct span label; /* "CERTIFICATE" */
	struct span text;  /* from its first "-" to its last */
};

/* Takes the next block from the front of *rest; text between blocks is
 * skipped. The spans are borrowed from *rest. */
enum pem_step pem_next(struct span *rest, struct pem_block *block) MUST_USE;

bool pem_is_certificate(const struct pem_block *block);
bool pem_is_key(const struct pem_block *block);

#endif
