/* SPDX-License-Identifier: MIT */
/* postsuper: deletes, holds, releases and requeues messages. */
#include <sys/stat.h>

#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/daemon/logging.h"
#include "lib/log/log.h"

#include "qmgr/postsuper/order.h"

enum {
	REQUESTS_MAXIMUM = 256
};

struct action {
	char option;
	enum queue_operation operation;
	const char *done;    /* behind the id, in the log */
	const char *summary; /* before the number */
};

static const struct action actions[] = {
    {'d', QUEUE_DELETE, "removed", "Deleted"},
    {'h', QUEUE_HOLD, "placed on hold", "Placed on hold"},
    {'H', QUEUE_RELEASE, "released from hold", "Released from hold"},
    {'r', QUEUE_REQUEUE, "requeued", "Requeued"},
};

/* One -d, -h, -H or -r. */
struct request {
	const struct action *action;
	const char *argument;
};

struct task {
	struct instance instance;
	const char *config_directory;
	struct request requests[REQUESTS_MAXIMUM];
	size_t request_count;
	struct order order;
	const struct action *action; /* that is being taken */
	uint64_t counts[COUNT_OF(actions)];
	int status;
};

static void
fail(struct task *task, int status, const char *subject, const char *text)
{
	fprintf(stderr, "postsuper: %s%s%s\n", subject,
	    subject[0] != '\0' ? ": " : "", text);
	task->status = status;
}

/* ---- one message ---- */

static void
act(void *owner, const struct queue_id *id)
{
	struct task *task = owner;
	const struct action *action = task->action;
	struct log_context context = {.queue_id = span_text(id->text)};
	struct error error;
	bool changed;

	if (!order_give(
		&task->order, id, action->operation, &changed, &error)) {
		fail(task, EX_TEMPFAIL, id->text, error.text);
		return;
	}
	if (!changed)
		return;
	task->counts[action - actions]++;
	fprintf(stderr, "postsuper: %s: %s\n", id->text, action->done);
	log_event(&context, LOG_QUEUE_OPERATION,
	    log_text("operation", span_text(action->done)));
}

static void
act_on_text(struct task *task, struct span text)
{
	struct queue_id id;

	if (id_parse(text, &id)) {
		act(task, &id);
		return;
	}
	fprintf(stderr, "postsuper: warning: invalid mail queue id: %.*s\n",
	    SPAN_ARGS(span_head(text, QUEUE_ID_MAXIMUM)));
}

/* Ids from standard input, one a line. */
static void
act_on_input(struct task *task)
{
	char line[256];

	while (fgets(line, sizeof line, stdin) != NULL)
		act_on_text(task, span_trim(span_text(line)));
}

static void
obey(struct task *task, const struct request *request)
{
	struct error error;

	task->action = request->action;
	if (strcmp(request->argument, "-") == 0)
		act_on_input(task);
	else if (strcmp(request->argument, "ALL") != 0)
		act_on_text(task, span_text(request->argument));
	else if (!order_for_all(&task->order, request->action->operation, act,
		     task, &error))
		fail(task, EX_OSERR, "", error.text);
}

static void
summarise(const struct task *task)
{
	for (size_t i = 0; i < COUNT_OF(actions); i++) {
		unsigned long long count = task->counts[i];

		if (count == 0)
			continue;
		fprintf(stderr, "postsuper: %s: %llu message%s\n",
		    actions[i].summary, count, count == 1 ? "" : "s");
		log_info(NULL, "%s: %llu message%s", actions[i].summary, count,
		    count == 1 ? "" : "s");
	}
}

static void
run(void *argument)
{
	struct task *task = argument;
	struct error error;

	if (!order_open(&task->order, &task->instance, &error)) {
		fail(task, EX_UNAVAILABLE, "fatal", error.text);
	} else {
		for (size_t i = 0; i < task->request_count; i++)
			obey(task, &task->requests[i]);
		summarise(task);
	}
	order_close(&task->order);
	log_flush();
}

/* ---- the command line ---- */

/* The file is master's; what cannot be written there goes to syslog. */
static void
open_log(const struct common_params *common)
{
	int fd = -1;
	struct stat status;

	if (common->maillog_file[0] != '\0')
		fd = open(common->maillog_file,
		    O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd >= 0 && (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))) {
		close(fd);
		fd = -1;
	}
	logging_open(common, "postsuper", fd);
}

static const struct action *
find_action(int option)
{
	for (size_t i = 0; i < COUNT_OF(actions); i++)
		if (actions[i].option == option)
			return &actions[i];
	return NULL;
}

/* -s, -p and -S look after directories that this queue does not have. */
static bool
read_options(struct task *task, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "c:d:h:H:pr:sSv")) != -1) {
		const struct action *action = find_action(option);

		if (option == '?' || task->request_count == REQUESTS_MAXIMUM)
			return false;
		if (option == 'c')
			task->config_directory = optarg;
		else if (action != NULL)
			task->requests[task->request_count++] =
			    (struct request){action, optarg};
	}
	return optind == argc;
}

int
main(int argc, char **argv)
{
	static struct task task;
	struct error error;

	if (!read_options(&task, argc, argv)) {
		fail(&task, EX_USAGE, "fatal",
		    "usage: postsuper [-c config_dir] [-d queue_id] "
		    "[-h queue_id] [-H queue_id] [-r queue_id] [-psSv]");
		return task.status;
	}
	if (!instance_open(
		&task.instance, task.config_directory, "postsuper", &error)) {
		fail(&task, EX_CONFIG, "fatal", error.text);
	} else if (task.request_count > 0) {
		open_log(&task.instance.common);
		instance_run(run, &task);
	}
	instance_close(&task.instance);
	return task.status;
}
