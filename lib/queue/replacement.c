/* SPDX-License-Identifier: MIT */
#include "lib/queue/replacement.h"

enum {
	POOL_MAXIMUM = 16 << 20
};

bool
replacement_is_superseded(struct store *store, const struct stored *old)
{
	struct locator locator;
	struct error error;

	return old->successor.text[0] != '\0' &&
	    store_find(store, &old->successor, &locator, &error);
}

/* What is unreadable is not removed: it goes to corrupt/ when its turn comes.
 */
static bool
agrees(struct store *store, const struct locator *old,
    const struct queue_id *successor, bool *agreed, struct error *error)
{
	struct pool *pool = pool_create(NULL, "replaced", POOL_MAXIMUM);
	enum stored_result result;
	const struct stored *stored =
	    stored_open(pool, store, old, &result, error);

	*agreed = stored != NULL && id_equal(&stored->successor, successor);
	pool_destroy(pool);
	return stored != NULL || result == STORED_GONE ||
	    result == STORED_CORRUPT;
}

bool
replacement_end(
    struct store *store, const struct stored *successor, struct error *error)
{
	struct queue_id id;
	struct locator old;
	bool agreed;

	if (!id_parse(successor->attribute[ATTRIBUTE_REPLACES], &id))
		return true;
	if (!store_find(store, &id, &old, error))
		return error->kind == ERROR_NOT_FOUND;
	if (!agrees(store, &old, &successor->locator.id, &agreed, error))
		return false;
	return !agreed || store_done(store, &old, error);
}
