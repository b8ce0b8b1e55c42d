/* SPDX-License-Identifier: MIT */
#include "lib/param/port.h"

#include "lib/base/number.h"

struct port {
	const char *name;
	uint16_t number;
};

static const struct port ports[] = {
    {"smtp", 25},
    {"submission", 587},
    {"submissions", 465},
    {"smtps", 465},
    {"lmtp", 24},
    {"qmqp", 628},
};

bool
port_parse(struct span text, uint16_t *port)
{
	uint64_t number;

	for (size_t i = 0; i < COUNT_OF(ports); i++)
		if (span_equal(text, span_text(ports[i].name))) {
			*port = ports[i].number;
			return true;
		}
	if (!number_parse(text, UINT16_MAX, &number) || number == 0)
		return false;
	*port = (uint16_t)number;
	return true;
}

/* "[host]:service", the only form in which an IPv6 address is clear. */
static bool
split_bracketed(struct span name, struct span *host, struct span *service)
{
	struct span rest;

	if (!span_split(span_skip(name, 1), ']', host, &rest) ||
	    host->len == 0 || rest.len < 2 || rest.at[0] != ':')
		return false;
	*service = span_skip(rest, 1);
	return span_find(*service, ':') == service->len;
}

bool
port_split(struct span name, struct span *host, struct span *service)
{
	if (name.len > 0 && name.at[0] == '[')
		return split_bracketed(name, host, service);
	if (!span_split(name, ':', host, service)) {
		*service = name;
		*host = SPAN_EMPTY;
		return name.len > 0;
	}
	return service->len > 0 && span_find(*service, ':') == service->len;
}
