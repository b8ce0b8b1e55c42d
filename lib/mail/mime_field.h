/* SPDX-License-Identifier: MIT */
/* What two header fields say of a MIME entity (RFC 2045): Content-Type and
 * Content-Transfer-Encoding. Pure; borrows nothing. */
#ifndef MAIL_MIME_FIELD_H
#define MAIL_MIME_FIELD_H

#include "lib/base/buf.h"

enum mime_kind {
	MIME_LEAF, /* text, an image: nothing that has parts */
	MIME_MULTIPART,
	MIME_DIGEST, /* a multipart whose parts are messages by default */
	MIME_MESSAGE /* a message with a header of its own */
};

enum mime_encoding {
	MIME_ENCODING_NONE, /* no field */
	MIME_ENCODING_7BIT,
	MIME_ENCODING_8BIT,
	MIME_ENCODING_BINARY,
	MIME_ENCODING_QUOTED_PRINTABLE,
	MIME_ENCODING_BASE64,
	MIME_ENCODING_OTHER
};

/* The content is there as it is. */
static inline bool
mime_encoding_is_identity(enum mime_encoding encoding)
{
	return encoding <= MIME_ENCODING_BINARY;
}

/* The kind that the value of Content-Type names, which may be folded and have
 * comments. The boundary parameter is appended to *boundary without quotes;
 * what does not fit is cut off and shows in `overflowed`. A multipart without
 * boundary is a leaf. */
enum mime_kind mime_field_kind(struct span value, struct buf *boundary);

enum mime_encoding mime_field_encoding(struct span value);

#endif
