/* SPDX-License-Identifier: MIT */
#include "master/postern/survey.h"

#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <unistd.h>

#include "lib/base/io.h"

enum {
	MODE_MASK = 07777,
	LIST_MAXIMUM = 16 << 20,
	PATH_SIZE = 1024
};

enum parent {
	PARENT_QUEUE,
	PARENT_RUN,
	PARENT_DATA
};

/* As place_make and spool_make leave them; NULL is the user of the queue. */
static const struct {
	enum parent parent;
	const char *name;
	const char *user;
	mode_t mode;
	mode_t mode_of_one_user;
} directories[] = {
    {PARENT_QUEUE, "", "root", 0711, 0700},
    {PARENT_QUEUE, "incoming", "postern-cleanup", 02370, 0700},
    {PARENT_QUEUE, "hold", "postern-cleanup", 02370, 0700},
    {PARENT_QUEUE, "deferred", NULL, 0700, 0700},
    {PARENT_QUEUE, "corrupt", NULL, 0700, 0700},
    {PARENT_QUEUE, "public", "root", 0755, 0755},
    {PARENT_RUN, "", "root", 0755, 0755},
    {PARENT_RUN, "private", "root", 0700, 0700},
    {PARENT_RUN, "empty", "root", 0755, 0755},
    {PARENT_DATA, "", NULL, 0700, 0700},
};

bool
survey_is_open(const struct stat *directory, uid_t own)
{
	if ((directory->st_mode & S_ISVTX) != 0)
		return false;
	if (directory->st_uid != 0 && directory->st_uid != own)
		return true;
	/* A user may have chosen that his group may write. */
	return (directory->st_mode & S_IWOTH) != 0 ||
	    ((directory->st_mode & S_IWGRP) != 0 && directory->st_uid == 0 &&
		directory->st_gid != 0);
}

static uid_t
uid_of(const struct instance *instance, const char *user)
{
	const char *owner = instance->common.mail_owner;
	const struct passwd *entry;

	if (owner[0] == '\0')
		return geteuid();
	entry = getpwnam(user == NULL ? owner : user);
	/* A missing user is reported by the check of the configuration. */
	return entry == NULL ? (uid_t)-1 : entry->pw_uid;
}

static void
look_at(
    const struct instance *instance, size_t index, struct warnings *warnings)
{
	const char *parents[] = {
	    [PARENT_QUEUE] = instance->common.queue_directory,
	    [PARENT_RUN] = instance->common.run_directory,
	    [PARENT_DATA] = instance->common.data_directory,
	};
	uid_t uid = uid_of(instance, directories[index].user);
	mode_t mode = instance->common.mail_owner[0] == '\0'
	    ? directories[index].mode_of_one_user
	    : directories[index].mode;
	struct stat status;
	char path[PATH_SIZE];

	snprintf(path, sizeof path, "%s/%s", parents[directories[index].parent],
	    directories[index].name);
	if (lstat(path, &status) < 0)
		return;
	if (!S_ISDIR(status.st_mode))
		warnings_add(warnings, "%s is no directory", path);
	else if (uid != (uid_t)-1 && status.st_uid != uid)
		warnings_add(warnings, "%s belongs to uid %u, not %u", path,
		    (unsigned)status.st_uid, (unsigned)uid);
	else if ((status.st_mode & MODE_MASK) != mode)
		warnings_add(warnings, "%s has mode %04o, not %04o", path,
		    (unsigned)(status.st_mode & MODE_MASK), (unsigned)mode);
}

/* Whoever may write to a directory on the way may put another in its place. A
 * sticky one, as /tmp is, lets nobody move what is another's. */
static void
look_at_way(const struct instance *instance, const char *path,
    struct warnings *warnings)
{
	uid_t uid = uid_of(instance, instance->common.mail_owner);
	char way[PATH_SIZE];
	struct stat status;
	char *slash;

	snprintf(way, sizeof way, "%s", path);
	while ((slash = strrchr(way, '/')) != NULL) {
		slash[slash == way ? 1 : 0] = '\0';
		if (stat(way, &status) == 0 && survey_is_open(&status, uid))
			warnings_add(warnings,
			    "%s, on the way to %s, is writable by others", way,
			    path);
		if (slash == way)
			break;
	}
}

static bool
has_line(int directory_fd, const char *name, const char *path)
{
	struct buf text;
	struct span rest;
	struct span line;
	bool found = false;

	buf_init(&text, LIST_MAXIMUM);
	if (io_read_file(directory_fd, name, &text, NULL)) {
		rest = buf_span(&text);
		while (!found && rest.len > 0) {
			span_split(rest, '\n', &line, &rest);
			found = span_equal(line, span_text(path));
		}
	}
	buf_finish(&text);
	return found;
}

bool
survey_find_package(
    const char *directory, const char *path, char *package, size_t size)
{
	DIR *lists = opendir(directory);
	const struct dirent *entry;
	bool found = false;

	while (!found && lists != NULL && (entry = readdir(lists)) != NULL) {
		struct span name = span_text(entry->d_name);

		if (!span_ends(name, SPAN(".list")) ||
		    !has_line(dirfd(lists), entry->d_name, path))
			continue;
		name.len -= strlen(".list");
		snprintf(package, size, "%.*s", SPAN_ARGS(name));
		found = true;
	}
	if (lists != NULL)
		(void)closedir(lists);
	return found;
}

void
survey_run(const struct instance *instance, struct warnings *warnings)
{
	static const char sendmail[] = "/usr/sbin/sendmail";
	char package[NAME_MAX];

	for (size_t i = 0; i < COUNT_OF(directories); i++)
		look_at(instance, i, warnings);
	look_at_way(instance, instance->common.queue_directory, warnings);
	look_at_way(instance, instance->common.run_directory, warnings);
	look_at_way(instance, instance->common.data_directory, warnings);
	if (survey_find_package(
		"/var/lib/dpkg/info", sendmail, package, sizeof package) &&
	    !span_starts(span_text(package), SPAN("postern")))
		warnings_add(
		    warnings, "%s belongs to package %s", sendmail, package);
}
