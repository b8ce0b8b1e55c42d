/* SPDX-License-Identifier: MIT */
#include "lib/table/table_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/random.h"
#include "lib/table/file_lock.h"

enum {
	PERMISSIONS = 0666 /* those that are taken over from the text */
};

struct table_writer {
	const struct table_file *file;
	void *state;          /* NULL: closed */
	char *path;           /* final */
	char *temporary_path; /* the same and 17 bytes more */
};

static void
destroy(struct table_writer *writer)
{
	free(writer->path);
	free(writer->temporary_path);
	free(writer);
}

struct table_writer *
table_writer_create(
    const struct table_file *file, const char *path, struct error *error)
{
	struct table_writer *writer = memory_zero(sizeof *writer);
	struct buf name;

	writer->file = file;
	writer->path = memory_copy(span_text(path));
	buf_init(&name, strlen(path) + 17);
	must(buf_printf(
	    &name, "%s.%016llx", path, (unsigned long long)random_u64()));
	writer->temporary_path = memory_copy(buf_span(&name));
	buf_finish(&name);
	writer->state = file->create(writer->temporary_path, error);
	if (writer->state != NULL)
		return writer;
	table_writer_abort(writer);
	return NULL;
}

bool
table_writer_add(struct table_writer *writer, struct span key,
    struct span value, bool replace, bool *duplicate, struct error *error)
{
	return writer->file->add(
	    writer->state, key, value, replace, duplicate, error);
}

static bool
make_durable(const char *path, const struct stat *like, struct error *error)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	bool durable;

	if (fd < 0)
		return error_system(error, "open %s", path);
	durable =
	    (geteuid() != 0 || fchown(fd, like->st_uid, like->st_gid) == 0) &&
	    fchmod(fd, like->st_mode & PERMISSIONS) == 0 && fsync(fd) == 0;
	if (!durable)
		error_system(error, "%s", path);
	io_close(&fd);
	return durable;
}

/* Whoever rewrites the old file in place holds an exclusive lock on it: what he
 * writes would be lost on a file without a name. */
static bool
rename_over(const char *from, const char *to, struct error *error)
{
	int old = open(to, O_RDWR | O_CLOEXEC);
	bool renamed;

	if (old < 0 && errno != ENOENT)
		return error_system(error, "open %s", to);
	renamed = old < 0 || file_lock_exclusive(old, error);
	if (renamed && rename(from, to) < 0)
		renamed = error_system(error, "rename to %s", to);
	io_close(&old);
	return renamed;
}

static bool
sync_directory(const char *path, struct error *error)
{
	struct span text = span_text(path);
	size_t slash = span_find_last(text, '/');
	char *directory = slash == text.len
	    ? memory_copy(SPAN("."))
	    : memory_copy(span_head(text, slash > 0 ? slash : 1));
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool durable = fd >= 0 && fsync(fd) == 0;

	if (!durable)
		error_system(error, "sync %s", directory);
	io_close(&fd);
	free(directory);
	return durable;
}

/* The file is complete, or as far as it has come. */
static bool
close_file(struct table_writer *writer, struct error *error)
{
	void *state = writer->state;

	writer->state = NULL;
	return writer->file->close(state, error);
}

bool
table_writer_commit(
    struct table_writer *writer, const struct stat *like, struct error *error)
{
	bool done = close_file(writer, error) &&
	    make_durable(writer->temporary_path, like, error) &&
	    rename_over(writer->temporary_path, writer->path, error);

	if (!done) {
		table_writer_abort(writer);
		return false;
	}
	done = sync_directory(writer->path, error);
	destroy(writer);
	return done;
}

void
table_writer_abort(struct table_writer *writer)
{
	if (writer == NULL)
		return;
	/* What could not be written is removed in the next line. */
	if (writer->state != NULL)
		(void)close_file(writer, NULL);
	(void)unlink(writer->temporary_path);
	destroy(writer);
}
