/* SPDX-License-Identifier: MIT */
/* postcat: prints messages of the queue. */
#include <sysexits.h>
#include <unistd.h>

#include "lib/daemon/instance.h"

#include "qmgr/postcat/show.h"

struct task {
	struct instance instance;
	const char *config_directory;
	bool by_id; /* -q */
	struct show show;
	struct store *store;
	int status;
};

static void
fail(struct task *task, int status, const char *subject, const char *text)
{
	fprintf(stderr, "postcat: fatal: %s: %s\n", subject, text);
	task->status = status;
}

/* What is set aside is no part of the queue, but may be looked at. */
static bool
find(struct task *task, struct span text, struct locator *locator,
    struct error *error)
{
	struct queue_id id;

	if (!id_parse(text, &id))
		return error_set(error, ERROR_INVALID, "invalid mail queue id");
	if (store_find(task->store, &id, locator, error))
		return true;
	*locator = (struct locator){.id = id, .place = PLACE_CORRUPT};
	return error->kind == ERROR_NOT_FOUND;
}

static bool
print(struct task *task, struct pool *pool, const struct locator *locator,
    struct error *error)
{
	enum stored_result result;
	const struct stored *stored =
	    stored_open(pool, task->store, locator, &result, error);
	char name[80];

	if (stored == NULL)
		return false;
	snprintf(name, sizeof name, "%s/%s", locator_queue(locator),
	    locator->id.text);
	return show_message(&task->show, stored, name, error);
}

static void
print_id(struct task *task, const char *text)
{
	struct pool *pool = pool_create(NULL, "postcat", POOL_NO_MAXIMUM);
	struct locator locator;
	struct error error;

	if (!find(task, span_text(text), &locator, &error))
		fail(task, EX_NOINPUT, text, error.text);
	else if (!print(task, pool, &locator, &error))
		fail(task, EX_IOERR, text, error.text);
	pool_destroy(pool);
}

/* A file's name counts: its last part is the id. */
static void
print_message(struct task *task, const char *argument)
{
	struct span text = span_text(argument);
	size_t slash = span_find_last(text, '/');

	if (!task->by_id && slash < text.len)
		argument += slash + 1;
	print_id(task, argument);
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
	case 'v':
		task->show.every_recipient = true;
		break;
	default:
		break;
	}
}

static bool
read_options(struct task *task, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "bc:ehoqv")) != -1) {
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
	struct task task = {.show = {.out = stdout}};
	struct error error;

	if (!read_options(&task, argc, argv)) {
		fail(&task, EX_USAGE, "usage",
		    "postcat [-bceh] [-v] [-q] queue_id...");
		return task.status;
	}
	if (!instance_open(
		&task.instance, task.config_directory, "postcat", &error)) {
		fail(&task, EX_CONFIG, "configuration", error.text);
	} else {
		task.store =
		    store_open(task.instance.common.queue_directory, &error);
		if (task.store == NULL)
			fail(&task, EX_NOPERM, "queue", error.text);
		for (; task.store != NULL && optind < argc; optind++)
			print_message(&task, argv[optind]);
	}
	store_close(task.store);
	instance_close(&task.instance);
	return task.status;
}
