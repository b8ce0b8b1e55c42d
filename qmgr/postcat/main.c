/* SPDX-License-Identifier: MIT */
/* postcat: prints messages of the queue. */
#include <sys/stat.h>

#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/text.h"
#include "lib/loop/offload.h"

#include "qmgr/postcat/show.h"
#include "qmgr/reach/reach.h"

enum {
	OPEN_TRIES = 3,
	LINE_MAXIMUM = 400
};

struct task {
	struct instance instance;
	const char *config_directory;
	bool by_id; /* -q */
	struct show show;
	char **messages; /* NULL at the end */
	struct reach reach;
	int status;
};

static void
fail(struct task *task, int status, const char *subject, const char *text)
{
	struct buf line;

	buf_init(&line, LINE_MAXIMUM);
	text_append_printable(
	    &line, span_head(span_text(subject), LINE_MAXIMUM / 4));
	fprintf(stderr, "postcat: fatal: %s: %s\n", buf_text(&line), text);
	buf_finish(&line);
	task->status = status;
}

static void
print(struct task *task, const struct source *source, const char *subject,
    const char *name)
{
	struct error error;

	if (!show_message(&task->show, source, name, &error))
		fail(task, EX_IOERR, subject, error.text);
	else if (task->show.damages > 0)
		fail(task, EX_DATAERR, subject, "damaged, see above");
}

/* ---- a file ---- */

/* -1 for what is none. */
static int
open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;

	if (fd >= 0 && (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)))
		io_close(&fd);
	return fd;
}

/* ---- a queue id ---- */

static bool
find(const struct task *task, const struct queue_id *id,
    struct locator *locator, struct error *error)
{
	return store_find(task->reach.store, id, locator, error) ||
	    (error->kind == ERROR_NOT_FOUND &&
		store_find_corrupt(task->reach.store, id, locator, error));
}

/* While the mail system runs it may move between the two steps. */
static bool
find_and_open(const struct task *task, struct pool *pool,
    const struct queue_id *id, struct locator *locator, struct source *source,
    struct error *error)
{
	for (int i = 0; i < OPEN_TRIES; i++) {
		if (!find(task, id, locator, error))
			return false;
		if (dissect_open(
			pool, task->reach.store, locator, source, error))
			return true;
		if (error->kind != ERROR_NOT_FOUND)
			return false;
	}
	return false;
}

static void
print_id(struct task *task, const char *text)
{
	struct pool *pool = pool_create(NULL, "postcat", POOL_NO_MAXIMUM);
	struct queue_id id;
	struct locator locator;
	struct source source;
	struct error error;
	char name[80];

	if (!id_parse(span_text(text), &id)) {
		fail(task, EX_NOINPUT, text, "invalid mail queue id");
	} else if (!find_and_open(task, pool, &id, &locator, &source, &error)) {
		fail(task,
		    error.kind == ERROR_NOT_FOUND ? EX_NOINPUT : EX_IOERR, text,
		    error.text);
	} else {
		snprintf(name, sizeof name, "%s/%s", locator_queue(&locator),
		    locator.id.text);
		print(task, &source, text, name);
	}
	pool_destroy(pool);
}

/* ---- any ---- */

/* The last part of a name that is no file's is the id. */
static void
print_message(struct task *task, const char *argument)
{
	size_t slash = span_find_last(span_text(argument), '/');
	struct source source = {.fd = task->by_id ? -1 : open_file(argument)};

	if (source.fd >= 0) {
		print(task, &source, argument, argument);
		io_close(&source.fd);
	} else if (!task->by_id && argument[slash] == '/') {
		print_id(task, argument + slash + 1);
	} else {
		print_id(task, argument);
	}
}

static void
job_print(void *argument)
{
	struct task *task = argument;

	for (char **message = task->messages; *message != NULL; message++)
		print_message(task, *message);
}

/* Whoever may read the files needs no queue. */
static bool
needs_queue(const struct task *task)
{
	for (char **message = task->messages; *message != NULL; message++) {
		int fd = task->by_id ? -1 : open_file(*message);

		if (fd < 0)
			return true;
		io_close(&fd);
	}
	return false;
}

static void
run(void *argument)
{
	struct task *task = argument;
	struct error error;

	if (needs_queue(task) &&
	    !reach_open(&task->reach, &task->instance, REACH_READ, &error))
		fail(task, EX_NOPERM, "queue", error.text);
	else
		offload_run(job_print, task);
	reach_close(&task->reach);
}

static void
set_option(struct task *task, int option)
{
	switch (option) {
	case 'c':
		task->config_directory = optarg;
		break;
	case 'q':
		task->by_id = true;
		break;
	case 'e':
		task->show.envelope = true;
		break;
	case 'h':
		task->show.header = true;
		break;
	case 'b':
		task->show.body = true;
		break;
	case 'd':
	case 'n':
		task->show.numeric = true;
		break;
	case 'o':
		task->show.offsets = true;
		break;
	case 'v':
		task->show.all = true;
		break;
	default:
		break;
	}
}

static bool
read_options(struct task *task, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "bc:dehnoqv")) != -1) {
		if (option == '?')
			return false;
		set_option(task, option);
	}
	if (!task->show.envelope && !task->show.header && !task->show.body)
		task->show.envelope = task->show.header = task->show.body =
		    true;
	return optind < argc;
}

int
main(int argc, char **argv)
{
	struct task task = {.show = {.out = stdout}, .reach = {.lock_fd = -1}};
	struct error error;

	if (!read_options(&task, argc, argv)) {
		fail(&task, EX_USAGE, "usage",
		    "postcat [-bdehnoqv] [-c config_dir] queue_id|file ...");
		return task.status;
	}
	task.messages = argv + optind;
	if (!instance_open(
		&task.instance, task.config_directory, "postcat", &error))
		fail(&task, EX_CONFIG, "configuration", error.text);
	else
		instance_run(run, &task);
	instance_close(&task.instance);
	return task.status;
}
