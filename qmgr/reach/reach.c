/* SPDX-License-Identifier: MIT */
#include "qmgr/reach/reach.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <pwd.h>
#include <spawn.h>
#include <unistd.h>

#include "lib/base/hash.h"
#include "lib/base/io.h"
#include "lib/daemon/active_list.h"
#include "lib/daemon/privileges.h"
#include "lib/loop/loop.h"
#include "lib/queue/spool_lock.h"
#include "lib/queue/store_segments.h"

enum {
	DIAL_PATIENCE = 10,    /* seconds */
	LOCK_PATIENCE = 10000, /* milliseconds, for processes that end */
	LOCK_INTERVAL = 50
};

/* The deferred messages are their owner's in every mode. */
static bool
find_owner(
    const struct instance *instance, struct stat *status, struct error *error)
{
	const char *path = pool_printf(
	    instance->pool, "%s/deferred", instance->common.queue_directory);

	must(path != NULL);
	return stat(path, status) == 0 || error_system(error, "%s", path);
}

bool
reach_is_allowed(const struct instance *instance, struct error *error)
{
	struct stat status;
	const struct passwd *owner;

	if (geteuid() == 0)
		return true;
	if (!find_owner(instance, &status, error))
		return false;
	if (status.st_uid == geteuid())
		return true;
	owner = getpwuid(status.st_uid);
	return error_set(error, ERROR_INVALID,
	    "use of this command is reserved for root and %s",
	    owner == NULL ? "the owner of the queue" : owner->pw_name);
}

/* Whoever holds it may be about to end. */
static bool
lock(struct reach *reach, struct error *error)
{
	const char *directory = reach->instance->common.queue_directory;
	int64_t deadline = loop_now() + LOCK_PATIENCE;
	pid_t holder = 0;
	bool taken;

	while (!(taken = spool_lock_take(
		     directory, &reach->lock_fd, &holder, error)) &&
	    error->kind == ERROR_TEMPORARY && loop_now() < deadline)
		loop_sleep_until(loop_now() + LOCK_INTERVAL);
	if (taken || error->kind != ERROR_TEMPORARY)
		return taken;
	return error_prefix(error,
	    "the queue is in use by process %ld, which does not answer",
	    (long)holder);
}

/* Runs `qmgr --recover`, which becomes the owner of the files by itself. */
static bool
run_recovery(const struct instance *instance, struct error *error)
{
	char *path = pool_printf(
	    instance->pool, "%s/qmgr", instance->common.daemon_directory);
	char *directory =
	    pool_copy(instance->pool, span_text(instance->directory));
	char recover[] = "--recover", config[] = "-c";
	char *arguments[] = {path, recover, config, directory, NULL};
	int status = -1;
	pid_t pid;

	must(path != NULL && directory != NULL);
	errno = posix_spawn(&pid, path, NULL, NULL, arguments, environ);
	if (errno != 0)
		return error_system(error, "run %s", path);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return status == 0 ||
	    error_set(error, ERROR_TEMPORARY,
		"messages in segments cannot be moved out");
}

static bool
recover(struct reach *reach, struct error *error)
{
	struct store *store =
	    store_open(reach->instance->common.queue_directory, error);
	bool has_segments;

	if (store == NULL)
		return false;
	has_segments = store_has_segments(store);
	store_close(store);
	return !has_segments || run_recovery(reach->instance, error);
}

/* What is made must not belong to root. */
static bool
become_owner(const struct instance *instance, struct error *error)
{
	struct stat status;

	if (geteuid() != 0)
		return true;
	return find_owner(instance, &status, error) &&
	    (status.st_uid == 0 ||
		privileges_give_up(status.st_uid, status.st_gid, "", error));
}

/* The lock is free for a moment while recovery has it, hence the order. */
static bool
open_files(struct reach *reach, enum reach_mode mode, struct error *error)
{
	if (mode == REACH_READ)
		return recover(reach, error);
	if (!lock(reach, error))
		return false;
	io_close(&reach->lock_fd);
	return recover(reach, error) && lock(reach, error) &&
	    become_owner(reach->instance, error);
}

bool
reach_open(struct reach *reach, const struct instance *instance,
    enum reach_mode mode, struct error *error)
{
	*reach = (struct reach){.instance = instance, .lock_fd = -1};
	if (!reach_is_allowed(instance, error))
		return false;
	reach->qmgr = instance_dial(
	    instance, "qmgr", "qmgr", loop_deadline(DIAL_PATIENCE), error);
	if (reach->qmgr == NULL && !open_files(reach, mode, error))
		return false;
	reach->store = store_open(instance->common.queue_directory, error);
	return reach->store != NULL;
}

/* Any pointer will do as the value. */
static bool
take_active(void *owner, const struct message_active_message *message)
{
	(void)hash_put(owner, message->queue_id, owner);
	return true;
}

struct hash *
reach_active(struct reach *reach, struct error *error)
{
	struct hash *active = hash_create();
	struct conversation *conversation;
	bool good;

	if (reach->qmgr == NULL)
		return active;
	conversation = conversation_open(reach->qmgr, error);
	good = conversation != NULL &&
	    active_list_read(conversation, take_active, active, error);
	conversation_close(conversation);
	if (good)
		return active;
	hash_destroy(active);
	return NULL;
}

void
reach_close(struct reach *reach)
{
	if (reach->qmgr != NULL)
		peer_close(reach->qmgr);
	store_close(reach->store);
	io_close(&reach->lock_fd);
}
