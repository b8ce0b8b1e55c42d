/* SPDX-License-Identifier: MIT */
#include "lib/log/log.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/log/template.h"

enum {
	LINE_MAXIMUM = 8192,
	BATCH_SIZE = 16384,
	SINK_PATIENCE = 1000 /* milliseconds */
};

struct event_spec {
	const char *name;
	enum log_level level;
	const char *template;
};

static const struct event_spec events[] = {
#define EVENT(name, level, template, meaning) \
	{#name, LOG_LEVEL_##level, template},
#include "lib/log/events.def"
#undef EVENT
};

static const struct {
	const char *prefix;
	const char *json;
	int priority;
} levels[] = {
    [LOG_LEVEL_INFO] = {"", "info", LOG_INFO},
    [LOG_LEVEL_WARNING] = {"warning: ", "warning", LOG_WARNING},
    [LOG_LEVEL_ERROR] = {"error: ", "error", LOG_ERR},
    [LOG_LEVEL_FATAL] = {"", "fatal", LOG_CRIT},
};

/* The process has one log, so its state is one static object. */
static struct {
	struct log_settings settings;
	char syslog_name[64];
	char program[64];
	char tag[140]; /* syslog_name/program */
	char host[64];
	pid_t pid; /* getpid is a system call */
	struct buf pending;
	uint64_t lost;
	uint64_t lost_reported;
	time_t stamp_second;
	char stamp[32];
} state = {
    .program = "postern",
    .pending = {.maximum = BATCH_SIZE + LINE_MAXIMUM},
};

static size_t
count_lines(struct span text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.at[i] == '\n';
	return count;
}

static bool
wait_until_writable(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};

	return poll(&poll_fd, 1, SINK_PATIENCE) == 1 &&
	    (poll_fd.revents & POLLOUT) != 0;
}

void
log_flush(void)
{
	struct span rest = buf_span(&state.pending);

	while (rest.len > 0) {
		ssize_t put = write(state.settings.fd, rest.at, rest.len);

		if (put > 0)
			rest = span_skip(rest, (size_t)put);
		else if (put < 0 && errno == EINTR)
			continue;
		else if (put < 0 && errno == EAGAIN &&
		    wait_until_writable(state.settings.fd))
			continue;
		else
			break;
	}
	state.lost += count_lines(rest);
	buf_clear(&state.pending);
}

uint64_t
log_lost(void)
{
	return state.lost;
}

static const char *
stamp_now(void)
{
	time_t now = (time_t)(clock_wall() / CLOCK_SECOND);

	if (now != state.stamp_second) {
		struct tm local;

		localtime_r(&now, &local);
		strftime(
		    state.stamp, sizeof state.stamp, "%b %e %H:%M:%S", &local);
		state.stamp_second = now;
	}
	return state.stamp;
}

static void
emit(enum log_level level, struct span line)
{
	switch (state.settings.sink) {
	case LOG_SINK_STDERR:
		fprintf(stderr, "%s: %.*s\n", state.program, SPAN_ARGS(line));
		return;
	case LOG_SINK_SYSLOG:
		syslog(levels[level].priority, "%.*s", SPAN_ARGS(line));
		return;
	case LOG_SINK_FILE:
		break;
	}
	if (state.pending.len == 0 && state.settings.on_pending != NULL)
		state.settings.on_pending();
	if (!state.settings.json)
		buf_printf(&state.pending, "%s %s %s[%d]: ", stamp_now(),
		    state.host, state.tag, (int)state.pid);
	buf_append_span(&state.pending, line);
	buf_append_byte(&state.pending, '\n');
	if (!state.settings.batch || level >= LOG_LEVEL_FATAL ||
	    state.pending.len > BATCH_SIZE)
		log_flush();
}

static void
report_lost(void)
{
	char text[80];
	uint64_t lost = state.lost - state.lost_reported;

	if (lost == 0)
		return;
	state.lost_reported = state.lost;
	snprintf(text, sizeof text, "warning: %" PRIu64 " log lines were lost",
	    lost);
	emit(LOG_LEVEL_WARNING, span_text(text));
}

static void
begin_json(
    struct buf *line, const struct log_context *context, enum log_level level)
{
	int64_t now = clock_wall();

	buf_printf(line, "{\"time\":%" PRId64 ".%06" PRId64 ",\"level\":\"%s\"",
	    now / CLOCK_SECOND, now % CLOCK_SECOND, levels[level].json);
	buf_append_text(line, ",\"host\":");
	text_append_json(line, span_text(state.host));
	buf_append_text(line, ",\"program\":");
	text_append_json(line, span_text(state.tag));
	buf_printf(line, ",\"pid\":%d", (int)state.pid);
	if (context != NULL && context->queue_id.len > 0) {
		buf_append_text(line, ",\"queue_id\":");
		text_append_json(line, context->queue_id);
	}
	if (context != NULL && context->session.len > 0) {
		buf_append_text(line, ",\"session\":");
		text_append_json(line, context->session);
	}
}

static void
begin_classic(
    struct buf *line, const struct log_context *context, enum log_level level)
{
	/* Events without an id of their own that reject say NOQUEUE. */
	buf_append_text(line, levels[level].prefix);
	if (context != NULL && context->queue_id.len > 0) {
		text_append_printable(line, context->queue_id);
		buf_append_text(line, ": ");
	}
}

static void
finish_line(struct buf *line, enum log_level level)
{
	report_lost();
	emit(level, buf_span(line));
	buf_finish(line);
}

void
log_event_fields(const struct log_context *context, enum log_event event,
    const struct log_field *fields, size_t count)
{
	const struct event_spec *spec = &events[event];
	struct buf line;

	must(event < LOG_EVENT_COUNT);
	buf_init(&line, LINE_MAXIMUM);
	if (state.settings.json) {
		begin_json(&line, context, spec->level);
		buf_printf(&line, ",\"event\":\"%s\"", spec->name);
		template_json(&line, fields, count);
		buf_append_byte(&line, '}');
	} else {
		begin_classic(&line, context, spec->level);
		template_fill(&line, spec->template, fields, count);
	}
	finish_line(&line, spec->level);
}

static PRINTF_LIKE(3, 0) void log_line(const struct log_context *context,
    enum log_level level, const char *format, va_list arguments)
{
	struct buf line;
	char text[2048];
	int len = vsnprintf(text, sizeof text, format, arguments);
	struct span words = span_of(text, strlen(text));

	must(len >= 0);
	buf_init(&line, LINE_MAXIMUM);
	if (state.settings.json) {
		struct log_field field = log_text("text", words);

		begin_json(&line, context, level);
		template_json(&line, &field, 1);
		buf_append_byte(&line, '}');
	} else {
		begin_classic(&line, context, level);
		template_fill(&line, "{text}",
		    &(struct log_field){.name = "text", .text = words}, 1);
	}
	finish_line(&line, level);
}

void
log_info(const struct log_context *context, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_line(context, LOG_LEVEL_INFO, format, arguments);
	va_end(arguments);
}

void
log_warning(const struct log_context *context, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_line(context, LOG_LEVEL_WARNING, format, arguments);
	va_end(arguments);
}

void
log_error(const struct log_context *context, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_line(context, LOG_LEVEL_ERROR, format, arguments);
	va_end(arguments);
}

/* fatal() and must() bring their own severity word. */
static void
report_fatal(const char *text)
{
	emit(LOG_LEVEL_FATAL, span_text(text));
}

static void
copy_name(char *to, size_t size, const char *from)
{
	/* A caller may hand back what log_current gave it. */
	if (from != NULL && from != to)
		snprintf(to, size, "%s", from);
}

static void
note_pid(void)
{
	state.pid = getpid();
}

void
log_open(const struct log_settings *settings)
{
	static bool prepared;

	log_flush();
	if (!prepared)
		must(pthread_atfork(NULL, NULL, note_pid) == 0);
	prepared = true;
	note_pid();
	copy_name(
	    state.syslog_name, sizeof state.syslog_name, settings->syslog_name);
	copy_name(state.program, sizeof state.program, settings->program);
	copy_name(state.host, sizeof state.host, settings->host);
	snprintf(state.tag, sizeof state.tag, "%s/%s", state.syslog_name,
	    state.program);
	state.settings = *settings;
	state.settings.syslog_name = state.syslog_name;
	state.settings.program = state.program;
	state.settings.host = state.host;
	if (settings->sink == LOG_SINK_SYSLOG)
		openlog(state.tag, LOG_PID | LOG_NDELAY, settings->facility);
	fatal_set_report(report_fatal);
}

struct log_settings
log_current(void)
{
	return state.settings;
}
