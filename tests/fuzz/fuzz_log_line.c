/* SPDX-License-Identifier: MIT */
/* Text of strangers in the log: one event is one line, without control bytes,
 * of bounded length, in both formats. */
#include <sys/mman.h>

#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/io.h"
#include "lib/base/text.h"
#include "lib/log/log.h"

enum {
	LOG_MAXIMUM = 1 << 20
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static int log_fd = -1;

static void
open_log(bool json)
{
	struct log_settings settings = log_current();

	if (log_fd < 0)
		log_fd = memfd_create("log", MFD_CLOEXEC);
	must(log_fd >= 0 && ftruncate(log_fd, 0) == 0);
	must(lseek(log_fd, 0, SEEK_SET) == 0);
	settings.sink = LOG_SINK_FILE;
	settings.fd = log_fd;
	settings.syslog_name = "postfix";
	settings.program = "fuzz";
	settings.host = "mail";
	settings.json = json;
	log_open(&settings);
}

static void
check_lines(unsigned count)
{
	struct error error;
	struct buf text;
	unsigned lines = 0;

	log_flush();
	must(lseek(log_fd, 0, SEEK_SET) == 0);
	buf_init(&text, LOG_MAXIMUM);
	must(io_read_all(log_fd, &text, &error));
	for (size_t i = 0; i < text.len; i++) {
		lines += text.at[i] == '\n';
		must(text.at[i] == '\n' ||
		    ((unsigned char)text.at[i] >= ' ' && text.at[i] != 0x7f));
		must(!text_starts_with_control(span_skip(buf_span(&text), i)));
	}
	must(lines == count);
	buf_finish(&text);
}

/* The text is everything that a stranger can have put there. */
static void
write_lines(struct span text)
{
	struct log_context context = {text, text};

	log_event(&context, LOG_CLIENT_CONNECT, log_text("client", text),
	    log_text("address", text));
	log_event(&context, LOG_MESSAGE_ID, log_text("message_id", text));
	log_event(NULL, LOG_CLIENT_LOST, log_text("state", text),
	    log_text("client", text), log_address("address", text));
	log_info(&context, "said %.*s", SPAN_ARGS(text));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span text = span_of(bytes, count);

	for (int json = 0; json < 2; json++) {
		open_log(json == 1);
		write_lines(text);
		check_lines(4);
	}
	return 0;
}
