/* SPDX-License-Identifier: MIT */
#include "lib/route/transport.h"

#include "lib/mail/mail_address.h"
#include "lib/net/idna.h"
#include "lib/route/address_find.h"

struct transport
transport_parse(struct span text)
{
	struct transport transport;

	span_split(text, ':', &transport.name, &transport.next_hop);
	return transport;
}

static struct span
parent_of(struct span domain)
{
	domain = span_skip(domain, 1);
	return span_skip(domain, span_find(domain, '.'));
}

/* The domain, then its parents: ".example.com", or "example.com" when parents
 * match by themselves; each in all forms, whose labels are as many. */
static enum table_result
ask_domains(struct table_list *maps, const struct transport_request *request,
    struct span domain, struct buf *value, struct error *error)
{
	enum table_result result = TABLE_NOT_FOUND;
	struct idna_forms forms;
	size_t dot = 0;

	idna_find_forms(domain, &forms);
	while (result == TABLE_NOT_FOUND && forms.of[0].len > 0) {
		for (size_t i = 0; i < forms.count && result == TABLE_NOT_FOUND;
		     i++) {
			result = table_list_get_part(
			    maps, span_skip(forms.of[i], dot), value, error);
			forms.of[i] = parent_of(forms.of[i]);
		}
		dot = request->parents_match;
	}
	return result;
}

enum table_result
transport_look_up(struct table_list *maps,
    const struct transport_request *request, struct transport *transport,
    struct buf *value, struct error *error)
{
	const struct address_find_request find = {
	    .params = request->params, .address = request->recipient};
	struct span domain = mail_address_split(request->recipient).domain;
	struct transport found;
	enum table_result result =
	    address_find(maps, &find, value, NULL, error);

	if (result == TABLE_NOT_FOUND && !table_list_is_empty(maps))
		result = ask_domains(maps, request, domain, value, error);
	if (result == TABLE_NOT_FOUND)
		result = table_list_get(maps, SPAN("*"), value, error);
	if (result != TABLE_FOUND)
		return result;
	found = transport_parse(span_trim(buf_span(value)));
	if (found.name.len > 0)
		*transport = (struct transport){found.name, domain};
	if (found.next_hop.len > 0)
		transport->next_hop = found.next_hop;
	return result;
}
