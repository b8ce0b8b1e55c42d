/* SPDX-License-Identifier: MIT */
/* Header blocks: the walk, the search for the end, unfolding, writing. */
#include "lib/mail/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

/* A value of any bytes makes one field. */
static void
check_written(struct span value)
{
	struct header_field field;
	struct span rest;
	struct buf out;

	buf_init(&out, value.len + 100);
	header_append(&out, "X-Fuzz", value);
	must(!out.overflowed);
	rest = buf_span(&out);
	must(header_next(&rest, &field));
	must(rest.len == 0 && span_equal(field.name, SPAN("X-Fuzz")));
	must(span_find(field.value, '\r') == field.value.len);
	buf_finish(&out);
}

static void
check_walk(struct span block)
{
	struct span rest = block;
	struct header_field field;
	const char *at = block.at;

	while (header_next(&rest, &field)) {
		struct buf out;

		must(field.whole.at == at && field.whole.len > 0);
		at += field.whole.len;
		buf_init(&out, field.value.len + 1);
		must(header_unfold(&out, field.value));
		must(span_find(buf_span(&out), '\n') == out.len);
		buf_finish(&out);
	}
	must(at == block.at + block.len);
}

static void
check_end(struct span text)
{
	size_t scanned = 0;
	size_t piecewise = 0;
	bool found = header_find_end(text, &scanned);
	bool found_piecewise = false;

	for (size_t len = 0; len <= text.len && !found_piecewise; len += 7)
		found_piecewise =
		    header_find_end(span_head(text, len), &piecewise);
	if (!found_piecewise)
		found_piecewise = header_find_end(text, &piecewise);
	must(found == found_piecewise && scanned == piecewise);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span text = span_of(bytes, count);

	check_walk(text);
	check_end(text);
	check_written(text);
	return 0;
}
