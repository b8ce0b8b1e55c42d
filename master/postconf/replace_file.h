/* SPDX-License-Identifier: MIT */
/* Gives a file a new content in one step: whoever opens it sees the old or the
 * new one, also after a crash. */
#ifndef POSTCONF_REPLACE_FILE_H
#define POSTCONF_REPLACE_FILE_H

#include "lib/base/error.h"
#include "lib/base/span.h"

/* Writes a file beside `name` in the open directory, with the same mode and
 * owner, syncs it, renames it and syncs the directory. On failure the old file
 * is there unchanged. */
bool replace_file(int directory_fd, const char *name, struct span content,
    struct error *error) MUST_USE;

#endif
