/* SPDX-License-Identifier: MIT */
#include "lib/queue/record.h"

#include "lib/queue/attribute.h"
#include "lib/queue/little.h"

enum {
	FIXED_SIZE = 20,
	LENGTH_AT = 0,
	NUMBER_AT = 4,
	FLAGS_AT = 8,
	TEXTS_AT = 12 /* three lengths, then zero */
};

bool
record_append_recipient(
    struct buf *out, const struct stored_recipient *recipient)
{
	const struct span texts[] = {
	    recipient->address, recipient->original, recipient->orcpt};
	size_t length = FIXED_SIZE;
	char *at;

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		if (texts[i].len > RECORD_TEXT_MAXIMUM)
			return false;
		length += texts[i].len;
	}
	length = little_round(length);
	at = buf_reserve(out, length);
	if (at == NULL)
		return false;
	memset(at, 0, length);
	little_put(at + LENGTH_AT, 4, length);
	little_put(at + NUMBER_AT, 4, recipient->number);
	little_put(at + FLAGS_AT, 4, recipient->flags);
	for (size_t i = 0, used = FIXED_SIZE; i < COUNT_OF(texts); i++) {
		little_put(at + TEXTS_AT + 2 * i, 2, texts[i].len);
		span_copy(at + used, texts[i]);
		used += texts[i].len;
	}
	buf_grew(out, length);
	return true;
}

enum record_result
record_take_recipient(struct span *rest, struct stored_recipient *recipient)
{
	struct span *texts[] = {
	    &recipient->address, &recipient->original, &recipient->orcpt};
	size_t used = FIXED_SIZE;
	uint32_t length;

	if (rest->len < FIXED_SIZE)
		return RECORD_SHORT;
	length = little_get32(rest->at + LENGTH_AT);
	if (length < FIXED_SIZE || length > RECORD_MAXIMUM)
		return RECORD_CORRUPT;
	if (length > rest->len)
		return RECORD_SHORT;
	recipient->number = little_get32(rest->at + NUMBER_AT);
	recipient->flags = little_get32(rest->at + FLAGS_AT);
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		size_t len = little_get16(rest->at + TEXTS_AT + 2 * i);

		if (len > RECORD_TEXT_MAXIMUM || len > length - used)
			return RECORD_CORRUPT;
		*texts[i] = span_of(rest->at + used, len);
		used += len;
	}
	if (length != little_round(used))
		return RECORD_CORRUPT;
	*rest = span_skip(*rest, length);
	return RECORD_TAKEN;
}

bool
record_append_attribute(struct buf *out, struct span name, struct span value)
{
	if (!attribute_name_is_valid(name) ||
	    span_find(value, '\0') != value.len)
		return false;
	return buf_append_span(out, name) && buf_append_byte(out, '=') &&
	    buf_append_span(out, value) && buf_append_byte(out, '\0');
}

bool
record_take_attribute(struct span *rest, struct span *name, struct span *value)
{
	struct span entry, after;

	if (!span_split(*rest, '\0', &entry, &after) ||
	    !span_split(entry, '=', name, value) ||
	    !attribute_name_is_valid(*name))
		return false;
	*rest = after;
	return true;
}
