/* SPDX-License-Identifier: MIT */
#include "qmgr/showq/listing.h"

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/daemon/flight.h"
#include "lib/loop/offload.h"

enum {
	LISTED_AT_A_TIME = 200,
	POOL_MAXIMUM = 16 << 20,
	TEXT_MAXIMUM = 16 << 20, /* bytes of one slice of recipients */
	NUMBER_SIZE = 24
};

/* ---- attributes ---- */

/* A NUL would end the value; nothing else is special. */
bool
listing_append(struct buf *out, const char *name, struct span value)
{
	value = span_head(value, span_find(value, '\0'));
	buf_append(out, name, strlen(name) + 1);
	buf_append_span(out, value);
	return buf_append_byte(out, '\0');
}

bool
listing_append_end(struct buf *out)
{
	return buf_append_byte(out, '\0');
}

static void
append_number(struct buf *out, const char *name, uint64_t number)
{
	char text[NUMBER_SIZE];

	snprintf(text, sizeof text, "%llu", (unsigned long long)number);
	listing_append(out, name, span_text(text));
}

/* ---- one message ---- */

/* A message while it is listed, a slice of recipients at a time. */
struct entry {
	const struct listing *listing;
	struct locator locator;
	const char *queue;
	struct pool *pool;
	struct stored *stored; /* NULL: it is not to be listed */
	struct stored_cursor cursor;
	struct buf text;
	bool at_end;
};

static void
append_message(struct entry *entry)
{
	const struct stored *stored = entry->stored;
	struct span sender = stored->attribute[ATTRIBUTE_SENDER];
	struct buf *out = &entry->text;

	listing_append(out, "queue_name", span_text(entry->queue));
	listing_append(out, "queue_id", span_text(stored->locator.id.text));
	append_number(out, "time", (uint64_t)(stored->arrival / CLOCK_SECOND));
	append_number(out, "size", stored_size(stored));
	append_number(out, "forced_expire", stored->expired != 0);
	listing_append(out, "sender",
	    sender.len > 0
		? sender
		: span_text(entry->listing->empty_address_recipient));
}

/* What failed for good waits for its notice, the rest for another attempt. */
static struct span
class_of(const struct stored_reason *reason)
{
	if (reason->text.len == 0)
		return SPAN_EMPTY;
	return span_starts(reason->status, SPAN("5.")) ? SPAN("bounce")
						       : SPAN("defer");
}

static void
append_recipient(struct entry *entry, const struct stored_recipient *recipient,
    const struct stored_reason *reason)
{
	struct buf *out = &entry->text;

	if (recipient->state != RECIPIENT_TODO)
		return;
	listing_append(out, "original_recipient", recipient->original);
	listing_append(out, "recipient", recipient->address);
	listing_append(out, "log_class", class_of(reason));
	listing_append(out, "reason", reason->text);
}

static bool
append_slice(struct entry *entry)
{
	struct stored_reason *reasons;
	struct stored_slice slice;

	if (!stored_read_recipients(
		entry->pool, entry->stored, &entry->cursor, &slice, NULL))
		return false;
	entry->at_end = slice.count == 0;
	reasons = pool_alloc(entry->pool, (slice.count + 1) * sizeof *reasons);
	if (reasons == NULL ||
	    !stored_read_reasons(
		entry->pool, entry->stored, &slice, reasons, NULL))
		return false;
	for (size_t i = 0; i < slice.count; i++)
		append_recipient(entry, &slice.recipients[i], &reasons[i]);
	return true;
}

/* Each slice opens the message anew: what was read before it is given back. */
static void
job_list_slice(void *argument)
{
	struct entry *entry = argument;
	bool is_first = entry->cursor.number == 0;
	enum stored_result result;

	entry->pool = pool_create(NULL, "listing", POOL_MAXIMUM);
	entry->stored = stored_open(
	    entry->pool, entry->listing->store, &entry->locator, &result, NULL);
	if (entry->stored != NULL && is_first)
		append_message(entry);
	if (entry->stored == NULL || !append_slice(entry))
		entry->at_end = true;
	/* What was begun has to be ended. */
	if (entry->at_end && (entry->stored != NULL || !is_first))
		listing_append_end(&entry->text);
	pool_destroy(entry->pool);
}

static bool
list_message(const struct listing *listing, const struct locator *locator,
    const char *queue, struct error *error)
{
	struct entry entry = {
	    .listing = listing, .locator = *locator, .queue = queue};
	struct flight_slot *slot;
	bool good = true;

	buf_init(&entry.text, TEXT_MAXIMUM);
	while (good && !entry.at_end) {
		slot = flight_begin(
		    "list", SPAN_EMPTY, span_text(locator->id.text));
		offload_run(job_list_slice, &entry);
		flight_end(slot);
		good = entry.text.len == 0 ||
		    listing->take(listing->owner, buf_span(&entry.text), error);
		buf_clear(&entry.text);
	}
	buf_finish(&entry.text);
	return good;
}

/* ---- all messages ---- */

/* A walk over a part of the queue; on the heap for the thread's sake. */
struct walk {
	struct store *store;
	enum store_scope scope;
	struct store_scan *scan;
	struct locator locators[LISTED_AT_A_TIME];
	size_t count;
	bool good;
	struct error error;
};

static void
job_walk(void *argument)
{
	struct walk *walk = argument;

	walk->count = 0;
	if (walk->scan == NULL)
		walk->scan = store_scan_open(
		    walk->store, walk->scope, clock_wall(), &walk->error);
	walk->good = walk->scan != NULL &&
	    store_scan_next(walk->scan, walk->locators, LISTED_AT_A_TIME,
		&walk->count, &walk->error);
}

static bool
is_active(const struct listing *listing, const struct locator *locator)
{
	return listing->active != NULL &&
	    hash_get(listing->active, span_text(locator->id.text)) != NULL;
}

static bool
list_found(const struct listing *listing, const struct walk *walk, bool active,
    struct error *error)
{
	for (size_t i = 0; i < walk->count; i++) {
		const struct locator *locator = &walk->locators[i];

		if (is_active(listing, locator) == active &&
		    !list_message(listing, locator,
			active ? "active" : locator_queue(locator), error))
			return false;
	}
	return true;
}

static bool
list_scope(const struct listing *listing, enum store_scope scope, bool active,
    struct error *error)
{
	struct walk *walk = memory_zero(sizeof *walk);
	bool good;

	walk->store = listing->store;
	walk->scope = scope;
	do {
		offload_run(job_walk, walk);
		good = walk->good;
		if (good)
			good = list_found(listing, walk, active, error);
		else
			*error = walk->error;
	} while (good && walk->count > 0);
	store_scan_close(walk->scan);
	free(walk);
	return good;
}

static bool
take_text(const struct listing *listing, struct buf *text, struct error *error)
{
	bool good = listing->take(listing->owner, buf_span(text), error);

	buf_finish(text);
	return good;
}

static bool
begin(const struct listing *listing, struct error *error)
{
	struct buf text;

	buf_init(&text, TEXT_MAXIMUM);
	listing_append(&text, "protocol", SPAN("mail_queue_list_protocol"));
	listing_append_end(&text);
	return take_text(listing, &text, error);
}

static bool
end(const struct listing *listing, struct error *error)
{
	struct buf text;

	buf_init(&text, TEXT_MAXIMUM);
	listing_append_end(&text);
	return take_text(listing, &text, error);
}

bool
listing_run(const struct listing *listing, struct error *error)
{
	static const struct {
		enum store_scope scope;
		bool active;
	} parts[] = {
	    {STORE_INCOMING, true},
	    {STORE_DEFERRED, true},
	    {STORE_INCOMING, false},
	    {STORE_DEFERRED, false},
	    {STORE_HOLD, false},
	};

	if (!begin(listing, error))
		return false;
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		if ((listing->active != NULL || !parts[i].active) &&
		    !list_scope(
			listing, parts[i].scope, parts[i].active, error))
			return false;
	return end(listing, error);
}
