/* SPDX-License-Identifier: MIT */
#include "lib/queue/store_change.h"

#include "lib/base/clock.h"

enum {
	POOL_MAXIMUM = 16 << 20
};

typedef bool change_make(
    struct store *store, struct changed *changed, struct error *error);

static bool
find_only(struct store *store UNUSED, struct changed *changed,
    struct error *error UNUSED)
{
	changed->made = true;
	return true;
}

static bool
remove_it(struct store *store, struct changed *changed, struct error *error)
{
	changed->made = store_done(store, &changed->locator, error);
	return changed->made;
}

static bool
hold_it(struct store *store, struct changed *changed, struct error *error)
{
	if (changed->was_held)
		return true;
	changed->made = store_hold(store, &changed->locator, error);
	return changed->made;
}

static bool
release_it(struct store *store, struct changed *changed, struct error *error)
{
	if (!changed->was_held && changed->locator.place != PLACE_CORRUPT)
		return true;
	changed->made = store_release(store, &changed->locator, error);
	return changed->made;
}

/* Whether the journal has the wish already. */
static bool
has_wish(struct store *store, const struct locator *locator,
    enum journal_type type, bool *has, struct error *error)
{
	struct pool *pool = pool_create(NULL, "change", POOL_MAXIMUM);
	enum stored_result result;
	const struct stored *stored =
	    stored_open(pool, store, locator, &result, error);

	if (stored != NULL)
		*has = type == JOURNAL_EXPIRE ? stored->expired != 0
					      : stored->requeue != 0;
	pool_destroy(pool);
	return stored != NULL;
}

static bool
write_wish(struct store *store, struct locator *locator, enum journal_type type,
    struct error *error)
{
	struct journal_entry entry = {.type = type, .time = clock_wall()};
	struct store_report report = {.entries = &entry, .entry_count = 1};
	bool written;

	return store_record(store, locator, &report, &written, error) &&
	    store_sync(store, locator, error);
}

/* In incoming the next scan sees it, whenever it was due. */
static bool
make_due(struct store *store, struct changed *changed, struct error *error)
{
	return changed->locator.place == PLACE_INCOMING ||
	    store_release(store, &changed->locator, error);
}

static bool
expire_it(struct store *store, struct changed *changed, struct error *error)
{
	bool has;

	if (!has_wish(store, &changed->locator, JOURNAL_EXPIRE, &has, error))
		return false;
	if (!has &&
	    !write_wish(store, &changed->locator, JOURNAL_EXPIRE, error))
		return false;
	changed->made = !has;
	return changed->was_held || make_due(store, changed, error);
}

static bool
requeue_it(struct store *store, struct changed *changed, struct error *error)
{
	bool has;

	if (!has_wish(store, &changed->locator, JOURNAL_REQUEUE, &has, error))
		return false;
	if (!has &&
	    !write_wish(store, &changed->locator, JOURNAL_REQUEUE, error))
		return false;
	changed->made = !has;
	return make_due(store, changed, error);
}

static change_make *const changes[CHANGES] = {
    [CHANGE_NOTHING] = find_only,
    [CHANGE_DELETE] = remove_it,
    [CHANGE_HOLD] = hold_it,
    [CHANGE_RELEASE] = release_it,
    [CHANGE_EXPIRE] = expire_it,
    [CHANGE_REQUEUE] = requeue_it,
};

bool
store_change(struct store *store, const struct queue_id *id, enum change change,
    unsigned places, struct changed *changed, struct error *error)
{
	*changed = (struct changed){.made = false};
	if (!store_find(store, id, &changed->locator, error) &&
	    (error->kind != ERROR_NOT_FOUND ||
		!store_find_corrupt(store, id, &changed->locator, error)))
		return false;
	if ((places & 1u << changed->locator.place) == 0)
		return error_set(error, ERROR_NOT_FOUND,
		    "no such message in the queues named: %s", id->text);
	changed->was_held = changed->locator.place == PLACE_HOLD;
	return changes[change](store, changed, error);
}
