/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#define ES ROUTE_ENVELOPE_SENDER
#define ER ROUTE_ENVELOPE_RECIPIENT
#define HS ROUTE_HEADER_SENDER
#define HR ROUTE_HEADER_RECIPIENT

#define MAPS(entries) "canonical_maps = inline:{" entries "}\n"

/* "!" is a failure. */
static const struct {
	const char *settings;
	enum route_place place;
	const char *address;
	const char *want;
} rewritings[] = {
    {"", ER, "a@v", "a@v"},
    {MAPS("a@v=b@x"), ER, "a@v", "b@x"},
    {MAPS("a@v=b@x"), ES, "A@V", "b@x"},
    {MAPS("a@v=b@x"), ES, "", ""},
    {MAPS("a@v=b@x"), HS, "a@v", "b@x"},
    {MAPS("a@v=b@x"), HR, "a@v", "b@x"},
    {MAPS("a@v=b"), ER, "a@v", "b@mx.example.com"},
    {MAPS("@v=@x"), ER, "a@v", "a@x"},
    {MAPS("ann=Ann.Smith"), ER, "ann@example.com", "Ann.Smith@mx.example.com"},
    {MAPS("ann=Ann.Smith"), ER, "ann@other.example", "ann@other.example"},
    {MAPS("{a@v=b@x, c@x}"), ER, "a@v", "b@x"},
    {MAPS("{a@v=Bob <b@x>}"), ER, "a@v", "b@x"},
    {MAPS("{a@v=<>}"), ER, "a@v", "!"},
    /* one after another, until an address stands for itself */
    {MAPS("a@v=b@v b@v=c@v"), ER, "a@v", "c@v"},
    {MAPS("a@v=A@v"), ER, "a@v", "A@v"},
    {MAPS("a@v=b@v b@v=a@v"), ER, "a@v", "!"},
    /* which addresses */
    {MAPS("a@v=b@x") "canonical_classes = envelope_recipient\n", ES, "a@v",
	"a@v"},
    {"sender_canonical_maps = inline:{a@v=s@x}\n", ER, "a@v", "a@v"},
    {"sender_canonical_maps = inline:{a@v=s@x}\n", ES, "a@v", "s@x"},
    {"sender_canonical_maps = inline:{a@v=s@x}\n", HS, "a@v", "s@x"},
    {"sender_canonical_maps = inline:{a@v=s@x}\n", HR, "a@v", "a@v"},
    {"recipient_canonical_maps = inline:{a@v=r@x}\n", ER, "a@v", "r@x"},
    {"recipient_canonical_maps = inline:{a@v=r@x}\n", HR, "a@v", "r@x"},
    {"recipient_canonical_maps = inline:{a@v=r@x}\n", HS, "a@v", "a@v"},
    {"recipient_canonical_maps = inline:{a@v=r@x}\n"
     "recipient_canonical_classes = header_recipient\n",
	ER, "a@v", "a@v"},
    {"sender_canonical_maps = inline:{a@v=s@x}\n" MAPS("s@x=t@x"), ES, "a@v",
	"t@x"},
    /* extensions */
    {MAPS("a@v=b@x") "recipient_delimiter = +\n", ER, "a+e@v", "b+e@x"},
    {MAPS("a@v=b@x") "recipient_delimiter = +-\n", ER, "a-e@v", "b-e@x"},
    {MAPS("a+e@v=b@x") "recipient_delimiter = +\n", ER, "a+e@v", "b@x"},
    {MAPS("a@v=b@x") "recipient_delimiter = +\n"
		     "propagate_unmatched_extensions = virtual\n",
	ER, "a+e@v", "b@x"},
    {MAPS("a@v=b@x"), ER, "a+e@v", "a+e@v"},
    /* no answer */
    {"canonical_maps = fail:x\n", ER, "a@v", "!"},
    {MAPS("a@v=b@x") "mydestination = fail:x\n", ER, "a@v", "!"},
    /* masquerading */
    {"masquerade_domains = example.com\n", ES, "a@b.example.com",
	"a@example.com"},
    {"masquerade_domains = example.com\n", HS, "a@b.example.com",
	"a@example.com"},
    {"masquerade_domains = example.com\n", HR, "a@b.example.com",
	"a@example.com"},
    {"masquerade_domains = example.com\n", ER, "a@b.example.com",
	"a@b.example.com"},
    {"masquerade_domains = example.com\nmasquerade_exceptions = root\n", ES,
	"Root@b.example.com", "Root@b.example.com"},
    {"masquerade_domains = example.com\n"
     "masquerade_exceptions = !root, static:all\n",
	ES, "root@b.example.com", "root@example.com"},
    {"masquerade_domains = example.com\nmasquerade_exceptions = fail:x\n", ES,
	"a@b.example.com", "!"},
    {MAPS("a@v=b@b.example.com") "masquerade_domains = example.com\n", ES,
	"a@v", "b@example.com"},
};

static void
test_rewrite(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(rewritings); i++) {
		struct fixture fixture;
		struct error error = {.text = ""};
		struct span out;

		print_message("%zu\n", i);
		fixture_open(&fixture, rewritings[i].settings);
		if (!route_rewrite(fixture.route, fixture.pool,
			rewritings[i].place, span_text(rewritings[i].address),
			&out, &error)) {
			assert_true(error.text[0] != '\0');
			out = SPAN("!");
		}
		assert_span(out, rewritings[i].want);
		fixture_close(&fixture);
	}
}

static const struct {
	const char *settings;
	enum route_copy whose;
	const char *address;
	const char *want;
} copies[] = {
    {"", ROUTE_COPY_SENDER, "a@v", ""},
    {"sender_bcc_maps = inline:{a@v=b@x}\n", ROUTE_COPY_SENDER, "a@v", "b@x"},
    {"sender_bcc_maps = inline:{a@v=b@x}\n", ROUTE_COPY_RECIPIENT, "a@v", ""},
    {"sender_bcc_maps = inline:{@v=b@x}\n", ROUTE_COPY_SENDER, "", ""},
    {"recipient_bcc_maps = inline:{@v=b@x}\n", ROUTE_COPY_RECIPIENT, "a@v",
	"b@x"},
    {"recipient_bcc_maps = inline:{a@v=b@x}\nrecipient_delimiter = +\n",
	ROUTE_COPY_RECIPIENT, "a+e@v", "b@x"},
    {"recipient_bcc_maps = fail:x\n", ROUTE_COPY_RECIPIENT, "a@v", "!"},
};

static void
test_copies(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(copies); i++) {
		struct fixture fixture;
		struct error error;
		struct span copy;

		fixture_open(&fixture, copies[i].settings);
		if (!route_find_copy(fixture.route, fixture.pool,
			copies[i].whose, span_text(copies[i].address), &copy,
			&error))
			copy = SPAN("!");
		assert_span(copy, copies[i].want);
		fixture_close(&fixture);
	}
}

/* What a trace is told, joined. */
static void
note_row(void *owner, const char *parameter, const char *table, struct span key,
    struct span value)
{
	assert_true(buf_printf(owner, "%s %s %.*s=%.*s; ", parameter, table,
	    SPAN_ARGS(key), SPAN_ARGS(value)));
}

static void
note_step(void *owner, const char *parameter, struct span result)
{
	assert_true(
	    buf_printf(owner, "%s -> %.*s; ", parameter, SPAN_ARGS(result)));
}

static void
test_trace(void **state UNUSED)
{
	struct buf told;
	const struct route_trace trace = {note_row, note_step, &told};
	struct route_answer answer;
	struct fixture fixture;
	struct error error;
	struct span out;

	buf_init(&told, 10000);
	fixture_open(&fixture,
	    "canonical_maps = inline:{a@v=b@b.x}\nmasquerade_domains = x\n"
	    "masquerade_classes = envelope_recipient\nrelay_domains = x\n"
	    "transport_maps = inline:{x=:[gw]}\n");
	route_explain(fixture.route, &trace);
	assert_true(route_rewrite(
	    fixture.route, fixture.pool, ER, SPAN("a@v"), &out, &error));
	assert_span(buf_span(&told),
	    "canonical_maps inline:{a@v=b@b.x} a@v=b@b.x; "
	    "canonical_maps -> b@b.x; masquerade_domains -> b@x; ");
	buf_clear(&told);
	assert_true(route_resolve(fixture.route, fixture.pool,
	    &(struct route_query){SPAN(""), out}, &answer, &error));
	assert_span(buf_span(&told),
	    "relay_domains -> x; relay_transport -> relay; "
	    "transport_maps inline:{x=:[gw]} x=:[gw]; "
	    "transport_maps -> :[gw]; ");
	route_explain(fixture.route, NULL);
	buf_clear(&told);
	assert_true(route_rewrite(
	    fixture.route, fixture.pool, ER, SPAN("a@v"), &out, &error));
	assert_int_equal(told.len, 0);
	fixture_close(&fixture);
	buf_finish(&told);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rewrite),
	    cmocka_unit_test(test_copies),
	    cmocka_unit_test(test_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
