/* SPDX-License-Identifier: MIT */
#include "lib/daemon/delivery.h"

#include "lib/base/clock.h"
#include "lib/base/io.h"
#include "lib/daemon/service.h"
#include "lib/mail/delay.h"

enum {
	TEXT_MAXIMUM = 2048 /* bytes of a text or reply: many fit in a frame */
};

static bool
read_at(const struct delivery *delivery, uint64_t offset, void *bytes,
    size_t count, struct error *error)
{
	if (delivery->fd >= 0)
		return io_pread(
		    delivery->fd, bytes, count, (off_t)offset, error);
	must(offset <= delivery->content.len &&
	    count <= delivery->content.len - offset);
	memcpy(bytes, delivery->content.at + offset, count);
	return true;
}

bool
delivery_read(const struct delivery *delivery, uint64_t position, void *bytes,
    size_t count, struct error *error)
{
	const struct message_deliver *request = &delivery->request;
	size_t in_header = 0;
	uint64_t in_body;

	must(position <= delivery_size(delivery) &&
	    count <= delivery_size(delivery) - position);
	if (position < request->header_size)
		in_header = count < request->header_size - position
		    ? count
		    : (size_t)(request->header_size - position);
	if (in_header > 0 &&
	    !read_at(delivery, request->header_offset + position, bytes,
		in_header, error))
		return false;
	if (in_header == count)
		return true;
	in_body = position + in_header - request->header_size;
	return read_at(delivery, request->body_offset + in_body,
	    (char *)bytes + in_header, count - in_header, error);
}

/* What a full pool cannot keep is lost; the outcome is not. */
static struct span
keep(struct pool *pool, struct span text, size_t maximum)
{
	struct span copy;

	if (!pool_copy_span(pool, span_head(text, maximum), &copy))
		return SPAN_EMPTY;
	return copy;
}

static struct span
keep_dsn(struct pool *pool, struct span dsn, enum delivery_outcome outcome)
{
	static const struct span defaults[] = {
	    [DELIVERY_SENT] = {"2.0.0", 5},
	    [DELIVERY_DEFERRED] = {"4.0.0", 5},
	    [DELIVERY_BOUNCED] = {"5.0.0", 5},
	    [DELIVERY_EXPANDED] = {"2.0.0", 5},
	    [DELIVERY_RELAYED] = {"2.0.0", 5},
	    [DELIVERY_PASSED_ON] = {"2.0.0", 5},
	};
	char *copy = pool_copy(pool, dsn);

	if (copy == NULL || dsn.len == 0)
		return defaults[outcome];
	if (outcome == DELIVERY_DEFERRED)
		copy[0] = '4';
	return span_of(copy, dsn.len);
}

/* What is logged for soft_bounce differs from what qmgr is told. */
static void
log_result(const struct delivery *delivery,
    const struct delivery_recipient *recipient, bool softened)
{
	static const char *const statuses[] = {
	    [DELIVERY_SENT] = "sent",
	    [DELIVERY_DEFERRED] = "deferred",
	    [DELIVERY_BOUNCED] = "bounced",
	    [DELIVERY_EXPANDED] = "sent",
	    [DELIVERY_RELAYED] = "sent",
	    [DELIVERY_PASSED_ON] = "sent",
	};
	const struct message_deliver_recipient *request = &recipient->request;
	const struct delivery_result *result = &recipient->result;
	const struct delay_times times = {
	    .arrived = (int64_t)delivery->request.arrived,
	    .activated = (int64_t)delivery->request.activated,
	    .started = delivery->started,
	    .connected =
		result->connected != 0 ? result->connected : delivery->started,
	    .ended = clock_wall(),
	};
	unsigned resolution =
	    (unsigned)service_common()->delay_logging_resolution_limit;
	char delay[DELAY_TEXT_SIZE];
	char delays[DELAY_TEXT_SIZE];
	bool is_other =
	    !span_equal_fold(request->original_recipient, request->address);

	log_event(&delivery->log, LOG_DELIVERY,
	    log_address("to", request->address),
	    log_address(is_other && request->original_recipient.len > 0
		    ? "orig_to"
		    : NULL,
		request->original_recipient),
	    log_text("relay", result->relay),
	    result->uses > 1 ? log_number("conn_use", result->uses)
			     : log_optional("conn_use", SPAN_EMPTY),
	    log_text("delay",
		span_text(delay_format_total(&times, resolution, delay))),
	    log_text("delays",
		span_text(delay_format_parts(&times, resolution, delays))),
	    log_text("dsn", result->dsn),
	    log_text("status",
		span_text(softened ? "SOFTBOUNCE" : statuses[result->outcome])),
	    log_text("text", result->text));
}

void
delivery_report(struct delivery *delivery, struct delivery_recipient *recipient,
    const struct delivery_result *result)
{
	struct delivery_result *kept = &recipient->result;
	bool softened = result->outcome == DELIVERY_BOUNCED &&
	    service_common()->soft_bounce;

	must(!recipient->is_reported);
	recipient->is_reported = true;
	*kept = *result;
	if (softened)
		kept->outcome = DELIVERY_DEFERRED;
	kept->dsn = keep_dsn(delivery->pool, result->dsn, kept->outcome);
	kept->text = keep(delivery->pool, result->text, TEXT_MAXIMUM);
	kept->remote = keep(delivery->pool, result->remote, TEXT_MAXIMUM);
	kept->reply = keep(delivery->pool, result->reply, TEXT_MAXIMUM);
	log_result(delivery, recipient, softened);
	kept->relay = SPAN_EMPTY; /* stays the caller's, for the line only */
}
