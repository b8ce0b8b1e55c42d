/* SPDX-License-Identifier: MIT */
#include "lib/mail/downgrade.h"

#include "lib/base/memory.h"
#include "lib/mail/transfer_encoder.h"

/* What becomes of an entity. */
enum action {
	ACTION_KEEP,
	ACTION_LABEL_7BIT, /* it is 7-bit and says something else */
	ACTION_QUOTE,
	ACTION_BASE64
};

/* The leaf that is being measured. */
struct measure {
	enum mime_encoding encoding;
	uint64_t size;
	uint64_t escapes; /* bytes that quoted-printable has three for */
	bool is_7bit;
};

struct downgrade {
	struct mime_limits limits;
	struct mime_walk walk;
	struct measure measure;
	struct buf actions; /* one byte for each entity */
	struct transfer_encoder encoder;
	downgrade_sink sink;
	void *owner;
};

/* ---- first pass ---- */

static bool
measure_run(void *owner, enum mime_run kind, struct span bytes)
{
	struct downgrade *downgrade = owner;
	struct measure *measure = &downgrade->measure;

	if (kind != MIME_RUN_BODY)
		return true;
	measure->size += bytes.len;
	for (size_t i = 0; i < bytes.len; i++) {
		char byte = bytes.at[i];

		if ((unsigned char)byte > 127 || byte == '\0')
			measure->is_7bit = false;
		if (byte != '\r' && byte != '\n')
			measure->escapes += transfer_encoder_escapes(byte);
	}
	return true;
}

static bool
says_more_than_7bit(enum mime_encoding encoding)
{
	return encoding == MIME_ENCODING_8BIT ||
	    encoding == MIME_ENCODING_BINARY;
}

static bool
measure_header_end(void *owner, const struct mime_entity *entity)
{
	struct downgrade *downgrade = owner;

	downgrade->measure =
	    (struct measure){.encoding = entity->encoding, .is_7bit = true};
	return buf_append_byte(&downgrade->actions,
	    says_more_than_7bit(entity->encoding) ? ACTION_LABEL_7BIT
						  : ACTION_KEEP);
}

/* What is encoded already stays: more cannot be done for it. */
static bool
measure_body_end(void *owner)
{
	struct downgrade *downgrade = owner;
	const struct measure *measure = &downgrade->measure;
	char *action = &downgrade->actions.at[downgrade->actions.len - 1];

	if (measure->is_7bit || !mime_encoding_is_identity(measure->encoding))
		return true;
	/* 2 bytes more for each escape, or a third more for all. */
	*action =
	    6 * measure->escapes > measure->size ? ACTION_BASE64 : ACTION_QUOTE;
	return true;
}

struct downgrade *
downgrade_create(const struct mime_limits *limits)
{
	struct downgrade *downgrade = memory_zero(sizeof *downgrade);
	const struct mime_events events = {
	    measure_run, measure_header_end, measure_body_end, downgrade};

	downgrade->limits = *limits;
	buf_init(&downgrade->actions, DOWNGRADE_ENTITIES_MAXIMUM);
	mime_walk_init(&downgrade->walk, limits, &events);
	return downgrade;
}

void
downgrade_destroy(struct downgrade *downgrade)
{
	if (downgrade == NULL)
		return;
	mime_walk_finish(&downgrade->walk);
	buf_finish(&downgrade->actions);
	free(downgrade);
}

void
downgrade_measure(struct downgrade *downgrade, struct span content)
{
	(void)!mime_walk_feed(&downgrade->walk, content);
}

bool
downgrade_measure_end(struct downgrade *downgrade, struct error *error)
{
	if (mime_walk_end(&downgrade->walk))
		return true;
	return error_set(error, ERROR_LIMIT, "%s",
	    downgrade->walk.is_too_deep ? "MIME nesting exceeds safety limit"
					: "too many MIME parts");
}

/* ---- second pass ---- */

static enum action
current_action(const struct downgrade *downgrade)
{
	size_t number = downgrade->walk.entity.number;

	/* The same content has the same entities. */
	must(number < downgrade->actions.len);
	return (enum action)downgrade->actions.at[number];
}

static bool
put(const struct downgrade *downgrade, struct span run)
{
	return run.len == 0 || downgrade->sink(downgrade->owner, run);
}

static bool
is_encoded(enum action action)
{
	return action == ACTION_QUOTE || action == ACTION_BASE64;
}

static bool
write_run(void *owner, enum mime_run kind, struct span bytes)
{
	struct downgrade *downgrade = owner;

	if (kind == MIME_RUN_ENCODING &&
	    current_action(downgrade) != ACTION_KEEP)
		return true;
	if (kind == MIME_RUN_BODY && is_encoded(current_action(downgrade)))
		return transfer_encoder_feed(&downgrade->encoder, bytes);
	return put(downgrade, bytes);
}

/* RFC 1428 has the charset for what nobody has named. */
static bool
write_mime_header(
    const struct downgrade *downgrade, const struct mime_entity *entity)
{
	if (entity->number > 0)
		return true;
	return (entity->has_version ||
		   put(downgrade, SPAN("MIME-Version: 1.0\r\n"))) &&
	    (entity->has_type ||
		put(downgrade,
		    SPAN("Content-Type: text/plain; "
			 "charset=unknown-8bit\r\n")));
}

static bool
write_header_end(void *owner, const struct mime_entity *entity)
{
	static const struct span names[] = {
	    [ACTION_KEEP] = {"", 0},
	    [ACTION_LABEL_7BIT] = {"7bit\r\n", 6},
	    [ACTION_QUOTE] = {"quoted-printable\r\n", 18},
	    [ACTION_BASE64] = {"base64\r\n", 8},
	};
	struct downgrade *downgrade = owner;
	enum action action = current_action(downgrade);

	if (action == ACTION_KEEP)
		return true;
	transfer_encoder_init(&downgrade->encoder, action == ACTION_BASE64,
	    downgrade->sink, downgrade->owner);
	return write_mime_header(downgrade, entity) &&
	    put(downgrade, SPAN("Content-Transfer-Encoding: ")) &&
	    put(downgrade, names[action]) &&
	    (entity->ended_empty || put(downgrade, SPAN("\r\n")));
}

static bool
write_body_end(void *owner)
{
	struct downgrade *downgrade = owner;

	return !is_encoded(current_action(downgrade)) ||
	    transfer_encoder_end(&downgrade->encoder);
}

void
downgrade_begin(struct downgrade *downgrade, downgrade_sink sink, void *owner)
{
	const struct mime_events events = {
	    write_run, write_header_end, write_body_end, downgrade};

	downgrade->sink = sink;
	downgrade->owner = owner;
	mime_walk_finish(&downgrade->walk);
	mime_walk_init(&downgrade->walk, &downgrade->limits, &events);
}

bool
downgrade_feed(struct downgrade *downgrade, struct span content)
{
	return mime_walk_feed(&downgrade->walk, content);
}

bool
downgrade_end(struct downgrade *downgrade)
{
	return mime_walk_end(&downgrade->walk);
}
