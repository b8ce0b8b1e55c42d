/* SPDX-License-Identifier: MIT */
/* Small things that stand alone in configuration, envelopes and commands:
 * addresses, networks, ports, durations, host names, queue ids. What can be
 * read and written is read the same again. */
#include "lib/mail/domain.h"
#include "lib/net/idna.h"
#include "lib/net/network.h"
#include "lib/param/duration.h"
#include "lib/param/port.h"
#include "lib/queue/id.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void
check_addresses(struct span text)
{
	char ip[ADDRESS_TEXT_SIZE];
	struct address address;
	struct address again;
	struct network network;
	struct error error;

	if (address_parse_ip(text, 25, &address)) {
		address_format_ip(&address, ip);
		must(address_parse_ip(span_text(ip), 25, &again));
		must(address_same_ip(&address, &again));
	}
	if (network_parse(text, &network, &error))
		must(network.bits <= (network.family == AF_INET ? 32 : 128));
	else
		must(error.text[0] != '\0');
}

static void
check_duration(struct span text)
{
	char formatted[DURATION_TEXT_SIZE];
	int64_t seconds;
	int64_t again;

	(void)duration_default_unit(text);
	if (!duration_parse(text, 's', &seconds))
		return;
	must(seconds >= 0);
	duration_format(seconds, formatted);
	must(duration_parse(span_text(formatted), 's', &again) &&
	    again == seconds);
}

static void
check_port(struct span text)
{
	struct span host;
	struct span service;
	uint16_t port;

	if (port_parse(text, &port))
		must(port > 0);
	if (port_split(text, &host, &service))
		must(service.len > 0);
}

static void
check_name(struct span text)
{
	char ascii[IDNA_NAME_SIZE];
	struct idna_forms forms;
	struct error error;
	struct span ip;

	if (domain_is_hostname(text, false, &error)) {
		must(text.len > 0 && text.len <= DOMAIN_MAXIMUM);
		must(idna_to_ascii(text, ascii, &error));
		must(span_equal(span_text(ascii), text));
	}
	if (!idna_to_ascii(text, ascii, &error))
		must(error.text[0] != '\0');
	idna_find_forms(text, &forms);
	must(forms.count >= 1 && forms.count <= IDNA_FORMS);
	must(span_equal(forms.of[0], text));
	must(idna_is_same(text, text));
	if (domain_is_literal(text, &ip))
		must(ip.len > 0 && ip.len < text.len);
	(void)domain_is_general_literal(text);
}

static void
check_id(struct span text)
{
	struct queue_id id;

	if (!id_parse(text, &id))
		return;
	must(span_equal(span_text(id.text), text));
	must(span_find(text, '/') == text.len);
	must(id_time(&id) >= 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span text = span_of(bytes, count);

	check_addresses(text);
	check_duration(text);
	check_port(text);
	check_name(text);
	check_id(text);
	return 0;
}
