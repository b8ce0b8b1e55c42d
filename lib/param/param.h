/* SPDX-License-Identifier: MIT */
/* Typed parameters. Each program declares its own once, in params.def, one
 * PARAM(type, name, default, minimum, maximum, doc) per line; param_define.h
 * makes a struct and a table of it, param_load fills the struct.
 *
 * type       field          minimum, maximum    value
 * text       const char *   length in bytes     expanded
 * raw        const char *   length in bytes     as written ($ is for later)
 * boolean    bool           0, 1                yes or no
 * number     int64_t        value               digits
 * size       int64_t        value               digits, bytes
 * duration   int64_t        value in seconds    number and unit s m h d w
 * feedback   struct feedback  0, 0              see feedback.h
 * choice("a b c")  unsigned 0, 0                0 for a, 1 for b, 2 for c
 *
 * A default may contain $-expressions. One in parentheses describes a value
 * that computed.c finds. A params.def stands alone: no names of the program's
 * other headers, so that postconf can list them all. */
#ifndef PARAM_PARAM_H
#define PARAM_PARAM_H

#include "lib/param/config.h"
#include "lib/param/feedback.h"

enum param_type {
	PARAM_TEXT,
	PARAM_RAW,
	PARAM_BOOLEAN,
	PARAM_NUMBER,
	PARAM_SIZE,
	PARAM_DURATION,
	PARAM_FEEDBACK,
	PARAM_CHOICE
};

struct param_spec {
	const char *name;
	enum param_type type;
	const char *words; /* of a choice, NULL otherwise */
	const char *default_text;
	int64_t minimum;
	int64_t maximum;
	const char *doc; /* one sentence */
	size_t offset;   /* of the field in the program's struct */
};

/* The parameters that one params.def declares. */
struct param_set {
	const char *owner; /* "smtpd", "common" */
	const struct param_spec *specs;
	size_t count;
};

struct host;

/* Where values come from. A name means, in this order: what the config says, a
 * computed value, the default in one of the sets or in the common one,
 * Postfix's default. */
struct param_source {
	const struct config *config;
	const struct param_set *const *sets; /* ends with NULL; may be NULL */
	const struct host *host;             /* facts of the machine */
	const char *config_directory;        /* NULL = the built-in one */
	const char *process_name;            /* NULL is as "" */
	const char *service_name;
	bool stress;               /* what $stress says: "yes" or nothing */
	struct warnings *warnings; /* may be NULL */
};

/* Fills *params, the struct that `set` describes; texts live in `pool`. The
 * first value that does not fit fails, with its place and what was expected:
 * "main.cf, line 12: maximal_backoff_time = 10x: expected ...". So does one of
 * a service alone (slow_destination_rate_delay) whose default is in the set. */
bool param_load(const struct param_set *set, const struct param_source *source,
    void *params, struct pool *pool, struct error *error) MUST_USE;

/* Changes those fields of *params, filled before, for which names that begin
 * with `service` mean something else. */
bool param_load_service(const struct param_set *set,
    const struct param_source *source, struct span service, void *params,
    struct pool *pool, struct error *error) MUST_USE;

/* NULL when `set` does not declare the name. */
const struct param_spec *param_find(
    const struct param_set *set, struct span name);

/* What a name means, unexpanded; what is computed is taken from `pool`. False
 * when nobody knows it. */
bool param_get(const struct param_source *source, struct pool *pool,
    struct span name, struct span *value);

/* Appends the expansion of `text` to *out. */
bool param_expand(const struct param_source *source, struct span text,
    struct buf *out, struct error *error) MUST_USE;

/* Whether `value`, expanded, is allowed for `spec`; *error says what was
 * expected. */
bool param_check(const struct param_spec *spec, struct span value,
    struct error *error) MUST_USE;

#endif
