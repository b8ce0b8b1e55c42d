/* SPDX-License-Identifier: MIT */
/* What the lookup service knows about a recipient: whose domain it is, and
 * whether it exists. */
#ifndef SMTPD_DIRECTORY_H
#define SMTPD_DIRECTORY_H

#include "lib/base/span.h"

struct session;

/* The numbers are those of enum route_class. */
enum directory_class {
	DIRECTORY_LOCAL,
	DIRECTORY_VIRTUAL_ALIAS,
	DIRECTORY_VIRTUAL_MAILBOX,
	DIRECTORY_RELAY,
	DIRECTORY_DEFAULT
};

/* The numbers are those of enum lookup_result_code. */
enum directory_result {
	DIRECTORY_UNKNOWN,
	DIRECTORY_KNOWN,
	DIRECTORY_TRY_AGAIN
};

struct directory_entry {
	enum directory_class class;
	enum directory_result result;
	struct span text; /* what an unknown one is told, "5.1.6 ...", in the
			   * scratch pool; may be empty */
};

/* Waits for the lookup service; no answer in time is DIRECTORY_TRY_AGAIN. */
struct directory_entry directory_check(
    struct session *session, struct span sender, struct span recipient);

#endif
