/* SPDX-License-Identifier: MIT */
#include "lib/mail/mime_field.h"

#include "../../unit.h"

enum {
	BOUNDARY_MAXIMUM = 10
};

static const struct {
	const char *value;
	enum mime_kind kind;
	const char *boundary;
} kinds[] = {
    {"", MIME_LEAF, ""},
    {"text", MIME_LEAF, ""},
    {"text/plain", MIME_LEAF, ""},
    {"text/plain; boundary=x", MIME_LEAF, ""},
    {"message/rfc822", MIME_MESSAGE, ""},
    {"MESSAGE / (c) Global", MIME_MESSAGE, ""},
    {"message/rfc822x", MIME_LEAF, ""},
    {"message/partial; id=1", MIME_LEAF, ""},
    {"multipart/mixed", MIME_LEAF, ""},
    {"multipart/mixed; boundary=", MIME_LEAF, ""},
    {"multipart/mixed; boundary=\"\"", MIME_LEAF, ""},
    {"multipart/mixed; boundary=b", MIME_MULTIPART, "b"},
    {"multipart/signed; micalg=x;boundary=b", MIME_MULTIPART, "b"},
    {"multipart/digest;boundary=b", MIME_DIGEST, "b"},
    {"\r\n\tmultipart/(x)mixed\r\n ;\r\n\tBOUNDARY\r\n = \"a b\" ",
	MIME_MULTIPART, "a b"},
    {"multipart/mixed; boundary=\"a\\\"\\b\"", MIME_MULTIPART, "a\"b"},
    {"multipart/mixed; boundary=\"a  \"", MIME_MULTIPART, "a"},
    {"multipart/mixed; boundary=\"a;b\"; x", MIME_MULTIPART, "a;b"},
    {"multipart/mixed; boundary=----=_x; x=y", MIME_MULTIPART, "----=_x"},
    {"multipart/mixed; x=\"; boundary=no\"; boundary=b", MIME_MULTIPART, "b"},
    {"multipart/mixed; (; boundary=no) boundary=b", MIME_MULTIPART, "b"},
    {"multipart/mixed; boundary=a; boundary=b", MIME_MULTIPART, "a"},
    {"multipart/mixed; charset; boundary=b", MIME_MULTIPART, "b"},
    {"multipart/mixed; boundary=\"a\r\n b\"", MIME_MULTIPART, "a b"},
    {"multipart/mixed; boundary=\"open", MIME_MULTIPART, "open"},
    {"multipart/mixed; boundary=\"open\\", MIME_MULTIPART, "open"},
    {"multipart/mixed; (open", MIME_LEAF, ""},
    {"multipart/mixed; boundary=0123456789abc", MIME_MULTIPART, "0123456789"},
    {"multipart/mixed; boundary=\"0123456789a\"", MIME_MULTIPART, "0123456789"},
    {"multipart mixed; boundary=b", MIME_LEAF, ""},
};

static void
test_kinds(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		struct buf boundary;

		buf_init(&boundary, BOUNDARY_MAXIMUM);
		if (mime_field_kind(span_text(kinds[i].value), &boundary) !=
		    kinds[i].kind)
			fail_msg("%s", kinds[i].value);
		assert_span(buf_span(&boundary), kinds[i].boundary);
		buf_finish(&boundary);
	}
}

static const struct {
	const char *value;
	enum mime_encoding encoding;
} encodings[] = {
    {"7bit", MIME_ENCODING_7BIT},
    {" 8BIT\r\n", MIME_ENCODING_8BIT},
    {"(x) binary (y)", MIME_ENCODING_BINARY},
    {"Quoted-Printable", MIME_ENCODING_QUOTED_PRINTABLE},
    {"base64;", MIME_ENCODING_BASE64},
    {"x-uuencode", MIME_ENCODING_OTHER},
    {"8bits", MIME_ENCODING_OTHER},
    {"", MIME_ENCODING_OTHER},
};

static void
test_encodings(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(encodings); i++)
		if (mime_field_encoding(span_text(encodings[i].value)) !=
		    encodings[i].encoding)
			fail_msg("%s", encodings[i].value);
	assert_true(mime_encoding_is_identity(MIME_ENCODING_NONE));
	assert_true(mime_encoding_is_identity(MIME_ENCODING_BINARY));
	assert_false(mime_encoding_is_identity(MIME_ENCODING_BASE64));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_encodings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
