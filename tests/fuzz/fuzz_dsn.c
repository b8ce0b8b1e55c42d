/* SPDX-License-Identifier: MIT */
/* NOTIFY, RET, ENVID and ORCPT as they come with MAIL and RCPT. */
#include "lib/mail/dsn.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void
check_notify(struct span text)
{
	unsigned notify;
	unsigned again;
	struct buf out;

	if (!dsn_parse_notify(text, &notify))
		return;
	must(notify > 0 && notify <= 15);
	must((notify & DSN_NEVER) == 0 || notify == DSN_NEVER);
	buf_init(&out, 64);
	must(dsn_append_notify(&out, notify));
	must(dsn_parse_notify(buf_span(&out), &again) && again == notify);
	buf_finish(&out);
}

/* What is decoded goes into notices and the log: no byte of it is one that
 * could end a line there. */
static void
check_decoded(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		must((unsigned char)text.at[i] >= ' ' && text.at[i] != 0x7f);
}

static void
check_orcpt(struct span text, bool utf8)
{
	struct pool *pool = pool_create(NULL, "fuzz", 1 << 20);
	struct span type;
	struct span address;

	if (dsn_parse_orcpt(pool, text, utf8, &type, &address)) {
		must(text.len <= DSN_ORCPT_MAXIMUM);
		must(type.len > 0);
		check_decoded(type);
		check_decoded(address);
	}
	check_decoded(dsn_decode_orcpt(pool, text));
	pool_destroy(pool);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span text = span_of(bytes, count);
	enum dsn_return wanted;

	check_notify(text);
	if (dsn_parse_return(text, &wanted))
		must(dsn_return_name(wanted) != NULL);
	if (dsn_envid_is_valid(text)) {
		must(text.len <= DSN_ENVID_MAXIMUM);
		check_decoded(text);
	}
	check_orcpt(text, false);
	check_orcpt(text, true);
	return 0;
}
