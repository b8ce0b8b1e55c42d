/* SPDX-License-Identifier: MIT */
#include "lib/mail/mail_address.h"

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

	static const struct header_rewrite how = {.params = &params};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct pool *pool = pool_create(NULL, "test", 1 << 20);
		struct buf block;

		print_message("%zu\n", i);
		buf_init(&block, 200);
		buf_append_text(&block, cases[i].in);
		assert_true(header_rewrite_block(&how, pool, &block, NULL));
		assert_span(buf_span(&block),
		    cases[i].want == NULL ? cases[i].in : cases[i].want);
		buf_finish(&block);
		pool_destroy(pool);
	}
}

/* Everything about joe; other.example has no answer. */
static bool
rename_joe(struct pool *pool, enum route_place place, struct span address,
    struct span *out, struct error *error)
{
	const char *text;

	*out = address;
	if (span_ends(address, SPAN("@other.example")))
		return error_set(error, ERROR_TEMPORARY, "no answer");
	if (!span_starts(address, SPAN("joe@")))
		return true;
	text = pool_printf(pool, "%s@%.*s",
	    place == ROUTE_HEADER_SENDER ? "joe user" : "j",
	    SPAN_ARGS(mail_address_split(address).domain));
	assert_non_null(text);
	*out = span_text(text);
	return true;
}

static const struct {
	const char *in;
	const char *want; /* NULL: failure */
} renamings[] = {
    {"From: Joe <joe@b.example> (x)\r\n",
	"From: Joe <\"joe user\"@b.example> (x)\r\n"},
    {"To: joe,ann , <joe@b.example>\r\n",
	"To: j@here.example,ann@here.example , <j@b.example>\r\n"},
    {"Subject: joe\r\nTo: ann@b.example\r\n",
	"Subject: joe\r\nTo: ann@b.example\r\n"},
    {"To: joe, x@other.example\r\n", NULL},
};

static void
test_renaming(void **state UNUSED)
{
	static const struct common_params params = {
	    .myorigin = "here.example", .append_at_myorigin = true};
	static const struct header_rewrite how = {&params, rename_joe};

	for (size_t i = 0; i < COUNT_OF(renamings); i++) {
		struct pool *pool = pool_create(NULL, "test", 1 << 20);
		const char *want = renamings[i].want;
		struct error error;
		struct buf block;

		buf_init(&block, 200);
		buf_append_text(&block, renamings[i].in);
		assert_int_equal(
		    header_rewrite_block(&how, pool, &block, &error),
		    want != NULL);
		assert_span(
		    buf_span(&block), want == NULL ? renamings[i].in : want);
		buf_finish(&block);
		pool_destroy(pool);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_renaming),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
