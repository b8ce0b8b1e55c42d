/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "master/process_table.h"

static const struct program *
row(const char *name)
{
	const struct program *program;

	assert_int_equal(
	    process_table_find(span_text(name), &program), FATE_RUNS);
	return program;
}

static void
test_names(void **state UNUSED)
{
	static const struct {
		const char *name;
		enum program_fate fate;
		const char *row;
	} cases[] = {
	    {"smtpd", FATE_RUNS, "smtpd"},
	    {"lmtp", FATE_RUNS, "lmtp"},
	    {"oqmgr", FATE_RUNS, "qmgr"},
	    {"postscreen", FATE_RUNS, "smtpd"},
	    {"tlsmgr", FATE_ABSORBED, NULL},
	    {"trivial-rewrite", FATE_ABSORBED, NULL},
	    {"error", FATE_IN_QMGR, NULL},
	    {"discard", FATE_IN_QMGR, NULL},
	    {"pipe", FATE_LATER, NULL},
	    {"frobnicate", FATE_UNKNOWN, NULL},
	    {"", FATE_UNKNOWN, NULL},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct program *program;

		assert_int_equal(
		    process_table_find(span_text(cases[i].name), &program),
		    cases[i].fate);
		if (cases[i].row == NULL)
			assert_null(program);
		else
			assert_string_equal(program->name, cases[i].row);
	}
}

/* Every edge leads to a program that can be asked. */
static void
test_edges(void **state UNUSED)
{
	size_t count;
	const struct program *programs = process_table_all(&count);

	for (size_t i = 0; i < count; i++) {
		struct span rest = span_text(programs[i].edges);
		struct span word;

		while (span_take_word(&rest, " ", &word)) {
			const struct program *asked;

			assert_int_equal(
			    process_table_find(word, &asked), FATE_RUNS);
			assert_true((asked->traits & PROGRAM_SERVES) != 0);
			assert_true(process_table_may_ask(&programs[i], asked));
			/* A stop takes away last what is asked; but cleanup,
			 * which qmgr asks to requeue, goes before. */
			assert_true(asked->stage >= programs[i].stage ||
			    programs[i].stage == STAGE_QUEUE);
		}
	}
}

/* What a broken network daemon must not reach. */
static void
test_missing_edges(void **state UNUSED)
{
	static const struct {
		const char *asking;
		const char *asked;
	} cases[] = {
	    {"smtpd", "qmgr"},
	    {"smtpd", "launcher"},
	    {"smtp", "cleanup"},
	    {"smtp", "launcher"},
	    {"dns", "lookup"},
	    {"lookup", "cleanup"},
	    {"pickup", "qmgr"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_false(process_table_may_ask(
		    row(cases[i].asking), row(cases[i].asked)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_edges),
	    cmocka_unit_test(test_missing_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
