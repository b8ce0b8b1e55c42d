/* SPDX-License-Identifier: MIT */
/* Addresses of type utf-8 in ORCPT, read and written. */
#include "lib/base/text.h"
#include "lib/mail/dsn.h"
#include "lib/mail/unitext.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void
check_written(struct span text)
{
	struct buf encoded;
	struct buf decoded;

	buf_init(&encoded, 10 * text.len + 1);
	buf_init(&decoded, text.len + 1);
	if (unitext_encode(&encoded, text)) {
		must(text_is_ascii(buf_span(&encoded)));
		must(unitext_decode(&decoded, buf_span(&encoded), false));
		must(span_equal(buf_span(&decoded), text));
	} else {
		must(!text_is_utf8(text));
	}
	buf_finish(&encoded);
	buf_finish(&decoded);
}

static void
check_read(struct span text, bool utf8)
{
	struct buf decoded;

	buf_init(&decoded, text.len + 1);
	if (!unitext_decode(&decoded, text, utf8))
		must(decoded.len == 0);
	else
		must(decoded.len <= text.len);
	buf_finish(&decoded);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span text = span_of(bytes, count);
	struct pool *pool = pool_create(NULL, "fuzz", 1 << 16);
	struct span original;

	check_written(text);
	check_read(text, false);
	check_read(text, true);
	original = dsn_decode_orcpt(pool, text);
	must(text_is_visible(original) || original.len == 0);
	pool_destroy(pool);
	return 0;
}
