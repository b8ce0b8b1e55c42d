/* SPDX-License-Identifier: MIT */
#include "lib/mail/transfer_encoder.h"

#include "lib/base/text.h"

static bool
flush(struct transfer_encoder *encoder)
{
	struct span run = span_of(encoder->output, encoder->output_len);

	encoder->output_len = 0;
	return run.len == 0 || encoder->sink(encoder->owner, run);
}

static bool
put(struct transfer_encoder *encoder, const char *text, size_t len)
{
	if (len > sizeof encoder->output - encoder->output_len &&
	    !flush(encoder))
		return false;
	memcpy(encoder->output + encoder->output_len, text, len);
	encoder->output_len += len;
	encoder->column += len;
	return true;
}

static bool
put_line_end(struct transfer_encoder *encoder)
{
	bool good = put(encoder, "\r\n", 2);

	encoder->column = 0;
	return good;
}

/* ---- quoted-printable ---- */

/* One column is left for the '=' of a soft line end. */
static bool
put_token(struct transfer_encoder *encoder, const char *text, size_t len)
{
	if (encoder->column + len >= TRANSFER_LINE_MAXIMUM &&
	    (!put(encoder, "=", 1) || !put_line_end(encoder)))
		return false;
	return put(encoder, text, len);
}

static bool
put_escaped(struct transfer_encoder *encoder, unsigned char byte)
{
	static const char digits[] = "0123456789ABCDEF";
	const char text[] = {'=', digits[byte >> 4], digits[byte & 15]};

	return put_token(encoder, text, sizeof text);
}

/* A hyphen at the start of a line, which may be one that was cut here, could
 * make it a delimiter of the MIME structure. */
static bool
put_byte(struct transfer_encoder *encoder, char byte)
{
	bool starts_line = encoder->column == 0 ||
	    encoder->column + 1 >= TRANSFER_LINE_MAXIMUM;

	return transfer_encoder_escapes(byte) || (byte == '-' && starts_line)
	    ? put_escaped(encoder, (unsigned char)byte)
	    : put_token(encoder, &byte, 1);
}

/* Held are a blank, a CR, or a blank and a CR: what they become depends on
 * whether a line ends behind them. */
static bool
release(struct transfer_encoder *encoder)
{
	size_t count = encoder->held_len;

	encoder->held_len = 0;
	for (size_t i = 0; i < count; i++)
		if (!put_byte(encoder, (char)encoder->held[i]))
			return false;
	return true;
}

/* The blank before a line end would be lost on the way. */
static bool
release_at_line_end(struct transfer_encoder *encoder)
{
	bool has_blank = encoder->held_len == 2 ||
	    (encoder->held_len == 1 && encoder->held[0] != '\r');

	encoder->held_len = 0;
	return !has_blank || put_escaped(encoder, encoder->held[0]);
}

static bool
has_open_cr(const struct transfer_encoder *encoder)
{
	return encoder->held_len > 0 &&
	    encoder->held[encoder->held_len - 1] == '\r';
}

static bool
quote_byte(struct transfer_encoder *encoder, char byte)
{
	bool is_cr = byte == '\r';

	if (byte == '\n' && has_open_cr(encoder))
		return release_at_line_end(encoder) && put_line_end(encoder);
	if (encoder->held_len > 0 && (!is_cr || has_open_cr(encoder)) &&
	    !release(encoder))
		return false;
	if (!is_cr && !text_is_blank(byte))
		return put_byte(encoder, byte);
	encoder->held[encoder->held_len++] = (unsigned char)byte;
	return true;
}

static bool
quote_feed(struct transfer_encoder *encoder, struct span content)
{
	for (size_t i = 0; i < content.len; i++)
		if (!quote_byte(encoder, content.at[i]))
			return false;
	return true;
}

static bool
quote_end(struct transfer_encoder *encoder)
{
	return has_open_cr(encoder) ? release(encoder)
				    : release_at_line_end(encoder);
}

/* ---- base64 ---- */

static bool
put_group(
    struct transfer_encoder *encoder, const unsigned char bytes[3], size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits =
	    (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
	char text[4];

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = i > len ? '=' : digits[bits >> (18 - 6 * i) & 63];
	if (encoder->column == TRANSFER_LINE_MAXIMUM && !put_line_end(encoder))
		return false;
	return put(encoder, text, sizeof text);
}

static bool
base64_feed(struct transfer_encoder *encoder, struct span content)
{
	for (size_t i = 0; i < content.len; i++) {
		const unsigned char bytes[3] = {encoder->held[0],
		    encoder->held[1], (unsigned char)content.at[i]};

		if (encoder->held_len < 2) {
			encoder->held[encoder->held_len++] = bytes[2];
			continue;
		}
		encoder->held_len = 0;
		if (!put_group(encoder, bytes, 3))
			return false;
	}
	return true;
}

static bool
base64_end(struct transfer_encoder *encoder)
{
	const unsigned char bytes[3] = {
	    encoder->held[0], encoder->held_len > 1 ? encoder->held[1] : 0, 0};
	size_t len = encoder->held_len;

	encoder->held_len = 0;
	return len == 0 || put_group(encoder, bytes, len);
}

/* ---- both ---- */

void
transfer_encoder_init(struct transfer_encoder *encoder, bool is_base64,
    transfer_sink sink, void *owner)
{
	encoder->is_base64 = is_base64;
	encoder->sink = sink;
	encoder->owner = owner;
	encoder->held_len = 0;
	encoder->column = 0;
	encoder->output_len = 0;
}

bool
transfer_encoder_feed(struct transfer_encoder *encoder, struct span content)
{
	return encoder->is_base64 ? base64_feed(encoder, content)
				  : quote_feed(encoder, content);
}

bool
transfer_encoder_end(struct transfer_encoder *encoder)
{
	bool good =
	    encoder->is_base64 ? base64_end(encoder) : quote_end(encoder);

	return good && flush(encoder);
}
