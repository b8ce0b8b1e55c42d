/* SPDX-License-Identifier: MIT */
#include "qmgr/showq/listing.h"

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/daemon/flight.h"
#include "lib/loop/offload.h"

enum {
	LISTED_AT_A_TIME = 200,
	TEXT_ENOUGH = 64 << 10, /* bytes that are sent at a time */
	POOL_MAXIMUM = 16 << 20,
	TEXT_MAXIMUM = 17 << 20, /* bytes; a slice of recipients fits */
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

/* ---- some messages ---- */

/* Messages while they are listed, in pieces of about TEXT_ENOUGH, which may end
 * between two slices of recipients of one message. */
struct piece {
	const struct listing *listing;
	const struct locator *locators;
	bool *listed; /* of each locator: there was such a message */
	size_t count;
	size_t next;
	struct stored_cursor cursor; /* in the next message */
	struct flight_slot *flight;
	struct buf text;
};

/* One slice of recipients of one message, and what goes around it. */
struct slice {
	struct piece *piece;
	struct pool *pool;
	struct stored *stored;
	bool at_end;
};

static const char *
queue_of(const struct listing *listing, const struct locator *locator)
{
	return listing->active != NULL &&
		hash_get(listing->active, span_text(locator->id.text)) != NULL
	    ? "active"
	    : locator_queue(locator);
}

static void
append_message(const struct slice *slice)
{
	const struct listing *listing = slice->piece->listing;
	const struct stored *stored = slice->stored;
	struct span sender = stored->attribute[ATTRIBUTE_SENDER];
	struct buf *out = &slice->piece->text;

	listing_append(
	    out, "queue_name", span_text(queue_of(listing, &stored->locator)));
	listing_append(out, "queue_id", span_text(stored->locator.id.text));
	append_number(out, "time", (uint64_t)(stored->arrival / CLOCK_SECOND));
	append_number(out, "size", stored_size(stored));
	append_number(out, "forced_expire", stored->expired != 0);
	listing_append(out, "sender",
	    sender.len > 0 ? sender
			   : span_text(listing->empty_address_recipient));
}

/* What failed for good or was delivered waits for its notice, the rest for
 * another attempt. */
static struct span
class_of(const struct stored_reason *reason)
{
	if (reason->text.len == 0)
		return SPAN_EMPTY;
	if (reason->success != SUCCESS_NONE)
		return SPAN("success");
	return span_starts(reason->status, SPAN("5.")) ? SPAN("bounce")
						       : SPAN("defer");
}

static void
append_recipient(struct buf *out, const struct stored_recipient *recipient,
    const struct stored_reason *reason)
{
	if (recipient->state != RECIPIENT_TODO)
		return;
	listing_append(out, "original_recipient", recipient->original);
	listing_append(out, "recipient", recipient->address);
	listing_append(out, "log_class", class_of(reason));
	listing_append(out, "reason", reason->text);
}

static bool
append_recipients(struct slice *slice)
{
	struct stored_reason *reasons;
	struct stored_slice read;

	if (!stored_read_recipients(
		slice->pool, slice->stored, &slice->piece->cursor, &read, NULL))
		return false;
	slice->at_end =
	    slice->piece->cursor.number >= slice->stored->recipient_count ||
	    read.count == 0;
	reasons = pool_alloc(slice->pool, (read.count + 1) * sizeof *reasons);
	if (reasons == NULL ||
	    !stored_read_reasons(
		slice->pool, slice->stored, &read, reasons, NULL))
		return false;
	for (size_t i = 0; i < read.count; i++)
		append_recipient(
		    &slice->piece->text, &read.recipients[i], &reasons[i]);
	return true;
}

/* Each slice opens the message anew: what was read before it is given back.
 * What was begun has to be ended. */
static void
list_slice(struct piece *piece)
{
	const struct locator *locator = &piece->locators[piece->next];
	struct slice slice = {.piece = piece};
	bool is_first = piece->cursor.number == 0;
	enum stored_result result;

	flight_set_message(piece->flight, span_text(locator->id.text));
	slice.pool = pool_create(NULL, "listing", POOL_MAXIMUM);
	slice.stored = stored_open(
	    slice.pool, piece->listing->store, locator, &result, NULL);
	if (slice.stored != NULL && is_first) {
		append_message(&slice);
		piece->listed[piece->next] = true;
	}
	if (slice.stored == NULL || !append_recipients(&slice))
		slice.at_end = true;
	if (slice.at_end) {
		if (piece->listed[piece->next])
			listing_append_end(&piece->text);
		piece->cursor = (struct stored_cursor){.number = 0};
		piece->next++;
	}
	pool_destroy(slice.pool);
}

static void
job_list_piece(void *argument)
{
	struct piece *piece = argument;

	while (piece->next < piece->count && piece->text.len < TEXT_ENOUGH)
		list_slice(piece);
}

/* Notes in `listed` which messages are through. */
static bool
list_messages(const struct listing *listing, struct hash *listed,
    const struct locator *locators, size_t count, struct error *error)
{
	bool found[LISTED_AT_A_TIME] = {false};
	struct piece piece = {
	    .listing = listing,
	    .locators = locators,
	    .listed = found,
	    .count = count,
	};
	bool good = true;

	must(count <= LISTED_AT_A_TIME);
	buf_init(&piece.text, TEXT_MAXIMUM);
	while (good && piece.next < count) {
		piece.flight = flight_begin("list", SPAN_EMPTY, SPAN_EMPTY);
		offload_run(job_list_piece, &piece);
		flight_end(piece.flight);
		good = piece.text.len == 0 ||
		    listing->take(listing->owner, buf_span(&piece.text), error);
		buf_clear(&piece.text);
	}
	buf_finish(&piece.text);
	for (size_t i = 0; listed != NULL && i < count; i++)
		if (found[i])
			(void)hash_put(
			    listed, span_text(locators[i].id.text), listed);
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

/* Leaves out what is through already. */
static bool
list_found(const struct listing *listing, const struct hash *listed,
    struct walk *walk, struct error *error)
{
	size_t kept = 0;

	for (size_t i = 0; i < walk->count; i++)
		if (hash_get(listed, span_text(walk->locators[i].id.text)) ==
		    NULL)
			walk->locators[kept++] = walk->locators[i];
	return list_messages(listing, NULL, walk->locators, kept, error);
}

static bool
list_scope(const struct listing *listing, const struct hash *listed,
    enum store_scope scope, struct error *error)
{
	struct walk *walk = memory_zero(sizeof *walk);
	bool good;

	walk->store = listing->store;
	walk->scope = scope;
	do {
		offload_run(job_walk, walk);
		good = walk->good;
		if (good)
			good = list_found(listing, listed, walk, error);
		else
			*error = walk->error;
	} while (good && walk->count > 0);
	store_scan_close(walk->scan);
	free(walk);
	return good;
}

/* By what qmgr told, so that nobody waits for a walk over all names. One that
 * is not there any more may be met elsewhere. */
static bool
list_active(
    const struct listing *listing, struct hash *listed, struct error *error)
{
	struct locator *locators =
	    memory_alloc(LISTED_AT_A_TIME * sizeof *locators);
	struct hash_cursor cursor = {0};
	const struct locator *locator;
	size_t count = 0;
	bool good = true;

	while (good &&
	    (locator = hash_next(listing->active, &cursor, NULL)) != NULL) {
		locators[count++] = *locator;
		if (count < LISTED_AT_A_TIME)
			continue;
		good = list_messages(listing, listed, locators, count, error);
		count = 0;
	}
	good = good && list_messages(listing, listed, locators, count, error);
	free(locators);
	return good;
}

static bool
list_all(
    const struct listing *listing, struct hash *listed, struct error *error)
{
	return (listing->active == NULL ||
		   list_active(listing, listed, error)) &&
	    list_scope(listing, listed, STORE_INCOMING, error) &&
	    list_scope(listing, listed, STORE_DEFERRED, error) &&
	    list_scope(listing, listed, STORE_HOLD, error);
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
	struct hash *listed = hash_create();
	bool good = begin(listing, error) && list_all(listing, listed, error) &&
	    end(listing, error);

	hash_destroy(listed);
	return good;
}
