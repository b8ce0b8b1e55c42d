/* SPDX-License-Identifier: MIT */
/* The two encodings of RFC 2045 that carry any content in lines of 76 printable
 * characters: stored form in, stored form out, in pieces of any size. Embedded
 * in its owner; no memory of its own. */
#ifndef MAIL_TRANSFER_ENCODER_H
#define MAIL_TRANSFER_ENCODER_H

#include "lib/base/span.h"

/* Takes one run of the output, valid during the call only; false stops. */
typedef bool (*transfer_sink)(void *owner, struct span run);

enum {
	TRANSFER_LINE_MAXIMUM = 76,
	TRANSFER_OUTPUT_SIZE = 512
};

struct transfer_encoder {
	bool is_base64;
	transfer_sink sink;
	void *owner;

	/* private: */
	unsigned char held[2]; /* not encoded yet */
	size_t held_len;
	size_t column;
	char output[TRANSFER_OUTPUT_SIZE];
	size_t output_len;
};

/* Quoted-printable keeps CRLF as the end of a line; base64 encodes it. */
void transfer_encoder_init(struct transfer_encoder *encoder, bool is_base64,
    transfer_sink sink, void *owner);
/* False as soon as the sink says so. */
bool transfer_encoder_feed(
    struct transfer_encoder *encoder, struct span content) MUST_USE;
/* No more content comes. Adds no line end of its own. */
bool transfer_encoder_end(struct transfer_encoder *encoder) MUST_USE;

/* Whether quoted-printable writes the byte as "=XX", wherever it stands. */
static inline bool
transfer_encoder_escapes(char byte)
{
	return (byte < ' ' && byte != '\t') || byte > '~' || byte == '=';
}

#endif
