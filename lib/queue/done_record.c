/* SPDX-License-Identifier: MIT */
#include "lib/queue/done_record.h"

#include "lib/base/crc32c.h"
#include "lib/queue/little.h"

#define MAGIC SPAN("Done")

enum {
	SEGMENT_AT = 4,
	GENERATION_AT = 8,
	MESSAGE_AT = 16,
	RECIPIENT_AT = 20,
	STATE_AT = 24,
	CHECK_AT = 28
};

void
done_record_encode(
    const struct done_record *record, char bytes[DONE_RECORD_SIZE])
{
	memcpy(bytes, MAGIC.at, MAGIC.len);
	little_put(bytes + SEGMENT_AT, 4, record->segment);
	little_put(bytes + GENERATION_AT, 8, record->generation);
	little_put(bytes + MESSAGE_AT, 4, record->message);
	little_put(bytes + RECIPIENT_AT, 4, record->recipient);
	little_put(bytes + STATE_AT, 4, record->state);
	little_put(bytes + CHECK_AT, 4, crc32c(0, span_of(bytes, CHECK_AT)));
}

bool
done_record_decode(
    const char bytes[DONE_RECORD_SIZE], struct done_record *record)
{
	uint32_t state = little_get32(bytes + STATE_AT);

	if (memcmp(bytes, MAGIC.at, MAGIC.len) != 0 ||
	    little_get32(bytes + CHECK_AT) !=
		crc32c(0, span_of(bytes, CHECK_AT)) ||
	    state == RECIPIENT_TODO || state >= RECIPIENT_STATES)
		return false;
	record->segment = little_get32(bytes + SEGMENT_AT);
	record->generation = little_get(bytes + GENERATION_AT, 8);
	record->message = little_get32(bytes + MESSAGE_AT);
	record->recipient = little_get32(bytes + RECIPIENT_AT);
	record->state = (enum recipient_state)state;
	return true;
}
