/* SPDX-License-Identifier: MIT */
#include "qmgr/flush.h"

#include "lib/base/hash.h"
#include "lib/base/memory.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/loop/offload.h"
#include "lib/net/idna.h"

#include "qmgr/disk.h"
#include "qmgr/scan.h"
#include "qmgr/transport.h"

enum {
	SITES_MAXIMUM = 32,
	SITE_SIZE = 256,
	LISTED_AT_A_TIME = 100,
	POOL_MAXIMUM = 16 << 20,
	ROOM_INTERVAL = 50 /* milliseconds */
};

/* Sites that were asked for, a ring; the first is being looked for. */
static struct {
	char names[SITES_MAXIMUM][SITE_SIZE];
	size_t first;
	size_t count;
	int64_t time;
} sites;

/* ---- all ---- */

static void
forgive_transport(struct transport *transport)
{
	struct hash_cursor cursor = {0};
	struct destination *destination;

	transport->unavailable_until = 0;
	while ((destination = hash_next(
		    transport->lane.destinations, &cursor, NULL)) != NULL)
		schedule_forgive(destination);
	transport_wake(transport);
}

void
flush_forgive(void)
{
	struct hash_cursor cursor = {0};
	struct transport *transport;

	while ((transport = transport_next(&cursor)) != NULL)
		forgive_transport(transport);
}

void
flush_all(void)
{
	flush_forgive();
	scan_want_incoming();
	scan_want_all();
}

/* ---- a site ---- */

int64_t
flush_site_time(void)
{
	return sites.time;
}

bool
flush_is_in_site(struct span address, struct span site)
{
	size_t at = span_find_last(address, '@');

	return at < address.len &&
	    idna_is_same(span_skip(address, at + 1), site);
}

/* A walk over the deferred messages; on the heap for the thread's sake. */
struct search {
	struct span site;
	struct store_scan *scan; /* NULL: not opened yet */
	struct locator found[LISTED_AT_A_TIME];
	size_t count;
	bool good;
	bool at_end;
	struct error error;
};

static bool
slice_has_site(const struct stored_slice *slice, struct span site)
{
	for (size_t i = 0; i < slice->count; i++)
		if (slice->recipients[i].state == RECIPIENT_TODO &&
		    flush_is_in_site(slice->recipients[i].address, site))
			return true;
	return false;
}

static bool
has_site(const struct stored *stored, struct span site)
{
	struct stored_cursor cursor = {0};
	struct stored_slice slice = {.count = 1};
	bool found = false;

	while (!found && slice.count > 0) {
		struct pool *pool = pool_create(NULL, "slice", POOL_MAXIMUM);

		if (stored_read_recipients(pool, stored, &cursor, &slice, NULL))
			found = slice_has_site(&slice, site);
		else
			slice.count = 0;
		pool_destroy(pool);
	}
	return found;
}

/* What cannot be read is the scan's business, which says so. */
static bool
is_for_site(const struct locator *locator, struct span site)
{
	struct pool *pool = pool_create(NULL, "flush", POOL_MAXIMUM);
	enum stored_result result;
	const struct stored *stored =
	    stored_open(pool, disk_store(), locator, &result, NULL);
	bool found = stored != NULL && has_site(stored, site);

	pool_destroy(pool);
	return found;
}

static void
job_search(void *argument)
{
	struct search *search = argument;
	size_t listed = 0;

	search->count = 0;
	if (search->scan == NULL)
		search->scan = store_scan_open(
		    disk_store(), STORE_DEFERRED, 0, &search->error);
	search->good = search->scan != NULL &&
	    store_scan_next(search->scan, search->found, LISTED_AT_A_TIME,
		&listed, &search->error);
	search->at_end = !search->good || listed == 0;
	for (size_t i = 0; search->good && i < listed; i++)
		if (is_for_site(&search->found[i], search->site))
			search->found[search->count++] = search->found[i];
}

static void
job_close(void *argument)
{
	struct search *search = argument;

	store_scan_close(search->scan);
}

/* As fast as they are taken into memory. */
static void
want_found(const struct search *search)
{
	for (size_t i = 0; i < search->count; i++) {
		while (!scan_has_room() && !service_is_draining())
			loop_sleep_until(loop_now() + ROOM_INTERVAL);
		scan_want_message(&search->found[i], LOAD_SITE);
	}
}

static void
look_for(struct span site)
{
	struct search *search = memory_zero(sizeof *search);
	size_t count = 0;

	search->site = site;
	do {
		offload_run(job_search, search);
		want_found(search);
		count += search->count;
	} while (!search->at_end && !service_is_draining());
	if (!search->good)
		log_error(NULL, "flush of site %.*s: %s", SPAN_ARGS(site),
		    search->error.text);
	log_info(NULL, "flush of site %.*s: %zu message%s", SPAN_ARGS(site),
	    count, count == 1 ? "" : "s");
	if (search->scan != NULL)
		offload_run(job_close, search);
	free(search);
}

static void
run(void *argument UNUSED)
{
	while (sites.count > 0 && !service_is_draining()) {
		look_for(span_text(sites.names[sites.first]));
		sites.first = (sites.first + 1) % SITES_MAXIMUM;
		sites.count--;
	}
}

/* It waits: whoever asks again is served by the same walk. One that has begun
 * may have passed what was deferred since. */
static bool
is_waiting(struct span site)
{
	for (size_t i = 1; i < sites.count; i++)
		if (span_equal_fold(
			span_text(
			    sites.names[(sites.first + i) % SITES_MAXIMUM]),
			site))
			return true;
	return false;
}

bool
flush_site(struct span site, struct error *error)
{
	size_t at = (sites.first + sites.count) % SITES_MAXIMUM;
	struct hash_cursor cursor = {0};
	struct transport *transport;

	if (site.len >= SITE_SIZE)
		return error_set(error, ERROR_INVALID, "site is too long");
	if (is_waiting(site))
		return true;
	if (sites.count == SITES_MAXIMUM)
		return error_set(
		    error, ERROR_TEMPORARY, "too many sites are being flushed");
	snprintf(sites.names[at], SITE_SIZE, "%.*s", SPAN_ARGS(site));
	sites.time = loop_now();
	while ((transport = transport_next(&cursor)) != NULL)
		transport->unavailable_until = 0;
	if (sites.count++ == 0)
		loop_spawn(run, NULL);
	return true;
}
