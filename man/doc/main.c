/* SPDX-License-Identifier: MIT */
/* man_doc: prints what the sources declare once as mdoc, for the manual pages.
 * Runs at build time only.
 *
 *	man_doc events             the lines of lib/log/events.def
 *	man_doc processes          the table of master/process_table.c
 *	man_doc messages FILE      the messages of lib/ipc/messages.def
 *	man_doc comment FILE       the second comment of a header, as it stands
 */
#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/io.h"

#include "man/doc/comment.h"
#include "man/doc/event_list.h"
#include "man/doc/message_list.h"
#include "man/doc/process_list.h"

enum {
	TEXT_MAXIMUM = 4 * 1024 * 1024
};

static const struct {
	const char *name;
	void (*append)(struct buf *out);
} built_in[] = {
    {"events", event_list_append},
    {"processes", process_list_append},
};

static const struct {
	const char *name;
	/* Appends the list that is made of `source`, the text of FILE. */
	bool (*append)(
	    struct buf *out, struct span source, struct error *error);
} lists[] = {
    {"messages", message_list_append},
    {"comment", comment_append},
};

/* What was compiled in. */
static bool
append_built_in(struct buf *out, const char *name)
{
	for (size_t i = 0; i < COUNT_OF(built_in); i++)
		if (strcmp(built_in[i].name, name) == 0) {
			built_in[i].append(out);
			return true;
		}
	return false;
}

/* What is read from a file. */
static bool
append_list(struct buf *out, const char *name, const char *path)
{
	struct buf source;
	struct error error;
	size_t i = 0;

	while (i < COUNT_OF(lists) && strcmp(lists[i].name, name) != 0)
		i++;
	if (i == COUNT_OF(lists))
		return false;
	buf_init(&source, TEXT_MAXIMUM);
	if (!io_read_file(AT_FDCWD, path, &source, &error))
		fatal(EX_NOINPUT, "%s", error.text);
	if (!lists[i].append(out, buf_span(&source), &error))
		fatal(EX_DATAERR, "%s: %s", path, error.text);
	buf_finish(&source);
	return true;
}

int
main(int argc, char **argv)
{
	struct buf out;
	struct error error;

	buf_init(&out, TEXT_MAXIMUM);
	if (!(argc == 2 && append_built_in(&out, argv[1])) &&
	    !(argc == 3 && append_list(&out, argv[1], argv[2])))
		fatal(EX_USAGE, "usage: man_doc list [file]");
	if (!io_write(STDOUT_FILENO, buf_span(&out), &error))
		fatal(EX_IOERR, "%s", error.text);
	buf_finish(&out);
	return EXIT_SUCCESS;
}
