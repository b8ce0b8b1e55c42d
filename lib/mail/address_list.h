/* SPDX-License-Identifier: MIT */
/* Walks a list of addresses as in To:, Cc:, From: (RFC 5322 3.4, 4.4 obsolete
 * forms included) and on the command line of sendmail: groups, comments,
 * quoted strings, <route-addr>, folding. No recursion; linear in the text. */
#ifndef MAIL_ADDRESS_LIST_H
#define MAIL_ADDRESS_LIST_H

#include "lib/base/error.h"
#include "lib/mail/mail_address.h"

struct address_list {
	struct span rest;
	unsigned count;   /* addresses returned so far */
	unsigned maximum; /* of addresses; the list ends with an error there */
};

struct address_list_entry {
	struct mail_address address; /* internal form, in the pool */
	struct span
	    name; /* display name, dequoted, in the pool; may be empty */
	struct span source; /* the addr-spec (or <> route-addr inside) as
			     * written, a part of the list's text */
};

enum address_list_result {
	ADDRESS_LIST_FOUND,
	ADDRESS_LIST_END,
	ADDRESS_LIST_BAD,  /* entry->source cannot be read as an address; the
			    * walk may go on with the next one */
	ADDRESS_LIST_LIMIT /* pool or maximum reached; nothing more comes */
};

/* `text` must outlive the walk. */
void address_list_init(
    struct address_list *list, struct span text, unsigned maximum);

/* The next address. With ADDRESS_LIST_BAD and ADDRESS_LIST_LIMIT `error` has
 * the words. An empty group or element gives nothing; <> gives the null
 * address. */
enum address_list_result address_list_next(struct address_list *list,
    struct pool *pool, struct address_list_entry *entry,
    struct error *error) MUST_USE;

/* Appends "name <address>" in external form, or the bare address when the name
 * is empty; false when the buffer is at its maximum. */
bool address_list_append(
    struct buf *out, struct span name, struct span address);

#endif
