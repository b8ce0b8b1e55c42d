/* SPDX-License-Identifier: MIT */
#include "../../unit.h"
#include "master/postern/relocate.h"

static bool
goes_along(void *argument UNUSED, struct span path)
{
	return span_equal(path, SPAN("virtual")) ||
	    span_equal(path, SPAN("sql/users.cf"));
}

static const struct {
	const char *text;
	const char *changed;
	size_t notes;
} cases[] = {
    {"a = hash:/etc/postfix/virtual\n", "a = hash:/new/virtual\n", 1},
    {"a = hash:/old/virtual, x\n", "a = hash:/new/virtual, x\n", 1},
    {"a = proxy:mysql:/etc/postfix/sql/users.cf",
	"a = proxy:mysql:/new/sql/users.cf", 1},
    {"# /etc/postfix/virtual\n  # /old/virtual\n",
	"# /etc/postfix/virtual\n  # /old/virtual\n", 0},
    {"a = /etc/postfix/gone\n", "a = /etc/postfix/gone\n", 0},
    {"a = /etc/postfix/virtual.db /etc/postfix\n",
	"a = /etc/postfix/virtual.db /etc/postfix\n", 0},
    {"a = /x/etc/postfix/virtual\n", "a = /x/etc/postfix/virtual\n", 0},
    {"a =\n\t{hash:/old/virtual}\n  !/old/virtual\n",
	"a =\n\t{hash:/new/virtual}\n  !/new/virtual\n", 2},
    {"a = /older/virtual /old//virtual\n", "a = /older/virtual /old//virtual\n",
	0},
    {"-o a=/old/virtual", "-o a=/new/virtual", 1},
};

static void
test_text(void **state UNUSED)
{
	struct warnings notes;
	struct buf out;
	struct relocation relocation = {
	    .from = "/old",
	    .to = "/new",
	    .goes_along = goes_along,
	    .notes = &notes,
	};

	buf_init(&out, 1000);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		warnings_init(&notes);
		buf_clear(&out);
		relocate_text(
		    &relocation, "main.cf", span_text(cases[i].text), &out);
		assert_span(buf_span(&out), cases[i].changed);
		assert_int_equal(notes.count, cases[i].notes);
		if (i == 7)
			assert_string_equal(notes.text[1],
			    "main.cf, line 3: /old/virtual is now "
			    "/new/virtual");
		warnings_finish(&notes);
	}
	buf_finish(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
