/* SPDX-License-Identifier: MIT */
#include "master/postern/permissions.h"

#include <sys/wait.h>

#include <errno.h>
#include <pwd.h>
#include <spawn.h>
#include <unistd.h>

#include "master/generation.h"
#include "master/place.h"

static bool
run_useradd(const char *user, struct error *error)
{
	static char *const environment[] = {NULL};
	const char *arguments[] = {"useradd", "--system", "--user-group",
	    "--no-create-home", "--home-dir", "/nonexistent", "--shell",
	    "/usr/sbin/nologin", user, NULL};
	int status = 0;
	int failure;
	pid_t pid;

	failure = posix_spawn(&pid, "/usr/sbin/useradd", NULL, NULL,
	    (char *const *)(uintptr_t)arguments, environment);
	if (failure != 0) {
		errno = failure;
		return error_system(error, "/usr/sbin/useradd");
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return error_system(error, "waitpid");
	return status == 0 ||
	    error_set(error, ERROR_SYSTEM, "user %s was not created", user);
}

static bool
create_user(const char *user, struct error *error)
{
	errno = 0;
	if (getpwnam(user) != NULL)
		return true;
	if (errno != 0 && errno != ENOENT)
		return error_system(error, "user %s", user);
	return run_useradd(user, error);
}

bool
permissions_create_users(const struct instance *instance, struct error *error)
{
	const char *owner = instance->common.mail_owner;
	size_t count;
	const struct program *programs = process_table_all(&count);

	if (owner[0] == '\0')
		return true;
	if (!create_user(owner, error))
		return false;
	for (size_t i = 0; i < count; i++)
		if (programs[i].user != NULL &&
		    strcmp(programs[i].user, "root") != 0 &&
		    !create_user(programs[i].user, error))
			return false;
	return true;
}

bool
permissions_set(const struct instance *instance, struct error *error)
{
	struct images images = {.replaced = false};
	struct generation *generation =
	    generation_load(instance->directory, 0, &images, error);
	bool set;

	if (generation == NULL)
		return false;
	set = place_make(generation, error);
	generation_destroy(generation);
	return set;
}
