/* SPDX-License-Identifier: MIT */
#include "smtp/dns/servers.h"

#include "lib/base/number.h"

enum {
	DNS_PORT = 53,
	TIMEOUT = 5, /* seconds; as resolv.conf(5) says */
	TIMEOUT_MAXIMUM = 30,
	ATTEMPTS = 2,
	ATTEMPTS_MAXIMUM = 5
};

static void
set_defaults(struct servers *servers)
{
	servers->count = 0;
	servers->preferred = 0;
	servers->timeout = TIMEOUT;
	servers->attempts = ATTEMPTS;
}

static bool
add(struct servers *servers, struct span ip, uint16_t port)
{
	if (servers->count == SERVERS_MAXIMUM ||
	    !address_parse_ip(ip, port, &servers->addresses[servers->count]))
		return false;
	servers->count++;
	return true;
}

/* "[address]:port", "[address]", "address:port" (IPv4) or "address". */
static bool
add_word(struct servers *servers, struct span word)
{
	struct span ip = word;
	struct span behind = SPAN_EMPTY;
	uint64_t port = DNS_PORT;

	if (span_starts(word, SPAN("["))) {
		if (!span_split(span_skip(word, 1), ']', &ip, &behind) ||
		    (behind.len > 0 && behind.at[0] != ':'))
			return false;
	} else if (span_find(word, ':') == span_find_last(word, ':')) {
		ip = span_head(word, span_find(word, ':'));
		behind = span_skip(word, ip.len);
	}
	if (behind.len > 0 &&
	    (!number_parse(span_skip(behind, 1), UINT16_MAX, &port) ||
		port == 0))
		return false;
	return add(servers, ip, (uint16_t)port);
}

static void
take_option(struct servers *servers, struct span option)
{
	struct span name;
	struct span value;
	uint64_t number;

	if (!span_split(option, ':', &name, &value) ||
	    !number_parse(value, UINT32_MAX, &number) || number == 0)
		return;
	if (span_equal(name, SPAN("timeout")))
		servers->timeout = number < TIMEOUT_MAXIMUM ? (int64_t)number
							    : TIMEOUT_MAXIMUM;
	if (span_equal(name, SPAN("attempts")))
		servers->attempts = number < ATTEMPTS_MAXIMUM
		    ? (unsigned)number
		    : ATTEMPTS_MAXIMUM;
}

static void
take_line(struct servers *servers, struct span line)
{
	struct span keyword;
	struct span word;

	if (!span_take_word(&line, " \t\r", &keyword))
		return;
	if (span_equal(keyword, SPAN("nameserver")) &&
	    span_take_word(&line, " \t\r", &word))
		(void)add(servers, word, DNS_PORT);
	if (span_equal(keyword, SPAN("options")))
		while (span_take_word(&line, " \t\r", &word))
			take_option(servers, word);
}

void
servers_parse(struct servers *servers, struct span text)
{
	struct span line;

	set_defaults(servers);
	while (text.len > 0) {
		span_split(text, '\n', &line, &text);
		take_line(servers, line);
	}
	if (servers->count == 0)
		must(add(servers, SPAN("127.0.0.1"), DNS_PORT));
}

void
servers_refresh(struct servers *servers)
{
	struct buf text;

	if (servers->is_fixed)
		return;
	if (watched_file_read(&servers->file, &text))
		servers_parse(servers, buf_span(&text));
	buf_finish(&text);
}

bool
servers_open(struct servers *servers, struct span list, const char *path,
    struct error *error)
{
	struct span word;

	set_defaults(servers);
	watched_file_init(&servers->file, path);
	while (span_take_word(&list, ", \t\r\n", &word))
		if (!add_word(servers, word))
			return error_set(error, ERROR_INVALID,
			    "dns_servers: expected at most %d of address, "
			    "address:port or [address]:port, found \"%.*s\"",
			    SERVERS_MAXIMUM, SPAN_ARGS(word));
	servers->is_fixed = servers->count > 0;
	servers_refresh(servers);
	return true;
}
