/* SPDX-License-Identifier: MIT */
#include "lib/table/alias_value.h"

/* Length of the member at the start of `text`: up to a comma that is neither in
 * quotes nor in <> nor in a comment. False for an open quote. */
static bool
member_length(struct span text, size_t *len)
{
	size_t brackets = 0;
	size_t i;
	bool quoted = false;

	for (i = 0; i < text.len; i++) {
		char byte = text.at[i];

		if (byte == '\\' && i + 1 < text.len)
			i++;
		else if (byte == '"')
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (byte == '<' || byte == '(')
			brackets++;
		else if ((byte == '>' || byte == ')') && brackets > 0)
			brackets--;
		else if (byte == ',' && brackets == 0)
			break;
	}
	*len = i;
	return !quoted;
}

/* Whether the whole of `text` is one quoted string; *inside is then without
 * its quotes and backslashes, written to `room`. */
static bool
unquote(struct span text, char *room, struct span *inside)
{
	size_t len = 0;

	if (text.len < 2 || text.at[0] != '"')
		return false;
	for (size_t i = 1; i < text.len; i++) {
		if (text.at[i] == '"') {
			*inside = span_of(room, len);
			return i + 1 == text.len;
		}
		if (text.at[i] == '\\' && i + 1 < text.len)
			i++;
		room[len++] = text.at[i];
	}
	return false;
}

static const struct {
	struct span start;
	size_t dropped; /* bytes of it that are no part of the text */
	enum alias_member_kind kind;
} starts[] = {
    {{"|", 1}, 1, ALIAS_MEMBER_COMMAND},
    {{"/", 1}, 0, ALIAS_MEMBER_FILE},
    {{":include:", 9}, 9, ALIAS_MEMBER_INCLUDE},
};

static struct alias_member
classify(struct span written, struct span plain)
{
	for (size_t i = 0; i < COUNT_OF(starts); i++)
		if (span_starts_fold(plain, starts[i].start))
			return (struct alias_member){starts[i].kind,
			    span_trim(span_skip(plain, starts[i].dropped))};
	return (struct alias_member){ALIAS_MEMBER_ADDRESS, written};
}

enum alias_value_result
alias_value_next(struct pool *pool, struct span *rest,
    struct alias_member *member, struct error *error)
{
	struct span written;
	struct span plain;
	size_t len;
	bool closed;
	char *room;

	do {
		if (rest->len == 0)
			return ALIAS_VALUE_END;
		closed = member_length(*rest, &len);
		written = span_trim(span_head(*rest, len));
		*rest = span_skip(*rest, len + 1);
	} while (written.len == 0);
	if (!closed) {
		error_set(error, ERROR_INVALID, "\"%.*s\": no closing quote",
		    SPAN_ARGS(written));
		return ALIAS_VALUE_BAD;
	}
	room = pool_alloc(pool, written.len);
	if (room == NULL) {
		error_set(error, ERROR_LIMIT, "the alias is too large");
		return ALIAS_VALUE_LIMIT;
	}
	/* "|x"@host is an address: only a string that is all of the member
	 * loses its quotes, and only to see what kind it is. */
	if (!unquote(written, room, &plain))
		plain = written;
	*member = classify(written, plain);
	if (member->text.len > 0)
		return ALIAS_VALUE_MEMBER;
	error_set(error, ERROR_INVALID, "\"%.*s\": expected more behind it",
	    SPAN_ARGS(written));
	return ALIAS_VALUE_BAD;
}
