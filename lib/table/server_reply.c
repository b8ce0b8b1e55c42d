/* SPDX-License-Identifier: MIT */
#include "lib/table/server_reply.h"

#include "lib/base/number.h"
#include "lib/base/text.h"

enum {
	NETSTRING_MAXIMUM = 100000, /* bytes inside */
	NETSTRING_DIGITS = 6,
	QUESTION_MAXIMUM = 100000,
	LINE_MAXIMUM = 4096 /* with its end */
};

static bool
ask_socketmap(struct buf *out, struct span name, struct span key)
{
	if (name.len + 1 + key.len > QUESTION_MAXIMUM)
		return false;
	return buf_printf(out, "%zu:", name.len + 1 + key.len) &&
	    buf_append_span(out, name) && buf_append_byte(out, ' ') &&
	    buf_append_span(out, key) && buf_append_byte(out, ',');
}

/* The inside of the netstring that is the whole of `input`. */
static enum server_reply_state
take_netstring(struct span input, struct span *inside)
{
	struct span digits;
	uint64_t len;

	if (!span_split(input, ':', &digits, inside))
		return input.len > NETSTRING_DIGITS ? SERVER_REPLY_BROKEN
						    : SERVER_REPLY_INCOMPLETE;
	if (digits.len > NETSTRING_DIGITS ||
	    !number_parse(digits, NETSTRING_MAXIMUM, &len) ||
	    inside->len > len + 1)
		return SERVER_REPLY_BROKEN;
	if (inside->len < len + 1)
		return SERVER_REPLY_INCOMPLETE;
	if (inside->at[len] != ',')
		return SERVER_REPLY_BROKEN;
	inside->len = len;
	return SERVER_REPLY_COMPLETE;
}

static enum server_reply_state
take_socketmap(struct span input, struct server_reply *reply)
{
	static const struct {
		const char *word;
		enum table_result result;
	} words[] = {
	    {"OK", TABLE_FOUND},
	    {"NOTFOUND", TABLE_NOT_FOUND},
	    {"TEMP", TABLE_TRY_AGAIN},
	    {"TIMEOUT", TABLE_TRY_AGAIN},
	    {"PERM", TABLE_TRY_AGAIN},
	};
	struct span inside;
	struct span word;
	enum server_reply_state state = take_netstring(input, &inside);

	if (state != SERVER_REPLY_COMPLETE)
		return state;
	(void)span_split(inside, ' ', &word, &reply->text);
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (!span_equal(word, span_text(words[i].word)))
			continue;
		reply->result = words[i].result;
		return SERVER_REPLY_COMPLETE;
	}
	return SERVER_REPLY_BROKEN;
}

static bool
decode_socketmap(struct buf *out, struct span text)
{
	return buf_append_span(out, text);
}

const struct server_protocol server_reply_socketmap = {
    .maximum = NETSTRING_DIGITS + 1 + NETSTRING_MAXIMUM + 1,
    .has_name = true,
    .ask = ask_socketmap,
    .take = take_socketmap,
    .decode = decode_socketmap,
};

static bool
ask_tcp(struct buf *out, struct span name UNUSED, struct span key)
{
	(void)buf_append_text(out, "get ");
	for (size_t i = 0; i < key.len; i++) {
		char byte = key.at[i];

		if (byte > ' ' && byte <= '~' && byte != '%')
			(void)buf_append_byte(out, byte);
		else
			(void)buf_printf(out, "%%%02x", (uint8_t)byte);
	}
	(void)buf_append_byte(out, '\n');
	return !out->overflowed;
}

static enum server_reply_state
take_tcp(struct span input, struct server_reply *reply)
{
	struct span line;
	struct span rest;
	struct span code;

	if (!span_split(input, '\n', &line, &rest))
		return input.len >= LINE_MAXIMUM ? SERVER_REPLY_BROKEN
						 : SERVER_REPLY_INCOMPLETE;
	if (rest.len > 0 || line.len >= LINE_MAXIMUM ||
	    !span_split(span_trim(line), ' ', &code, &reply->text))
		return SERVER_REPLY_BROKEN;
	if (span_equal(code, SPAN("200")))
		reply->result = TABLE_FOUND;
	else if (span_equal(code, SPAN("500")))
		reply->result = TABLE_NOT_FOUND;
	else if (span_equal(code, SPAN("400")))
		reply->result = TABLE_TRY_AGAIN;
	else
		return SERVER_REPLY_BROKEN;
	return SERVER_REPLY_COMPLETE;
}

static bool
decode_tcp(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		char byte = text.at[i];
		uint64_t number;

		if (byte == '%') {
			struct span digits =
			    span_head(span_skip(text, i + 1), 2);

			if (digits.len < 2 ||
			    !number_parse_hex(digits, 255, &number))
				return false;
			byte = (char)number;
			i += 2;
		}
		(void)buf_append_byte(out, byte);
	}
	return true;
}

const struct server_protocol server_reply_tcp = {
    .maximum = LINE_MAXIMUM,
    .ask = ask_tcp,
    .take = take_tcp,
    .decode = decode_tcp,
};
