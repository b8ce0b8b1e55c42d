/* SPDX-License-Identifier: MIT */
/* What servers of tables answer, the texts of queries, and constant
 * databases. */
#include <sys/mman.h>

#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/table/cdb_file.h"
#include "lib/table/query_template.h"
#include "lib/table/server_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

/* A reply that is complete has no second one inside; its beginning is never
 * complete. */
static void
take_reply(const struct server_protocol *protocol, struct span input)
{
	struct server_reply reply = {.text = SPAN_EMPTY};
	struct buf value;

	if (protocol->take(input, &reply) != SERVER_REPLY_COMPLETE)
		return;
	must(reply.text.len == 0 ||
	    (reply.text.at >= input.at &&
		reply.text.at + reply.text.len <= input.at + input.len));
	buf_init(&value, input.len);
	(void)!protocol->decode(&value, reply.text);
	buf_finish(&value);
	must(protocol->take(span_head(input, input.len - 1), &reply) ==
	    SERVER_REPLY_INCOMPLETE);
}

static void
expand(struct span text)
{
	const struct query_values values = {
	    .key = span_head(text, text.len / 2),
	    .value = span_skip(text, text.len / 2),
	    .has_value = text.len % 2 != 0,
	};
	struct buf out;

	buf_init(&out, 1000);
	(void)!query_template_expand(text, &values, NULL, &out);
	buf_finish(&out);
}

static bool
take_entry(void *owner, struct span key UNUSED, struct span value UNUSED)
{
	size_t *left = owner;

	return (*left)-- > 0;
}

static void
read_cdb(struct span content)
{
	int fd = memfd_create("cdb", MFD_CLOEXEC);
	size_t left = 100;
	struct buf value;
	struct error error;

	must(fd >= 0);
	must(io_write(fd, content, &error));
	buf_init(&value, 1000);
	(void)!cdb_file_get(fd, SPAN("key"), &value, &error);
	(void)!cdb_file_get(fd, SPAN_EMPTY, &value, &error);
	(void)!cdb_file_walk(fd, take_entry, &left, &error);
	buf_finish(&value);
	io_close(&fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span input = span_of(bytes, count);

	if (count > 10000)
		return 0;
	take_reply(&server_reply_socketmap, input);
	take_reply(&server_reply_tcp, input);
	expand(input);
	if (count >= 2048)
		read_cdb(input);
	return 0;
}
