/* SPDX-License-Identifier: MIT */
#include "lib/route/address_map.h"

#include "lib/mail/domain.h"
#include "lib/route/address_complete.h"

static bool
is_domain_alone(struct span member)
{
	return span_starts(member, SPAN("@")) &&
	    domain_is_hostname(span_skip(member, 1), true, NULL);
}

enum address_list_result
address_map_next(struct address_list *list, struct pool *pool,
    struct span *member, struct error *error)
{
	struct address_list_entry entry;
	enum address_list_result result =
	    address_list_next(list, pool, &entry, error);

	if (result == ADDRESS_LIST_FOUND) {
		*member = entry.address.text;
		if (member->len > 0)
			return result;
		(void)error_set(error, ERROR_INVALID, "no address: <>");
		return ADDRESS_LIST_BAD;
	}
	if (result != ADDRESS_LIST_BAD)
		return result;
	*member = span_trim(entry.source);
	return is_domain_alone(*member) ? ADDRESS_LIST_FOUND : result;
}

bool
address_map_write(const struct address_map_source *source, struct span member,
    struct buf *out)
{
	struct mail_address parts = mail_address_split(member);
	struct buf plain;
	bool written;

	buf_init(&plain, ADDRESS_MAP_MAXIMUM);
	if (parts.local.len == 0)
		buf_append_span(
		    &plain, mail_address_split(source->address).local);
	buf_append_span(&plain, parts.local);
	if (parts.local.len > 0)
		buf_append_span(&plain, source->extension);
	if (parts.domain.len > 0)
		buf_printf(&plain, "@%.*s", SPAN_ARGS(parts.domain));
	written = !plain.overflowed &&
	    address_complete(source->params, buf_span(&plain), out);
	buf_finish(&plain);
	return written;
}
