/* SPDX-License-Identifier: MIT */
/* xtext and the DSN parameters made of it. */
#include "lib/mail/dsn.h"
#include "lib/mail/xtext.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void
check_round_trip(struct span text)
{
	struct buf encoded;
	struct buf decoded;

	buf_init(&encoded, 3 * text.len + 1);
	buf_init(&decoded, text.len + 1);
	must(xtext_encode(&encoded, text));
	must(xtext_decode(&decoded, buf_span(&encoded)));
	must(span_equal(buf_span(&decoded), text));
	buf_clear(&decoded);
	if (!xtext_decode(&decoded, text))
		must(decoded.len == 0);
	buf_finish(&encoded);
	buf_finish(&decoded);
}

static void
check_notify(struct span text)
{
	unsigned notify;
	unsigned again;
	struct buf out;

	if (!dsn_parse_notify(text, &notify))
		return;
	buf_init(&out, 100);
	must(dsn_append_notify(&out, notify));
	must(dsn_parse_notify(buf_span(&out), &again) && again == notify);
	buf_finish(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span text = span_of(bytes, count);
	struct pool *pool = pool_create(NULL, "fuzz", 1 << 16);
	struct span type;
	struct span address;

	check_round_trip(text);
	check_notify(text);
	if (dsn_envid_is_valid(text))
		must(count > 0 && count <= DSN_ENVID_MAXIMUM);
	if (dsn_parse_orcpt(pool, text, true, &type, &address))
		must(span_find(address, '\n') == address.len);
	pool_destroy(pool);
	return 0;
}
