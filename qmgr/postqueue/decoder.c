/* SPDX-License-Identifier: MIT */
#include "qmgr/postqueue/decoder.h"

/* What comes next. An empty name ends the protocol's list, a message's list,
 * and at the place of a message's first name the whole. */
enum state {
	PROTOCOL_NAME,
	PROTOCOL_VALUE,
	FIRST_NAME,
	NAME,
	VALUE,
	COMPLETE
};

enum field {
	FIELD_QUEUE_NAME,
	FIELD_QUEUE_ID,
	FIELD_TIME,
	FIELD_SIZE,
	FIELD_FORCED_EXPIRE,
	FIELD_SENDER,
	FIELD_ORIGINAL_RECIPIENT,
	FIELD_RECIPIENT,
	FIELD_LOG_CLASS,
	FIELD_REASON,
	FIELD_COUNT,
	FIELD_FIRST_OF_RECIPIENT = FIELD_ORIGINAL_RECIPIENT
};

static const char *const field_names[] = {
    [FIELD_QUEUE_NAME] = "queue_name",
    [FIELD_QUEUE_ID] = "queue_id",
    [FIELD_TIME] = "time",
    [FIELD_SIZE] = "size",
    [FIELD_FORCED_EXPIRE] = "forced_expire",
    [FIELD_SENDER] = "sender",
    [FIELD_ORIGINAL_RECIPIENT] = "original_recipient",
    [FIELD_RECIPIENT] = "recipient",
    [FIELD_LOG_CLASS] = "log_class",
    [FIELD_REASON] = "reason",
};

_Static_assert(COUNT_OF(field_names) == DECODER_FIELDS, "all fields");

void
decoder_init(
    struct decoder *decoder, const struct decoder_events *events, void *owner)
{
	*decoder = (struct decoder){
	    .events = events, .owner = owner, .state = PROTOCOL_NAME};
	buf_init(&decoder->text, DECODER_TEXT_MAXIMUM);
	for (int i = 0; i < DECODER_FIELDS; i++)
		buf_init(&decoder->fields[i], DECODER_TEXT_MAXIMUM);
}

void
decoder_finish(struct decoder *decoder)
{
	buf_finish(&decoder->text);
	for (int i = 0; i < DECODER_FIELDS; i++)
		buf_finish(&decoder->fields[i]);
}

bool
decoder_is_complete(const struct decoder *decoder)
{
	return decoder->state == COMPLETE;
}

static struct span
value_of(const struct decoder *decoder, enum field field)
{
	return buf_span(&decoder->fields[field]);
}

static void
tell_message(struct decoder *decoder)
{
	struct decoded_message message = {
	    .queue_name = value_of(decoder, FIELD_QUEUE_NAME),
	    .queue_id = value_of(decoder, FIELD_QUEUE_ID),
	    .time = value_of(decoder, FIELD_TIME),
	    .size = value_of(decoder, FIELD_SIZE),
	    .forced_expire = value_of(decoder, FIELD_FORCED_EXPIRE),
	    .sender = value_of(decoder, FIELD_SENDER),
	};

	if (!decoder->has_message)
		decoder->events->message(decoder->owner, &message);
	decoder->has_message = true;
}

static void
tell_recipient(struct decoder *decoder)
{
	struct decoded_recipient recipient = {
	    .original = value_of(decoder, FIELD_ORIGINAL_RECIPIENT),
	    .address = value_of(decoder, FIELD_RECIPIENT),
	    .log_class = value_of(decoder, FIELD_LOG_CLASS),
	    .reason = value_of(decoder, FIELD_REASON),
	};

	if (decoder->has_recipient)
		decoder->events->recipient(decoder->owner, &recipient);
	decoder->has_recipient = false;
	for (int i = FIELD_FIRST_OF_RECIPIENT; i < DECODER_FIELDS; i++)
		buf_clear(&decoder->fields[i]);
}

static void
end_message(struct decoder *decoder)
{
	tell_message(decoder);
	tell_recipient(decoder);
	decoder->events->message_end(decoder->owner);
	decoder->has_message = false;
	for (int i = 0; i < DECODER_FIELDS; i++)
		buf_clear(&decoder->fields[i]);
}

/* The first attribute of a recipient ends the message's own, and the recipient
 * before it. */
static void
begin_attribute(struct decoder *decoder, struct span name)
{
	decoder->field = -1;
	for (int i = 0; i < DECODER_FIELDS; i++)
		if (span_equal(name, span_text(field_names[i])))
			decoder->field = i;
	if (decoder->field == FIELD_FIRST_OF_RECIPIENT) {
		tell_message(decoder);
		tell_recipient(decoder);
		decoder->has_recipient = true;
	}
	decoder->state = VALUE;
}

static void
take_name(struct decoder *decoder, struct span name)
{
	if (name.len > 0) {
		begin_attribute(decoder, name);
		return;
	}
	if (decoder->state == FIRST_NAME) {
		decoder->state = COMPLETE;
		return;
	}
	end_message(decoder);
	decoder->state = FIRST_NAME;
}

static void
take_value(struct decoder *decoder, struct span value)
{
	if (decoder->field >= 0) {
		struct buf *field = &decoder->fields[decoder->field];

		buf_clear(field);
		buf_append_span(field, value);
	}
	decoder->state = NAME;
}

static bool
take_protocol(struct decoder *decoder, struct span text, struct error *error)
{
	if (decoder->state == PROTOCOL_VALUE) {
		decoder->state = PROTOCOL_NAME;
		return span_equal(text, SPAN("mail_queue_list_protocol")) ||
		    error_set(error, ERROR_INVALID, "another protocol");
	}
	decoder->state = text.len > 0 ? PROTOCOL_VALUE : FIRST_NAME;
	return text.len == 0 || span_equal(text, SPAN("protocol")) ||
	    error_set(error, ERROR_INVALID, "no protocol name");
}

static bool
take_text(struct decoder *decoder, struct span text, struct error *error)
{
	if (decoder->state == PROTOCOL_NAME || decoder->state == PROTOCOL_VALUE)
		return take_protocol(decoder, text, error);
	if (decoder->state == COMPLETE)
		return error_set(error, ERROR_INVALID, "more than a listing");
	if (decoder->state == VALUE)
		take_value(decoder, text);
	else
		take_name(decoder, text);
	return true;
}

bool
decoder_feed(struct decoder *decoder, struct span bytes, struct error *error)
{
	while (bytes.len > 0) {
		size_t end = span_find(bytes, '\0');

		if (!buf_append_span(&decoder->text, span_head(bytes, end)))
			return error_set(
			    error, ERROR_LIMIT, "attribute is too long");
		if (end == bytes.len)
			return true;
		if (!take_text(decoder, buf_span(&decoder->text), error))
			return false;
		buf_clear(&decoder->text);
		bytes = span_skip(bytes, end + 1);
	}
	return true;
}
