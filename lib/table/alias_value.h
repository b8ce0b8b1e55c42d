/* SPDX-License-Identifier: MIT */
/* What an alias stands for: members separated by commas, each an address, a
 * "|command", a /file or an :include:/file. Names the members, opens and runs
 * nothing. */
#ifndef TABLE_ALIAS_VALUE_H
#define TABLE_ALIAS_VALUE_H

#include "lib/base/error.h"
#include "lib/base/pool.h"

enum alias_member_kind {
	ALIAS_MEMBER_ADDRESS,
	ALIAS_MEMBER_COMMAND,
	ALIAS_MEMBER_FILE,
	ALIAS_MEMBER_INCLUDE
};

struct alias_member {
	enum alias_member_kind kind;
	/* ADDRESS: as written, for lib/mail/address_list.h; the others without
	 * quotes, '|' and ":include:". */
	struct span text;
};

enum alias_value_result {
	ALIAS_VALUE_MEMBER,
	ALIAS_VALUE_END,
	ALIAS_VALUE_BAD, /* this member means nothing; others may follow */
	ALIAS_VALUE_LIMIT
};

/* Takes the next member from the front of *rest; empty ones are passed over.
 * The member's text is a part of *rest or lives in `pool`. */
enum alias_value_result alias_value_next(struct pool *pool, struct span *rest,
    struct alias_member *member, struct error *error) MUST_USE;

#endif
