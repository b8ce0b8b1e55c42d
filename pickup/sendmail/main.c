/* SPDX-License-Identifier: MIT */
/* sendmail: queues mail for programs and people, in the way that all of them
 * know; without privileges. Also mailq and newaliases, by its name. */
#include <sys/stat.h>

#include <fcntl.h>
#include <signal.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/daemon/instance.h"
#include "lib/mail/address_list.h"

#include "pickup/sendmail/arguments.h"
#include "pickup/sendmail/hand_on.h"
#include "pickup/sendmail/recipients.h"
#include "pickup/sendmail/relay.h"
#include "pickup/sendmail/spooled.h"
#include "pickup/sendmail/submit.h"

static void
print_line(const char *severity, const char *text)
{
	fprintf(stderr, "sendmail: %s: %s\n", severity, text);
}

static int
fail(int status, const struct error *error)
{
	print_line("fatal", error->text);
	return status;
}

/* What cannot be read now may be readable later, but a wrong word stays
 * wrong. */
static int
status_of(const struct error *error)
{
	return error->kind == ERROR_INVALID || error->kind == ERROR_LIMIT
	    ? EX_DATAERR
	    : EX_TEMPFAIL;
}

/* -f may name several addresses; the first counts. */
static bool
take_sender(
    struct pool *pool, struct submit_request *request, struct error *error)
{
	const char *text = request->arguments->sender;
	struct address_list list;
	struct address_list_entry entry;

	if (text == NULL)
		return true;
	request->has_sender = true;
	address_list_init(&list, span_text(text), 2);
	switch (address_list_next(&list, pool, &entry, error)) {
	case ADDRESS_LIST_FOUND:
		request->sender = entry.address.text;
		break;
	case ADDRESS_LIST_END:
		return true;
	case ADDRESS_LIST_BAD:
	case ADDRESS_LIST_LIMIT:
		return error_prefix(error, "-f %.64s", text);
	}
	if (address_list_next(&list, pool, &entry, NULL) != ADDRESS_LIST_END)
		print_line("warning",
		    "-f option specified malformed sender, the first address "
		    "is used");
	return true;
}

static bool
take_recipients(const struct arguments *arguments,
    const struct spooled *message, struct recipients *recipients,
    struct error *error)
{
	for (size_t i = 0; i < arguments->recipient_count; i++)
		if (!recipients_add_list(
			recipients, span_text(arguments->recipients[i]), error))
			return false;
	if (arguments->from_header &&
	    !recipients_add_header(
		recipients, buf_span(&message->header), error))
		return false;
	return recipients_count(recipients) > 0 ||
	    error_set(error, ERROR_INVALID,
		arguments->from_header ? "no recipients were specified in "
					 "the message header or on the command "
					 "line"
				       : "recipient addresses must be "
					 "specified on the command line or via "
					 "the -t option");
}

/* The message has been read: finds out who and submits it. */
static int
submit(const struct instance *instance, const struct arguments *arguments,
    const struct spooled *message)
{
	struct recipients recipients;
	struct submit_request request = {
	    .socket = instance_public_path(instance, "submit"),
	    .arguments = arguments,
	    .full_name = arguments->full_name != NULL ? arguments->full_name
						      : getenv("NAME"),
	    .sender = SPAN_EMPTY,
	    .recipients = &recipients,
	    .message = message,
	};
	int status = EX_OK;
	struct error error;

	recipients_init(&recipients, instance->pool);
	if (!take_sender(instance->pool, &request, &error) ||
	    !take_recipients(arguments, message, &recipients, &error))
		status = fail(status_of(&error), &error);
	else if (!submit_message(&request, &status, &error))
		status = fail(status, &error);
	else
		status = EX_OK;
	recipients_finish(&recipients);
	return status;
}

static int
send_mail(const struct instance *instance, const struct arguments *arguments)
{
	struct spooled_settings settings = {
	    .dot_is_text = arguments->dot_is_text,
	    .maximum = (uint64_t)instance->common.message_size_limit,
	};
	struct spooled message;
	struct error error;
	int status;

	if (arguments->recipient_count == 0 && !arguments->from_header) {
		error_set(&error, ERROR_INVALID,
		    "recipient addresses must be specified on the command "
		    "line or via the -t option");
		return fail(EX_USAGE, &error);
	}
	if (spooled_read(&message, STDIN_FILENO, &settings, &error))
		status = submit(instance, arguments, &message);
	else
		status = fail(status_of(&error), &error);
	spooled_finish(&message);
	return status;
}

static int
speak_smtp(const struct instance *instance)
{
	struct error error;
	int fd =
	    submit_connect(instance_public_path(instance, "submit"), &error);
	bool complete;

	if (fd < 0)
		return fail(EX_TEMPFAIL, &error);
	complete = relay_run(fd, &error);
	io_close(&fd);
	return complete ? EX_OK : fail(EX_TEMPFAIL, &error);
}

static int
hand_on(const struct instance *instance, const struct arguments *arguments)
{
	struct error error;

	hand_on_run(instance, arguments, &error);
	return fail(EX_UNAVAILABLE, &error);
}

static int
act(const struct instance *instance, const struct arguments *arguments)
{
	switch (arguments->mode) {
	case ARGUMENTS_MAIL:
		return send_mail(instance, arguments);
	case ARGUMENTS_SMTP:
		return speak_smtp(instance);
	case ARGUMENTS_NOTHING:
		return EX_OK;
	case ARGUMENTS_LIST:
	case ARGUMENTS_ALIASES:
	case ARGUMENTS_DAEMON:
	case ARGUMENTS_FLUSH:
	case ARGUMENTS_FLUSH_ID:
	case ARGUMENTS_FLUSH_SITE:
		break;
	}
	return hand_on(instance, arguments);
}

/* -C names a directory, or main.cf in it. */
static const char *
config_directory(struct arguments *arguments)
{
	struct span path = span_text(arguments->config);
	static char directory[4096];

	if (!span_ends(path, SPAN("/main.cf")))
		return arguments->config;
	snprintf(directory, sizeof directory, "%.*s",
	    (int)(path.len - strlen("/main.cf")), path.at);
	return directory;
}

/* Whoever called us may have closed the first three descriptors and left
 * others open. */
static void
prepare_process(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	(void)close_range(STDERR_FILENO + 1, ~0U, 0);
	umask(022);
	/* A file that may not grow is an error like others. */
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
}

int
main(int argc UNUSED, char **argv)
{
	struct arguments arguments;
	struct instance instance;
	struct error error;
	int status;

	prepare_process();
	if (!arguments_parse(&arguments, argv, &error))
		return fail(EX_USAGE, &error);
	if (arguments.warning != NULL)
		print_line("warning", arguments.warning);
	if (instance_open(
		&instance, config_directory(&arguments), "sendmail", &error))
		status = act(&instance, &arguments);
	else
		status = fail(EX_TEMPFAIL, &error);
	instance_close(&instance);
	return status;
}
