/* SPDX-License-Identifier: MIT */
/* What a worker sends to keyd to have it signed: whatever is agreed to has the
 * form of a handshake, looked at here in another way. */
#include "smtpd/keyd/form.h"
#include "smtpd/keyd/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

enum {
	WORDS = 64, /* where those of TLS 1.3 begin */
	WORDS_SIZE = 34
};

static size_t
number_at(struct span content, size_t position, size_t width)
{
	size_t number = 0;

	must(position + width <= content.len);
	for (size_t i = 0; i < width; i++)
		number = number << 8 | (unsigned char)content.at[position + i];
	return number;
}

static void
check_verify(struct span content, const char *side)
{
	char words[WORDS_SIZE + 1];

	snprintf(words, sizeof words, "TLS 1.3, %s CertificateVerify", side);
	must(content.len == WORDS + WORDS_SIZE + 32 ||
	    content.len == WORDS + WORDS_SIZE + 48);
	for (size_t i = 0; i < WORDS; i++)
		must(content.at[i] == ' ');
	must(memcmp(content.at + WORDS, words, WORDS_SIZE) == 0);
}

/* Randoms, then one key of a curve, or three numbers. */
static void
check_exchange(struct span content)
{
	size_t position = 64;
	bool is_curve = number_at(content, 64, 1) == 3 &&
	    68 + number_at(content, 67, 1) == content.len;

	for (int i = 0; i < 3 && !is_curve; i++)
		position += 2 + number_at(content, position, 2);
	must(is_curve || position == content.len);
}

/* Messages one behind the other, from the first hello to the client's key. */
static void
check_transcript(struct span content)
{
	size_t position = 0;
	size_t last = 0;

	must(number_at(content, 0, 1) == 1);
	while (position < content.len) {
		last = number_at(content, position, 1);
		position += 4 + number_at(content, position + 1, 3);
	}
	must(position == content.len && last == 16);
}

static void
check_form(struct span content)
{
	switch (form_recognise(content)) {
	case FORM_NONE:
		return;
	case FORM_SERVER_VERIFY:
		check_verify(content, "server");
		return;
	case FORM_CLIENT_VERIFY:
		check_verify(content, "client");
		return;
	case FORM_SERVER_KEY_EXCHANGE:
		check_exchange(content);
		return;
	case FORM_CLIENT_TRANSCRIPT:
		check_transcript(content);
		return;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct message_sign request;
	struct error error;
	struct buf signature;

	check_form(span_of(bytes, count));
	if (!message_get_sign(span_of(bytes, count), &request))
		return 0;
	check_form(request.content);
	buf_init(&signature, 1024);
	/* The keyring is empty. */
	must(request_answer(&request, &signature, &error) != SIGN_MADE);
	must(signature.len == 0 && error.text[0] != '\0');
	buf_finish(&signature);
	return 0;
}
