/* SPDX-License-Identifier: MIT */
/* Address lists as in To:. Every address found must come back from the form in
 * which we would write it. */
#include "lib/mail/address_list.h"

enum {
	ADDRESSES_MAXIMUM = 1000
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static bool
is_part_of(struct span part, struct span whole)
{
	return part.at >= whole.at &&
	    part.at + part.len <= whole.at + whole.len;
}

static void
check_entry(struct pool *pool, const struct address_list_entry *entry)
{
	struct address_list list;
	struct address_list_entry again;
	struct buf text;

	if (mail_address_is_null(&entry->address))
		return;
	buf_init(&text, 2 * (entry->name.len + MAIL_ADDRESS_MAXIMUM) + 8);
	must(address_list_append(&text, entry->name, entry->address.text));
	address_list_init(&list, buf_span(&text), 1);
	must(
	    address_list_next(&list, pool, &again, NULL) == ADDRESS_LIST_FOUND);
	must(span_equal(again.address.text, entry->address.text));
	buf_finish(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span text = span_of(bytes, count);
	struct pool *pool = pool_create(NULL, "fuzz", POOL_NO_MAXIMUM);
	struct address_list list;
	struct address_list_entry entry;
	struct error error;
	enum address_list_result result;

	address_list_init(&list, text, ADDRESSES_MAXIMUM);
	while ((result = address_list_next(&list, pool, &entry, &error)) !=
	    ADDRESS_LIST_END) {
		if (result == ADDRESS_LIST_LIMIT)
			continue;
		must(is_part_of(entry.source, text));
		if (result == ADDRESS_LIST_FOUND)
			check_entry(pool, &entry);
	}
	pool_destroy(pool);
	return 0;
}
