/* SPDX-License-Identifier: MIT */
/* The keys that a message gives to tables of header and body checks. */
#ifndef POSTMAP_MESSAGE_QUERY_H
#define POSTMAP_MESSAGE_QUERY_H

#include "lib/base/span.h"

enum {
	MESSAGE_QUERY_HEADER = 1,
	MESSAGE_QUERY_BODY = 2,
	MESSAGE_QUERY_MIME = 4 /* parts and their headers count as such */
};

/* Calls ask(owner, key) for each field (MESSAGE_QUERY_HEADER), with its folding
 * and without its last line end, and for each line of bodies, until it returns
 * false, which is then the result. */
bool message_query_run(struct span message, unsigned parts,
    bool (*ask)(void *owner, struct span key), void *owner) MUST_USE;

#endif
