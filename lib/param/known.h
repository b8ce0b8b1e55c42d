/* SPDX-License-Identifier: MIT */
/* Every parameter of Postfix that common.def does not declare, with its default
 * and what it means for Postern to meet it in main.cf; see known.def. A
 * parameter that a program's params.def declares is honoured, whatever is said
 * here. The names of Postfix 3.12 are in postfix_names.txt, and .ci/check finds
 * those that nobody has. */
#ifndef PARAM_KNOWN_H
#define PARAM_KNOWN_H

#include "lib/base/span.h"

enum known_status {
	KNOWN_DESCRIPTIVE, /* nothing depends on it: accepted in silence */
	KNOWN_LATER,       /* not honoured yet, harmless to ignore: a warning */
	KNOWN_UNSAFE,      /* not honoured yet; to ignore it would accept, relay
			    * or reveal more: stops start and reload */
	KNOWN_UNSUPPORTED  /* will not be honoured; `note` says what to use */
};

struct known {
	const char *name;
	const char *default_text;
	enum known_status status;
	const char *note;     /* UNSAFE: the feature; UNSUPPORTED: what to use
			       * instead; NULL otherwise */
	const char *harmless; /* UNSAFE: words that may be ignored like the
			       * default and the empty value, or NULL */
	bool is_raw;          /* $names in it mean something at use only */
};

/* Also finds per-service names (smtp-amavis_destination_concurrency_limit) by
 * their suffix: it returns the row transport_... NULL = not Postfix's. */
const struct known *known_find(struct span name);

/* All rows, sorted by name. */
const struct known *known_all(size_t *count);

/* A word for one of the parameters that `name` may have meant, or NULL. */
const char *known_nearest(struct span name);

/* The suffixes of per-service names: "_destination_recipient_limit" ...; NULL
 * when `name` ends with none. */
const char *known_service_suffix(struct span name);
/* All of them from 0 on; NULL beyond the last. */
const char *known_suffix(size_t index);
/* The parameter that a name with the suffix stands for when nobody sets it:
 * "default_destination_recipient_limit" ... */
struct span known_suffix_default(const char *suffix);

enum known_verdict {
	KNOWN_FINE,
	KNOWN_WARN,
	KNOWN_STOP
};

/* What to do about a setting that no params.def declares; `value` and
 * `default_value` are expanded. */
enum known_verdict known_judge(
    const struct known *known, struct span value, struct span default_value);

#endif
