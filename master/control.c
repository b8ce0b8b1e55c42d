/* SPDX-License-Identifier: MIT */
#include "master/control.h"

#include <signal.h>
#include <unistd.h>

#include "lib/base/memory.h"
#include "lib/ipc/peer.h"
#include "lib/net/listen.h"

#include "master/generation.h"

enum {
	MODE_ADMINISTRATORS = 0600,
	CODE_DONE = 250,
	CODE_LATER = 450,
	CODE_FAILED = 550,
	STATUS_MAXIMUM = 60000,
	TEXTS_SECONDS = 10
};

/* A handler gets no argument of ours. */
static struct {
	struct supervisor *supervisor;
	struct loop_fd listener;
	const char *path;
} control;

static void
reply(struct conversation *conversation, uint32_t code, struct span text)
{
	struct message_reply message = {.code = code, .text = text};

	conversation_send_reply(conversation, &message);
}

static void
reply_outcome(
    struct conversation *conversation, bool done, const struct error *error)
{
	if (done)
		reply(conversation, CODE_DONE, SPAN_EMPTY);
	else
		reply(conversation,
		    error->kind == ERROR_TEMPORARY ? CODE_LATER : CODE_FAILED,
		    span_text(error->text));
}

/* The conversation ends with the process: that tells that nothing is left. */
static void
end_by(struct conversation *conversation, int signal_number)
{
	reply(conversation, CODE_DONE, SPAN_EMPTY);
	(void)kill(getpid(), signal_number);
	loop_sleep_until(LOOP_NO_DEADLINE);
}

static void
stop(struct conversation *conversation)
{
	end_by(conversation, SIGTERM);
}

static void
abort_now(struct conversation *conversation)
{
	end_by(conversation, SIGQUIT);
}

static void
reload(struct conversation *conversation)
{
	struct error error = {.text = ""};
	bool done = supervisor_reload(control.supervisor, &error);

	reply_outcome(conversation, done, &error);
}

static void
start_rest(struct conversation *conversation)
{
	struct error error = {.text = ""};
	bool done = supervisor_start_rest(control.supervisor, &error);

	reply_outcome(conversation, done, &error);
}

static void
describe(struct conversation *conversation)
{
	struct buf text;

	buf_init(&text, STATUS_MAXIMUM);
	buf_printf(&text, "%d\n", (int)getpid());
	supervisor_describe(control.supervisor, &text);
	reply(conversation, CODE_DONE, buf_span(&text));
	buf_finish(&text);
}

/* The texts in force: main.cf and master.cf as content, one after the other. A
 * client that goes away in between needs no answer. */
static void
show_texts(struct conversation *conversation)
{
	const struct instance *instance =
	    &control.supervisor->current->instance;
	int64_t deadline = loop_deadline(TEXTS_SECONDS);
	struct error error;
	struct buf texts;
	size_t first = instance->main_cf.len;

	/* While this waits the generation may end. */
	buf_init(&texts, SIZE_MAX);
	buf_append_span(&texts, instance->main_cf);
	buf_append_span(&texts, instance->master_cf);
	(void)(conversation_send_content(conversation,
		   span_head(buf_span(&texts), first), true, deadline,
		   &error) &&
	    conversation_send_content(conversation,
		span_skip(buf_span(&texts), first), true, deadline, &error));
	buf_finish(&texts);
}

static const struct {
	const char *command;
	void (*run)(struct conversation *conversation);
} commands[] = {
    {"stop", stop},
    {"abort", abort_now},
    {"reload", reload},
    {"status", describe},
    {"start", start_rest},
    {"texts", show_texts},
};

static void
serve(struct conversation *conversation, struct frame *first)
{
	struct message_command message;

	if (message_get_command(first->payload, &message))
		for (size_t i = 0; i < COUNT_OF(commands); i++)
			if (span_equal(message.command,
				span_text(commands[i].command))) {
				commands[i].run(conversation);
				return;
			}
	reply(conversation, CODE_FAILED, SPAN("no such command"));
}

static void
accept_command(struct loop_fd *listener)
{
	static const struct peer_identity identity = {.service = "master"};
	static const struct peer_handler handlers[] = {
	    {.type = MESSAGE_COMMAND, .serve = serve},
	};
	static const struct peer_settings settings = {
	    .handlers = handlers,
	    .handler_count = COUNT_OF(handlers),
	};
	int fd = listen_accept(listener->fd, NULL);

	if (fd >= 0)
		(void)peer_accept(fd, &identity, &settings);
}

bool
control_open(struct supervisor *supervisor, struct error *error)
{
	struct address address;
	int fd;

	control.supervisor = supervisor;
	control.path =
	    instance_control_path(&supervisor->current->instance, "control");
	if (!address_local(span_text(control.path), &address, error))
		return false;
	fd = listen_open(&address, SOMAXCONN, MODE_ADMINISTRATORS, error);
	if (fd < 0)
		return false;
	control.path = memory_copy(span_text(control.path));
	loop_add_listener(&control.listener, fd, accept_command, NULL);
	return true;
}

void
control_close(void)
{
	if (control.path != NULL)
		(void)unlink(control.path);
}
