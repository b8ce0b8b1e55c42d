/* SPDX-License-Identifier: MIT */
#include "master/postern/import.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/param/config.h"

#include "master/postconf/edit.h"
#include "master/postern/account.h"
#include "master/postern/copy_tree.h"
#include "master/postern/relocate.h"

enum {
	TEXT_MAXIMUM = 4 << 20,
	ORIGIN_MAXIMUM = 65536,
	PATH_SIZE = 1024
};

static const char kept_suffix[] = ".before-import";

/* What names the parts of a Postfix installation that Postern has itself. */
static const char *const own_names[] = {
    "command_directory",
    "config_directory",
    "daemon_directory",
    "data_directory",
    "mail_owner",
    "queue_directory",
};

/* Files that belong to a Postfix installation, and those that are not copied as
 * they are. */
static const char *const left_names[] = {
    "main.cf",
    "master.cf",
    "main.cf.proto",
    "master.cf.proto",
    "post-install",
    "postfix-files",
    "postfix-files.d",
    "postfix-script",
    "dynamicmaps.cf",
    "dynamicmaps.cf.d",
    "makedefs.out",
    "LICENSE",
    "TLS_LICENSE",
};

struct work {
	const struct import_request *request;
	char *from; /* absolute */
	char *to;
	struct buf main_cf; /* as they are to be written */
	struct buf master_cf;
	struct warnings changes;
	size_t files;
};

/* ---- reading ---- */

static bool
is_left(const char *path)
{
	for (size_t i = 0; i < COUNT_OF(left_names); i++)
		if (strcmp(left_names[i], path) == 0)
			return true;
	return false;
}

static bool
is_wanted(const char *path)
{
	return !is_left(path);
}

/* A table may be there in the form that is read only. */
static bool
goes_along(void *argument, struct span path)
{
	static const char *const suffixes[] = {"", ".db", ".lmdb", ".cdb"};
	const struct work *work = argument;

	for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
		char name[PATH_SIZE];

		snprintf(name, sizeof name, "%s/%.*s%s", work->from,
		    SPAN_ARGS(path), suffixes[i]);
		if (access(name, F_OK) == 0)
			return true;
	}
	return false;
}

static bool
read_text(const char *directory, const char *name, struct buf *text,
    struct error *error)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof path, "%s/%s", directory, name);
	return io_read_file(AT_FDCWD, path, text, error);
}

/* Reads, and makes paths point to the copies. */
static bool
take_text(
    struct work *work, const char *name, struct buf *out, struct error *error)
{
	const struct relocation relocation = {
	    .from = work->from,
	    .to = work->to,
	    .goes_along = goes_along,
	    .argument = work,
	    .notes = &work->changes,
	};
	struct buf text;
	bool good;

	buf_init(&text, TEXT_MAXIMUM);
	good = read_text(work->from, name, &text, error);
	if (good)
		relocate_text(&relocation, name, buf_span(&text), out);
	buf_finish(&text);
	return good;
}

/* ---- what Postern has itself ---- */

static void
note_own(struct work *work, const struct config *config)
{
	for (size_t i = 0; i < COUNT_OF(own_names); i++) {
		const struct config_entry *entry =
		    config_find(config, span_text(own_names[i]));

		if (entry != NULL)
			warnings_add(&work->changes,
			    "%s: %s = %.*s is a comment now: Postern has its "
			    "own",
			    entry->where, own_names[i],
			    SPAN_ARGS(entry->value));
	}
}

/* Applies the edits to main.cf. */
static bool
edit_main_cf(
    struct work *work, struct edit *edits, size_t count, struct error *error)
{
	struct buf changed;
	bool good;

	buf_init(&changed, TEXT_MAXIMUM);
	good =
	    edit_apply(buf_span(&work->main_cf), edits, count, &changed, error);
	buf_clear(&work->main_cf);
	buf_append_span(&work->main_cf, buf_span(&changed));
	buf_finish(&changed);
	return good;
}

/* Makes comments of them. */
static bool
drop_own(struct work *work, const struct config *config, struct error *error)
{
	struct edit edits[COUNT_OF(own_names)];

	for (size_t i = 0; i < COUNT_OF(own_names); i++)
		must(edit_parse(EDIT_KIND_COMMENT, span_text(own_names[i]),
		    &edits[i], NULL));
	note_own(work, config);
	return edit_main_cf(work, edits, COUNT_OF(edits), error);
}

/* Debian's Postfix takes the domain from a file; here it is in main.cf. */
static bool
take_origin(struct work *work, const struct config *config, struct error *error)
{
	const struct config_entry *entry =
	    config_find(config, SPAN("myorigin"));
	struct edit edit = {.kind = EDIT_KIND_SET, .name = SPAN("myorigin")};
	char path[PATH_SIZE];
	struct buf text;
	struct span rest;
	bool good = true;

	if (entry == NULL || !span_starts(entry->value, SPAN("/")))
		return true;
	snprintf(path, sizeof path, "%.*s", SPAN_ARGS(entry->value));
	buf_init(&text, ORIGIN_MAXIMUM);
	/* What cannot be read is in the account as it is. */
	if (io_read_file(AT_FDCWD, path, &text, NULL)) {
		span_split(buf_span(&text), '\n', &edit.value, &rest);
		edit.value = span_trim(edit.value);
		warnings_add(&work->changes,
		    "%s: myorigin = %s is now what the file has, %.*s",
		    entry->where, path, SPAN_ARGS(edit.value));
		good = edit_main_cf(work, &edit, 1, error);
	}
	buf_finish(&text);
	return good;
}

/* Changes main.cf where Postern needs it, after the file has shown that it can
 * be read. */
static bool
adapt_main_cf(struct work *work, struct error *error)
{
	struct pool *pool = pool_create(NULL, "import", POOL_NO_MAXIMUM);
	struct config *config = config_create(pool);
	bool good = config_parse(config, "main.cf", buf_span(&work->main_cf),
			NULL, error) &&
	    drop_own(work, config, error) && take_origin(work, config, error);

	pool_destroy(pool);
	return good;
}

/* ---- writing ---- */

static bool
write_text(const struct work *work, const char *name, struct span text,
    struct error *error)
{
	char path[PATH_SIZE];
	bool good;
	int fd;

	snprintf(path, sizeof path, "%s/%s", work->to, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return error_system(error, "create %s", path);
	good = io_write(fd, text, error) &&
	    (fsync(fd) == 0 || error_system(error, "fsync %s", path));
	io_close(&fd);
	return good;
}

/* What is there is kept under another name, if that is wanted. */
static bool
clear_place(const struct work *work, const char *name, struct error *error)
{
	char path[PATH_SIZE];
	char kept[PATH_SIZE];

	snprintf(path, sizeof path, "%s/%s", work->to, name);
	snprintf(kept, sizeof kept, "%s/%s%s", work->to, name, kept_suffix);
	if (access(path, F_OK) != 0)
		return true;
	if (!work->request->replaces)
		return error_set(error, ERROR_INVALID,
		    "%s exists; --replace keeps it as %s%s", path, name,
		    kept_suffix);
	return rename(path, kept) == 0 ||
	    error_system(error, "rename %s", path);
}

static bool
find_directories(struct work *work, struct error *error)
{
	const struct import_request *request = work->request;

	work->from = realpath(request->from, NULL);
	if (work->from == NULL)
		return error_system(error, "%s", request->from);
	if (mkdir(request->to, 0755) != 0 && errno != EEXIST)
		return error_system(error, "mkdir %s", request->to);
	work->to = realpath(request->to, NULL);
	if (work->to == NULL)
		return error_system(error, "%s", request->to);
	return strcmp(work->from, work->to) != 0 ||
	    error_set(error, ERROR_INVALID,
		"%s would be its own copy; name another directory with -c",
		work->from);
}

static bool
write_all(struct work *work, struct error *error)
{
	struct copy_tree copy = {.wants = is_wanted, .notes = &work->changes};
	bool good = clear_place(work, "main.cf", error) &&
	    clear_place(work, "master.cf", error) &&
	    copy_tree_run(&copy, work->from, work->to, error) &&
	    write_text(work, "master.cf", buf_span(&work->master_cf), error) &&
	    write_text(work, "main.cf", buf_span(&work->main_cf), error);

	work->files = copy.files + 2;
	return good;
}

static bool
run(struct work *work, struct error *error)
{
	struct account account;
	bool good;

	if (!find_directories(work, error) ||
	    !take_text(work, "main.cf", &work->main_cf, error) ||
	    !take_text(work, "master.cf", &work->master_cf, error) ||
	    !adapt_main_cf(work, error) ||
	    !account_open(&account, work->to, buf_span(&work->main_cf),
		buf_span(&work->master_cf), error))
		return false;
	good = write_all(work, error);
	if (good) {
		printf("%zu files from %s to %s\n", work->files, work->from,
		    work->to);
		account_take(&account);
		account_print("Changed in the copy:", &work->changes);
		account_show(&account);
	}
	account_close(&account);
	return good;
}

bool
import_run(const struct import_request *request, struct error *error)
{
	struct work work = {.request = request};
	bool good;

	warnings_init(&work.changes);
	buf_init(&work.main_cf, TEXT_MAXIMUM);
	buf_init(&work.master_cf, TEXT_MAXIMUM);
	good = run(&work, error);
	buf_finish(&work.main_cf);
	buf_finish(&work.master_cf);
	warnings_finish(&work.changes);
	free(work.from);
	free(work.to);
	return good;
}
