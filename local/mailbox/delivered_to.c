/* SPDX-License-Identifier: MIT */
#include "local/mailbox/delivered_to.h"

#include "lib/mail/header.h"
#include "lib/mail/mail_address.h"
#include "lib/mail/path.h"

enum {
	ADDRESS_POOL = 65536 /* bytes, for one address */
};

/* What stands in the header is in external form, if a program wrote it. */
static bool
means(struct span value, struct span address)
{
	struct pool *pool = pool_create(NULL, "delivered-to", ADDRESS_POOL);
	struct mail_address parsed;
	bool same = span_equal_fold(value, address);

	if (!same &&
	    path_parse_whole(
		pool, value, PATH_LENIENT | PATH_UTF8, &parsed, NULL))
		same = span_equal_fold(parsed.text, address);
	pool_destroy(pool);
	return same;
}

bool
delivered_to_find(struct span block, struct span address)
{
	struct header_field field;

	while (header_next(&block, &field))
		if (span_equal_fold(field.name, SPAN("Delivered-To")) &&
		    means(field.value, address))
			return true;
	return false;
}

bool
delivered_to_check(const struct delivery *delivery, struct span address,
    bool *is_loop, struct error *error)
{
	size_t size = (size_t)delivery->request.header_size;
	struct buf header;
	char *room;
	bool complete = false;

	buf_init(&header, size + 1);
	room = buf_reserve(&header, size);
	if (room != NULL && delivery_read(delivery, 0, room, size, error)) {
		buf_grew(&header, size);
		*is_loop = delivered_to_find(buf_span(&header), address);
		complete = true;
	}
	buf_finish(&header);
	return complete;
}

static void
append_address(struct buf *out, const char *name, struct span address)
{
	struct buf quoted;

	buf_init(&quoted, 2 * address.len + 8);
	must(mail_address_append_quoted(&quoted, address));
	header_append(out, name, buf_span(&quoted));
	buf_finish(&quoted);
}

void
delivered_to_append(struct buf *out, struct span sender, struct span original,
    struct span address)
{
	struct buf path;

	buf_init(&path, 2 * sender.len + 8);
	must(mail_address_append_path(&path, sender));
	header_append(out, "Return-Path", buf_span(&path));
	buf_finish(&path);
	if (original.len > 0)
		append_address(out, "X-Original-To", original);
	append_address(out, "Delivered-To", address);
}
