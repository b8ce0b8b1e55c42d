/* SPDX-License-Identifier: MIT */
#include "lib/queue/journal.h"

#include "lib/base/crc32c.h"
#include "lib/queue/little.h"

enum {
	FIXED_SIZE = 16,
	LENGTH_AT = 0,
	TYPE_AT = 4,
	SUCCESS_AT = 6,
	COUNT_AT = 8,
	CHECK_AT = 12,
	TRAILER_SIZE = 4, /* the length again */
	TIME_AT = FIXED_SIZE,
	NEXT_AT = FIXED_SIZE + 8,
	ID_AT = FIXED_SIZE,
	RECIPIENT_AT = FIXED_SIZE,
	TEXTS_AT = FIXED_SIZE + 4, /* four lengths */
	REASON_SIZE = 12,
	REASON_TEXTS = 4
};

/* Bytes of a record in front of its texts; 0 for a type not known here. */
static size_t
size_of_type(unsigned type)
{
	static const size_t sizes[] = {
	    [JOURNAL_ATTEMPT] = FIXED_SIZE + 16,
	    [JOURNAL_REASON] = FIXED_SIZE + REASON_SIZE,
	    [JOURNAL_WARNED] = FIXED_SIZE + 8,
	    [JOURNAL_EXPIRE] = FIXED_SIZE + 8,
	    [JOURNAL_REQUEUE] = FIXED_SIZE + 8,
	    [JOURNAL_SUCCESSOR] = FIXED_SIZE + sizeof(struct queue_id),
	};

	return type < COUNT_OF(sizes) ? sizes[type] : 0;
}

/* Of the whole record but the check itself. */
static uint32_t
check_of(struct span record)
{
	return crc32c(crc32c(0, span_head(record, CHECK_AT)),
	    span_skip(record, FIXED_SIZE));
}

static void
texts_of(const struct stored_reason *reason, struct span texts[REASON_TEXTS])
{
	texts[0] = span_head(reason->status, JOURNAL_TEXT_MAXIMUM);
	texts[1] = span_head(reason->remote, JOURNAL_TEXT_MAXIMUM);
	texts[2] = span_head(reason->diagnostic, JOURNAL_TEXT_MAXIMUM);
	texts[3] = span_head(reason->text, JOURNAL_TEXT_MAXIMUM);
}

static void
encode_reason(const struct stored_reason *reason, char *at)
{
	struct span texts[REASON_TEXTS];
	char *end = at + FIXED_SIZE + REASON_SIZE;

	texts_of(reason, texts);
	little_put(at + SUCCESS_AT, 2, reason->success);
	little_put(at + RECIPIENT_AT, 4, reason->recipient);
	for (size_t i = 0; i < REASON_TEXTS; i++) {
		little_put(at + TEXTS_AT + 2 * i, 2, texts[i].len);
		span_copy(end, texts[i]);
		end += texts[i].len;
	}
}

static size_t
length_of(const struct journal_entry *entry)
{
	size_t length = size_of_type(entry->type);

	must(length != 0);
	if (entry->type == JOURNAL_REASON) {
		struct span texts[REASON_TEXTS];

		texts_of(&entry->reason, texts);
		for (size_t i = 0; i < REASON_TEXTS; i++)
			length += texts[i].len;
	}
	return little_round(length + TRAILER_SIZE);
}

bool
journal_append(
    struct buf *out, uint32_t count, const struct journal_entry *entry)
{
	size_t length = length_of(entry);
	char *at = buf_reserve(out, length);

	if (at == NULL)
		return false;
	memset(at, 0, length);
	little_put(at + LENGTH_AT, 4, length);
	little_put(at + TYPE_AT, 2, entry->type);
	little_put(at + COUNT_AT, 4, count);
	if (entry->type == JOURNAL_REASON)
		encode_reason(&entry->reason, at);
	else if (entry->type == JOURNAL_SUCCESSOR)
		memcpy(at + ID_AT, &entry->successor, sizeof entry->successor);
	else
		little_put(at + TIME_AT, 8, (uint64_t)entry->time);
	if (entry->type == JOURNAL_ATTEMPT)
		little_put(at + NEXT_AT, 8, (uint64_t)entry->next);
	little_put(at + length - TRAILER_SIZE, 4, length);
	little_put(at + CHECK_AT, 4, check_of(span_of(at, length)));
	buf_grew(out, length);
	return true;
}

static bool
decode_reason(struct span record, struct stored_reason *reason)
{
	struct span *texts[REASON_TEXTS] = {&reason->status, &reason->remote,
	    &reason->diagnostic, &reason->text};
	size_t used = FIXED_SIZE + REASON_SIZE;
	size_t end = record.len - TRAILER_SIZE;
	unsigned success = little_get16(record.at + SUCCESS_AT);

	/* One that is not known has at least been delivered. */
	reason->success = success <= SUCCESS_EXPANDED
	    ? (enum stored_success)success
	    : SUCCESS_DELIVERED;
	reason->recipient = little_get32(record.at + RECIPIENT_AT);
	for (size_t i = 0; i < REASON_TEXTS; i++) {
		size_t len = little_get16(record.at + TEXTS_AT + 2 * i);

		if (len > end - used)
			return false;
		*texts[i] = span_of(record.at + used, len);
		used += len;
	}
	return true;
}

static bool
decode_id(struct span record, struct queue_id *id)
{
	struct span text = span_of(record.at + ID_AT, sizeof *id);

	return id_parse(span_head(text, span_find(text, '\0')), id);
}

/* The check agrees; false when the contents do not fit the type. */
static bool
decode_entry(struct span record, struct journal_entry *entry)
{
	if (record.len < size_of_type(entry->type) + TRAILER_SIZE)
		return false;
	if (entry->type == JOURNAL_REASON)
		return decode_reason(record, &entry->reason);
	if (entry->type == JOURNAL_SUCCESSOR)
		return decode_id(record, &entry->successor);
	entry->time = (int64_t)little_get(record.at + TIME_AT, 8);
	if (entry->type == JOURNAL_ATTEMPT)
		entry->next = (int64_t)little_get(record.at + NEXT_AT, 8);
	return true;
}

enum journal_result
journal_take(struct span *rest, uint32_t count, struct journal_entry *entry)
{
	struct span record;
	uint32_t length;
	unsigned type;

	if (rest->len < FIXED_SIZE)
		return JOURNAL_SHORT;
	length = little_get32(rest->at + LENGTH_AT);
	if (length < FIXED_SIZE + TRAILER_SIZE ||
	    length > JOURNAL_RECORD_MAXIMUM || length % 8 != 0)
		return JOURNAL_TORN;
	if (length > rest->len)
		return JOURNAL_SHORT;
	record = span_head(*rest, length);
	type = little_get16(record.at + TYPE_AT);
	if (little_get32(record.at + COUNT_AT) != count ||
	    little_get32(record.at + CHECK_AT) != check_of(record) ||
	    /* Both ways to find the last record have to agree. */
	    little_get32(record.at + length - TRAILER_SIZE) != length)
		return JOURNAL_TORN;
	*rest = span_skip(*rest, length);
	if (size_of_type(type) == 0)
		return JOURNAL_SKIPPED;
	*entry = (struct journal_entry){.type = (enum journal_type)type};
	return decode_entry(record, entry) ? JOURNAL_TAKEN : JOURNAL_SKIPPED;
}

bool
journal_find_last(struct span end, uint32_t *count)
{
	struct journal_entry entry;
	struct span record;
	uint32_t length;

	if (end.len < FIXED_SIZE + TRAILER_SIZE)
		return false;
	length = little_get32(end.at + end.len - TRAILER_SIZE);
	if (length < FIXED_SIZE || length > end.len)
		return false;
	record = span_skip(end, end.len - length);
	*count = little_get32(record.at + COUNT_AT);
	return journal_take(&record, *count, &entry) <= JOURNAL_SKIPPED &&
	    record.len == 0;
}
