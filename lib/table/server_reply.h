/* SPDX-License-Identifier: MIT */
/* What servers of tables are asked and answer, as text: the protocols of
 * socketmap: (netstrings) and tcp: (lines). What comes from a server is
 * hostile. */
#ifndef TABLE_SERVER_REPLY_H
#define TABLE_SERVER_REPLY_H

#include "lib/base/buf.h"
#include "lib/table/table.h"

enum server_reply_state {
	SERVER_REPLY_INCOMPLETE, /* more has to be read */
	SERVER_REPLY_COMPLETE,
	SERVER_REPLY_BROKEN /* no reply; nothing that follows can be trusted */
};

struct server_reply {
	enum table_result result;
	struct span text; /* the value, or the reason; inside the input */
};

struct server_protocol {
	size_t maximum; /* bytes of a reply, all included */
	bool has_name;  /* the last part of the argument is a name */

	/* Appends the question; false: it is too long. */
	bool (*ask)(struct buf *out, struct span name, struct span key);
	/* Reads `input`, all that has come so far. */
	enum server_reply_state (*take)(
	    struct span input, struct server_reply *reply);
	/* Appends what the text of a reply means; false: it is none. */
	bool (*decode)(struct buf *out, struct span text);
};

extern const struct server_protocol server_reply_socketmap;
extern const struct server_protocol server_reply_tcp;

#endif
