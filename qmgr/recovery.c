/* SPDX-License-Identifier: MIT */
#include "qmgr/recovery.h"

#include <sys/stat.h>

#include <limits.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/daemon/instance.h"
#include "lib/daemon/privileges.h"
#include "lib/queue/put.h"
#include "lib/queue/reserve.h"
#include "lib/queue/spool_lock.h"
#include "lib/queue/store_segments.h"

static int
fail(int status, const char *text)
{
	fprintf(stderr, "qmgr: %s\n", text);
	return status;
}

/* What is written has to belong to the user of the queue. */
static bool
become_owner(const char *directory, struct error *error)
{
	struct stat status;
	struct buf path;
	bool good;

	if (geteuid() != 0)
		return true;
	buf_init(&path, PATH_MAX);
	buf_printf(&path, "%s/deferred", directory);
	good = (stat(buf_text(&path), &status) == 0 ||
		   error_system(error, "%s", buf_text(&path))) &&
	    privileges_give_up(status.st_uid, status.st_gid, "", error);
	buf_finish(&path);
	return good;
}

static bool
own_and_move(
    struct store *store, struct store_recovery *recovery, struct error *error)
{
	return (store_owns_segments(store) ||
		   store_own_segments(store, error)) &&
	    store_recover(store, recovery, error);
}

/* The reserve is for this, too; the next qmgr fills it again. */
static bool
move_all(struct store *store, const char *directory,
    struct store_recovery *recovery, struct error *error)
{
	struct reserve reserve;
	bool is_spent;

	if (own_and_move(store, recovery, error))
		return true;
	if (!put_error_is_full(error) ||
	    !reserve_open(&reserve, directory, NULL))
		return false;
	is_spent = reserve_spend(&reserve);
	reserve_close(&reserve);
	return is_spent && own_and_move(store, recovery, error);
}

static bool
recover(struct store *store, const char *directory,
    struct store_recovery *recovery, struct error *error)
{
	struct error report;
	bool good;

	if (!store_has_segments(store))
		return true;
	good = move_all(store, directory, recovery, error);
	if (store_take_report(store, &report))
		fprintf(stderr, "qmgr: warning: %s\n", report.text);
	return good;
}

static int
recover_queue(const char *directory)
{
	struct store_recovery recovery = {.moved = 0};
	struct store *store;
	struct error error;
	int lock_fd, status = EX_OK;
	pid_t holder;

	if (!spool_lock_take(directory, &lock_fd, &holder, &error))
		return fail(EX_TEMPFAIL, error.text);
	store = store_open(directory, &error);
	if (store == NULL || !recover(store, directory, &recovery, &error))
		status = fail(EX_TEMPFAIL, error.text);
	if (recovery.moved > 0)
		fprintf(stderr, "qmgr: %zu messages moved out of segments\n",
		    recovery.moved);
	if (recovery.left > 0)
		fprintf(stderr, "qmgr: %zu segments remain\n", recovery.left);
	store_close(store);
	io_close(&lock_fd);
	return status;
}

int
recovery_main(int argc, char **argv)
{
	struct instance instance;
	struct error error;
	const char *directory = NULL;
	int option, status;

	while ((option = getopt(argc, argv, "c:")) != -1)
		if (option == 'c')
			directory = optarg;
		else
			return EX_USAGE;
	if (!instance_open(&instance, directory, "qmgr", &error))
		status = fail(EX_CONFIG, error.text);
	else if (!become_owner(instance.common.queue_directory, &error))
		status = fail(EX_NOPERM, error.text);
	else
		status = recover_queue(instance.common.queue_directory);
	instance_close(&instance);
	return status;
}
