/* SPDX-License-Identifier: MIT */
/* Replies of SMTP servers, line by line; a complete one is written and read
 * again. */
#include "lib/mail/reply_parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void
check_written(const struct reply *reply)
{
	struct reply_parser parser = {0};
	enum reply_progress progress = REPLY_MORE;
	struct reply again;
	struct buf wire;
	struct span rest;
	struct span line;

	buf_init(&wire, 1 << 16);
	must(reply_append(&wire, reply));
	rest = buf_span(&wire);
	while (span_split(rest, '\n', &line, &rest)) {
		must(progress == REPLY_MORE && span_ends(line, SPAN("\r")));
		must(line.len < 512);
		line.len--;
		progress = reply_parser_line(&parser, line, &again, NULL, NULL);
	}
	must(progress == REPLY_DONE && again.code == reply->code);
	buf_clear(&wire);
	must(reply_append_line(&wire, reply));
	must(span_find(buf_span(&wire), '\n') == wire.len);
	buf_finish(&wire);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span rest = span_of(bytes, count);
	struct reply_parser parser = {0};
	enum reply_progress progress = REPLY_MORE;
	struct reply reply;
	struct error error;
	struct span line;
	bool more = true;

	while (more && progress != REPLY_INVALID) {
		more = span_split(rest, '\n', &line, &rest);
		progress =
		    reply_parser_line(&parser, line, &reply, NULL, &error);
		if (progress == REPLY_DONE)
			check_written(&reply);
	}
	return 0;
}
