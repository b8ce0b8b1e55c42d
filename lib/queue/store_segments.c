/* SPDX-License-Identifier: MIT */
#include "lib/queue/store_segments.h"

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/queue/segment_copies.h"
#include "lib/queue/segment_scan.h"
#include "lib/queue/segment_twins.h"
#include "lib/queue/store_private.h"

void
store_watch_segments(struct store *store, const struct store_watch *watch)
{
	store->watch = *watch;
}

void
store_avoid_segment(struct store *store, uint32_t segment)
{
	segment_avoid_add(&store->avoid, segment);
}

bool
store_lock_segment(struct store *store, uint32_t id, struct error *error)
{
	struct segment *segment =
	    segment_table_take_current(&store->segments, id, error);
	bool is_ours;

	if (segment == NULL)
		return error->kind == ERROR_NOT_FOUND;
	is_ours = segment_table_lock(&store->segments, segment);
	segment_table_release(&store->segments, segment);
	return is_ours ||
	    error_set(error, ERROR_TEMPORARY, "it is still being written");
}

bool
store_set_segment_aside(struct store *store, uint32_t id, struct error *error)
{
	if (!segment_avoid_move(id, store->spool.directory[PLACE_INCOMING],
		store->spool.directory[PLACE_CORRUPT], error))
		return false;
	segment_table_forget(&store->segments, id);
	segment_avoid_remove(&store->avoid, id);
	return true;
}

bool
store_own_segments(struct store *store, struct error *error)
{
	return segment_table_own(&store->segments, error);
}

bool
store_owns_segments(struct store *store)
{
	return segment_table_is_owned(&store->segments);
}

bool
store_end_moves(struct store *store, struct error *error)
{
	return segment_twins_end(store, error);
}

bool
store_is_light(const struct locator *locator)
{
	return locator->in.segment != 0;
}

bool
store_done_soon(
    struct store *store, const struct locator *locator, struct error *error)
{
	return segment_message_done(store, locator, error);
}

bool
store_mark_soon(struct store *store, const struct locator *locator,
    const struct store_mark *marks, size_t count, struct error *error)
{
	return segment_message_mark(store, locator, marks, count, error);
}

bool
store_flush_done(struct store *store, struct error *error)
{
	return segment_table_flush(&store->segments, error);
}

bool
store_wants_done_sync(struct store *store)
{
	return segment_table_wants_sync(&store->segments);
}

bool
store_sync_done(struct store *store, struct error *error)
{
	return segment_table_sync(&store->segments, error);
}

bool
store_segment_full(struct store *store, const struct locator_segment *full,
    bool *freed, struct error *error)
{
	struct segment *segment;

	/* Its first batch has failed: there may not even be a head. */
	*freed = full->number == 0;
	if (*freed)
		return true;
	segment = segment_table_take(
	    &store->segments, full->segment, full->generation, error);
	if (segment == NULL)
		return false;
	segment_table_seal(&store->segments, segment, full->number);
	segment_table_release(&store->segments, segment);
	return true;
}

bool
store_next_free_segment(struct store *store, struct locator_segment *freed)
{
	return segment_table_next_free(&store->segments, freed);
}

bool
store_tidy_segments(struct store *store, bool *has_orphans, struct error *error)
{
	*has_orphans = false;
	if (!segment_table_look(&store->segments, error) ||
	    !segment_table_remove_orphans(&store->segments, error))
		return false;
	*has_orphans = segment_table_has_orphans(&store->segments);
	return true;
}

bool
store_take_report(struct store *store, struct error *report)
{
	return segment_table_take_report(&store->segments, report);
}

/* ---- lists of segments ---- */

/* The segments that are to be gone through, in memory of the list's owner. */
struct choice {
	uint32_t *ids;
	size_t count;
	size_t room;
	int64_t sealed_before;
};

static void
add(struct choice *choice, uint32_t id)
{
	if (choice->count == choice->room) {
		choice->room = choice->room * 2 + 16;
		choice->ids = memory_resize(
		    choice->ids, choice->room * sizeof *choice->ids);
	}
	choice->ids[choice->count++] = id;
}

static void
choose_old(void *owner, struct segment *segment)
{
	struct choice *choice = owner;

	if (segment->is_sealed &&
	    segment->facts.done_count < segment->numbers &&
	    segment->sealed_at < choice->sealed_before)
		add(choice, segment->id);
}

static void
choose_any(void *owner, struct segment *segment)
{
	add(owner, segment->id);
}

static void
append(struct locator **all, size_t *count, const struct locator *some,
    size_t some_count)
{
	if (some_count == 0)
		return;
	*all = memory_resize(*all, (*count + some_count) * sizeof **all);
	memcpy(*all + *count, some, some_count * sizeof *some);
	*count += some_count;
}

bool
store_list_old(struct store *store, struct locator **locators, size_t *count,
    struct error *error)
{
	struct choice choice = {
	    .sealed_before = clock_monotonic() - STORE_SEGMENT_PATIENCE};
	bool good = true;

	*locators = NULL;
	*count = 0;
	segment_table_each(&store->segments, choose_old, &choice);
	for (size_t i = 0; good && i < choice.count; i++) {
		struct locator *found;
		size_t found_count;

		good = segment_scan_read(
		    store, choice.ids[i], &found, &found_count, error);
		append(locators, count, found, found_count);
		free(found);
	}
	free(choice.ids);
	return good;
}

/* ---- recovery ---- */

bool
store_move_out(
    struct store *store, struct locator *locator, struct error *error)
{
	return !store_is_light(locator) ||
	    segment_message_move_out(store, locator, error);
}

/* A damaged one is set aside, so that it keeps nobody from starting. */
static bool
recover_message(struct store *store, const struct locator *locator,
    struct segment_copies *copies, struct error *error)
{
	struct pool *pool = pool_create(NULL, "recover", POOL_NO_MAXIMUM);
	struct locator corrupt = *locator;
	enum stored_result result;
	bool good;

	if (segment_message_adopt(pool, store, locator, &result, error) !=
	    NULL) {
		good = segment_message_begin_copy(
		    store, locator, &copies->copy[copies->count], error);
		copies->count += good;
	} else if (result == STORED_CORRUPT) {
		good = segment_message_set_aside(store, &corrupt, error);
	} else {
		good = result == STORED_GONE;
	}
	pool_destroy(pool);
	return good || error_prefix(error, "%s", locator->id.text);
}

static bool
recover_messages(struct store *store, const struct locator *locators,
    size_t count, struct store_recovery *recovery, struct error *error)
{
	struct segment_copies *copies = memory_zero(sizeof *copies);
	bool good = true;

	for (size_t i = 0; good && i < count; i++) {
		if (copies->count == SEGMENT_COPIES_MAXIMUM)
			good = segment_copies_sync(
			    copies, store, &recovery->moved, error);
		good =
		    good && recover_message(store, &locators[i], copies, error);
	}
	/* What was written has to be ended in any case. */
	if (!segment_copies_sync(
		copies, store, &recovery->moved, good ? error : NULL))
		good = false;
	free(copies);
	return good;
}

/* The done records follow the files. */
static bool
recover_segment(struct store *store, uint32_t id,
    struct store_recovery *recovery, struct error *error)
{
	struct locator *locators;
	size_t count;
	bool good = segment_scan_read(store, id, &locators, &count, error) &&
	    recover_messages(store, locators, count, recovery, error) &&
	    spool_sync(&store->spool, PLACE_INCOMING, error);

	for (size_t i = 0; good && i < count; i++)
		good = segment_message_done(store, &locators[i], error);
	free(locators);
	return good && segment_table_flush(&store->segments, error);
}

static size_t
count_segments(struct store *store)
{
	struct choice choice = {.sealed_before = 0};

	segment_table_each(&store->segments, choose_any, &choice);
	free(choice.ids);
	return choice.count;
}

bool
store_recover(
    struct store *store, struct store_recovery *recovery, struct error *error)
{
	struct choice choice = {.sealed_before = 0};
	bool good = true;

	*recovery = (struct store_recovery){.moved = 0};
	if (!segment_table_look(&store->segments, error))
		return false;
	segment_table_each(&store->segments, choose_any, &choice);
	for (size_t i = 0; good && i < choice.count; i++)
		good = recover_segment(store, choice.ids[i], recovery, error);
	free(choice.ids);
	if (good)
		good = segment_table_remove_orphans(&store->segments, error);
	recovery->left = count_segments(store);
	if (good && recovery->left > 0)
		return error_set(
		    error, ERROR_TEMPORARY, "segments are still being written");
	if (good)
		segment_table_close(&store->segments);
	return good;
}

bool
store_has_segments(struct store *store)
{
	return segment_table_look(&store->segments, NULL) &&
	    count_segments(store) > 0;
}
