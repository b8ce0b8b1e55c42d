/* SPDX-License-Identifier: MIT */
/* What sendmail gets: words that end in NUL, an empty one, and standard input.
 * What is spooled is in stored form, and can be had again; with -t the header
 * names recipients, none of which can break out of a line. */
#include <sys/mman.h>

#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"

#include "pickup/sendmail/arguments.h"
#include "pickup/sendmail/recipients.h"
#include "pickup/sendmail/spooled.h"

enum {
	WORDS_MAXIMUM = 16,
	MESSAGE_MAXIMUM = 1 << 16
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

struct input {
	char *text;
	char *argv[WORDS_MAXIMUM + 1];
	struct span message;
};

static void
split(struct input *input, struct span bytes)
{
	size_t words = 0;
	size_t at = 0;

	input->text = memory_copy(bytes);
	memset(input->argv, 0, sizeof input->argv);
	while (at < bytes.len && words < WORDS_MAXIMUM) {
		size_t len = strlen(input->text + at);

		if (len == 0)
			break;
		input->argv[words++] = input->text + at;
		at += len + 1;
	}
	input->message = span_skip(bytes, at + 1);
}

static int
make_stdin(struct span message)
{
	int fd = memfd_create("stdin", MFD_CLOEXEC);
	struct error error;

	must(fd >= 0 && io_write(fd, message, &error));
	must(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static bool
collect(void *owner, struct span run)
{
	return buf_append_span(owner, run);
}

/* CRLF ends the lines, nothing else is in their way. */
static void
check_spooled(const struct spooled *spooled)
{
	struct span text;
	struct error error;
	struct buf all;

	buf_init(&all, 2 * MESSAGE_MAXIMUM + 2);
	must(spooled_replay(spooled, collect, &all, &error));
	text = buf_span(&all);
	must(text.len == content_size(&spooled->content));
	must(span_starts(text, buf_span(&spooled->header)));
	must(text.len == 0 || span_ends(text, SPAN("\r\n")));
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '\r')
			must(i + 1 < text.len && text.at[i + 1] == '\n');
		if (text.at[i] == '\n')
			must(i > 0 && text.at[i - 1] == '\r');
	}
	buf_finish(&all);
}

static void
check_recipients(
    const struct arguments *arguments, const struct spooled *spooled)
{
	struct pool *pool = pool_create(NULL, "fuzz", 16 << 20);
	struct recipients recipients;
	struct error error = {.kind = ERROR_NONE};
	bool good = true;

	recipients_init(&recipients, pool);
	for (size_t i = 0; good && i < arguments->recipient_count; i++)
		good = recipients_add_list(
		    &recipients, span_text(arguments->recipients[i]), &error);
	if (good && arguments->from_header)
		good = recipients_add_header(
		    &recipients, buf_span(&spooled->header), &error);
	must(good || error.text[0] != '\0');
	for (size_t i = 0; i < recipients_count(&recipients); i++) {
		struct span address = recipients_at(&recipients, i);

		must(address.len > 0);
		must(span_find(address, '\n') == address.len);
		must(span_find(address, '\r') == address.len);
		must(span_find(address, '\0') == address.len);
	}
	recipients_finish(&recipients);
	pool_destroy(pool);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct arguments arguments;
	struct spooled spooled;
	struct input input;
	struct error error;
	int fd;

	if (count > MESSAGE_MAXIMUM)
		return 0;
	split(&input, span_of(bytes, count));
	if (arguments_parse(&arguments, input.argv, &error)) {
		struct spooled_settings settings = {
		    .dot_is_text = arguments.dot_is_text,
		    .maximum = MESSAGE_MAXIMUM};

		fd = make_stdin(input.message);
		if (spooled_read(&spooled, fd, &settings, &error)) {
			check_spooled(&spooled);
			check_recipients(&arguments, &spooled);
		}
		spooled_finish(&spooled);
		io_close(&fd);
	}
	free(input.text);
	return 0;
}
