/* SPDX-License-Identifier: MIT */
/* Makes and changes the files of tables: what postmap, postalias and newaliases
 * do. A file is built under another name, made durable and then renamed, so
 * that readers see the old one or the new one and never a part. */
#ifndef TABLE_TABLE_BUILD_H
#define TABLE_TABLE_BUILD_H

#include "lib/base/error.h"
#include "lib/base/span.h"
#include "lib/param/warnings.h"

/* What becomes of an entry whose key was there before. */
enum table_build_duplicate {
	TABLE_BUILD_WARN, /* it is ignored, with a warning */
	TABLE_BUILD_IGNORE,
	TABLE_BUILD_REPLACE /* it counts */
};

enum table_build_end {
	TABLE_BUILD_END_USUAL, /* as is usual for the type */
	TABLE_BUILD_END_NUL,   /* keys and values end with a NUL */
	TABLE_BUILD_END_NONE
};

struct table_build_request {
	struct span name;         /* "type:path" or "/path" */
	const char *default_type; /* of a path without type */
	bool keep_case;
	/* Alias syntax, and the three keys that readers of alias files expect:
	 * "@", YP_LAST_MODIFIED and YP_MASTER_NAME, which is `host_name`. */
	bool aliases;
	const char *host_name;
	/* The entries are added to those that the table has, and come from
	 * `text`, not from the file. */
	bool is_addition;
	struct span text;
	enum table_build_duplicate duplicates;
	enum table_build_end end;
	bool
	    value_is_file; /* values name files: their content counts, base64 */
	bool check_utf8;   /* entries that are not UTF-8 are no entries */
	/* The file gets the mode 0644, and not that of the text. */
	bool usual_mode;
	/* Root does not become the owner of the text meanwhile. */
	bool stay_root;
};

/* What is wrong with entries makes warnings. On failure the old file, if any,
 * is untouched. aliases:/path and texthash:/path have no file to make: the text
 * is only checked. Blocks. */
bool table_build(const struct table_build_request *request,
    struct warnings *warnings, struct error *error) MUST_USE;

/* Removes the keys, one in each line of request->text; *found says how many
 * were there. Of the request, only the name, types and cases count. */
bool table_build_without(const struct table_build_request *request,
    size_t *found, struct error *error) MUST_USE;

#endif
