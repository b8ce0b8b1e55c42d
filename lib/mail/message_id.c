/* SPDX-License-Identifier: MIT */
#include "lib/mail/message_id.h"

#include "lib/mail/date.h"

bool
message_id_append(
    struct buf *out, int64_t wall, struct span queue_id, struct span host)
{
	char stamp[DATE_TEXT_SIZE];

	buf_append_byte(out, '<');
	buf_append_text(out, date_format_compact(wall, stamp));
	buf_append_byte(out, '.');
	buf_append_span(out, queue_id);
	buf_append_byte(out, '@');
	buf_append_span(out, host);
	buf_append_byte(out, '>');
	return !out->overflowed;
}
