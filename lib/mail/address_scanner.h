/* SPDX-License-Identifier: MIT */
/* The parts of an address, read from the front of a text, with the internal
 * form collected on the way: what path.c and address_list.c have in common.
 * Lives on the caller's stack. */
#ifndef MAIL_ADDRESS_SCANNER_H
#define MAIL_ADDRESS_SCANNER_H

#include "lib/base/error.h"
#include "lib/mail/mail_address.h"

enum address_scanner_flags {
	ADDRESS_SCANNER_LENIENT = 1,  /* blanks around, a final dot, '\' */
	ADDRESS_SCANNER_COMMENTS = 2, /* comments and folding between tokens */
	ADDRESS_SCANNER_UTF8 = 4
};

struct address_scanner {
	struct span rest;
	unsigned flags;
	const char *start; /* of the address, behind route and gaps */
	const char *end;   /* behind its last token */
	size_t local_len;
	bool has_domain;
	size_t len;
	char text[MAIL_ADDRESS_MAXIMUM]; /* internal form so far */
};

void address_scanner_init(
    struct address_scanner *scanner, struct span text, unsigned flags);

/* The next byte, or NUL at the end of the text. */
static inline char
address_scanner_peek(const struct address_scanner *scanner)
{
	return scanner->rest.len == 0 ? '\0' : scanner->rest.at[0];
}

static inline void
address_scanner_skip(struct address_scanner *scanner)
{
	scanner->rest = span_skip(scanner->rest, 1);
}

/* Skips what the flags allow between tokens: blanks, or white space and nested
 * comments. False when a comment has no end. */
bool address_scanner_gap(
    struct address_scanner *scanner, struct error *error) MUST_USE;

/* Reads [source route] local-part ["@" domain]; stops at the first byte behind
 * it and the gap that follows. */
bool address_scanner_read(
    struct address_scanner *scanner, struct error *error) MUST_USE;

/* Copies the internal form into `pool`; false when that is at its maximum. */
bool address_scanner_store(const struct address_scanner *scanner,
    struct pool *pool, struct mail_address *address,
    struct error *error) MUST_USE;

#endif
