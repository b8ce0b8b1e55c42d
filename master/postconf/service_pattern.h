/* SPDX-License-Identifier: MIT */
/* "smtp", "smtp/inet", "*" for any name, "smtp/inet/chroot": which services of
 * master.cf, and what of them, the command line means. */
#ifndef POSTCONF_SERVICE_PATTERN_H
#define POSTCONF_SERVICE_PATTERN_H

#include "lib/base/span.h"

/* Borrows from the text; an empty part means any. */
struct service_pattern {
	struct span name;
	struct span type;
	struct span part; /* a field or parameter */
};

/* `parts` are allowed. False when there are more, or an empty one. */
bool service_pattern_parse(
    struct span text, unsigned parts, struct service_pattern *pattern);

bool service_pattern_matches(
    const struct service_pattern *pattern, struct span name, struct span type);

/* Whether the text is what the pattern's part asks for. */
bool service_pattern_wants(
    const struct service_pattern *pattern, struct span part);

#endif
