/* SPDX-License-Identifier: MIT */
/* Every message and record of lib/ipc/messages.def. The first byte chooses
 * which; the rest is a payload, and a list of such. What can be read is written
 * again as it was. */
#include "lib/ipc/messages.h"

enum {
	PAYLOAD_MAXIMUM = 1 << 16
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

/* A reader and a writer as functions of bytes: get_x and list_x. */
#define MESSAGE(NAME, name, fields) RECORD(name, fields)
#define SIGNAL(NAME)
#define RECORD(name, fields)                                           \
	static bool get_##name(struct span payload, struct buf *again) \
	{                                                              \
		struct message_##name message;                         \
                                                                       \
		return message_get_##name(payload, &message) &&        \
		    message_put_##name(again, &message);               \
	}                                                              \
                                                                       \
	static bool take_##name(struct span *rest, struct buf *again)  \
	{                                                              \
		struct message_##name message;                         \
                                                                       \
		return message_take_##name(rest, &message) &&          \
		    message_put_##name(again, &message);               \
	}
#include "lib/ipc/messages.def"
#undef RECORD
#undef MESSAGE
#undef SIGNAL

static const struct {
	bool (*get)(struct span payload, struct buf *again);
	bool (*take)(struct span *rest, struct buf *again);
} kinds[] = {

#define MESSAGE(NAME, name, fields) RECORD(name, fields)
#define SIGNAL(NAME)
#define RECORD(name, fields) {get_##name, take_##name},
#include "lib/ipc/messages.def"
#undef RECORD
#undef MESSAGE
#undef SIGNAL
};

/* A list ends at its end, or where an element is broken. */
static void
read_list(bool (*take)(struct span *rest, struct buf *again), struct span list)
{
	struct span rest = list;
	struct buf again;
	size_t before;

	buf_init(&again, PAYLOAD_MAXIMUM);
	do
		before = rest.len;
	while (take(&rest, &again) && rest.len < before);
	must(again.len == list.len - rest.len);
	must(span_equal(buf_span(&again), span_head(list, again.len)));
	buf_finish(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span payload;
	struct buf again;
	size_t kind;

	if (count == 0 || count > PAYLOAD_MAXIMUM)
		return 0;
	kind = bytes[0] % COUNT_OF(kinds);
	payload = span_skip(span_of(bytes, count), 1);
	buf_init(&again, PAYLOAD_MAXIMUM);
	if (kinds[kind].get(payload, &again))
		must(span_equal(buf_span(&again), payload));
	buf_finish(&again);
	read_list(kinds[kind].take, payload);
	return 0;
}
