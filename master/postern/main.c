/* SPDX-License-Identifier: MIT */
/* postern: starts, stops and asks a mail system. All but the start is a word to
 * the running master. */
#include <limits.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/log/log.h"
#include "lib/loop/loop.h"

#include "master/postern/audit.h"
#include "master/postern/import.h"
#include "master/postern/permissions.h"
#include "master/postern/rehearsal.h"
#include "master/postern/survey.h"

enum {
	DIAL_SECONDS = 5,
	COMMAND_SECONDS = 180, /* a reload, or a stop that waits for qmgr */
	CODE_DONE = 250,
	TEXT_MAXIMUM = 4 << 20,
	NOT_RUNNING = 1,
	FAILED = 1
};

/* One run of the command. */
struct task {
	const struct verb *verb;
	struct instance instance;
	const char *directory; /* -c, or NULL */
	bool has_option;       /* the one that the verb has */
	char **arguments;      /* behind the verb; NULL at the end */
	int status;
};

struct verb {
	const char *name;
	void (*run)(struct task *task);
	/* To master: its option, or the command it gets; or the program that
	 * takes the arguments. */
	const char *detail;
	const char *announcement; /* NULL: none */
	const char *option;       /* NULL: none */
	size_t arguments;         /* behind it */
	/* It needs no configuration that can be read. */
	bool is_without_instance;
};

static void say(const char *format, ...) PRINTF_LIKE(1, 2);

static void
say(const char *format, ...)
{
	va_list arguments;

	fputs("postern/postern-script: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

static void
fail_with(struct task *task, int status, const char *text)
{
	say("fatal: %s", text);
	task->status = status;
}

static void
fail(struct task *task, const char *text)
{
	fail_with(task, FAILED, text);
}

static void
announce(const struct task *task)
{
	if (task->verb->announcement != NULL)
		say("%s", task->verb->announcement);
}

/* ---- master itself ---- */

static void
become_master(struct task *task, const char *detail)
{
	const struct instance *instance = &task->instance;
	char *path = pool_printf(
	    instance->pool, "%s/master", instance->common.daemon_directory);
	char *directory =
	    pool_copy(instance->pool, span_text(instance->directory));
	char *option = pool_copy(instance->pool, span_text(detail));
	char config_option[] = "-c";
	char *arguments[] = {path, config_option, directory,
	    option[0] == '\0' ? NULL : option, NULL};

	must(path != NULL && directory != NULL);
	(void)execv(path, arguments);
	say("fatal: cannot execute %s", path);
	task->status = EX_UNAVAILABLE;
}

/* master says whether it could start, and starts nothing. */
static void
become_checker(struct task *task)
{
	become_master(task, "-t");
}

/* ---- words to a running mail system ---- */

static struct peer *
dial(struct task *task, const char *socket, const char *service)
{
	struct error error;

	return instance_dial(&task->instance, socket, service,
	    loop_deadline(DIAL_SECONDS), &error);
}

/* The answer's text is valid as long as the conversation is. */
static bool
await_reply(
    struct task *task, struct conversation *conversation, struct span *text)
{
	struct message_reply reply = {.text = SPAN("no answer")};
	struct frame frame;
	struct error error;

	if (!conversation_expect(conversation, MESSAGE_REPLY,
		loop_deadline(COMMAND_SECONDS), &frame, &error)) {
		fail(task, error.text);
		return false;
	}
	if (!message_get_reply(frame.payload, &reply) ||
	    reply.code != CODE_DONE) {
		char words[600];

		snprintf(words, sizeof words, "%.*s", SPAN_ARGS(reply.text));
		fail(task, words);
		return false;
	}
	*text = reply.text;
	return true;
}

/* A conversation with master about the verb; NULL = it does not run. */
static struct conversation *
tell_master(struct task *task)
{
	struct message_command message = {span_text(task->verb->detail)};
	struct conversation *conversation;
	struct error error;
	struct peer *peer = dial(task, "control", "master");

	if (peer == NULL)
		return NULL;
	conversation = conversation_open(peer, &error);
	must(conversation != NULL);
	conversation_send_command(conversation, &message);
	return conversation;
}

static void
run_command(struct task *task)
{
	struct conversation *conversation = tell_master(task);
	struct span text;

	if (conversation == NULL) {
		fail(task, "the Postern mail system is not running");
		return;
	}
	announce(task);
	(void)await_reply(task, conversation, &text);
}

/* One of the texts in force; it lives as long as the instance. */
static bool
await_text(
    struct task *task, struct conversation *conversation, struct span *text)
{
	int64_t deadline = loop_deadline(DIAL_SECONDS);
	struct frame frame = {.flags = 0};
	struct error error;
	struct buf bytes;
	bool good = true;

	buf_init(&bytes, TEXT_MAXIMUM);
	while (good && (frame.flags & FRAME_LAST) == 0) {
		good = conversation_expect(
		    conversation, MESSAGE_CONTENT, deadline, &frame, &error);
		if (good)
			buf_append_span(&bytes, frame.payload);
	}
	if (good &&
	    !pool_copy_span(task->instance.pool, buf_span(&bytes), text))
		good = error_set(&error, ERROR_LIMIT, "out of memory");
	if (!good)
		fail(task, error.text);
	buf_finish(&bytes);
	return good;
}

/* What a reload would change, and whether it would be possible. */
static void
rehearse(struct task *task)
{
	static const struct verb texts = {.detail = "texts"};
	const struct verb *verb = task->verb;
	struct conversation *conversation;
	struct span main_cf;
	struct span master_cf;
	struct error error;

	task->verb = &texts;
	conversation = tell_master(task);
	task->verb = verb;
	if (conversation == NULL) {
		fail(task, "the Postern mail system is not running");
		return;
	}
	if (!await_text(task, conversation, &main_cf) ||
	    !await_text(task, conversation, &master_cf))
		return;
	if (rehearsal_print(&task->instance, main_cf, master_cf, &error))
		become_checker(task);
	else
		fail_with(task, EX_CONFIG, error.text);
}

static void
run_reload(struct task *task)
{
	if (task->has_option)
		rehearse(task);
	else
		run_command(task);
}

/* The end of the connection is the end of the last process. */
static void
run_stop(struct task *task)
{
	struct conversation *conversation = tell_master(task);
	struct frame frame;
	struct error error;
	struct span text;

	if (conversation == NULL) {
		fail(task, "the Postern mail system is not running");
		return;
	}
	announce(task);
	if (!await_reply(task, conversation, &text))
		return;
	while (conversation_receive(
	    conversation, loop_deadline(COMMAND_SECONDS), &frame, &error))
		continue;
	if (error.kind == ERROR_TIMEOUT)
		fail(task, "the mail system is still running");
}

static void
run_status(struct task *task)
{
	struct conversation *conversation = tell_master(task);
	struct span text;
	struct span pid;
	struct span processes;

	if (conversation == NULL) {
		say("the Postern mail system is not running");
		task->status = NOT_RUNNING;
		return;
	}
	if (!await_reply(task, conversation, &text))
		return;
	span_split(text, '\n', &pid, &processes);
	say("the Postern mail system is running: PID: %.*s", SPAN_ARGS(pid));
	printf("%.*s", SPAN_ARGS(processes));
}

static void
run_flush(struct task *task)
{
	struct message_queue_operation message = {
	    .operation = QUEUE_FLUSH, .queues = QUEUE_SET_SOUND};
	struct conversation *conversation;
	struct error error;
	struct span text;
	struct peer *peer = dial(task, "qmgr", "qmgr");

	if (peer == NULL) {
		fail(task, "the queue manager is not running");
		return;
	}
	conversation = conversation_open(peer, &error);
	must(conversation != NULL);
	conversation_send_queue_operation(conversation, &message);
	(void)await_reply(task, conversation, &text);
}

/* ---- the start ---- */

/* What reads the queue or tables is another program: nothing here knows their
 * files. */
static void
run_program(struct task *task)
{
	const struct instance *instance = &task->instance;
	size_t count = 0;
	char **words;

	while (task->arguments[count] != NULL)
		count++;
	words = pool_alloc(instance->pool, (count + 4) * sizeof *words);
	must(words != NULL);
	words[0] = pool_printf(instance->pool, "%s/%s",
	    instance->common.daemon_directory, task->verb->detail);
	words[1] = pool_copy(instance->pool, SPAN("-c"));
	words[2] = pool_copy(instance->pool, span_text(instance->directory));
	memcpy(words + 3, task->arguments, (count + 1) * sizeof *words);
	(void)execv(words[0], words);
	say("fatal: cannot execute %s", words[0]);
	task->status = EX_UNAVAILABLE;
}

static void
run_start(struct task *task)
{
	static const struct verb start = {.name = "start", .detail = "start"};
	const struct verb *verb = task->verb;
	struct conversation *conversation;
	struct span text;

	/* One that only takes mail is told to deliver as well. */
	task->verb = &start;
	conversation = tell_master(task);
	task->verb = verb;
	if (conversation != NULL) {
		(void)await_reply(task, conversation, &text);
		return;
	}
	announce(task);
	become_master(task, task->verb->detail);
}

static void
run_set_permissions(struct task *task)
{
	struct error error;

	if ((task->has_option &&
		!permissions_create_users(&task->instance, &error)) ||
	    !permissions_set(&task->instance, &error))
		fail(task, error.text);
}

/* What master does not look at. What it cannot parse it will say itself. */
static void
audit(struct instance *instance, struct warnings *warnings)
{
	struct master_cf master_cf;

	survey_run(instance, warnings);
	if (master_cf_parse(instance->pool, "master.cf", instance->master_cf,
		&master_cf, NULL, NULL))
		audit_run(&instance->source, &master_cf, warnings);
}

static void
run_check(struct task *task)
{
	struct warnings warnings;

	if (task->has_option) {
		become_master(task, "-tp");
		return;
	}
	warnings_init(&warnings);
	audit(&task->instance, &warnings);
	for (size_t i = 0; i < warnings.count; i++)
		say("warning: %s", warnings.text[i]);
	warnings_finish(&warnings);
	become_checker(task);
}

static void
run_import(struct task *task)
{
	const char *usual = getenv("MAIL_CONFIG");
	struct import_request request = {
	    .from = task->arguments[0],
	    .to = task->directory,
	    .replaces = task->has_option,
	};
	struct error error;

	if (request.to == NULL)
		request.to = usual != NULL ? usual : POSTERN_CONFIG_DIR;
	if (!import_run(&request, &error))
		fail(task, error.text);
}

/* ---- which of them ---- */

/* clang-format off */
static const struct verb verbs[] = {
    {.name = "start", .run = run_start, .detail = "-d",
	.announcement = "starting the Postern mail system"},
    {.name = "start-fg", .run = run_start, .detail = "",
	.announcement = "starting the Postern mail system"},
    {.name = "start-submit", .run = run_start, .detail = "-ds",
	.announcement =
	    "starting the Postern mail system for submission only"},
    {.name = "stop", .run = run_stop, .detail = "stop",
	.announcement = "stopping the Postern mail system"},
    {.name = "abort", .run = run_stop, .detail = "abort",
	.announcement = "aborting the Postern mail system"},
    {.name = "reload", .run = run_reload, .detail = "reload",
	.announcement = "refreshing the Postern mail system",
	.option = "--dry-run"},
    {.name = "status", .run = run_status, .detail = "status"},
    {.name = "flush", .run = run_flush},
    {.name = "check", .run = run_check, .option = "sandbox"},
    {.name = "queue", .run = run_program, .detail = "inspect",
	.arguments = SIZE_MAX},
    {.name = "explain", .run = run_program, .detail = "explain",
	.arguments = SIZE_MAX},
    {.name = "import", .run = run_import, .option = "--replace",
	.arguments = 1, .is_without_instance = true},
    {.name = "set-permissions", .run = run_set_permissions,
	.option = "--create-users"},
};

/* clang-format on */

static const struct verb *
find_verb(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static int
usage(void)
{
	fputs("usage: postern [-c config_directory] "
	      "start|start-fg|start-submit|stop|reload [--dry-run]|abort|"
	      "status|check [sandbox]|flush|queue shape|queue why|explain|"
	      "import [--replace] directory|"
	      "set-permissions [--create-users]\n",
	    stderr);
	return EX_USAGE;
}

static void
run(void *argument)
{
	struct task *task = argument;

	task->verb->run(task);
}

/* A broken main.cf must not keep an administrator from stopping what runs: its
 * run_directory is all that the control socket needs. */
static bool
find_socket(struct task *task, const struct error *error)
{
	struct instance *instance = &task->instance;
	struct buf path;
	bool found;

	if (task->verb->run != run_stop && task->verb->run != run_status &&
	    (task->verb->run != run_reload || task->has_option))
		return false;
	buf_init(&path, PATH_MAX);
	found = param_expand(
	    &instance->source, SPAN("$run_directory"), &path, NULL);
	instance->common.run_directory =
	    pool_copy(instance->pool, buf_span(&path));
	buf_finish(&path);
	if (found)
		say("warning: %s", error->text);
	return found;
}

/* The user database needs more stack than a coroutine has. */
static void
run_task(struct task *task)
{
	if (task->verb->run == run_set_permissions ||
	    task->verb->run == run_check || task->verb->run == run_program)
		run(task);
	else
		instance_run(run, task);
}

/* What follows the verb; false when it does not fit. */
static bool
take_arguments(struct task *task, int argc, char **argv)
{
	size_t count = (size_t)argc;

	if (count > 0 && task->verb->option != NULL &&
	    strcmp(argv[0], task->verb->option) == 0) {
		task->has_option = true;
		argv++;
		count--;
	}
	task->arguments = argv;
	return task->verb->arguments == SIZE_MAX ||
	    count == task->verb->arguments;
}

static void
run_with_instance(struct task *task)
{
	struct error error;

	if (instance_open(
		&task->instance, task->directory, "postern", &error) ||
	    find_socket(task, &error))
		run_task(task);
	else
		fail_with(task, EX_CONFIG, error.text);
	instance_close(&task->instance);
}

int
main(int argc, char **argv)
{
	struct task task = {.status = EX_OK};

	if (!instance_take_options(argc, argv, &task.directory))
		return usage();
	if (optind < argc)
		task.verb = find_verb(argv[optind++]);
	if (task.verb == NULL ||
	    !take_arguments(&task, argc - optind, argv + optind))
		return usage();
	if (task.verb->is_without_instance)
		task.verb->run(&task);
	else
		run_with_instance(&task);
	return task.status;
}
