/* SPDX-License-Identifier: MIT */
#include "lib/table/text_file.h"

#include <fcntl.h>

#include "lib/base/io.h"
#include "lib/param/word_list.h"

bool
text_file_read(const char *path, struct buf *text,
    struct file_identity *identity, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct file_identity after;
	bool steady = false;

	if (fd < 0)
		return error_system(error, "open %s", path);
	if (!file_identity_of_fd(fd, identity))
		error_system(error, "stat %s", path);
	else if (io_read_all(fd, text, error)) {
		steady = file_identity_of_fd(fd, &after) &&
		    file_identity_equal(identity, &after);
		if (!steady)
			error_set(error, ERROR_TEMPORARY,
			    "the file is being written");
	}
	io_close(&fd);
	return steady;
}

bool
text_file_is_inline(struct span argument)
{
	struct span trimmed = span_trim(argument);

	return trimmed.len > 0 && trimmed.at[0] == '{';
}

bool
text_file_unfold(struct span argument, struct buf *text, struct error *error)
{
	struct span rest;
	struct span word;
	struct span line;

	if (!word_list_group(span_trim(argument), &rest))
		return error_set(
		    error, ERROR_INVALID, "expected { {line} {line} ... }");
	while (word_list_next(&rest, &word)) {
		if (!word_list_group(word, &line))
			return error_set(error, ERROR_INVALID,
			    "\"%.*s\": expected {a line}",
			    SPAN_ARGS(span_head(word, 80)));
		if (!buf_append_span(text, line) ||
		    !buf_append_byte(text, '\n'))
			return error_set(error, ERROR_LIMIT, "too long");
	}
	return true;
}
