/* SPDX-License-Identifier: MIT */
/* The header editor of cleanup: the first byte says how the input is cut and
 * how small the limits are. However it is cut, the result is the same. */
#include "cleanup/header_edit.h"

enum {
	OUTPUT_MAXIMUM = 1 << 20
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool
spill(void *owner, struct span bytes)
{
	return buf_append_span(owner, bytes);
}

static void
edit_all(struct header_edit *edit, struct span input, size_t step,
    struct buf *spilled)
{
	for (; input.len > 0; input = span_skip(input, step))
		must(header_edit_feed(edit, span_head(input, step)));
	header_edit_complete(edit,
	    &(struct header_edit_origin){
		.complete = true,
		.sender = SPAN("joe@example.org"),
		.full_name = SPAN("Joe"),
		.queue_id = SPAN("4Q"),
		.host = SPAN("mx.example"),
		.undisclosed = SPAN("To: undisclosed-recipients:;"),
	    });
	must(!spilled->overflowed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct header_edit whole, cut;
	struct buf spilled_whole, spilled_cut;
	struct span input = span_skip(span_of(bytes, size), 1);
	size_t choice = size > 0 ? bytes[0] : 0;
	struct header_edit_settings settings = {
	    .drop = SPAN("bcc, return-path"),
	    .field_maximum = 8 + choice / 4,
	    .block_maximum = 16 + choice,
	    .spill = spill,
	};

	if (size > OUTPUT_MAXIMUM / 4)
		return 0;
	buf_init(&spilled_whole, OUTPUT_MAXIMUM);
	buf_init(&spilled_cut, OUTPUT_MAXIMUM);
	settings.owner = &spilled_whole;
	header_edit_init(&whole, &settings);
	settings.owner = &spilled_cut;
	header_edit_init(&cut, &settings);
	edit_all(&whole, input, SIZE_MAX, &spilled_whole);
	edit_all(&cut, input, 1 + choice % 5, &spilled_cut);
	must(span_equal(buf_span(&whole.block), buf_span(&cut.block)));
	must(span_equal(buf_span(&spilled_whole), buf_span(&spilled_cut)));
	must(whole.hops == cut.hops && whole.was_cut == cut.was_cut);
	header_edit_finish(&whole);
	header_edit_finish(&cut);
	buf_finish(&spilled_whole);
	buf_finish(&spilled_cut);
	return 0;
}
