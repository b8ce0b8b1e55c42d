/* SPDX-License-Identifier: MIT */
/* Makes the Berkeley DB file of a hash: or btree: table from its text: what
 * postmap, postalias and newaliases do. The file is built under another name,
 * made durable and then renamed, so that readers see the old one or the new
 * one and never a part. */
#ifndef TABLE_TABLE_BUILD_H
#define TABLE_TABLE_BUILD_H

#include "lib/base/error.h"
#include "lib/base/span.h"
#include "lib/param/warnings.h"

struct table_build_request {
	struct span name;         /* "type:path" or "/path" */
	const char *default_type; /* of a path without type */
	bool keep_case;
	/* Alias syntax, and the three keys that readers of alias files expect:
	 * "@", YP_LAST_MODIFIED and YP_MASTER_NAME, which is `host_name`. */
	bool aliases;
	const char *host_name;
};

/* Of several entries for a key the first counts; that and lines which are no
 * entries make a warning. On failure the old file, if any, is untouched.
 * aliases:/path and texthash:/path have no file to make: the text is only
 * checked. Blocks. */
bool table_build(const struct table_build_request *request,
    struct warnings *warnings, struct error *error) MUST_USE;

#endif
