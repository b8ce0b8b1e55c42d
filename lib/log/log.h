/* SPDX-License-Identifier: MIT */
/* The log of the process: lines in Postfix's classic shape, or JSON, from one
 * table of events (events.def). Lines are collected and leave in one write; the
 * owner of the loop calls log_flush at the end of each turn, and whoever is
 * about to send a reply or status that a line describes calls it first.
 *
 * Libraries do not log: they return an error, and their caller decides. */
#ifndef LOG_LOG_H
#define LOG_LOG_H

#include "lib/base/error.h"
#include "lib/base/span.h"

enum log_level {
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_ERROR,
	LOG_LEVEL_FATAL
};

enum log_event {
#define EVENT(name, level, template, meaning) LOG_##name,
#include "lib/log/events.def"
#undef EVENT
	LOG_EVENT_COUNT
};

/* What a line is about; owned by the session or message. Both may be empty. */
struct log_context {
	struct span queue_id; /* printed before the text: "4jX...: " */
	struct span session;  /* JSON only */
};

struct log_field {
	const char *name;
	struct span text;
	uint64_t number;
	bool is_number;
	bool is_address;
};

static inline struct log_field
log_text(const char *name, struct span text)
{
	return (struct log_field){.name = name, .text = text};
}

static inline struct log_field
log_number(const char *name, uint64_t number)
{
	return (struct log_field){
	    .name = name, .number = number, .is_number = true};
}

/* A mail address in internal form. In a classic line its local part has quotes
 * where an envelope would need them, so that it cannot look like other parts of
 * the line. */
static inline struct log_field
log_address(const char *name, struct span text)
{
	return (struct log_field){
	    .name = name, .text = text, .is_address = true};
}

/* A field that is not given when the text is empty. */
static inline struct log_field
log_optional(const char *name, struct span text)
{
	return log_text(text.len > 0 ? name : NULL, text);
}

/* log_event(context, LOG_DELIVERY, log_text("to", to), ...). `context` may be
 * NULL. Text from peers is made printable here. */
#define log_event(context, event, ...)                                      \
	log_event_fields(context, event, (struct log_field[]){__VA_ARGS__}, \
	    COUNT_OF(((struct log_field[]){__VA_ARGS__})))
void log_event_fields(const struct log_context *context, enum log_event event,
    const struct log_field *fields, size_t count);

/* For what no program parses. */
void log_info(const struct log_context *context, const char *format, ...)
    PRINTF_LIKE(2, 3);
void log_warning(const struct log_context *context, const char *format, ...)
    PRINTF_LIKE(2, 3);
void log_error(const struct log_context *context, const char *format, ...)
    PRINTF_LIKE(2, 3);

enum log_sink {
	LOG_SINK_STDERR, /* "program: text", for commands; the default */
	LOG_SINK_FILE,   /* whole lines to a descriptor */
	LOG_SINK_SYSLOG
};

struct log_settings {
	enum log_sink sink;
	int fd;                  /* LOG_SINK_FILE: stays the caller's */
	int facility;            /* LOG_SINK_SYSLOG: LOG_MAIL and so on */
	const char *syslog_name; /* tag before the slash; copied */
	const char *program;     /* tag behind it; copied */
	const char *host;        /* copied */
	bool json;
	bool batch; /* keep lines until log_flush or 16 KB */
	/* Called when the first line is kept, to arrange for log_flush; may be
	 * NULL. */
	void (*on_pending)(void);
};

/* May be called again to change the sink; also makes fatal() report here. */
void log_open(const struct log_settings *settings);

/* The settings in force; log_open may be called with a changed copy. */
struct log_settings log_current(void);

/* Writes what is collected. A sink that does not take it within one second
 * loses the lines, which are counted and reported when it is back. */
void log_flush(void);

/* Lines lost so far. */
uint64_t log_lost(void);

#endif
