/* SPDX-License-Identifier: MIT */
/* What is written to an mbox does not depend on how the content was cut, and no
 * line of it looks like the beginning of another message. */
#include <sys/mman.h>

#include <unistd.h>

#include "lib/base/io.h"

#include "local/child/output.h"

enum {
	INPUT_MAXIMUM = 4096
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
write_mailbox(struct span content, size_t piece, struct buf *written)
{
	int fd = memfd_create("mailbox", MFD_CLOEXEC);
	struct output output;

	must(fd >= 0);
	output_init(&output, fd, true);
	for (; content.len > 0; content = span_skip(content, piece))
		must(output_content(&output, span_head(content, piece), NULL));
	must(output_end(&output, NULL));
	output_finish(&output);
	must(lseek(fd, 0, SEEK_SET) == 0);
	buf_init(written, 4 * INPUT_MAXIMUM);
	must(io_read_all(fd, written, NULL));
	(void)close(fd);
}

static void
check_lines(struct span text)
{
	struct span line;

	must(text.len == 0 || span_ends(text, SPAN("\n")));
	while (text.len > 0) {
		span_split(text, '\n', &line, &text);
		must(!span_starts(line, SPAN("From ")));
	}
}

/* The first byte says how the content is cut. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span content;
	struct buf whole;
	struct buf cut;

	if (size < 2 || size > INPUT_MAXIMUM)
		return 0;
	content = span_of(data + 1, size - 1);
	write_mailbox(content, content.len, &whole);
	write_mailbox(content, 1 + data[0] % 16, &cut);
	must(span_equal(buf_span(&whole), buf_span(&cut)));
	check_lines(buf_span(&whole));
	buf_finish(&whole);
	buf_finish(&cut);
	return 0;
}
