/* SPDX-License-Identifier: MIT */
#include "lib/mail/dsn.h"

#include "lib/base/text.h"
#include "lib/mail/atext.h"
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

/* Decodes `text` if it is xtext of visible bytes; ASCII only unless `utf8`. */
static bool
decode_visible(struct buf *out, struct span text, bool utf8)
{
	return text.len > 0 && xtext_decode(out, text) &&
	    text_is_visible(buf_span(out)) &&
	    (utf8 || text_is_ascii(buf_span(out)));
}

bool
dsn_envid_is_valid(struct span text)
{
	struct buf decoded;
	bool is_valid;

	buf_init(&decoded, DSN_ENVID_MAXIMUM);
	is_valid = text.len <= DSN_ENVID_MAXIMUM &&
	    decode_visible(&decoded, text, false);
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

bool
dsn_parse_orcpt(struct pool *pool, struct span text, bool utf8,
    struct span *type, struct span *address)
{
	struct buf decoded;
	struct span encoded;
	bool is_valid;

	if (text.len > DSN_ORCPT_MAXIMUM ||
	    !span_split(text, ';', type, &encoded) || !is_address_type(*type))
		return false;
	buf_init(&decoded, DSN_ORCPT_MAXIMUM);
	is_valid = decode_visible(&decoded, encoded, utf8) &&
	    pool_copy_span(pool, buf_span(&decoded), address);
	buf_finish(&decoded);
	return is_valid;
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
