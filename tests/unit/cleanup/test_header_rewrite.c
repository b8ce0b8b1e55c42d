/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "cleanup/header_rewrite.h"

/* `want` NULL: nothing changes. */
static const struct {
	const char *in;
	const char *want;
} cases[] = {
    {"", NULL},
    {"Subject: root\r\n", NULL},
    {"To: a@b.example\r\n", NULL},
    {"To: root\r\n", "To: root@here.example\r\n"},
    {"From: root (Cron Daemon)\r\n",
	"From: root@here.example (Cron Daemon)\r\n"},
    {"From: Joe User <joe>\r\n", "From: Joe User <joe@here.example>\r\n"},
    {"TO:joe , \"a b\" , x@y.example,\r\n\tann\r\n",
	"TO:joe@here.example , \"a b\"@here.example , x@y.example,\r\n"
	"\tann@here.example\r\n"},
    {"Cc: us: joe, ann;\r\n",
	"Cc: us: joe@here.example, ann@here.example;\r\n"},
    {"Cc: undisclosed-recipients:;\r\n", NULL},
    {"Reply-To: <>\r\n", NULL},
    {"To: a@@b, joe\r\n", "To: a@@b, joe@here.example\r\n"},
    {"To: site!joe\r\n", NULL},
    {"To: x\r\nno field\r\nTo: y\r\n",
	"To: x@here.example\r\nno field\r\nTo: y\r\n"},
    {"To: aaaaaaaaaaaa,aaaaaaaaaaaa,aaaaaaaaaaaa,aaaaaaaaaaaa,aaaaaaaaaaaa,"
     "aaaaaaaaaaaa,aaaaaaaaaaaa,aaaaaaaaaaaa,aaaaaaaaaaaa,aaaaaaaaaaaa\r\n"
     "Cc: x\r\n",
	"To: aaaaaaaaaaaa,aaaaaaaaaaaa,aaaaaaaaaaaa,aaaaaaaaaaaa,aaaaaaaaaaaa,"
	"aaaaaaaaaaaa,aaaaaaaaaaaa,aaaaaaaaaaaa,aaaaaaaaaaaa,aaaaaaaaaaaa\r\n"
	"Cc: x@here.example\r\n"},
};

static void
test_table(void **state UNUSED)
{
	static const struct common_params params = {
	    .myorigin = "here.example",
	    .mydomain = "example",
	    .append_at_myorigin = true,
	    .swap_bangpath = true,
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct pool *pool = pool_create(NULL, "test", 1 << 20);
		struct buf block;

		print_message("%zu\n", i);
		buf_init(&block, 200);
		buf_append_text(&block, cases[i].in);
		header_rewrite_block(&params, pool, &block);
		assert_span(buf_span(&block),
		    cases[i].want == NULL ? cases[i].in : cases[i].want);
		buf_finish(&block);
		pool_destroy(pool);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
