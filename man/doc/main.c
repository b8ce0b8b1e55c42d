/* SPDX-License-Identifier: MIT */
/* man_doc: prints what the sources declare once as mdoc, for the manual pages.
 * Runs at build time only.
 *
 *	man_doc events             the lines of lib/log/events.def
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

enum {
	TEXT_MAXIMUM = 4 * 1024 * 1024
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

static void
print_list(const char *name, const char *path)
{
	struct buf source;
	struct buf out;
	struct error error;
	bool known = false;

	buf_init(&source, TEXT_MAXIMUM);
	buf_init(&out, TEXT_MAXIMUM);
	if (!io_read_file(AT_FDCWD, path, &source, &error))
		fatal(EX_NOINPUT, "%s", error.text);
	for (size_t i = 0; i < COUNT_OF(lists); i++)
		if (strcmp(lists[i].name, name) == 0) {
			known = true;
			if (!lists[i].append(&out, buf_span(&source), &error))
				fatal(EX_DATAERR, "%s: %s", path, error.text);
		}
	if (!known)
		fatal(EX_USAGE, "no list %s", name);
	if (!io_write(STDOUT_FILENO, buf_span(&out), &error))
		fatal(EX_IOERR, "%s", error.text);
	buf_finish(&source);
	buf_finish(&out);
}

static void
print_events(void)
{
	struct buf out;
	struct error error;

	buf_init(&out, TEXT_MAXIMUM);
	event_list_append(&out);
	if (!io_write(STDOUT_FILENO, buf_span(&out), &error))
		fatal(EX_IOERR, "%s", error.text);
	buf_finish(&out);
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "events") == 0)
		print_events();
	else if (argc == 3)
		print_list(argv[1], argv[2]);
	else
		fatal(EX_USAGE, "usage: man_doc events | list file");
	return EXIT_SUCCESS;
}
