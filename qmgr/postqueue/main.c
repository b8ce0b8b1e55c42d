/* SPDX-License-Identifier: MIT */
/* postqueue: shows the queue (mailq is sendmail, which runs it) and has it run.
 */
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/text.h"
#include "lib/mail/domain.h"
#include "lib/queue/id.h"

#include "qmgr/postqueue/client.h"
#include "qmgr/postqueue/format.h"
#include "qmgr/reach/reach.h"

enum {
	COMMAND_MAXIMUM = 300
};

struct task;

struct mode {
	char option;
	void (*run)(struct task *task);
};

struct task {
	struct instance instance;
	const char *config_directory;
	const struct mode *mode;
	const char *argument; /* of -i and -s */
	struct decoder decoder;
	struct format format;
	int status;
};

static void
fail(struct task *task, int status, const char *text)
{
	fprintf(stderr, "postqueue: fatal: %s\n", text);
	task->status = status;
}

/* What was typed may drive the terminal. */
static void
fail_with(struct task *task, int status, const char *text, struct span subject)
{
	struct buf line;

	buf_init(&line, COMMAND_MAXIMUM);
	buf_printf(&line, "%s: \"", text);
	text_append_printable(&line, span_head(subject, COMMAND_MAXIMUM / 4));
	buf_append_byte(&line, '"');
	fail(task, status, buf_text(&line));
	buf_finish(&line);
}

/* ---- listing ---- */

static bool
write_out(struct format *format, struct error *error)
{
	struct span text = buf_span(&format->out);

	if (text.len > 0 && fwrite(text.at, text.len, 1, stdout) != 1)
		return error_system(error, "standard output");
	buf_clear(&format->out);
	return true;
}

static bool
take_listing(void *owner, struct span bytes, struct error *error)
{
	struct task *task = owner;

	return decoder_feed(&task->decoder, bytes, error) &&
	    write_out(&task->format, error);
}

/* Root and the queue's owner need no showq. */
static bool
obtain_listing(struct task *task, struct error *error)
{
	if (client_list(&task->instance, take_listing, task, error))
		return decoder_is_complete(&task->decoder) ||
		    error_set(error, ERROR_CLOSED, "the listing ended early");
	if (error->kind != ERROR_NOT_FOUND)
		return false;
	if (!reach_is_allowed(&task->instance, error))
		return error_set(error, ERROR_NOT_FOUND,
		    "Queue report unavailable - mail system is down");
	fprintf(stderr,
	    "postqueue: warning: Mail system is down -- accessing "
	    "queue directly\n");
	return client_list_directly(&task->instance, take_listing, task, error);
}

static void
list(struct task *task, const struct decoder_events *events, bool is_table)
{
	struct error error;
	bool good;

	format_init(&task->format);
	decoder_init(&task->decoder, events, &task->format);
	good = obtain_listing(task, &error);
	if (good && is_table)
		format_table_end(&task->format);
	if (!good)
		fail(task, EX_UNAVAILABLE, error.text);
	else if (!write_out(&task->format, &error) || fflush(stdout) != 0)
		fail(task, EX_IOERR, "cannot write the listing");
	decoder_finish(&task->decoder);
	format_finish(&task->format);
}

static void
run_table(struct task *task)
{
	list(task, &format_table, true);
}

static void
run_json(struct task *task)
{
	list(task, &format_json, false);
}

/* ---- flushing ---- */

static void
flush(struct task *task, const char *command)
{
	struct error error;

	if (client_flush(&task->instance, command, &error))
		return;
	fail(task, error.kind == ERROR_TEMPORARY ? EX_TEMPFAIL : EX_UNAVAILABLE,
	    error.kind == ERROR_NOT_FOUND
		? "Cannot flush mail queue - mail system is down"
		: error.text);
}

static void
run_flush(struct task *task)
{
	flush(task, "flush");
}

static void
run_flush_id(struct task *task)
{
	struct queue_id id;
	char command[QUEUE_ID_MAXIMUM + 8];

	if (!id_parse(span_text(task->argument), &id)) {
		fail(task, EX_USAGE, "invalid mail queue id");
		return;
	}
	snprintf(command, sizeof command, "id %s", id.text);
	flush(task, command);
}

static void
run_flush_site(struct task *task)
{
	struct span site = span_text(task->argument);
	char command[COMMAND_MAXIMUM];
	struct span ip;

	if (!domain_is_literal(site, &ip) &&
	    !domain_is_hostname(site, true, NULL)) {
		fail_with(task, EX_USAGE,
		    "Cannot flush mail queue - invalid destination", site);
		return;
	}
	snprintf(command, sizeof command, "site %s", task->argument);
	flush(task, command);
}

/* ---- the command line ---- */

static const struct mode modes[] = {
    {'p', run_table},
    {'j', run_json},
    {'f', run_flush},
    {'i', run_flush_id},
    {'s', run_flush_site},
};

static bool
set_mode(struct task *task, int option)
{
	for (size_t i = 0; i < COUNT_OF(modes); i++) {
		if (modes[i].option != option)
			continue;
		if (task->mode != NULL)
			return false;
		task->mode = &modes[i];
		task->argument = optarg;
		return true;
	}
	return option == 'v';
}

static bool
read_options(struct task *task, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "c:fi:jps:v")) != -1)
		if (option == 'c')
			task->config_directory = optarg;
		else if (!set_mode(task, option))
			return false;
	return optind == argc && task->mode != NULL;
}

static void
run(void *argument)
{
	struct task *task = argument;

	task->mode->run(task);
}

int
main(int argc, char **argv)
{
	struct task task = {.status = EX_OK};
	struct error error;

	if (!read_options(&task, argc, argv)) {
		fail(&task, EX_USAGE,
		    "usage: postqueue -f | postqueue -i queueid | postqueue "
		    "-j | postqueue -p | postqueue -s site");
		return task.status;
	}
	if (!instance_open(
		&task.instance, task.config_directory, "postqueue", &error))
		fail(&task, EX_CONFIG, error.text);
	else
		instance_run(run, &task);
	instance_close(&task.instance);
	return task.status;
}
