/* SPDX-License-Identifier: MIT */
#include "master/postmap/table_query.h"

#include <unistd.h>

#include "lib/base/base64.h"
#include "lib/base/io.h"
#include "lib/base/text.h"

#include "master/postmap/message_query.h"

enum {
	VALUE_MAXIMUM = 16 * 1024 * 1024,   /* bytes */
	MESSAGE_MAXIMUM = 256 * 1024 * 1024 /* bytes */
};

/* One run. */
struct asking {
	const struct table_query *query;
	struct error *error;
	bool with_key; /* is printed in front of the value */
	bool found;
	struct buf value;
	struct buf decoded;
};

static void
begin(struct asking *asking)
{
	buf_init(&asking->value, VALUE_MAXIMUM);
	buf_init(&asking->decoded, VALUE_MAXIMUM);
	asking->error->kind = ERROR_NONE;
}

static void
finish(struct asking *asking)
{
	buf_finish(&asking->value);
	buf_finish(&asking->decoded);
}

static void
print(struct span text)
{
	fwrite(text.at, 1, text.len, stdout);
}

static struct span
without_nul(struct span bytes)
{
	if (bytes.len > 0 && bytes.at[bytes.len - 1] == '\0')
		bytes.len--;
	return bytes;
}

/* False when the value cannot be decoded. */
static bool
show(struct asking *asking, struct span key, struct span value)
{
	if (asking->query->value_is_base64) {
		buf_clear(&asking->decoded);
		if (!base64_decode(value, &asking->decoded))
			return error_set(asking->error, ERROR_INVALID,
			    "key %.*s: the value is no base64", SPAN_ARGS(key));
		value = buf_span(&asking->decoded);
	}
	if (asking->with_key) {
		print(key);
		putchar('\t');
	}
	print(value);
	putchar('\n');
	asking->found = true;
	return true;
}

/* The first table that has the key answers; false ends it all. */
static bool
ask(void *owner, struct span key)
{
	struct asking *asking = owner;
	const struct table_query *query = asking->query;
	enum table_result result = TABLE_NOT_FOUND;

	if (query->check_utf8 && !text_is_utf8(key))
		return true;
	for (size_t i = 0;
	     query->tables[i] != NULL && result == TABLE_NOT_FOUND; i++)
		result = table_get(
		    query->tables[i], key, &asking->value, asking->error);
	if (result == TABLE_TRY_AGAIN)
		return false;
	return result == TABLE_NOT_FOUND ||
	    show(asking, key, buf_span(&asking->value));
}

static bool
ask_lines(struct asking *asking)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	bool going = true;

	while (going && (len = getline(&line, &size, stdin)) >= 0)
		going = ask(asking, span_trim(span_of(line, (size_t)len)));
	free(line);
	return going;
}

static bool
ask_message(struct asking *asking)
{
	struct buf message;
	bool going;

	buf_init(&message, MESSAGE_MAXIMUM);
	going = io_read_all(STDIN_FILENO, &message, asking->error) &&
	    message_query_run(
		buf_span(&message), asking->query->message_parts, ask, asking);
	buf_finish(&message);
	return going;
}

int
table_query_run(const struct table_query *query, struct error *error)
{
	struct asking asking = {.query = query, .error = error};
	bool complete;

	begin(&asking);
	asking.with_key = strcmp(query->key, "-") == 0;
	if (!asking.with_key)
		complete = ask(&asking, span_text(query->key));
	else if (query->message_parts != 0)
		complete = ask_message(&asking);
	else
		complete = ask_lines(&asking);
	finish(&asking);
	return complete && asking.found ? EXIT_SUCCESS : EXIT_FAILURE;
}

static bool
list_entry(void *owner, struct span key, struct span value)
{
	return show(owner, without_nul(key), without_nul(value));
}

bool
table_query_list(const struct table_query *query, struct error *error)
{
	struct asking asking = {
	    .query = query, .error = error, .with_key = true};
	bool complete = true;

	begin(&asking);
	for (size_t i = 0; query->tables[i] != NULL && complete; i++)
		complete =
		    table_walk(query->tables[i], list_entry, &asking, error);
	finish(&asking);
	return complete;
}
