/* SPDX-License-Identifier: MIT */
#include "lib/base/buf.h"
#include "lib/tls/pem.h"

#include "../../unit.h"

#define BLOCK(label) "-----BEGIN " label "-----\nAAAA\n-----END " label "-----"

static const struct {
	const char *text;
	const char *labels; /* one a line; "!" = broken */
} files[] = {
    {"", ""},
    {"no block\n", ""},
    {BLOCK("CERTIFICATE"), "CERTIFICATE\n"},
    {"text\n" BLOCK("CERTIFICATE") "\r\nmore\n" BLOCK("EC PRIVATE KEY") "\n",
	"CERTIFICATE\nEC PRIVATE KEY\n"},
    {"-----BEGIN X-----\r\nAA\r\n-----END X-----\r\n", "X\n"},
    {"-----BEGIN X-----\nAA\n", "!"},
    {"-----BEGIN X-----\nAA\n-----END Y-----\n", "!"},
    {"-----BEGIN X-----\n" BLOCK("Y"), "!"},
    {"-----BEGIN X----\n", ""},
    {"-----BEGIN -----\n", ""},
    {"-----BEGIN ----\n", ""},
    {"-----END X-----\n", ""},
};

static void
test_blocks(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct span rest = span_text(files[i].text);
		struct pem_block block;
		enum pem_step step;
		struct buf labels;

		buf_init(&labels, 1000);
		while ((step = pem_next(&rest, &block)) == PEM_STEP_BLOCK) {
			buf_printf(&labels, "%.*s\n", SPAN_ARGS(block.label));
			assert_true(
			    span_starts(block.text, SPAN("-----BEGIN ")));
			assert_true(
			    span_ends(span_trim(block.text), SPAN("-----")));
		}
		if (step == PEM_STEP_BROKEN)
			buf_append_text(&labels, "!");
		assert_span(buf_span(&labels), files[i].labels);
		buf_finish(&labels);
	}
}

static const struct {
	const char *label;
	bool certificate;
	bool key;
} kinds[] = {
    {"CERTIFICATE", true, false},
    {"X509 CERTIFICATE", true, false},
    {"TRUSTED CERTIFICATE", true, false},
    {"CERTIFICATE REQUEST", false, false},
    {"PRIVATE KEY", false, true},
    {"RSA PRIVATE KEY", false, true},
    {"EC PRIVATE KEY", false, true},
    {"ENCRYPTED PRIVATE KEY", false, true},
    {"EC PARAMETERS", false, false},
    {"PUBLIC KEY", false, false},
};

static void
test_kinds(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		struct pem_block block = {.label = span_text(kinds[i].label)};

		assert_int_equal(
		    pem_is_certificate(&block), kinds[i].certificate);
		assert_int_equal(pem_is_key(&block), kinds[i].key);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_blocks),
	    cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
