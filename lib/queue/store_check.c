/* SPDX-License-Identifier: MIT */
#include "lib/queue/store_check.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/io.h"
#include "lib/queue/segment.h"
#include "lib/queue/store_private.h"

enum {
	PATH_SIZE = 600,
	POOL_MAXIMUM = 16 << 20
};

/* One directory while it is looked through. */
struct walk {
	const struct store_check *check;
	struct store *store;
	int fd;
	const char *path; /* below the queue directory */
	enum locator_place place;
	uint64_t bucket;
	bool is_misplaced; /* no scan looks here */
	bool good;
	struct error *error;
};

static void
tell(const struct walk *walk, const char *name, const char *what,
    const char *done)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof path, "%s/%s", walk->path, name);
	walk->check->found(walk->check->owner, path, what, done);
}

static bool
is_kind(const struct walk *walk, const char *name, mode_t kind)
{
	struct stat status;

	return fstatat(walk->fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (status.st_mode & S_IFMT) == kind;
}

/* ---- messages ---- */

/* A message whose file says another time than its bucket's name. */
static void
check_bucket(struct walk *walk, const struct stored *stored)
{
	struct locator locator = stored->locator;
	int64_t due = stored->next_attempt;

	if (!walk->check->structure || walk->place != PLACE_DEFERRED ||
	    due <= 0 ||
	    (uint64_t)due / CLOCK_SECOND / SPOOL_BUCKET_SECONDS == walk->bucket)
		return;
	if (store_defer(walk->store, &locator, due, walk->error))
		tell(walk, locator.id.text, "is in the bucket of another time",
		    "moved");
	else
		walk->good = false;
}

/* Opens it under lock: what is wrong with it is put right by that. */
static void
judge(struct walk *walk, const struct locator *locator)
{
	struct pool *pool = pool_create(NULL, "check", POOL_MAXIMUM);
	enum stored_result result;
	struct error error;
	const struct stored *stored =
	    store_adopt(pool, walk->store, locator, &result, &error);

	if (stored != NULL)
		check_bucket(walk, stored);
	else if (result == STORED_NEVER_ACCEPTED)
		tell(walk, locator->id.text, error.text, "removed");
	else if (result == STORED_CORRUPT)
		tell(walk, locator->id.text, error.text, "moved to corrupt");
	else if (result == STORED_NEWER || result == STORED_FAILED)
		tell(walk, locator->id.text, error.text, NULL);
	pool_destroy(pool);
}

/* Purging alone leaves damaged files where they are. */
static bool
was_accepted(struct walk *walk, const struct locator *locator)
{
	struct pool *pool = pool_create(NULL, "check", POOL_MAXIMUM);
	enum stored_result result = STORED_COMPLETE;

	(void)!stored_open(pool, walk->store, locator, &result, NULL);
	pool_destroy(pool);
	return result != STORED_NEVER_ACCEPTED;
}

/* Another file of the name where scans look before they look here. */
static void
check_twin(struct walk *walk, const struct locator *locator)
{
	static const enum locator_place places[] = {PLACE_INCOMING, PLACE_HOLD};

	for (size_t i = 0; i < COUNT_OF(places); i++) {
		struct locator twin = {.id = locator->id, .place = places[i]};

		if (places[i] != walk->place &&
		    spool_exists(&walk->store->spool, &twin))
			tell(walk, locator->id.text,
			    places[i] == PLACE_HOLD ? "is in hold, too"
						    : "is in incoming, too",
			    NULL);
	}
}

/* To incoming, where it is judged as any other. */
static void
bring_in(struct walk *walk, const struct queue_id *id)
{
	static const char what[] = "is where no queue scan looks";
	struct locator locator = {.id = *id, .place = PLACE_INCOMING};
	struct spool *spool = &walk->store->spool;

	if (!walk->check->repair) {
		tell(walk, id->text, what, NULL);
		return;
	}
	if (renameat2(walk->fd, id->text, spool->directory[PLACE_INCOMING],
		id->text, RENAME_NOREPLACE) < 0) {
		tell(walk, id->text,
		    errno == EEXIST ? "is in incoming, too" : strerror(errno),
		    NULL);
		return;
	}
	tell(walk, id->text, what, "moved to incoming");
	if (!spool_sync(spool, PLACE_INCOMING, walk->error) ||
	    (fsync(walk->fd) < 0 && !error_system(walk->error, "fsync")))
		walk->good = false;
	judge(walk, &locator);
}

static void
check_message(struct walk *walk, const struct queue_id *id)
{
	const struct store_check *check = walk->check;
	struct locator locator = {
	    .id = *id, .place = walk->place, .bucket = walk->bucket};

	if (walk->is_misplaced) {
		if (check->structure)
			bring_in(walk, id);
		return;
	}
	if (check->structure && walk->place != PLACE_CORRUPT)
		check_twin(walk, &locator);
	if (!check->repair || walk->place == PLACE_CORRUPT)
		return;
	if (check->structure || (check->purge && !was_accepted(walk, &locator)))
		judge(walk, &locator);
}

/* ---- names ---- */

static bool
is_ours(const struct walk *walk, struct span name)
{
	uint32_t segment;

	return !walk->is_misplaced && walk->place == PLACE_INCOMING &&
	    (segment_name_parse(name, &segment) ||
		span_starts(name, SPAN("qmgr.done.")));
}

static void
check_name(struct walk *walk, const char *name)
{
	struct queue_id id;

	if (id_parse(span_text(name), &id) && is_kind(walk, name, S_IFREG))
		check_message(walk, &id);
	else if (walk->check->structure && !is_ours(walk, span_text(name)))
		tell(walk, name,
		    is_kind(walk, name, S_IFREG)
			? "is no name of a message"
			: "is neither a message nor anything else of ours",
		    NULL);
}

/* Calls each(walk, name) for all but . and .. */
static void
for_each_name(struct walk *walk, void (*each)(struct walk *, const char *))
{
	int fd = openat(walk->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (list == NULL) {
		walk->good = error_system(walk->error, "list %s", walk->path);
		io_close(&fd);
		return;
	}
	while ((errno = 0, entry = readdir(list)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			each(walk, entry->d_name);
	if (errno != 0)
		walk->good = error_system(walk->error, "list %s", walk->path);
	(void)closedir(list);
}

/* ---- directories ---- */

static void
check_directory(struct walk *parent, const char *name, bool is_misplaced)
{
	struct walk walk = *parent;
	char path[PATH_SIZE];

	snprintf(path, sizeof path, "%s/%s", parent->path, name);
	walk.path = path;
	walk.is_misplaced = is_misplaced;
	walk.fd = openat(
	    parent->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (walk.fd < 0) {
		tell(parent, name, strerror(errno), NULL);
		return;
	}
	for_each_name(&walk, check_name);
	io_close(&walk.fd);
	parent->good = parent->good && walk.good;
}

/* A directory below deferred that is no bucket: scans pass it over. */
static void
check_wrong_bucket(struct walk *walk, const char *name)
{
	if (!walk->check->structure)
		return;
	check_directory(walk, name, true);
	tell(walk, name, "is no name of a bucket",
	    walk->check->repair && unlinkat(walk->fd, name, AT_REMOVEDIR) == 0
		? "removed"
		: NULL);
}

static void
check_deferred_name(struct walk *walk, const char *name)
{
	if (!is_kind(walk, name, S_IFDIR)) {
		walk->is_misplaced = true;
		check_name(walk, name);
		walk->is_misplaced = false;
	} else if (spool_bucket_parse(span_text(name), &walk->bucket)) {
		check_directory(walk, name, false);
	} else {
		check_wrong_bucket(walk, name);
	}
}

/* Where Postfix keeps messages and we do not. */
static void
check_unused(struct walk *walk, const char *name)
{
	struct walk top = *walk;

	if (!walk->check->structure)
		return;
	top.fd = openat(walk->fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	top.path = ".";
	if (top.fd >= 0 && faccessat(top.fd, name, F_OK, 0) == 0)
		check_directory(&top, name, true);
	io_close(&top.fd);
	walk->good = walk->good && top.good;
}

bool
store_check(
    struct store *store, const struct store_check *check, struct error *error)
{
	static const struct {
		enum locator_place place;
		void (*each)(struct walk *walk, const char *name);
	} places[] = {
	    {PLACE_INCOMING, check_name},
	    {PLACE_HOLD, check_name},
	    {PLACE_DEFERRED, check_deferred_name},
	    {PLACE_CORRUPT, check_name},
	};
	struct walk walk = {
	    .check = check, .store = store, .good = true, .error = error};

	for (size_t i = 0; i < COUNT_OF(places); i++) {
		struct locator locator = {.place = places[i].place};

		walk.place = places[i].place;
		walk.fd = store->spool.directory[walk.place];
		walk.path = locator_queue(&locator);
		walk.bucket = 0;
		for_each_name(&walk, places[i].each);
	}
	walk.fd = store->spool.directory[PLACE_DEFERRED];
	check_unused(&walk, "active");
	check_unused(&walk, "maildrop");
	return walk.good;
}
