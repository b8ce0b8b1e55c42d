/* SPDX-License-Identifier: MIT */
#include "lib/mail/dsn.h"

#include "lib/base/text.h"
#include "lib/mail/atext.h"
#include "lib/mail/unitext.h"
#include "lib/mail/xtext.h"

static const struct {
	const char *name;
	unsigned bit;
} notifies[] = {
    {"NEVER", DSN_NEVER},
    {"SUCCESS", DSN_SUCCESS},
    {"FAILURE", DSN_FAILURE},
    {"DELAY", DSN_DELAY},
};

static bool
add_notify(struct span word, unsigned *notify)
{
	for (size_t i = 0; i < COUNT_OF(notifies); i++) {
		if (span_equal_fold(word, span_text(notifies[i].name))) {
			*notify |= notifies[i].bit;
			return true;
		}
	}
	return false;
}

bool
dsn_parse_notify(struct span text, unsigned *notify)
{
	unsigned result = 0;
	struct span word;
	bool more = true;

	while (more) {
		more = span_split(text, ',', &word, &text);
		if (!add_notify(word, &result))
			return false;
	}
	if (result & DSN_NEVER && result != DSN_NEVER)
		return false;
	*notify = result;
	return true;
}

bool
dsn_append_notify(struct buf *out, unsigned notify)
{
	const char *comma = "";

	for (size_t i = 0; i < COUNT_OF(notifies); i++) {
		if (!(notify & notifies[i].bit))
			continue;
		buf_append_text(out, comma);
		buf_append_text(out, notifies[i].name);
		comma = ",";
	}
	return !out->overflowed;
}

bool
dsn_parse_return(struct span text, enum dsn_return *dsn_return)
{
	if (span_equal_fold(text, SPAN("FULL")))
		*dsn_return = DSN_RETURN_FULL;
	else if (span_equal_fold(text, SPAN("HDRS")))
		*dsn_return = DSN_RETURN_HEADERS;
	else
		return false;
	return true;
}

const char *
dsn_return_name(enum dsn_return dsn_return)
{
	static const char *const names[] = {
	    [DSN_RETURN_UNSET] = "",
	    [DSN_RETURN_FULL] = "FULL",
	    [DSN_RETURN_HEADERS] = "HDRS",
	};

	return names[dsn_return];
}

bool
dsn_envid_is_valid(struct span text)
{
	struct buf decoded;
	bool is_valid;

	buf_init(&decoded, DSN_ENVID_MAXIMUM);
	is_valid = text.len > 0 && text.len <= DSN_ENVID_MAXIMUM &&
	    xtext_decode(&decoded, text) && text_is_ascii(buf_span(&decoded)) &&
	    text_is_visible(buf_span(&decoded));
	buf_finish(&decoded);
	return is_valid;
}

static bool
is_address_type(struct span type)
{
	for (size_t i = 0; i < type.len; i++)
		if (!atext_has(type.at[i]) || text_is_high(type.at[i]))
			return false;
	return type.len > 0;
}

/* RFC 6533 has a form of its own for the type utf-8. */
static bool
decode_address(
    struct buf *out, struct span type, struct span encoded, bool utf8)
{
	if (span_equal_fold(type, SPAN("utf-8")))
		return unitext_decode(out, encoded, utf8);
	return xtext_decode(out, encoded) &&
	    (utf8 || text_is_ascii(buf_span(out)));
}

/* As dsn_parse_orcpt, whatever the length. */
static bool
parse_orcpt(struct pool *pool, struct span text, bool utf8, struct span *type,
    struct span *address)
{
	struct buf decoded;
	struct span encoded;
	bool is_valid;

	if (!span_split(text, ';', type, &encoded) || !is_address_type(*type) ||
	    encoded.len == 0)
		return false;
	buf_init(&decoded, 2 * encoded.len);
	is_valid = decode_address(&decoded, *type, encoded, utf8) &&
	    text_is_visible(buf_span(&decoded)) &&
	    pool_copy_span(pool, buf_span(&decoded), address);
	buf_finish(&decoded);
	return is_valid;
}

bool
dsn_parse_orcpt(struct pool *pool, struct span text, bool utf8,
    struct span *type, struct span *address)
{
	return text.len <= DSN_ORCPT_MAXIMUM &&
	    parse_orcpt(pool, text, utf8, type, address);
}

struct span
dsn_decode_orcpt(struct pool *pool, struct span stored)
{
	struct span type;
	struct span address;

	if (!parse_orcpt(pool, stored, true, &type, &address))
		return SPAN_EMPTY;
	return span_text(pool_printf(
	    pool, "%.*s;%.*s", SPAN_ARGS(type), SPAN_ARGS(address)));
}

const char *
dsn_action_name(enum dsn_action action)
{
	static const char *const names[DSN_ACTION_COUNT] = {
	    [DSN_FAILED] = "failed",
	    [DSN_DELAYED] = "delayed",
	    [DSN_DELIVERED] = "delivered",
	    [DSN_RELAYED] = "relayed",
	    [DSN_EXPANDED] = "expanded",
	};

	return names[action];
}
