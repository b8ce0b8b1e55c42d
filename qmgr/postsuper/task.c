/* SPDX-License-Identifier: MIT */
#include "qmgr/postsuper/task.h"

#include <sysexits.h>

#include "lib/base/text.h"
#include "lib/log/log.h"

enum {
	LINE_SIZE = 256
};

static const struct {
	enum queue_operation operation;
	const char *done;    /* behind the id, in the log */
	const char *summary; /* before the number */
} actions[TASK_OPERATIONS] = {
    {QUEUE_DELETE, "removed", "Deleted"},
    {QUEUE_HOLD, "placed on hold", "Placed on hold"},
    {QUEUE_RELEASE, "released from hold", "Released from hold"},
    {QUEUE_REQUEUE, "requeued", "Requeued"},
    {QUEUE_EXPIRE, "expired", "Force-expired"},
};

static const struct task_option options[] = {
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

const struct task_option *
task_find_option(int letter)
{
	for (size_t i = 0; i < COUNT_OF(options); i++)
		if (options[i].letter == letter)
			return &options[i];
	return NULL;
}

bool
task_name_queue(struct task *task, const char *name)
{
	for (size_t i = 0; i < COUNT_OF(queue_names); i++)
		if (strcmp(queue_names[i].name, name) == 0) {
			task->queues |= queue_names[i].queues;
			task->names_queues = true;
			return true;
		}
	return false;
}

void
task_fail(struct task *task, int status, const char *subject, const char *text)
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

/* An option that is being obeyed. */
struct obeying {
	struct task *task;
	const struct task_option *option;
};

static struct order
order_of(const struct obeying *obeying, size_t step)
{
	const struct task *task = obeying->task;

	return (struct order){
	    .operation = obeying->option->operations[step],
	    .queues =
		task->names_queues ? task->queues : obeying->option->queues,
	};
}

/* False when there is nothing to say about the message. */
static bool
act_on_id(const struct obeying *obeying, const struct queue_id *id,
    struct error *error)
{
	bool changed;

	for (size_t i = 0; i < obeying->option->count; i++) {
		struct order order = order_of(obeying, i);

		if (!order_give(
			&obeying->task->reach, id, &order, &changed, error))
			return false;
		if (changed)
			report(obeying->task, id, order.operation);
	}
	return true;
}

/* One of many: that it has gone meanwhile is nothing to talk about. */
static void
act(void *owner, const struct queue_id *id)
{
	const struct obeying *obeying = owner;
	struct error error;

	if (!act_on_id(obeying, id, &error) && error.kind != ERROR_NOT_FOUND)
		task_fail(obeying->task, EX_TEMPFAIL, id->text, error.text);
}

/* "no such message in hold, incoming" */
static void
warn_not_found(const struct obeying *obeying, struct span text)
{
	uint32_t queues = order_of(obeying, 0).queues;
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
act_on_text(const struct obeying *obeying, struct span text)
{
	struct queue_id id;
	struct error error;

	if (!id_parse(text, &id))
		warn(text, "invalid mail queue id");
	else if (act_on_id(obeying, &id, &error))
		return;
	else if (error.kind == ERROR_NOT_FOUND)
		warn_not_found(obeying, text);
	else
		task_fail(obeying->task, EX_TEMPFAIL, id.text, error.text);
}

/* ---- an option ---- */

/* Ids from standard input, one a line; a part of a longer line is none. */
static void
act_on_input(const struct obeying *obeying)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&line, &size, stdin)) >= 0) {
		struct span text = span_trim(span_of(line, (size_t)len));

		if (text.len > 0)
			act_on_text(obeying, text);
	}
	free(line);
	if (ferror(stdin))
		task_fail(obeying->task, EX_IOERR, "fatal",
		    "standard input cannot be read");
}

void
task_obey(
    struct task *task, const struct task_option *option, const char *argument)
{
	struct obeying obeying = {task, option};
	struct order order = order_of(&obeying, 0);
	struct error error;

	if (strcmp(argument, "-") == 0)
		act_on_input(&obeying);
	else if (strcmp(argument, "ALL") != 0)
		act_on_text(&obeying, span_text(argument));
	else if (!order_for_all(&task->reach, &order, act, &obeying, &error))
		task_fail(task, EX_OSERR, "", error.text);
}

void
task_summarise(const struct task *task)
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
