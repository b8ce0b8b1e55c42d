/* SPDX-License-Identifier: MIT */
#include "lib/base/buf.h"

#include "../../unit.h"
#include "smtpd/keyd/form.h"

#define BLANKS                             \
	"                                " \
	"                                "
#define RANDOMS                            \
	"0123456789abcdef0123456789abcdef" \
	"0123456789abcdef0123456789abcdef"
#define BYTES_16     "0123456789abcdef"
#define BYTES_32     BYTES_16 BYTES_16
#define BYTES_48     BYTES_32 BYTES_16
#define SERVER_13    BLANKS "TLS 1.3, server CertificateVerify\0"
#define CLIENT_13    BLANKS "TLS 1.3, client CertificateVerify\0"
#define X25519       RANDOMS "\3\0\x1d\x20" BYTES_32
#define P256         RANDOMS "\3\0\x17\x41\4" BYTES_32 BYTES_32
#define HELLO(type)  type "\0\0\x24\3\3" BYTES_32 "xy"
#define EMPTY(type)  type "\0\0\0"
#define UP_TO_STATUS HELLO("\1") HELLO("\2") "\x0b\0\0\3abc"
#define FROM_REQUEST "\x0d\0\0\1r" EMPTY("\x0e") EMPTY("\x0b") "\x10\0\0\2kk"

/* A constant span. */
#define BYTES(literal)                             \
	{                                          \
		"" literal, sizeof("" literal) - 1 \
	}

static const struct {
	struct span content;
	enum form form;
} handshakes[] = {
    {BYTES(SERVER_13 BYTES_32), FORM_SERVER_VERIFY},
    {BYTES(SERVER_13 BYTES_48), FORM_SERVER_VERIFY},
    {BYTES(CLIENT_13 BYTES_32), FORM_CLIENT_VERIFY},
    {BYTES(CLIENT_13 BYTES_48), FORM_CLIENT_VERIFY},
    {BYTES(X25519), FORM_SERVER_KEY_EXCHANGE},
    {BYTES(P256), FORM_SERVER_KEY_EXCHANGE},
    {BYTES(UP_TO_STATUS FROM_REQUEST), FORM_CLIENT_TRANSCRIPT},
    {BYTES(UP_TO_STATUS "\x16\0\0\1s" FROM_REQUEST), FORM_CLIENT_TRANSCRIPT},
    {BYTES(UP_TO_STATUS "\x16\0\0\1s\x0c\0\0\1x" FROM_REQUEST),
	FORM_CLIENT_TRANSCRIPT},
};

static const struct span others[] = {
    BYTES(""),
    BYTES(BYTES_32), /* a digest */
    BYTES(BYTES_48),
    BYTES("From: a@b.example\r\n\r\nHello"),
    /* Too short, too long, another hash, other words, no NUL. */
    BYTES(SERVER_13 BYTES_16),
    BYTES(SERVER_13 BYTES_32 "x"),
    BYTES(SERVER_13 BYTES_32 BYTES_32),
    BYTES(BLANKS "TLS 1.3, server CertificateVerifz\0" BYTES_32),
    BYTES(BLANKS "TLS 1.3, server CertificateVerify" BYTES_32 "x"),
    BYTES(" " SERVER_13 BYTES_32),
    BYTES(BLANKS),
    BYTES("                                "),
    /* A key of another length, group or shape; a byte behind it. */
    BYTES(X25519 "x"),
    BYTES(RANDOMS),
    BYTES(RANDOMS "\3\0\x1d"),
    BYTES(RANDOMS "\3\0\x1d\x21" BYTES_32),
    BYTES(RANDOMS "\3\0\x1e\x20" BYTES_32),
    BYTES(RANDOMS "\3\0\x1c\x20" BYTES_32),
    BYTES(RANDOMS "\1\0\x1d\x20" BYTES_32),
    BYTES(RANDOMS "\3\0\x17\x41\2" BYTES_32 BYTES_32),
    BYTES(RANDOMS "\3\0\x17\0"),
    BYTES("0123456789abcdef" BYTES_32 "\3\0\x1d\x20" BYTES_32),
    /* A message missing, out of order, cut, of TLS 1.1, behind. */
    BYTES(UP_TO_STATUS),
    BYTES(HELLO("\1") HELLO("\2") FROM_REQUEST),
    BYTES(HELLO("\2") HELLO("\1") "\x0b\0\0\3abc" FROM_REQUEST),
    BYTES(UP_TO_STATUS "\x0c\0\0\1x\x16\0\0\1s" FROM_REQUEST),
    BYTES(UP_TO_STATUS FROM_REQUEST "k"),
    BYTES(UP_TO_STATUS FROM_REQUEST EMPTY("\x0f")),
    BYTES(
	UP_TO_STATUS "\x0d\0\0\1r" EMPTY("\x0e") EMPTY("\x0b") "\x10\0\0\3kk"),
    BYTES("\1\0\0\x24\3\2" BYTES_32 "xy" HELLO("\2") //
	"\x0b\0\0\3abc" FROM_REQUEST),
    BYTES("\1\0\0\2\3\3" HELLO("\2") "\x0b\0\0\3abc" FROM_REQUEST),
};

static void
recognises(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(handshakes); i++)
		if (form_recognise(handshakes[i].content) != handshakes[i].form)
			fail_msg("handshake %zu", i);
	for (size_t i = 0; i < COUNT_OF(others); i++)
		if (form_recognise(others[i]) != FORM_NONE)
			fail_msg("other %zu", i);
}

static void
put_vector(struct buf *out, size_t len, char first, char last)
{
	buf_append_byte(out, (char)(len >> 8));
	buf_append_byte(out, (char)len);
	for (size_t i = 0; i < len; i++)
		buf_append_byte(out,
		    i + 1 == len ? last
			: i == 0 ? first
				 : 'p');
}

static enum form
recognise_dh(size_t prime, char first, char last, size_t generator, size_t key)
{
	struct buf content;
	enum form form;

	buf_init(&content, 8192);
	buf_append_text(&content, RANDOMS);
	put_vector(&content, prime, first, last);
	put_vector(&content, generator, '\2', '\2');
	put_vector(&content, key, 'k', 'k');
	form = form_recognise(buf_span(&content));
	buf_finish(&content);
	return form;
}

static void
recognises_finite_fields(void **state UNUSED)
{
	static const struct {
		size_t prime;
		char first;
		char last;
		size_t generator;
		size_t key;
		enum form form;
	} cases[] = {
	    {256, 'x', '\1', 1, 256, FORM_SERVER_KEY_EXCHANGE},
	    {128, 'x', '\1', 128, 1, FORM_SERVER_KEY_EXCHANGE},
	    {1024, 'x', '\1', 1, 1024, FORM_SERVER_KEY_EXCHANGE},
	    {127, 'x', '\1', 1, 127, FORM_NONE},
	    {1025, 'x', '\1', 1, 1, FORM_NONE},
	    {256, 'x', '\2', 1, 256, FORM_NONE}, /* not odd */
	    {256, '\0', '\1', 1, 256, FORM_NONE},
	    {256, 'x', '\1', 0, 256, FORM_NONE},
	    {256, 'x', '\1', 257, 256, FORM_NONE},
	    {256, 'x', '\1', 1, 257, FORM_NONE},
	    {256, 'x', '\1', 1, 0, FORM_NONE},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(
		    recognise_dh(cases[i].prime, cases[i].first, cases[i].last,
			cases[i].generator, cases[i].key),
		    cases[i].form);
}

static void
allows(void **state UNUSED)
{
	static const struct {
		enum form form;
		enum sign_digest digest;
		enum sign_padding padding;
		bool is_allowed;
	} cases[] = {
	    {FORM_NONE, SIGN_SHA256, SIGN_PSS, false},
	    {FORM_SERVER_VERIFY, SIGN_SHA256, SIGN_PSS, true},
	    {FORM_SERVER_VERIFY, SIGN_SHA256, SIGN_UNPADDED, true},
	    {FORM_SERVER_VERIFY, SIGN_WHOLE, SIGN_UNPADDED, true},
	    {FORM_SERVER_VERIFY, SIGN_SHA256, SIGN_PKCS1, false},
	    {FORM_CLIENT_VERIFY, SIGN_SHA512, SIGN_PKCS1, false},
	    {FORM_CLIENT_VERIFY, SIGN_SHA224, SIGN_UNPADDED, false},
	    {FORM_SERVER_KEY_EXCHANGE, SIGN_SHA256, SIGN_PKCS1, true},
	    {FORM_SERVER_KEY_EXCHANGE, SIGN_SHA224, SIGN_PKCS1, true},
	    {FORM_SERVER_KEY_EXCHANGE, SIGN_WHOLE, SIGN_PKCS1, false},
	    {FORM_CLIENT_TRANSCRIPT, SIGN_SHA256, SIGN_PKCS1, true},
	    {FORM_CLIENT_TRANSCRIPT, SIGN_WHOLE, SIGN_UNPADDED, true},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (form_allows(cases[i].form, cases[i].digest,
			cases[i].padding) != cases[i].is_allowed)
			fail_msg("case %zu", i);
	assert_int_equal(form_side(FORM_SERVER_VERIFY), KEY_OF_SERVER);
	assert_int_equal(form_side(FORM_SERVER_KEY_EXCHANGE), KEY_OF_SERVER);
	assert_int_equal(form_side(FORM_CLIENT_VERIFY), KEY_OF_CLIENT);
	assert_int_equal(form_side(FORM_CLIENT_TRANSCRIPT), KEY_OF_CLIENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(recognises),
	    cmocka_unit_test(recognises_finite_fields),
	    cmocka_unit_test(allows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
