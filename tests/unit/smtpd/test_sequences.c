/* SPDX-License-Identifier: MIT */
/* SEC-10: every sequence of commands up to some length, against a model that
 * knows RFC 5321 and 3030 and nothing of the code: the reply to each command,
 * and exactly the messages that were promised.
 *
 *   smtpd-test_sequences [LENGTH]      4 unless told; 6 takes half an hour */
#include "lib/base/number.h"

#include "../unit.h"
#include "stage.h"

enum {
	LENGTH_MAXIMUM = 8,
	TEXT_MAXIMUM = 4096
};

static unsigned length = 4;

static const char main_cf[] = "myhostname = mail.example\n"
			      "mydestination = mail.example\n"
			      "mynetworks = 127.0.0.0/8\n"
			      "mail_owner =\n"
			      "notify_classes =\n"
			      "compatibility_level = 3.6\n"
			      "smtpd_peername_lookup = no\n"
			      "smtpd_forbid_unauth_pipelining = no\n"
			      /* Nothing waits, nothing ends for its errors. */
			      "smtpd_soft_error_limit = 1000\n"
			      "smtpd_hard_error_limit = 1000\n"
			      "message_size_limit = 100000\n";

/* ---- the model: a session as the standards have it ---- */

struct model {
	bool has_mail;
	bool has_asked; /* for a recipient, in this session */
	unsigned recipients;
	bool in_chunks;
	bool is_torn; /* the first chunk was refused: the rest means nothing */
	bool is_over;
	struct buf chunks;
	/* What it should come to. */
	struct buf codes;
	struct buf recipients_taken;
	struct buf content;
	unsigned committed;
};

static void
model_answer(struct model *model, unsigned code)
{
	must(buf_printf(&model->codes, "%u\n", code));
}

static void
model_reset(struct model *model)
{
	model->has_mail = model->in_chunks = model->is_torn = false;
	model->recipients = 0;
	buf_clear(&model->chunks);
}

static void
model_hello(struct model *model)
{
	model_reset(model);
	model_answer(model, 250);
}

static void
model_mail(struct model *model)
{
	model_answer(model, model->has_mail ? 503 : 250);
	model->has_mail = true;
}

static void
model_large_mail(struct model *model)
{
	model_answer(model, model->has_mail ? 503 : 552);
}

static void
model_rcpt(struct model *model)
{
	bool is_good = model->has_mail && !model->in_chunks;

	model->has_asked = true;
	model_answer(model, is_good ? 250 : 503);
	if (!is_good)
		return;
	model->recipients++;
	must(buf_append_text(&model->recipients_taken,
	    "s@client.example -> alice@mail.example\n"));
}

static void
model_bad_rcpt(struct model *model)
{
	bool is_good = model->has_mail && !model->in_chunks;

	model->has_asked = true;
	model_answer(model, is_good ? 554 : 503);
}

static void
model_commit(struct model *model, const char *text)
{
	model_answer(model, 250);
	must(buf_append_text(&model->content, text));
	model->committed++;
	model_reset(model);
}

/* The code for content without a recipient. */
static unsigned
model_lack(const struct model *model)
{
	return model->has_mail && model->has_asked ? 554 : 503;
}

/* True when the message may come. */
static bool
model_data_begins(struct model *model)
{
	unsigned code = 354;

	if (model->in_chunks || model->is_torn)
		code = 503;
	else if (model->recipients == 0)
		code = model_lack(model);
	model_answer(model, code);
	return code == 354;
}

static void
model_data(struct model *model)
{
	if (model_data_begins(model))
		model_commit(model, ".data\r\n");
}

static void
model_bare_data(struct model *model)
{
	if (!model_data_begins(model))
		return;
	model_answer(model, 550);
	model_reset(model);
}

/* True when the chunk counts. */
static bool
model_takes_chunk(struct model *model)
{
	bool may_begin = model->recipients > 0 && !model->is_torn;

	if (model->in_chunks || may_begin) {
		model->in_chunks = true;
		return true;
	}
	model_answer(model, model->is_torn ? 503 : model_lack(model));
	model->is_torn = model->has_mail;
	return false;
}

static void
model_chunk(struct model *model)
{
	if (!model_takes_chunk(model))
		return;
	must(buf_append_text(&model->chunks, ".c"));
	model_answer(model, 250);
}

static void
model_last_chunk(struct model *model)
{
	if (!model_takes_chunk(model))
		return;
	must(buf_append_text(&model->chunks, ".l\r\n"));
	model_commit(model, buf_text(&model->chunks));
}

static void
model_bare_chunk(struct model *model)
{
	if (!model_takes_chunk(model))
		return;
	model_answer(model, 550);
	model_reset(model);
}

/* An address that is no address changes nothing. */
static void
model_bad_vrfy(struct model *model)
{
	model_answer(model, 501);
}

static void
model_quit(struct model *model)
{
	model_answer(model, 221);
	model->is_over = true;
}

/* ---- what is said ---- */

/* `data` follows if the model lets it. */
static const struct {
	void (*model)(struct model *model);
	const char *line;
	const char *data;
} alphabet[] = {
    {model_hello, "HELO client.example\r\n", NULL},
    {model_hello, "EHLO client.example\r\n", NULL},
    {model_mail, "MAIL FROM:<s@client.example>\r\n", NULL},
    {model_large_mail, "MAIL FROM:<s@client.example> SIZE=100001\r\n", NULL},
    {model_rcpt, "RCPT TO:<alice@mail.example>\r\n", NULL},
    {model_bad_rcpt, "RCPT TO:<x@far.example>\r\n", NULL},
    {model_data, "DATA\r\n", "..data\r\n.\r\n"},
    {model_bare_data, "DATA\r\n", "a\n.\nRSET\r\n.\r\n"},
    {model_chunk, "BDAT 2\r\n.c", NULL},
    {model_last_chunk, "BDAT 4 LAST\r\n.l\r\n", NULL},
    {model_bare_chunk, "BDAT 6\r\nRSET\n\n", NULL},
    {model_hello, "RSET\r\n", NULL},
    {model_bad_vrfy, "VRFY \xc3\xa4@\xe2\x80\xae.example\r\n", NULL},
    {model_quit, "QUIT\r\n", NULL},
};

/* The model's answers, and what the client says to get them. */
static void
play(struct model *model, const unsigned *words, struct buf *input)
{
	for (unsigned i = 0; i < length && !model->is_over; i++) {
		size_t answers = model->codes.len;
		struct span answer;

		alphabet[words[i]].model(model);
		answer = span_skip(buf_span(&model->codes), answers);
		must(buf_append_text(input, alphabet[words[i]].line));
		if (alphabet[words[i]].data != NULL &&
		    span_starts(answer, SPAN("354")))
			must(buf_append_text(input, alphabet[words[i]].data));
	}
}

static bool
is_as_modelled(const struct model *model)
{
	struct buf codes;
	bool same;

	buf_init(&codes, TEXT_MAXIMUM);
	stage_list_codes(&codes);
	same = span_equal(buf_span(&codes), buf_span(&model->codes)) &&
	    stage.mail.committed == model->committed &&
	    span_equal(
		buf_span(&stage.mail.content), buf_span(&model->content)) &&
	    span_equal(buf_span(&stage.mail.recipients),
		buf_span(&model->recipients_taken));
	if (!same)
		print_error("want %u messages, replies\n%s\nhave %u, replies\n"
			    "%s\n",
		    model->committed, buf_text(&model->codes),
		    stage.mail.committed, buf_text(&codes));
	buf_finish(&codes);
	return same;
}

static void
check_sequence(const unsigned *words)
{
	struct model model = {.has_mail = false};
	struct buf input;

	buf_init(&input, TEXT_MAXIMUM);
	buf_init(&model.codes, TEXT_MAXIMUM);
	buf_init(&model.recipients_taken, TEXT_MAXIMUM);
	buf_init(&model.content, TEXT_MAXIMUM);
	buf_init(&model.chunks, TEXT_MAXIMUM);
	model_answer(&model, 220);
	play(&model, words, &input);
	stage_talk(buf_span(&input), SIZE_MAX);
	if (!is_as_modelled(&model)) {
		print_error("the client said\n%s\n", buf_text(&input));
		fail();
	}
	buf_finish(&input);
	buf_finish(&model.codes);
	buf_finish(&model.recipients_taken);
	buf_finish(&model.content);
	buf_finish(&model.chunks);
	must(ftruncate(stage.log, 0) == 0);
}

/* The next sequence of that length; false when all were there. Behind QUIT
 * nothing is tried. */
static bool
next(unsigned *words)
{
	unsigned last = length;

	for (unsigned i = 0; i < length && last == length; i++)
		if (alphabet[words[i]].model == model_quit)
			last = i + 1;
	for (unsigned i = last; i-- > 0;) {
		memset(&words[i + 1], 0, (length - i - 1) * sizeof *words);
		if (++words[i] < COUNT_OF(alphabet))
			return true;
	}
	return false;
}

/* Those that are shorter are the beginnings of these. */
static void
test_every_sequence(void **state UNUSED)
{
	unsigned words[LENGTH_MAXIMUM + 1] = {0};
	uint64_t tried = 0;

	do {
		check_sequence(words);
		tried++;
	} while (next(words));
	print_message("%llu sessions\n", (unsigned long long)tried);
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_sequence),
	};
	uint64_t wanted;

	if (argc > 1) {
		if (!number_parse(
			span_text(argv[1]), LENGTH_MAXIMUM, &wanted)) {
			fprintf(stderr, "usage: %s [LENGTH]\n", argv[0]);
			return 2;
		}
		length = (unsigned)wanted;
	}
	stage_open(main_cf);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
