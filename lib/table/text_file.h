/* SPDX-License-Identifier: MIT */
/* The text behind a table, read whole: from a file, or from the table's own
 * name. */
#ifndef TABLE_TEXT_FILE_H
#define TABLE_TEXT_FILE_H

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/table/file_identity.h"

enum {
	TEXT_FILE_MAXIMUM = 256 * 1024 * 1024 /* bytes */
};

/* Reads the file into `text` and notes which one it was; half of a file that
 * somebody is just writing does not pass for the whole. */
bool text_file_read(const char *path, struct buf *text,
    struct file_identity *identity, struct error *error) MUST_USE;

/* For an argument of the form "{ {line} {line} ... }": the lines. False when it
 * has another form; braces without braces inside are ERROR_INVALID. */
bool text_file_is_inline(struct span argument);
bool text_file_unfold(
    struct span argument, struct buf *text, struct error *error) MUST_USE;

#endif
