/* SPDX-License-Identifier: MIT */
#include "lib/queue/segment_twins.h"

#include "lib/base/hash.h"
#include "lib/queue/segment_message.h"
#include "lib/queue/store_segments.h"

enum {
	LISTED_AT_A_TIME = 20
};

/* What is done with each message in incoming/. */
typedef bool (*visit)(struct store *store, struct hash *files,
    const struct locator *locator, struct error *error);

static bool
note_file(struct store *store UNUSED, struct hash *files,
    const struct locator *locator, struct error *error UNUSED)
{
	(void)hash_put(files, span_text(locator->id.text), files);
	return true;
}

/* Adoption of the one in the segment decides which of the two counts. */
static bool
end_move(struct store *store, struct hash *files, const struct locator *locator,
    struct error *error)
{
	enum stored_result result = STORED_GONE;
	struct pool *pool;

	if (!store_is_light(locator) ||
	    hash_get(files, span_text(locator->id.text)) == NULL)
		return true;
	pool = pool_create(NULL, "twin", POOL_NO_MAXIMUM);
	(void)!segment_message_adopt(pool, store, locator, &result, error);
	pool_destroy(pool);
	return result != STORED_FAILED ||
	    error_prefix(error, "%s", locator->id.text);
}

static bool
visit_all(struct store *store, enum store_scope scope, visit visit_one,
    struct hash *files, struct error *error)
{
	struct store_scan *scan = store_scan_open(store, scope, 0, error);
	struct locator locators[LISTED_AT_A_TIME];
	size_t count = 1;
	bool good = scan != NULL;

	while (good && count > 0) {
		good = store_scan_next(
		    scan, locators, LISTED_AT_A_TIME, &count, error);
		for (size_t i = 0; good && i < count; i++)
			good = visit_one(store, files, &locators[i], error);
	}
	store_scan_close(scan);
	return good;
}

bool
segment_twins_end(struct store *store, struct error *error)
{
	struct hash *files = hash_create();
	bool good =
	    visit_all(store, STORE_INCOMING_FILES, note_file, files, error);

	/* Reading the segments is worth it only now. */
	if (good && hash_count(files) > 0)
		good = visit_all(store, STORE_INCOMING, end_move, files, error);
	hash_destroy(files);
	return good;
}
