/* SPDX-License-Identifier: MIT */
#include "lib/base/buf.h"
#include "lib/net/idna.h"

#include "../../unit.h"

#define BUECHER     \
	"b\xc3\xbc" \
	"cher"
#define LABEL50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
	const char *name;
	const char *ascii; /* NULL: refused */
} cases[] = {
    {"", ""},
    {"example.org", "example.org"},
    {"Example.ORG.", "Example.ORG."},
    {"_dmarc.example.org", "_dmarc.example.org"},
    {"xn--bcher-kva.example", "xn--bcher-kva.example"},
    {"b\xc3\xbc"
     "cher.example",
	"xn--bcher-kva.example"},
    {"B\xc3\x9c"
     "CHER.example",
	"xn--bcher-kva.example"},
    {"b\xc3\xbc"
     "cher.b\xc3\xbc"
     "cher.",
	"xn--bcher-kva.xn--bcher-kva."},
    /* sharp s and final sigma stay (non-transitional) */
    {"fa\xc3\x9f.example", "xn--fa-hia.example"},
    {"\xcf\x83\xcf\x82.example", "xn--3xab.example"},
    {"\xe4\xb8\x80.example", "xn--4gq.example"},
    /* no UTF-8, what cannot be seen, what no name may have */
    {"b\xfc"
     "cher.example",
	NULL},
    {"a\xe2\x80\x8b"
     "b.example",
	NULL},
    {"a\xe2\x80\xae"
     "b.example",
	NULL},
    {"\xe2\xbf\xbf.example", NULL},
    {"\xcc\x81"
     "a.example",
	NULL},
    {LABEL50 "\xc3\xbc" LABEL50 ".example", NULL},
};

static void
test_cases(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char ascii[IDNA_NAME_SIZE];
		struct error error = {.text = ""};
		bool good =
		    idna_to_ascii(span_text(cases[i].name), ascii, &error);

		if (good != (cases[i].ascii != NULL))
			fail_msg("%s: %s", cases[i].name, error.text);
		if (good)
			assert_string_equal(ascii, cases[i].ascii);
		else
			assert_int_not_equal(error.text[0], '\0');
	}
}

static void
test_lengths(void **state UNUSED)
{
	char name[2000];
	char ascii[IDNA_NAME_SIZE];

	memset(name, 'a', sizeof name);
	assert_true(idna_to_ascii(span_of(name, 255), ascii, NULL));
	assert_int_equal(strlen(ascii), 255);
	assert_false(idna_to_ascii(span_of(name, 256), ascii, NULL));
	for (size_t i = 0; i < sizeof name; i += 2)
		memcpy(name + i, "\xc3\xbc", 2);
	for (size_t len = 140; len <= sizeof name; len += 2)
		assert_false(idna_to_ascii(span_of(name, len), ascii, NULL));
	assert_false(idna_to_ascii(span_of("a\0b", 3), ascii, NULL));
}

static const struct {
	const char *name;
	const char *forms; /* behind the name itself, each after a blank */
} forms[] = {
    {"", ""},
    {"Example.org", ""},
    {"axn--b.example", ""},
    {BUECHER ".example", " xn--bcher-kva.example"},
    {"B\xc3\x9c"
     "CHER.Example",
	" xn--bcher-kva.example " BUECHER ".example"},
    {"xn--bcher-kva.example", " " BUECHER ".example"},
    {"a.XN--BCHER-KVA.example", " a." BUECHER ".example"},
    {"xn--bcher-kva." BUECHER,
	" xn--bcher-kva.xn--bcher-kva " BUECHER "." BUECHER},
    /* made up: no label stands for it */
    {"xn--a.example", ""},
    {"xn--.example", ""},
    {"b\xfc"
     "cher.example",
	""},
};

static void
test_forms(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		struct idna_forms found;
		struct buf text;

		idna_find_forms(span_text(forms[i].name), &found);
		assert_span(found.of[0], forms[i].name);
		buf_init(&text, 1000);
		for (size_t j = 1; j < found.count; j++)
			buf_printf(&text, " %.*s", SPAN_ARGS(found.of[j]));
		assert_span(buf_span(&text), forms[i].forms);
		buf_finish(&text);
	}
}

static void
test_same(void **state UNUSED)
{
	const struct span u = SPAN(BUECHER ".example");

	assert_true(idna_is_same(u, u));
	assert_true(idna_is_same(u, SPAN("XN--bcher-kva.example")));
	assert_true(idna_is_same(SPAN("B\xc3\x9c"
				      "CHER.EXAMPLE"),
	    u));
	assert_true(idna_is_same(SPAN("a.example"), SPAN("A.Example")));
	assert_false(idna_is_same(u, SPAN("bucher.example")));
	assert_false(idna_is_same(SPAN("\xfc"), SPAN("\xfd")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cases),
	    cmocka_unit_test(test_lengths),
	    cmocka_unit_test(test_forms),
	    cmocka_unit_test(test_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
