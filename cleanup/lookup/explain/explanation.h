/* SPDX-License-Identifier: MIT */
/* What becomes of an address, and why: the steps that delivery takes, taken
 * with a trace and without a message. Lives in a pool. */
#ifndef EXPLAIN_EXPLANATION_H
#define EXPLAIN_EXPLANATION_H

#include "lib/base/list.h"
#include "lib/route/network_list.h"
#include "lib/route/route.h"

enum {
	EXPLAINED_LIMITS = 4
};

/* A row that was found, or what a parameter has led to. */
struct explained_step {
	struct list node;
	const char *parameter;
	const char *table; /* NULL: no row, only a value */
	struct span key;
	struct span value;
};

/* Why somebody gets the message. */
enum explained_reason {
	EXPLAINED_RECIPIENT,
	EXPLAINED_ALWAYS_BCC,
	EXPLAINED_SENDER_BCC,
	EXPLAINED_RECIPIENT_BCC,
	EXPLAINED_REASONS
};

struct explained_limit {
	const char *name; /* smtp_destination_recipient_limit */
	struct span value;
};

struct explained_delivery {
	struct list node;
	enum explained_reason reason;
	struct route_answer answer;
	struct list steps;
	struct explained_limit limits[EXPLAINED_LIMITS];
};

/* Whether a client could send to the address. */
struct explained_access {
	bool is_asked_for;
	bool may_relay;      /* in mynetworks */
	bool is_destination; /* of a class that we take mail for */
	enum table_result known;
	struct span why; /* not: "5.1.6 ..."; may be empty */
};

struct explanation {
	struct span address; /* as it was given */
	struct span sender;  /* as it is rewritten */
	struct span recipient;
	struct list sender_steps;
	struct list steps; /* of the recipient, up to its aliases */
	struct list deliveries;
	struct explained_access access;
	struct error error; /* what stopped it; ERROR_NONE: nothing */
};

struct explanation_request {
	struct route *route;
	const struct common_params *common;
	const struct param_source *source;   /* of limits */
	const struct network_list *networks; /* mynetworks */
	struct span always_bcc;
	struct span sender;           /* internal form */
	struct span address;          /* internal form */
	const struct address *client; /* NULL: nobody asks */
};

/* The result is complete as far as its error is ERROR_NONE. */
struct explanation *explanation_make(
    struct pool *pool, const struct explanation_request *request);

const char *explanation_class(enum route_class class);
const char *explanation_reason(enum explained_reason reason);

/* Appends it for people, or as one JSON object in one line. */
void explain_text(const struct explanation *explanation, struct buf *out);
void explain_json(const struct explanation *explanation, struct buf *out);

#endif
