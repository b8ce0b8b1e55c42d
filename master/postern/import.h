/* SPDX-License-Identifier: MIT */
/* `postern import`: a configuration directory of Postfix becomes one of
 * Postern, and an account of what will behave differently. */
#ifndef MASTER_POSTERN_IMPORT_H
#define MASTER_POSTERN_IMPORT_H

#include "lib/base/error.h"

struct import_request {
	const char *from;
	const char *to;
	bool replaces; /* a main.cf that is there is kept beside the new one */
};

/* Copies, and prints the account to standard output. Nothing is written unless
 * main.cf and master.cf can be read and understood. */
bool import_run(
    const struct import_request *request, struct error *error) MUST_USE;

#endif
