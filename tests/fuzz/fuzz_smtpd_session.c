/* SPDX-License-Identifier: MIT */
/* A whole SMTP session. The first byte chooses the client and how cleanup
 * answers, the second the size of the pieces; the rest is what the client says.
 * Cut in pieces or not, the answers and what is stored are the same. */
#include "lib/loop/coroutine.h"

#include "../unit/smtpd/stage.h"

enum {
	INPUT_MAXIMUM = 1 << 16
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static const char main_cf[] = "myhostname = mail.example\n"
			      "mydestination = mail.example\n"
			      "relay_domains = relay.example\n"
			      "mynetworks = 127.0.0.0/8\n"
			      "mail_owner =\n"
			      "message_size_limit = 20000\n"
			      "compatibility_level = 3.6\n"
			      "notify_classes =\n"
			      "smtpd_error_sleep_time = 0s\n"
			      /* Depends on how the input is cut. */
			      "smtpd_forbid_unauth_pipelining = no\n"
			      "smtpd_recipient_limit = 5\n"
			      "smtpd_recipient_overshoot_limit = 2\n"
			      "smtpd_hard_error_limit = 50\n";

/* The control channel has to become descriptor 3 before others take it. */
__attribute__((constructor)) static void
open_stage(void)
{
	stage_open(main_cf);
}

static bool
is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* RFC 5321 4.2: three digits, then a blank, a hyphen or the end. */
static void
check_replies(struct span output)
{
	struct span line;

	while (output.len > 0) {
		must(span_split(output, '\n', &line, &output));
		must(span_ends(line, SPAN("\r")) && line.len >= 4);
		line.len--;
		must(span_find(line, '\r') == line.len);
		must(span_find(line, '\0') == line.len);
		must(is_digit(line.at[0]) && is_digit(line.at[1]) &&
		    is_digit(line.at[2]));
		must(line.len == 3 || line.at[3] == ' ' || line.at[3] == '-');
		must(line.len <= 512);
	}
}

static unsigned
count_text(struct span text, struct span part)
{
	unsigned count = 0;

	for (size_t at; (at = span_find_span(text, part)) < text.len; count++)
		text = span_skip(text, at + part.len);
	return count;
}

/* CRLF only, and at the end of all. */
static void
check_stored_form(struct span content)
{
	must(content.len == 0 || span_ends(content, SPAN("\r\n")));
	for (size_t i = 0; i < content.len; i++) {
		if (content.at[i] == '\r')
			must(i + 1 < content.len && content.at[i + 1] == '\n');
		if (content.at[i] == '\n')
			must(i > 0 && content.at[i - 1] == '\r');
	}
}

/* One line an address: nothing in it can break out of a line. */
static void
check_envelope(const struct stage_mail *mail)
{
	must(count_text(buf_span(&mail->sender), SPAN("\n")) == mail->begun);
	must(span_find(buf_span(&mail->sender), '\r') == mail->sender.len);
	must(span_find(buf_span(&mail->sender), '\0') == mail->sender.len);
	must(span_find(buf_span(&mail->recipients), '\r') ==
	    mail->recipients.len);
	must(span_find(buf_span(&mail->recipients), '\0') ==
	    mail->recipients.len);
}

/* What was promised was stored, and nothing else. */
static void
check_session(void)
{
	struct span output = buf_span(&stage.output);

	check_replies(output);
	check_stored_form(buf_span(&stage.mail.content));
	check_envelope(&stage.mail);
	must(count_text(output, SPAN("Ok: queued as " STAGE_QUEUE_ID)) ==
	    stage.mail.committed);
	must(stage.mail.committed + stage.mail.aborted <= stage.mail.begun);
}

static void
copy(struct buf *to, const struct buf *from)
{
	buf_init(to, STAGE_OUTPUT_MAXIMUM);
	must(buf_append_span(to, buf_span(from)));
}

static void
check_same_in_pieces(struct span input, size_t step)
{
	struct buf output;
	struct buf recipients;
	struct buf content;

	copy(&output, &stage.output);
	copy(&recipients, &stage.mail.recipients);
	copy(&content, &stage.mail.content);
	stage_talk(input, step);
	must(span_equal(buf_span(&output), buf_span(&stage.output)));
	must(span_equal(
	    buf_span(&recipients), buf_span(&stage.mail.recipients)));
	must(span_equal(buf_span(&content), buf_span(&stage.mail.content)));
	buf_finish(&output);
	buf_finish(&recipients);
	buf_finish(&content);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	static const unsigned codes[] = {250, 250, 250, 452, 552, 0};
	struct span input = span_skip(span_of(bytes, count), 2);
	size_t coroutines;

	if (count < 2 || input.len > INPUT_MAXIMUM)
		return 0;
	coroutines = coroutine_count();
	stage.client_ip = (bytes[0] & 1) != 0 ? "127.0.0.1" : "192.0.2.1";
	stage.cleanup_code = codes[(bytes[0] >> 1) % COUNT_OF(codes)];
	stage_talk(input, SIZE_MAX);
	check_session();
	check_same_in_pieces(input, bytes[1] + 1u);
	check_session();
	must(ftruncate(stage.log, 0) == 0);
	must(coroutine_count() <= coroutines + 1);
	return 0;
}
