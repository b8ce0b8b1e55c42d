/* SPDX-License-Identifier: MIT */
/* Paths of MAIL and RCPT. The first byte chooses the flags; what is accepted
 * must come back the same from its external form, read strictly. */
#include "lib/mail/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void
check_address(struct pool *pool, const struct mail_address *address)
{
	struct mail_address again;
	struct buf path;

	must(address->text.len <= MAIL_ADDRESS_MAXIMUM);
	buf_init(&path, 2 * MAIL_ADDRESS_MAXIMUM + 4);
	must(mail_address_append_path(&path, address->text));
	must(path_parse_whole(
	    pool, buf_span(&path), PATH_NULL | PATH_UTF8, &again, NULL));
	must(span_equal(again.text, address->text));
	must(span_equal(again.local, address->local));
	must(span_equal(again.domain, address->domain));
	buf_finish(&path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span text = span_of(bytes, count);
	struct pool *pool = pool_create(NULL, "fuzz", 1 << 16);
	unsigned flags = count == 0 ? 0 : bytes[0] & 7;
	struct mail_address address;
	struct error error;
	struct span rest = span_skip(text, 1);

	if (path_parse(pool, &rest, flags, &address, &error)) {
		must(rest.at + rest.len == text.at + text.len);
		check_address(pool, &address);
	}
	pool_destroy(pool);
	return 0;
}
