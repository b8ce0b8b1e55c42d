/* SPDX-License-Identifier: MIT */
#include "cleanup/header_rewrite.h"

#include "lib/mail/address_list.h"
#include "lib/mail/header.h"
#include "lib/route/address_complete.h"

enum {
	ADDRESSES_MAXIMUM = 10000, /* of one field */
	SCRATCH_MAXIMUM = 4 << 20  /* bytes */
};

static const char *const address_fields[] = {
    "From",
    "To",
    "Cc",
    "Sender",
    "Reply-To",
    "Errors-To",
    "Return-Receipt-To",
    "Disposition-Notification-To",
    "Mail-Followup-To",
    "Resent-From",
    "Resent-To",
    "Resent-Cc",
    "Resent-Sender",
    "Resent-Reply-To",
};

static bool
has_addresses(struct span name)
{
	for (size_t i = 0; i < COUNT_OF(address_fields); i++)
		if (span_equal_fold(name, span_text(address_fields[i])))
			return true;
	return false;
}

/* What completion adds at the end of `address`, in *complete; nothing when it
 * would change more than that. */
static struct span
missing_part(const struct common_params *params, struct span address,
    struct buf *complete)
{
	buf_clear(complete);
	if (!address_complete(params, address, complete) ||
	    !span_starts(buf_span(complete), address))
		return SPAN_EMPTY;
	return span_skip(buf_span(complete), address.len);
}

/* Appends `field` with its addresses completed; false when there is no room. */
static bool
append_field(const struct common_params *params, struct pool *pool,
    const struct header_field *field, struct buf *out)
{
	const char *copied = field->whole.at;
	const char *end = field->whole.at + field->whole.len;
	enum address_list_result result;
	struct address_list_entry entry;
	struct address_list list;
	struct buf complete;

	buf_init(&complete, 2 * MAIL_ADDRESS_MAXIMUM);
	address_list_init(&list, field->value, ADDRESSES_MAXIMUM);
	while ((result = address_list_next(&list, pool, &entry, NULL)) ==
		ADDRESS_LIST_FOUND ||
	    result == ADDRESS_LIST_BAD) {
		const char *behind = entry.source.at + entry.source.len;

		if (result == ADDRESS_LIST_BAD || entry.address.text.len == 0)
			continue;
		buf_append(out, copied, (size_t)(behind - copied));
		buf_append_span(
		    out, missing_part(params, entry.address.text, &complete));
		copied = behind;
	}
	buf_append(out, copied, (size_t)(end - copied));
	buf_finish(&complete);
	return !out->overflowed;
}

static void
rewrite(const struct common_params *params, struct pool *pool,
    struct span block, struct buf *out)
{
	struct header_field field;

	while (header_next(&block, &field)) {
		size_t before = out->len;

		if (has_addresses(field.name) &&
		    append_field(params, pool, &field, out))
			continue;
		out->overflowed = false;
		buf_shorten(out, out->len - before);
		buf_append_span(out, field.whole);
		if (field.name.len == 0)
			break;
	}
	buf_append_span(out, block);
}

void
header_rewrite_block(
    const struct common_params *params, struct pool *pool, struct buf *block)
{
	struct pool *scratch =
	    pool_create(pool, "header addresses", SCRATCH_MAXIMUM);
	struct buf out;

	buf_init(&out, block->maximum);
	rewrite(params, scratch, buf_span(block), &out);
	pool_destroy(scratch);
	if (out.overflowed) {
		buf_finish(&out);
		return;
	}
	buf_finish(block);
	*block = out;
}
