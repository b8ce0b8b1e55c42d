/* SPDX-License-Identifier: MIT */
/* postsuper: deletes, holds, releases, requeues and expires messages. */
#include <sys/stat.h>

#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/text.h"
#include "lib/daemon/logging.h"
#include "lib/log/log.h"
#include "lib/loop/offload.h"
#include "lib/queue/store_check.h"

#include "qmgr/postsuper/order.h"

enum {
	REQUESTS_MAXIMUM = 256,
	LINE_SIZE = 256,
	FINDING_MAXIMUM = 4096
};

static const struct action {
	enum queue_operation operation;
	const char *done;    /* behind the id, in the log */
	const char *summary; /* before the number */
} actions[] = {
    {QUEUE_DELETE, "removed", "Deleted"},
    {QUEUE_HOLD, "placed on hold", "Placed on hold"},
    {QUEUE_RELEASE, "released from hold", "Released from hold"},
    {QUEUE_REQUEUE, "requeued", "Requeued"},
    {QUEUE_EXPIRE, "expired", "Force-expired"},
};

/* An option and what it does, one after the other; where, if nothing is said.
 */
static const struct option {
	char letter;
	enum queue_operation operations[2];
	size_t count;
	uint32_t queues;
} options[] = {
    {'d', {QUEUE_DELETE}, 1, QUEUE_SET_SOUND},
    {'h', {QUEUE_HOLD}, 1, QUEUE_SET_SOUND},
    {'H', {QUEUE_RELEASE}, 1, QUEUE_SET_HOLD},
    {'r', {QUEUE_REQUEUE}, 1, QUEUE_SET_SOUND},
    {'e', {QUEUE_EXPIRE}, 1, QUEUE_SET_SOUND},
    {'f', {QUEUE_EXPIRE, QUEUE_RELEASE}, 2, QUEUE_SET_SOUND},
};

/* maildrop is there for scripts, and always empty. */
static const struct {
	const char *name;
	uint32_t queues;
} queue_names[] = {
    {"hold", QUEUE_SET_HOLD},
    {"incoming", QUEUE_SET_INCOMING},
    {"active", QUEUE_SET_ACTIVE},
    {"deferred", QUEUE_SET_DEFERRED},
    {"corrupt", QUEUE_SET_CORRUPT},
    {"maildrop", 0},
};

/* One -d, -h and so on. */
struct request {
	const struct option *option;
	const char *argument;
};

struct task {
	struct instance instance;
	const char *config_directory;
	struct request requests[REQUESTS_MAXIMUM];
	size_t request_count;
	bool checks_structure; /* -s */
	bool purges;           /* -p */
	bool names_queues;
	uint32_t queues; /* that are named */
	struct reach reach;
	const struct option *option; /* that is being obeyed */
	uint64_t counts[COUNT_OF(actions)];
	uint64_t findings; /* of the check */
	bool checked;
	struct error check_error;
	int status;
};

static void
fail(struct task *task, int status, const char *subject, const char *text)
{
	fprintf(stderr, "postsuper: %s%s%s\n", subject,
	    subject[0] != '\0' ? ": " : "", text);
	task->status = status;
}

/* What was typed may drive the terminal. */
static void
warn(struct span subject, const char *text)
{
	struct buf line;

	buf_init(&line, LINE_SIZE);
	text_append_printable(&line, span_head(subject, LINE_SIZE / 4));
	fprintf(stderr, "postsuper: warning: %s: %s\n", buf_text(&line), text);
	buf_finish(&line);
}

/* ---- one message ---- */

static void
report(struct task *task, const struct queue_id *id,
    enum queue_operation operation)
{
	struct log_context context = {.queue_id = span_text(id->text)};

	for (size_t i = 0; i < COUNT_OF(actions); i++) {
		if (actions[i].operation != operation)
			continue;
		task->counts[i]++;
		fprintf(
		    stderr, "postsuper: %s: %s\n", id->text, actions[i].done);
		log_event(&context, LOG_QUEUE_OPERATION,
		    log_text("operation", span_text(actions[i].done)));
	}
}

static struct order
order_of(const struct task *task, size_t step)
{
	return (struct order){
	    .operation = task->option->operations[step],
	    .queues = task->names_queues ? task->queues : task->option->queues,
	};
}

/* False when there is nothing to say about the message. */
static bool
act_on_id(struct task *task, const struct queue_id *id, struct error *error)
{
	bool changed;

	for (size_t i = 0; i < task->option->count; i++) {
		struct order order = order_of(task, i);

		if (!order_give(&task->reach, id, &order, &changed, error))
			return false;
		if (changed)
			report(task, id, order.operation);
	}
	return true;
}

/* One of many: that it has gone meanwhile is nothing to talk about. */
static void
act(void *owner, const struct queue_id *id)
{
	struct task *task = owner;
	struct error error;

	if (!act_on_id(task, id, &error) && error.kind != ERROR_NOT_FOUND)
		fail(task, EX_TEMPFAIL, id->text, error.text);
}

/* "no such message in hold, incoming" */
static void
warn_not_found(const struct task *task, struct span text)
{
	uint32_t queues = order_of(task, 0).queues;
	const char *separator = " ";
	struct buf line;

	buf_init(&line, LINE_SIZE);
	buf_append_text(&line, "no such message in");
	for (size_t i = 0; i < COUNT_OF(queue_names); i++) {
		if ((queue_names[i].queues & queues) == 0)
			continue;
		buf_printf(&line, "%s%s", separator, queue_names[i].name);
		separator = ", ";
	}
	warn(text, buf_text(&line));
	buf_finish(&line);
}

static void
act_on_text(struct task *task, struct span text)
{
	struct queue_id id;
	struct error error;

	if (!id_parse(text, &id))
		warn(text, "invalid mail queue id");
	else if (act_on_id(task, &id, &error))
		return;
	else if (error.kind == ERROR_NOT_FOUND)
		warn_not_found(task, text);
	else
		fail(task, EX_TEMPFAIL, id.text, error.text);
}

/* Ids from standard input, one a line. */
static void
act_on_input(struct task *task)
{
	char line[LINE_SIZE];

	while (fgets(line, sizeof line, stdin) != NULL) {
		struct span text = span_trim(span_text(line));

		if (text.len > 0)
			act_on_text(task, text);
	}
}

static void
obey(struct task *task, const struct request *request)
{
	struct error error;
	struct order order;

	task->option = request->option;
	order = order_of(task, 0);
	if (strcmp(request->argument, "-") == 0)
		act_on_input(task);
	else if (strcmp(request->argument, "ALL") != 0)
		act_on_text(task, span_text(request->argument));
	else if (!order_for_all(&task->reach, &order, act, task, &error))
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

/* ---- the structure ---- */

/* Runs in a thread: what is to be logged is in the summary. */
static void
tell_finding(void *owner, const char *path, const char *what, const char *done)
{
	struct task *task = owner;
	struct buf line;

	task->findings++;
	buf_init(&line, FINDING_MAXIMUM);
	text_append_printable(&line, span_text(path));
	fprintf(stderr, "postsuper: %s: %s%s%s\n", buf_text(&line), what,
	    done == NULL ? "" : ": ", done == NULL ? "" : done);
	buf_finish(&line);
}

static void
job_check(void *argument)
{
	struct task *task = argument;
	struct store_check check = {
	    .structure = task->checks_structure,
	    .purge = task->purges,
	    .repair = task->reach.qmgr == NULL,
	    .found = tell_finding,
	    .owner = task,
	};

	task->checked =
	    store_check(task->reach.store, &check, &task->check_error);
}

/* Before anything else, as Postfix does. */
static void
check_structure(struct task *task)
{
	if (!task->checks_structure && !task->purges)
		return;
	offload_run(job_check, task);
	if (!task->checked)
		fail(task, EX_OSERR, "fatal", task->check_error.text);
	if (task->findings == 0)
		return;
	if (task->reach.qmgr != NULL)
		fputs("postsuper: warning: nothing is put right while the mail "
		      "system runs\n",
		    stderr);
	log_info(NULL, "structure check: %llu finding%s",
	    (unsigned long long)task->findings, task->findings == 1 ? "" : "s");
}

static void
run(void *argument)
{
	struct task *task = argument;
	struct error error;

	if (!reach_open(&task->reach, &task->instance, REACH_CHANGE, &error)) {
		fail(task, EX_UNAVAILABLE, "fatal", error.text);
	} else {
		check_structure(task);
		for (size_t i = 0; i < task->request_count; i++)
			obey(task, &task->requests[i]);
		if (!order_end(&task->reach, &error))
			fail(task, EX_IOERR, "fatal", error.text);
		summarise(task);
	}
	reach_close(&task->reach);
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

static const struct option *
find_option(int letter)
{
	for (size_t i = 0; i < COUNT_OF(options); i++)
		if (options[i].letter == letter)
			return &options[i];
	return NULL;
}

static bool
add_queue(struct task *task, const char *name)
{
	for (size_t i = 0; i < COUNT_OF(queue_names); i++)
		if (strcmp(queue_names[i].name, name) == 0) {
			task->queues |= queue_names[i].queues;
			task->names_queues = true;
			return true;
		}
	return false;
}

/* -S is what Postfix does to queues with long names of files. */
static bool
take_option(struct task *task, int letter)
{
	const struct option *option = find_option(letter);

	if (letter == '?' || task->request_count == REQUESTS_MAXIMUM)
		return false;
	if (letter == 'c')
		task->config_directory = optarg;
	else if (letter == 's' || letter == 'S')
		task->checks_structure = true;
	else if (letter == 'p')
		task->purges = true;
	else if (option != NULL)
		task->requests[task->request_count++] =
		    (struct request){option, optarg};
	return true;
}

static bool
read_options(struct task *task, int argc, char **argv)
{
	int letter;

	while ((letter = getopt(argc, argv, "c:d:e:f:h:H:pr:sSv")) != -1)
		if (!take_option(task, letter))
			return false;
	if (task->request_count == 0 && !task->purges &&
	    !task->checks_structure)
		task->purges = task->checks_structure = true;
	while (optind < argc)
		if (!add_queue(task, argv[optind++]))
			return false;
	return true;
}

int
main(int argc, char **argv)
{
	static struct task task;
	struct error error;

	if (!read_options(&task, argc, argv)) {
		fail(&task, EX_USAGE, "fatal",
		    "usage: postsuper [-psSv] [-c config_dir] [-d queue_id] "
		    "[-e queue_id] [-f queue_id] [-h queue_id] [-H queue_id] "
		    "[-r queue_id] [hold|incoming|active|deferred|corrupt "
		    "...]");
		return task.status;
	}
	if (!instance_open(
		&task.instance, task.config_directory, "postsuper", &error)) {
		fail(&task, EX_CONFIG, "fatal", error.text);
	} else {
		open_log(&task.instance.common);
		instance_run(run, &task);
	}
	instance_close(&task.instance);
	return task.status;
}
