/* SPDX-License-Identifier: MIT */
/* A parsed main.cf: names with their unexpanded values in the order of the
 * file, and what -o options override. Names are not checked against any
 * list here: users invent their own and refer to them with $name. */
#ifndef PARAM_CONFIG_H
#define PARAM_CONFIG_H

#include "lib/base/pool.h"
#include "lib/param/expand.h"
#include "lib/param/warnings.h"

struct config;

struct config_entry {
	struct span name;
	struct span value;         /* unexpanded, may be empty */
	const char *where;         /* "main.cf, line 12", for messages */
	struct config_entry *next; /* in order of first appearance */
};

/* Empty; lives as long as `pool`. */
struct config *config_create(struct pool *pool)
    __attribute__((returns_nonnull));

/* Adds all settings of `text`; `file` is its label in messages. A later setting
 * replaces an earlier one, with a warning when the value differs. On failure
 * *error begins with "<file>, line N: " and the config is of no use. */
bool config_parse(struct config *config, const char *file, struct span text,
    struct warnings *warnings, struct error *error) MUST_USE;

/* Sets one "name=value" or "name = value", over what main.cf says and without a
 * warning; `where` is its origin in messages ("master.cf, line 9: -o"). */
bool config_override(struct config *config, const char *where,
    struct span setting, struct error *error) MUST_USE;
/* The same with the name and the value apart. */
bool config_set(struct config *config, const char *where, struct span name,
    struct span value, struct error *error) MUST_USE;

/* Splits "name = value"; false unless there is a proper name and a '='. */
bool config_split(struct span setting, struct span *name, struct span *value);

/* NULL when the name is not set. */
const struct config_entry *config_find(
    const struct config *config, struct span name);
/* The unexpanded value; false when the name is not set. */
bool config_get(
    const struct config *config, struct span name, struct span *value);
/* The first entry, or NULL; go on with ->next. */
const struct config_entry *config_first(const struct config *config);

/* Appends the expansion of `text` to *out. A name is looked for in the config,
 * then with `others` (built-in values and defaults; may be NULL). */
bool config_expand(const struct config *config, struct span text,
    const struct expand_names *others, struct buf *out,
    struct error *error) MUST_USE;

/* Marks the names that `text` refers to as used: for values that are not in the
 * config, such as -o options of other services. */
void config_note_references(struct config *config, struct span text);

/* Whether config_note_references or config_unused has met the name, or it is a
 * setting of a table or a restriction class that they have met. */
bool config_has_use(const struct config *config, struct span name);

/* Calls unused() for every entry that is neither known nor used: no value
 * refers to it, it is no class of smtpd_restriction_classes and no setting of
 * a table such as "ldap:<prefix>". */
void config_unused(struct config *config,
    bool (*is_known)(void *argument, struct span name),
    void (*unused)(void *argument, const struct config_entry *entry),
    void *argument);

#endif
