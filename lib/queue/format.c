/* SPDX-License-Identifier: MIT */
#include "lib/queue/format.h"

#include "lib/base/crc32c.h"
#include "lib/queue/little.h"

#define HEAD_MAGIC SPAN("PosternQ")
#define END_MAGIC  SPAN("EndOfMsg")

enum {
	HEAD_CHECKED = FORMAT_HEAD_SIZE - 4,
	END_CHECKED = FORMAT_END_SIZE - 4
};

/* A member of a struct and where it stands on disk; `width` is its size. */
struct field {
	size_t at;
	size_t width;
	size_t member;
};

#define FIELD(at, type, member)                         \
	{                                               \
		at, sizeof(((struct type *)0)->member), \
		    offsetof(struct type, member)       \
	}

static const struct field head_fields[] = {
    FIELD(12, format_head, flags),
    FIELD(16, format_head, arrival),
    FIELD(24, format_head, recipient_count),
    FIELD(28, format_head, added_count),
    FIELD(32, format_head, header.extent.offset),
    FIELD(40, format_head, header.extent.length),
    FIELD(48, format_head, header.flags),
    FIELD(52, format_head, header.longest_line),
    FIELD(56, format_head, body.extent.offset),
    FIELD(64, format_head, body.extent.length),
    FIELD(72, format_head, body.flags),
    FIELD(76, format_head, body.longest_line),
    FIELD(80, format_head, recipients.offset),
    FIELD(88, format_head, recipients.length),
    FIELD(96, format_head, added.offset),
    FIELD(104, format_head, added.length),
    FIELD(112, format_head, attributes.offset),
    FIELD(120, format_head, attributes.length),
    FIELD(128, format_head, states.offset),
    FIELD(136, format_head, states.length),
    FIELD(144, format_head, body_area.offset),
    FIELD(152, format_head, body_area.length),
    FIELD(160, format_head, length),
};

static const struct field end_fields[] = {
    FIELD(8, format_end, length),
    FIELD(16, format_end, arrival),
    FIELD(24, format_end, envelope_check),
    FIELD(28, format_end, content_check),
    FIELD(32, format_end, recipient_count),
};

static const char state_words[RECIPIENT_STATES][FORMAT_STATE_SIZE + 1] = {
    [RECIPIENT_TODO] = "..TODO..",
    [RECIPIENT_DONE] = "==DONE==",
    [RECIPIENT_BOUNCED] = "!BOUNCE!",
    [RECIPIENT_CANCELLED] = "<CANCEL>",
};

static void
encode_field(const struct field *field, const void *object, char *bytes)
{
	const char *member = (const char *)object + field->member;
	uint32_t narrow;
	uint64_t wide;

	if (field->width == sizeof narrow) {
		memcpy(&narrow, member, sizeof narrow);
		little_put(bytes + field->at, sizeof narrow, narrow);
	} else {
		memcpy(&wide, member, sizeof wide);
		little_put(bytes + field->at, sizeof wide, wide);
	}
}

static void
decode_field(const struct field *field, const char *bytes, void *object)
{
	char *member = (char *)object + field->member;
	uint64_t wide = little_get(bytes + field->at, field->width);
	uint32_t narrow = (uint32_t)wide;

	if (field->width == sizeof narrow)
		memcpy(member, &narrow, sizeof narrow);
	else
		memcpy(member, &wide, sizeof wide);
}

void
format_head_encode(const struct format_head *head, char bytes[FORMAT_HEAD_SIZE])
{
	memset(bytes, 0, FORMAT_HEAD_SIZE);
	memcpy(bytes, HEAD_MAGIC.at, HEAD_MAGIC.len);
	little_put(bytes + 8, 2, FORMAT_VERSION);
	little_put(bytes + 10, 2, FORMAT_HEAD_SIZE);
	for (size_t i = 0; i < COUNT_OF(head_fields); i++)
		encode_field(&head_fields[i], head, bytes);
	little_put(
	    bytes + HEAD_CHECKED, 4, crc32c(0, span_of(bytes, HEAD_CHECKED)));
}

static bool
is_zero(struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.at[i] != 0)
			return false;
	return true;
}

/* True when the extent starts at *offset, which moves behind it, and ends
 * before `end`: parts follow one another without gaps. */
static bool
follows(const struct extent *extent, uint64_t *offset, uint64_t end)
{
	if (extent->offset != *offset || extent->length > end - *offset)
		return false;
	*offset += extent->length;
	return true;
}

static bool
body_is_inside(const struct format_head *head)
{
	const struct extent *body = &head->body.extent;
	uint64_t end = head->body_area.offset + head->body_area.length;

	return body->offset >= head->body_area.offset && body->offset <= end &&
	    end - body->offset >= FORMAT_BODY_END_SIZE &&
	    body->length == end - body->offset - FORMAT_BODY_END_SIZE;
}

static bool
head_is_sound(const struct format_head *head, uint64_t file_size)
{
	uint64_t offset = FORMAT_HEAD_SIZE;
	uint64_t end = head->length;

	if (head->recipient_count > FORMAT_RECIPIENTS_MAXIMUM ||
	    head->added_count > head->recipient_count ||
	    head->attributes.length > FORMAT_ATTRIBUTES_MAXIMUM ||
	    head->states.length !=
		(uint64_t)head->recipient_count * FORMAT_STATE_SIZE ||
	    end > file_size || end > INT64_MAX ||
	    end < FORMAT_HEAD_SIZE + FORMAT_END_SIZE)
		return false;
	end -= FORMAT_END_SIZE;
	if (!follows(&head->recipients, &offset, end) ||
	    !follows(&head->body_area, &offset, end) ||
	    !follows(&head->header.extent, &offset, end) ||
	    !follows(&head->added, &offset, end) ||
	    !follows(&head->attributes, &offset, end))
		return false;
	offset = little_round(offset);
	return offset <= end && follows(&head->states, &offset, end) &&
	    offset == end && body_is_inside(head);
}

enum format_result
format_head_decode(
    struct span bytes, uint64_t file_size, struct format_head *head)
{
	if (file_size == 0)
		return FORMAT_NEVER_ACCEPTED;
	if (bytes.len < FORMAT_HEAD_SIZE)
		return FORMAT_CORRUPT;
	bytes = span_head(bytes, FORMAT_HEAD_SIZE);
	if (is_zero(bytes))
		return FORMAT_NEVER_ACCEPTED;
	if (!span_starts(bytes, HEAD_MAGIC) ||
	    little_get32(bytes.at + HEAD_CHECKED) !=
		crc32c(0, span_head(bytes, HEAD_CHECKED)))
		return FORMAT_CORRUPT;
	if (little_get16(bytes.at + 8) > FORMAT_VERSION)
		return FORMAT_NEWER;
	if (little_get16(bytes.at + 8) != FORMAT_VERSION ||
	    little_get16(bytes.at + 10) != FORMAT_HEAD_SIZE)
		return FORMAT_CORRUPT;
	for (size_t i = 0; i < COUNT_OF(head_fields); i++)
		decode_field(&head_fields[i], bytes.at, head);
	return head_is_sound(head, file_size) ? FORMAT_COMPLETE
					      : FORMAT_CORRUPT;
}

void
format_end_encode(const struct format_end *end, char bytes[FORMAT_END_SIZE])
{
	memcpy(bytes, END_MAGIC.at, END_MAGIC.len);
	for (size_t i = 0; i < COUNT_OF(end_fields); i++)
		encode_field(&end_fields[i], end, bytes);
	little_put(
	    bytes + END_CHECKED, 4, crc32c(0, span_of(bytes, END_CHECKED)));
}

bool
format_end_decode(
    struct span bytes, const struct format_head *head, struct format_end *end)
{
	if (bytes.len != FORMAT_END_SIZE || !span_starts(bytes, END_MAGIC) ||
	    little_get32(bytes.at + END_CHECKED) !=
		crc32c(0, span_head(bytes, END_CHECKED)))
		return false;
	for (size_t i = 0; i < COUNT_OF(end_fields); i++)
		decode_field(&end_fields[i], bytes.at, end);
	return end->length == head->length && end->arrival == head->arrival &&
	    end->recipient_count == head->recipient_count;
}

const char *
format_state_word(enum recipient_state state)
{
	must(state < RECIPIENT_STATES);
	return state_words[state];
}

bool
format_state_decode(
    const char word[FORMAT_STATE_SIZE], enum recipient_state *state)
{
	for (unsigned i = 0; i < RECIPIENT_STATES; i++)
		if (memcmp(word, state_words[i], FORMAT_STATE_SIZE) == 0) {
			*state = (enum recipient_state)i;
			return true;
		}
	return false;
}
