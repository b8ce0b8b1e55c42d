/* SPDX-License-Identifier: MIT */
/* Where mail goes: from a recipient (and its sender) to the address class, the
 * transport and the next hop, as main.cf and its tables say. A route owns its
 * tables, belongs to whoever opened it and is used by one thread at a time. */
#ifndef ROUTE_ROUTE_H
#define ROUTE_ROUTE_H

#include "lib/param/common.h"
#include "lib/param/host.h"
#include "lib/route/params.h"
#include "lib/table/table.h"

struct route;

/* Which parameter a recipient's domain is in. */
enum route_class {
	ROUTE_LOCAL,           /* mydestination, or [an address of ours] */
	ROUTE_VIRTUAL_ALIAS,   /* virtual_alias_domains */
	ROUTE_VIRTUAL_MAILBOX, /* virtual_mailbox_domains */
	ROUTE_RELAY,           /* relay_domains */
	ROUTE_DEFAULT          /* none */
};

/* All of it must outlive the route. */
struct route_source {
	const struct common_params *common;
	const struct route_params *params;
	const struct host *host;
	const struct table_options *options; /* of all tables */
};

/* NULL: failure, the text begins with the parameter's name. */
struct route *route_open(
    const struct route_source *source, struct error *error) MUST_USE;
/* Calls visit(value) for each parameter that may name tables or other files. */
void route_each_value(
    const struct route_source *source, void (*visit)(const char *value));
/* NULL is allowed. */
void route_close(struct route *route);

/* Told why an answer is what it is. */
struct route_trace {
	/* A row of a table that `parameter` names was found. */
	void (*row)(void *owner, const char *parameter, const char *table,
	    struct span key, struct span value);
	/* `parameter` has led to `result`. */
	void (*step)(void *owner, const char *parameter, struct span result);
	void *owner;
};

/* From now on `trace`, which outlives the route, is told; NULL: nobody. */
void route_explain(struct route *route, const struct route_trace *trace);

struct route_query {
	struct span sender;    /* internal form; empty: the null sender */
	struct span recipient; /* internal form */
};

/* The texts live in the pool that was given. */
struct route_answer {
	enum route_class class;
	struct span transport; /* name in master.cf; "error" refuses */
	struct span next_hop;  /* of "error": "5.1.3 and a text" */
	struct span recipient; /* complete, user@domain */
	/* The sender says which way the mail shall go (user%there@here,
	 * "user@there"@here): no reason to relay for a stranger. */
	bool is_routed;
};

/* False is a temporary failure (of a table or of `pool`). A recipient to which
 * nothing can be sent has the transport "error". */
bool route_resolve(struct route *route, struct pool *pool,
    const struct route_query *query, struct route_answer *answer,
    struct error *error) MUST_USE;

/* Whether `answer`, what route_resolve made of a recipient, is worth accepting:
 * TABLE_FOUND when canonical tables or aliases make another address of it, or
 * unless its transport is "error" or the tables of valid recipients of its
 * class say no. */
enum table_result route_recipient_known(struct route *route,
    const struct route_answer *answer, struct error *error) MUST_USE;

/* Where an address stands, as the ..._classes name it. */
enum route_place {
	ROUTE_ENVELOPE_SENDER,
	ROUTE_ENVELOPE_RECIPIENT,
	ROUTE_HEADER_SENDER,
	ROUTE_HEADER_RECIPIENT
};

/* Whether route_rewrite could change an address there. */
bool route_rewrites(const struct route *route, enum route_place place);

/* What canonical tables and masquerading make of a complete address, in *out,
 * which is `address` when they change nothing. False: a table or the pool
 * failed, or the tables lead in circles (ERROR_LIMIT). */
bool route_rewrite(struct route *route, struct pool *pool,
    enum route_place place, struct span address, struct span *out,
    struct error *error) MUST_USE;

enum route_copy {
	ROUTE_COPY_SENDER,   /* sender_bcc_maps */
	ROUTE_COPY_RECIPIENT /* recipient_bcc_maps */
};

/* Who gets a copy of mail from or to `address`, as the table writes it; empty:
 * nobody. False: a table or the pool failed. */
bool route_find_copy(struct route *route, struct pool *pool,
    enum route_copy whose, struct span address, struct span *copy,
    struct error *error) MUST_USE;

struct route_expansion {
	struct span *recipients; /* internal form, complete */
	size_t count;
};

/* What virtual_alias_maps make of `recipient`: at least one address, each of
 * them once; the recipient itself when there is no alias. False: a table or the
 * pool failed, or the aliases pass a limit or lead nowhere (ERROR_LIMIT). */
bool route_expand_virtual(struct route *route, struct pool *pool,
    struct span recipient, struct route_expansion *expansion,
    struct error *error) MUST_USE;

/* Whether a table or file is no longer the one that was opened; *name, if not
 * NULL, is then its name. */
bool route_has_changed(const struct route *route, const char **name);

#endif
