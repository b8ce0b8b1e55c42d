/* SPDX-License-Identifier: MIT */
#include "master/place.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/queue/spool_make.h"

enum {
	MODE_SHARED = 0755,
	MODE_PRIVATE = 0700,
	MODE_LOG = 0640,
	MODE_PID = 0644
};

struct owner {
	uid_t uid;
	gid_t gid;
};

static bool
make_parent(const char *path, struct error *error)
{
	if (mkdir(path, MODE_SHARED) == 0)
		(void)chmod(path, MODE_SHARED);
	else if (errno != EEXIST)
		return error_system(error, "make %s", path);
	return true;
}

/* Makes the parents of `path` that are missing. */
static bool
make_parents(const char *path, struct error *error)
{
	char *parent = memory_copy(span_text(path));
	bool made = true;

	for (size_t i = 1; i < strlen(path); i++) {
		if (path[i] != '/')
			continue;
		parent[i] = '\0';
		made = made && make_parent(parent, error);
		parent[i] = '/';
	}
	free(parent);
	return made;
}

/* What is right already is left alone: without CAP_CHOWN we may not even try.
 */
static bool
give(int fd, struct owner owner, mode_t mode)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return false;
	if ((status.st_uid != owner.uid || status.st_gid != owner.gid) &&
	    fchown(fd, owner.uid, owner.gid) < 0)
		return false;
	return (status.st_mode & ALLPERMS) == mode || fchmod(fd, mode) == 0;
}

static bool
make_directory(
    const char *path, struct owner owner, mode_t mode, struct error *error)
{
	bool made;
	int fd;

	if (!make_parents(path, error))
		return false;
	if (mkdir(path, MODE_PRIVATE) < 0 && errno != EEXIST)
		return error_system(error, "make %s", path);
	fd = io_open_as_owner(
	    AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_system(error, "open %s", path);
	made = give(fd, owner, mode);
	if (!made)
		error_system(error, "own %s", path);
	io_close(&fd);
	return made;
}

static bool
find_owner(const char *name, struct owner *owner, struct error *error)
{
	const struct passwd *entry = getpwnam(name);

	if (entry == NULL)
		return error_set(error, ERROR_INVALID,
		    "user %s does not exist: \"postern set-permissions "
		    "--create-users\" makes the users of the suite",
		    name);
	*owner = (struct owner){entry->pw_uid, entry->pw_gid};
	return true;
}

static bool
make_queue(const struct generation *generation, const struct owner *queue_owner,
    struct error *error)
{
	const struct common_params *common = &generation->instance.common;
	const struct program *program;
	struct owner cleanup = *queue_owner;
	struct spool_owners owners;

	if (!make_parents(common->queue_directory, error))
		return false;
	if (generation_has_one_user(generation))
		return spool_make(common->queue_directory, NULL, error);
	must(process_table_find(SPAN("cleanup"), &program) == FATE_RUNS);
	if (!find_owner(program->user, &cleanup, error))
		return false;
	owners = (struct spool_owners){
	    .queue_user = queue_owner->uid,
	    .queue_group = queue_owner->gid,
	    .cleanup_user = cleanup.uid,
	};
	return spool_make(common->queue_directory, &owners, error);
}

static const char *
join(const struct generation *generation, const char *directory,
    const char *name)
{
	const char *path =
	    pool_printf(generation->instance.pool, "%s/%s", directory, name);

	must(path != NULL);
	return path;
}

bool
place_make(const struct generation *generation, struct error *error)
{
	const struct common_params *common = &generation->instance.common;
	const char *run = common->run_directory;
	struct owner self = {geteuid(), getegid()};
	struct owner owner = self;

	if (!generation_has_one_user(generation) &&
	    !find_owner(common->mail_owner, &owner, error))
		return false;
	return make_queue(generation, &owner, error) &&
	    make_directory(join(generation, common->queue_directory, "public"),
		self, MODE_SHARED, error) &&
	    make_directory(run, self, MODE_SHARED, error) &&
	    make_directory(
		join(generation, run, "private"), self, MODE_PRIVATE, error) &&
	    make_directory(
		join(generation, run, "empty"), self, MODE_SHARED, error) &&
	    make_directory(common->data_directory, owner, MODE_PRIVATE, error);
}

static bool
write_pid(int fd, struct error *error)
{
	char text[32];

	snprintf(text, sizeof text, "%d\n", (int)getpid());
	return ftruncate(fd, 0) == 0 ? io_pwrite(fd, span_text(text), 0, error)
				     : error_system(error, "truncate");
}

int
place_lock(const struct generation *generation, struct error *error)
{
	const char *path =
	    instance_control_path(&generation->instance, "master.pid");
	int fd =
	    open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, MODE_PID);

	if (fd < 0) {
		error_system(error, "%s", path);
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			error_set(error, ERROR_TEMPORARY,
			    "the mail system is already running");
		else
			error_system(error, "lock %s", path);
		io_close(&fd);
	} else if (fchmod(fd, MODE_PID) < 0 || !write_pid(fd, error)) {
		error_prefix(error, "%s", path);
		io_close(&fd);
	}
	return fd;
}

static const char *
log_path(const struct generation *generation, bool in_foreground)
{
	const char *path = generation->instance.common.maillog_file;

	if (path[0] == '\0')
		return in_foreground ? "/dev/stdout" : NULL;
	return path;
}

bool
place_open_log(const struct generation *generation, bool in_foreground, int *fd,
    struct error *error)
{
	const char *path = log_path(generation, in_foreground);

	*fd = -1;
	if (path == NULL)
		return true;
	if (strcmp(path, "/dev/stdout") == 0) {
		if (!in_foreground)
			return error_set(error, ERROR_INVALID,
			    "maillog_file = /dev/stdout needs \"postern "
			    "start-fg\"");
		*fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	} else {
		if (!make_parents(path, error))
			return false;
		*fd = open(
		    path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, MODE_LOG);
	}
	return *fd >= 0 || error_system(error, "%s", path);
}
