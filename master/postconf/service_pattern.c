/* SPDX-License-Identifier: MIT */
#include "master/postconf/service_pattern.h"

bool
service_pattern_parse(
    struct span text, unsigned parts, struct service_pattern *pattern)
{
	struct span *targets[] = {
	    &pattern->name, &pattern->type, &pattern->part};
	bool goes_on = true;

	*pattern = (struct service_pattern){.name = SPAN_EMPTY};
	must(parts <= COUNT_OF(targets));
	for (unsigned i = 0; i < parts && goes_on; i++) {
		goes_on = span_split(text, '/', targets[i], &text);
		if (targets[i]->len == 0)
			return false;
		if (span_equal(*targets[i], SPAN("*")))
			*targets[i] = SPAN_EMPTY;
	}
	return !goes_on;
}

static bool
is_asked(struct span pattern, struct span text)
{
	return pattern.len == 0 || span_equal(pattern, text);
}

bool
service_pattern_matches(
    const struct service_pattern *pattern, struct span name, struct span type)
{
	return is_asked(pattern->name, name) && is_asked(pattern->type, type);
}

bool
service_pattern_wants(const struct service_pattern *pattern, struct span part)
{
	return is_asked(pattern->part, part);
}
