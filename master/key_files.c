/* SPDX-License-Identifier: MIT */
#include "master/key_files.h"

#include <sys/stat.h>

#include <fcntl.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"

#include "master/crew.h"

enum {
	SHARE_MAXIMUM = 10000 /* files that one process may want */
};

struct key_file {
	struct list node;
	uint32_t number;
	uint32_t side;
	size_t users; /* processes */
	char *path;
	int fd;
	struct stat status;
};

void
key_files_init(struct key_files *files)
{
	list_init(&files->list);
	files->last_number = 0;
}

static struct key_file *
file_of(struct list *node)
{
	return list_element(node, struct key_file, node);
}

/* ---- to keyd ---- */

static bool
give(const struct key_file *file, struct child *keyd, struct error *error)
{
	struct message_key message = {
	    file->number, file->side, span_text(file->path)};
	int copy = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);

	if (copy < 0)
		return error_system(error, "dup");
	child_send_key(keyd, &message, copy);
	return true;
}

bool
key_files_give(
    const struct key_files *files, struct child *keyd, struct error *error)
{
	list_foreach (node, &files->list)
		if (!give(file_of(node), keyd, error))
			return false;
	return true;
}

/* The next keyd that lives, of whatever generation. */
static struct child *
next_keyd(const struct crew *crew, uint32_t *position)
{
	struct child *child;

	while ((child = crew_next(crew, position)) != NULL)
		if (role_has(child->role, PROGRAM_KEYS) && !child->is_check)
			return child;
	return NULL;
}

static bool
give_all(
    const struct crew *crew, const struct key_file *file, struct error *error)
{
	struct child *keyd;
	uint32_t position = 0;

	while ((keyd = next_keyd(crew, &position)) != NULL)
		if (!give(file, keyd, error))
			return false;
	return true;
}

static void
forget(const struct crew *crew, const struct key_file *file)
{
	struct message_key_forget message = {file->number};
	struct child *keyd;
	uint32_t position = 0;

	while ((keyd = next_keyd(crew, &position)) != NULL)
		child_send_key_forget(keyd, &message, -1);
}

/* ---- the files ---- */

static void
destroy(struct key_file *file)
{
	list_remove(&file->node);
	io_close(&file->fd);
	free(file->path);
	free(file);
}

/* Neither a terminal nor a pipe shall hold up master. */
static struct key_file *
create(struct span path, uint32_t side, struct error *error)
{
	struct key_file *file = memory_zero(sizeof *file);

	list_init(&file->node);
	file->path = memory_copy(path);
	file->side = side;
	file->fd =
	    open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (file->fd < 0 || fstat(file->fd, &file->status) < 0)
		error_system(error, "%s", file->path);
	else if (!S_ISREG(file->status.st_mode))
		error_set(error, ERROR_INVALID, "%s: expected a regular file",
		    file->path);
	else
		return file;
	destroy(file);
	return NULL;
}

static bool
is_same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* The same bytes for the same use. */
static bool
is_same(const struct key_file *a, const struct key_file *b)
{
	return a->side == b->side && strcmp(a->path, b->path) == 0 &&
	    a->status.st_dev == b->status.st_dev &&
	    a->status.st_ino == b->status.st_ino &&
	    a->status.st_size == b->status.st_size &&
	    is_same_time(a->status.st_mtim, b->status.st_mtim) &&
	    is_same_time(a->status.st_ctim, b->status.st_ctim);
}

static struct key_file *
find_same(const struct key_files *files, const struct key_file *file)
{
	list_foreach (node, &files->list)
		if (is_same(file_of(node), file))
			return file_of(node);
	return NULL;
}

static void
share(struct key_file *file, struct child *child)
{
	struct key_share *keys = &child->keys;

	for (size_t i = 0; i < keys->count; i++)
		if (keys->numbers[i] == file->number)
			return;
	keys->numbers = memory_resize(
	    keys->numbers, (keys->count + 1) * sizeof *keys->numbers);
	keys->numbers[keys->count++] = file->number;
	file->users++;
}

bool
key_files_want(struct crew *crew, struct child *child, struct span path,
    struct error *error)
{
	struct key_files *files = &crew->key_files;
	struct key_file *fresh;
	struct key_file *file;

	if (child->keys.count >= SHARE_MAXIMUM)
		return error_set(error, ERROR_LIMIT,
		    "expected at most %d key files", SHARE_MAXIMUM);
	fresh = create(
	    path, child->role->is_inet ? KEY_OF_SERVER : KEY_OF_CLIENT, error);
	if (fresh == NULL)
		return false;
	file = find_same(files, fresh);
	if (file != NULL) {
		destroy(fresh);
		share(file, child);
		return true;
	}
	fresh->number = ++files->last_number;
	list_add_last(&files->list, &fresh->node);
	share(fresh, child);
	return give_all(crew, fresh, error);
}

static void
release(struct crew *crew, uint32_t number)
{
	list_foreach_safe (node, &crew->key_files.list) {
		struct key_file *file = file_of(node);

		if (file->number != number || --file->users > 0)
			continue;
		forget(crew, file);
		destroy(file);
	}
}

void
key_files_release(struct crew *crew, struct child *child)
{
	for (size_t i = 0; i < child->keys.count; i++)
		release(crew, child->keys.numbers[i]);
	free(child->keys.numbers);
	child->keys = (struct key_share){.count = 0};
}
