/* SPDX-License-Identifier: MIT */
#include "smtp/envelope.h"

#include <inttypes.h>

#include "lib/base/text.h"
#include "lib/mail/dsn.h"
#include "lib/mail/mail_address.h"
#include "lib/mail/unitext.h"
#include "lib/mail/xtext.h"

#include "smtp/session.h"

static bool
has_controls(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f)
			return true;
	return false;
}

static void
append_ret(struct buf *out, uint32_t ret)
{
	if (ret == RET_FULL)
		buf_append_text(out, " RET=FULL");
	else if (ret == RET_HEADERS)
		buf_append_text(out, " RET=HDRS");
}

bool
envelope_append_mail(
    struct buf *out, const struct message_deliver *message, unsigned features)
{
	uint32_t content_flags = message->header_flags | message->body_flags;

	buf_append_text(out, "MAIL FROM:");
	mail_address_append_path(out, message->sender);
	if ((features & FEATURE_SIZE) != 0)
		buf_printf(out, " SIZE=%" PRIu64,
		    message->header_size + message->body_size);
	if ((features & FEATURE_8BITMIME) != 0 &&
	    (content_flags & CONTENT_8BIT) != 0)
		buf_append_text(out, " BODY=8BITMIME");
	if ((features & FEATURE_SMTPUTF8) != 0 &&
	    (message->flags & MESSAGE_FLAG_SMTPUTF8) != 0)
		buf_append_text(out, " SMTPUTF8");
	if ((features & FEATURE_DSN) != 0) {
		append_ret(out, message->ret);
		if (dsn_envid_is_valid(message->envelope_id) &&
		    message->envelope_id.len > 0)
			buf_printf(out, " ENVID=%.*s",
			    SPAN_ARGS(message->envelope_id));
	}
	return !out->overflowed && !has_controls(buf_span(out));
}

/* RFC 6533 3: the form in ASCII is understood everywhere. */
static void
append_international(struct buf *out, struct span address)
{
	struct buf encoded;

	buf_init(&encoded, DSN_ORCPT_MAXIMUM);
	if (unitext_encode(&encoded, address)) {
		buf_append_text(out, " ORCPT=utf-8;");
		buf_append_span(out, buf_span(&encoded));
	}
	buf_finish(&encoded);
}

/* ORCPT as it came, but that the queue keeps the type utf-8 as xtext. */
static void
append_given(struct buf *out, struct span original)
{
	struct buf decoded;
	struct span type;
	struct span encoded;

	if (!span_split(original, ';', &type, &encoded) ||
	    !span_equal_fold(type, SPAN("utf-8"))) {
		buf_append_text(out, " ORCPT=");
		buf_append_span(out, original);
		return;
	}
	buf_init(&decoded, MAIL_ADDRESS_MAXIMUM);
	if (xtext_decode(&decoded, encoded))
		append_international(out, buf_span(&decoded));
	buf_finish(&decoded);
}

/* What the address was before rewriting. */
static void
append_earlier(struct buf *out, struct span address)
{
	struct buf quoted;

	buf_init(&quoted, 2 * MAIL_ADDRESS_MAXIMUM);
	if (!mail_address_append_quoted(&quoted, address)) {
		buf_finish(&quoted);
		return;
	}
	if (text_is_ascii(address)) {
		buf_append_text(out, " ORCPT=rfc822;");
		xtext_encode(out, buf_span(&quoted));
	} else {
		append_international(out, buf_span(&quoted));
	}
	buf_finish(&quoted);
}

/* What came with the message is passed on; else it is said what the address was
 * before rewriting. */
static void
append_original(
    struct buf *out, const struct message_deliver_recipient *recipient)
{
	if (recipient->original.len > 0 &&
	    span_find(recipient->original, ' ') == recipient->original.len)
		append_given(out, recipient->original);
	else if (recipient->original_recipient.len > 0)
		append_earlier(out, recipient->original_recipient);
}

bool
envelope_append_rcpt(struct buf *out,
    const struct message_deliver_recipient *recipient, unsigned features)
{
	buf_append_text(out, "RCPT TO:");
	mail_address_append_path(out, recipient->address);
	if ((features & FEATURE_DSN) != 0) {
		if (recipient->notify != 0) {
			buf_append_text(out, " NOTIFY=");
			dsn_append_notify(out, recipient->notify);
		}
		append_original(out, recipient);
	}
	return !out->overflowed && !has_controls(buf_span(out));
}

bool
envelope_needs_utf8(const struct message_deliver *message)
{
	return (message->flags & MESSAGE_FLAG_SMTPUTF8) != 0 &&
	    (!text_is_ascii(message->sender) ||
		(message->header_flags & CONTENT_8BIT) != 0);
}
