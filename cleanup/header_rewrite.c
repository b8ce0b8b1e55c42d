/* SPDX-License-Identifier: MIT */
#include "cleanup/header_rewrite.h"

#include "lib/mail/address_list.h"
#include "lib/mail/header.h"
#include "lib/route/address_complete.h"

enum {
	ADDRESSES_MAXIMUM = 10000, /* of one field */
	SCRATCH_MAXIMUM = 4 << 20  /* bytes */
};

static const struct {
	const char *name;
	enum route_place place;
} address_fields[] = {
    {"From", ROUTE_HEADER_SENDER},
    {"To", ROUTE_HEADER_RECIPIENT},
    {"Cc", ROUTE_HEADER_RECIPIENT},
    {"Sender", ROUTE_HEADER_SENDER},
    {"Reply-To", ROUTE_HEADER_SENDER},
    {"Errors-To", ROUTE_HEADER_SENDER},
    {"Return-Receipt-To", ROUTE_HEADER_SENDER},
    {"Disposition-Notification-To", ROUTE_HEADER_SENDER},
    {"Mail-Followup-To", ROUTE_HEADER_SENDER},
    {"Apparently-To", ROUTE_HEADER_RECIPIENT},
    {"Resent-From", ROUTE_HEADER_SENDER},
    {"Resent-To", ROUTE_HEADER_RECIPIENT},
    {"Resent-Cc", ROUTE_HEADER_RECIPIENT},
    {"Resent-Sender", ROUTE_HEADER_SENDER},
    {"Resent-Reply-To", ROUTE_HEADER_SENDER},
};

/* One run. */
struct rewriting {
	const struct header_rewrite *how;
	struct pool *pool; /* scratch */
	struct buf complete;
	bool failed;
	struct error error;
};

static bool
find_place(struct span name, enum route_place *place)
{
	for (size_t i = 0; i < COUNT_OF(address_fields); i++)
		if (span_equal_fold(name, span_text(address_fields[i].name))) {
			*place = address_fields[i].place;
			return true;
		}
	return false;
}

/* What stands for an address from now on: its source with what completion adds
 * at its end, or another one in its place. */
static void
append_address(struct rewriting *rewriting, enum route_place place,
    const struct address_list_entry *entry, struct buf *out)
{
	const struct header_rewrite *how = rewriting->how;
	struct span address = entry->address.text;
	struct span complete;
	struct span result;

	buf_clear(&rewriting->complete);
	complete = address;
	if (address_complete(how->params, address, &rewriting->complete) &&
	    span_starts(buf_span(&rewriting->complete), address))
		complete = buf_span(&rewriting->complete);
	result = complete;
	if (how->rewrite != NULL &&
	    !how->rewrite(
		rewriting->pool, place, complete, &result, &rewriting->error))
		rewriting->failed = true;
	else if (!span_equal(result, complete)) {
		(void)mail_address_append_quoted(out, result);
		return;
	}
	buf_append_span(out, entry->source);
	buf_append_span(out, span_skip(complete, address.len));
}

/* Appends `field` with its addresses rewritten; false when there is no room. */
static bool
append_field(struct rewriting *rewriting, enum route_place place,
    const struct header_field *field, struct buf *out)
{
	const char *copied = field->whole.at;
	const char *end = field->whole.at + field->whole.len;
	enum address_list_result result;
	struct address_list_entry entry;
	struct address_list list;

	address_list_init(&list, field->value, ADDRESSES_MAXIMUM);
	while (!rewriting->failed &&
	    ((result = address_list_next(&list, rewriting->pool, &entry,
		  NULL)) == ADDRESS_LIST_FOUND ||
		result == ADDRESS_LIST_BAD)) {
		if (result == ADDRESS_LIST_BAD || entry.address.text.len == 0)
			continue;
		buf_append(out, copied, (size_t)(entry.source.at - copied));
		append_address(rewriting, place, &entry, out);
		copied = entry.source.at + entry.source.len;
	}
	buf_append(out, copied, (size_t)(end - copied));
	return !out->overflowed;
}

/* Most fields stay: only what lies between those that do not is copied. *out is
 * empty when all of them do. */
static void
rewrite(struct rewriting *rewriting, struct span block, struct buf *out)
{
	struct span rest = block;
	const char *copied = block.at;
	struct header_field field;
	enum route_place place;

	while (header_next(&rest, &field) && field.name.len > 0) {
		size_t before = out->len;
		size_t skipped = (size_t)(field.whole.at - copied);

		if (!find_place(field.name, &place))
			continue;
		buf_append(out, copied, skipped);
		if (append_field(rewriting, place, &field, out) &&
		    !span_equal(span_skip(buf_span(out), before + skipped),
			field.whole)) {
			copied = field.whole.at + field.whole.len;
			continue;
		}
		out->overflowed = false;
		buf_shorten(out, out->len - before);
	}
	if (out->len > 0)
		buf_append(
		    out, copied, block.len - (size_t)(copied - block.at));
}

bool
header_rewrite_block(const struct header_rewrite *how, struct pool *pool,
    struct buf *block, struct error *error)
{
	struct rewriting rewriting = {
	    .how = how,
	    .pool = pool_create(pool, "header addresses", SCRATCH_MAXIMUM),
	};
	struct buf out;

	buf_init(&out, block->maximum);
	buf_init(&rewriting.complete, 2 * MAIL_ADDRESS_MAXIMUM);
	rewrite(&rewriting, buf_span(block), &out);
	buf_finish(&rewriting.complete);
	pool_destroy(rewriting.pool);
	if (rewriting.failed && error != NULL)
		*error = rewriting.error;
	if (out.len == 0 || out.overflowed || rewriting.failed) {
		buf_finish(&out);
		return !rewriting.failed;
	}
	buf_finish(block);
	*block = out;
	return true;
}
