/* SPDX-License-Identifier: MIT */
/* Quoted-printable and base64: what a decoder makes of them is what went in.
 * The first byte is the size of the pieces. */
#include "lib/base/buf.h"
#include "lib/mail/transfer_encoder.h"

enum {
	MAXIMUM = 1 << 24
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static bool
collect(void *owner, struct span run)
{
	must(run.len > 0);
	return buf_append_span(owner, run);
}

static void
encode(bool is_base64, struct span data, size_t step, struct buf *out)
{
	struct transfer_encoder encoder;

	buf_init(out, MAXIMUM);
	transfer_encoder_init(&encoder, is_base64, collect, out);
	for (; data.len > 0; data = span_skip(data, step))
		must(transfer_encoder_feed(&encoder, span_head(data, step)));
	must(transfer_encoder_end(&encoder));
}

static void
check_lines(struct span text)
{
	size_t column = 0;

	for (size_t i = 0; i < text.len; i++) {
		char byte = text.at[i];

		must((byte >= ' ' && byte <= '~') || byte == '\t' ||
		    byte == '\r' || byte == '\n');
		if (byte == '\n') {
			must(i > 0 && text.at[i - 1] == '\r');
			must(i < 2 || text.at[i - 2] != ' ');
			must(i < 2 || text.at[i - 2] != '\t');
			column = 0;
		} else if (byte != '\r') {
			must(byte != '-' || column > 0);
			must(++column <= TRANSFER_LINE_MAXIMUM);
		}
	}
}

static unsigned
hex_digit(char byte)
{
	must((byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'F'));
	return (unsigned)(byte <= '9' ? byte - '0' : byte - 'A' + 10);
}

static void
decode_quoted(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		char byte = text.at[i];

		if (byte == '=') {
			must(i + 2 < text.len);
			if (text.at[i + 1] != '\r')
				buf_append_byte(out,
				    (char)(hex_digit(text.at[i + 1]) * 16 +
					hex_digit(text.at[i + 2])));
			i += 2;
		} else {
			buf_append_byte(out, byte);
		}
	}
}

static void
decode_base64(struct span text, struct buf *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = 0;
	unsigned width = 0;

	for (size_t i = 0; i < text.len; i++) {
		const char *digit =
		    text.at[i] == '\0' ? NULL : strchr(digits, text.at[i]);

		if (digit == NULL)
			continue;
		bits = bits << 6 | (uint32_t)(digit - digits);
		width += 6;
		if (width >= 8) {
			width -= 8;
			buf_append_byte(out, (char)(bits >> width & 255));
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span data = span_skip(span_of(bytes, count), 1);

	if (count < 1)
		return 0;
	for (int is_base64 = 0; is_base64 < 2; is_base64++) {
		struct buf whole;
		struct buf pieces;
		struct buf decoded;

		encode(is_base64 != 0, data, data.len + 1, &whole);
		encode(is_base64 != 0, data, bytes[0] + 1u, &pieces);
		must(span_equal(buf_span(&whole), buf_span(&pieces)));
		check_lines(buf_span(&whole));
		buf_init(&decoded, MAXIMUM);
		if (is_base64 != 0)
			decode_base64(buf_span(&whole), &decoded);
		else
			decode_quoted(buf_span(&whole), &decoded);
		must(span_equal(buf_span(&decoded), data));
		buf_finish(&whole);
		buf_finish(&pieces);
		buf_finish(&decoded);
	}
	return 0;
}
