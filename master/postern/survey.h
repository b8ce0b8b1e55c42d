/* SPDX-License-Identifier: MIT */
/* `postern check`: looks at the installation without changing anything. */
#ifndef MASTER_POSTERN_SURVEY_H
#define MASTER_POSTERN_SURVEY_H

#include <sys/stat.h>

#include "lib/daemon/instance.h"

/* Adds what is not as it should be to `warnings`: directories with a wrong
 * owner or mode, others on the way to them that somebody else may change, a
 * sendmail of another package. What is missing is made by the next start. */
void survey_run(const struct instance *instance, struct warnings *warnings);

/* Whether others than root and `own` may move what is in the directory. */
bool survey_is_open(const struct stat *directory, uid_t own);

/* The Debian package in whose list of files `path` is; `directory` has the
 * lists. False when there is none. */
bool survey_find_package(
    const char *directory, const char *path, char *package, size_t size);

#endif
