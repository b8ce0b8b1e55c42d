/* SPDX-License-Identifier: MIT */
/* What showq sends to postqueue, in pieces whose size the first byte says, and
 * what becomes of it in both formats. */
#include "qmgr/postqueue/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
read_listing(
    struct span text, size_t piece, const struct decoder_events *events)
{
	struct decoder decoder;
	struct format format;
	bool good = true;

	format_init(&format);
	decoder_init(&decoder, events, &format);
	while (good && text.len > 0) {
		struct span part = span_head(text, piece);

		good = decoder_feed(&decoder, part, NULL);
		must(!format.out.overflowed);
		buf_clear(&format.out);
		text = span_skip(text, part.len);
	}
	if (good && decoder_is_complete(&decoder))
		format_table_end(&format);
	decoder_finish(&decoder);
	format_finish(&format);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct span text = span_of(bytes, size);
	size_t piece;

	if (size < 1)
		return 0;
	piece = (size_t)bytes[0] + 1;
	read_listing(span_skip(text, 1), piece, &format_table);
	read_listing(span_skip(text, 1), piece, &format_json);
	return 0;
}
