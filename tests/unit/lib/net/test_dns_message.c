/* SPDX-License-Identifier: MIT */
#include "lib/net/dns_answer.h"
#include "lib/net/dns_message.h"

#include "../../unit.h"

/* Handmade responses, laid out by hand too. "Q" is the question's name, at
 * offset 12. */
/* clang-format off */
#define HEADER(flags, answers, authorities, additionals) \
	"\x12\x34" flags "\0\1\0" answers "\0" authorities "\0" additionals
#define QUESTION(type) "\7example\3org\0\0" type "\0\1"
#define Q "\xc0\x0c"
#define RECORD(type, length) "\0" type "\0\1\0\0\1\x2c\0" length
#define GOOD "\x81\x80"

/* SPAN() is no constant, as a static table wants. */
#define BYTES(literal) {"" literal, sizeof(literal) - 1}

static struct pool *pool;

static int
make_pool(void **state UNUSED)
{
	pool = pool_create(NULL, "test", POOL_NO_MAXIMUM);
	return 0;
}

static int
destroy_pool(void **state UNUSED)
{
	pool_destroy(pool);
	return 0;
}

static void
writes_queries(void **state UNUSED)
{
	struct dns_question question = {
	    .name = SPAN("example.org"), .type = DNS_MX};
	struct span want = SPAN("\x12\x34\1\0\0\1\0\0\0\0\0\1" QUESTION("\17")
		"\0\0\51\4\xd0\0\0\0\0\0\0");
	struct span want_plain =
	    SPAN("\x12\x34\1\x20\0\1\0\0\0\0\0\0" QUESTION("\17"));
	struct error error;
	struct buf out;

	buf_init(&out, 512);
	assert_true(dns_message_write(&out, 0x1234, &question, &error));
	assert_true(span_equal(buf_span(&out), want));
	buf_clear(&out);
	question.plain = question.wants_authenticated = true;
	assert_true(dns_message_write(&out, 0x1234, &question, &error));
	assert_true(span_equal(buf_span(&out), want_plain));
	question.name = SPAN("no..name");
	assert_false(dns_message_write(&out, 1, &question, &error));
	assert_int_equal(error.kind, ERROR_INVALID);
	buf_finish(&out);
}

static struct dns_response
read_whole(struct span message)
{
	struct dns_response response;
	struct error error;

	if (!dns_message_read(message, pool, &response, &error))
		fail_msg("%s", error.text);
	return response;
}

static void
reads_records(void **state UNUSED)
{
	struct dns_response response = read_whole(SPAN(
	    HEADER(GOOD, "\7", "\0", "\0") QUESTION("\17")
	    Q RECORD("\17", "\11") "\0\12\4mail" Q
	    Q RECORD("\17", "\3") "\0\0\0"
	    Q RECORD("\1", "\4") "\xc0\0\2\1"
	    Q RECORD("\34", "\20") "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
	    Q RECORD("\20", "\10") "\3v=s\0\2pf"
	    Q RECORD("\x63", "\2") "xx"
	    "\3www" Q RECORD("\5", "\2") Q));
	static const struct {
		enum dns_type type;
		unsigned preference;
		struct span data;
	} want[] = {
	    {DNS_MX, 10, BYTES("mail.example.org")},
	    {DNS_MX, 0, BYTES("")},
	    {DNS_A, 0, BYTES("\xc0\0\2\1")},
	    {DNS_AAAA, 0, BYTES("\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1")},
	    {DNS_TXT, 0, BYTES("v=spf")},
	    {DNS_CNAME, 0, BYTES("example.org")},
	};
	const struct dns_record *record = response.records;

	assert_int_equal(response.id, 0x1234);
	assert_int_equal(response.code, DNS_NOERROR);
	assert_false(response.truncated || response.authenticated);
	assert_span(response.question_name, "example.org");
	for (size_t i = 0; i < COUNT_OF(want); i++) {
		assert_non_null(record);
		assert_int_equal(record->type, want[i].type);
		assert_int_equal(record->ttl, 300);
		assert_int_equal(record->preference, want[i].preference);
		assert_true(span_equal(record->data, want[i].data));
		assert_span(record->name,
		    i == 5 ? "www.example.org" : "example.org");
		record = record->next;
	}
	assert_null(record);
	assert_false(response.has_negative_ttl);
}

#define SOA_NUMBERS(minimum) \
	"\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4" minimum

static void
reads_negative_ttl(void **state UNUSED)
{
	struct dns_response response =
	    read_whole(SPAN(HEADER("\x81\xa3", "\0", "\1", "\1") QUESTION("\17")
		Q RECORD("\6", "\30") Q Q SOA_NUMBERS("\0\0\0\x3c")
		"\0\0\51\4\xd0\0\0\0\0\0\0"));

	assert_int_equal(response.code, DNS_NXDOMAIN);
	assert_true(response.authenticated);
	assert_true(response.has_negative_ttl);
	assert_int_equal(response.negative_ttl, 60);
	assert_null(response.records);
	/* The record's own TTL is smaller. */
	response =
	    read_whole(SPAN(HEADER(GOOD, "\0", "\1", "\0") QUESTION("\17")
		Q RECORD("\6", "\30") Q Q SOA_NUMBERS("\0\1\0\0")));
	assert_int_equal(response.negative_ttl, 300);
}

static void
reads_extended_code(void **state UNUSED)
{
	struct dns_response response =
	    read_whole(SPAN(HEADER(GOOD, "\0", "\0", "\1") QUESTION("\17")
		"\0\0\51\4\xd0\1\0\0\0\0\0"));

	assert_int_equal(response.code, 16); /* BADVERS */
}

static void
stops_when_truncated(void **state UNUSED)
{
	struct dns_response response =
	    read_whole(SPAN(HEADER("\x83\x80", "\2", "\0", "\0") QUESTION("\17")
		Q RECORD("\17", "\3") "\0"));

	assert_true(response.truncated);
	assert_null(response.records);
	assert_true(response.has_question);
}

/* A name that is no text, and a TTL with the highest bit set. */
static void
leaves_out_odd_names(void **state UNUSED)
{
	struct dns_response response =
	    read_whole(SPAN(HEADER(GOOD, "\3", "\0", "\0") QUESTION("\14")
		Q RECORD("\14", "\5") "\3a\nb\0"
		"\3a b\0" RECORD("\1", "\4") "\1\2\3\4"
		Q "\0\1\0\1\x80\0\0\0\0\4" "\1\2\3\4"));

	assert_non_null(response.records);
	assert_int_equal(response.records->type, DNS_A);
	assert_int_equal(response.records->ttl, 0);
	assert_span(response.records->name, "example.org");
	assert_null(response.records->next);
}

static void
refuses_malformed(void **state UNUSED)
{
	static const struct span cases[] = {
	    BYTES(""),
	    BYTES("\x12\x34\x81\x80\0\0\0\0\0\0\0"),
	    /* A query; another operation; two questions; none but promised. */
	    BYTES(HEADER("\1\0", "\0", "\0", "\0") QUESTION("\17")),
	    BYTES(HEADER("\x91\x80", "\0", "\0", "\0") QUESTION("\17")),
	    BYTES("\x12\x34\x81\x80\0\2\0\0\0\0\0\0" QUESTION("\17")
		    QUESTION("\17")),
	    BYTES("\x12\x34\x81\x80\0\1\0\0\0\0\0\0"),
	    /* More records promised than sent. */
	    BYTES(HEADER(GOOD, "\1", "\0", "\0") QUESTION("\17")),
	    BYTES(HEADER(GOOD, "\0", "\1", "\0") QUESTION("\17")),
	    BYTES(HEADER(GOOD, "\0", "\0", "\1") QUESTION("\17")),
	    BYTES(HEADER(GOOD, "\xff", "\0", "\0") QUESTION("\1")
		    Q RECORD("\1", "\4") "\1\2\3\4"),
	    /* Data that ends behind the message, or is short, or long. */
	    BYTES(HEADER(GOOD, "\1", "\0", "\0") QUESTION("\1")
		    Q RECORD("\1", "\4") "\1\2\3"),
	    BYTES(HEADER(GOOD, "\1", "\0", "\0") QUESTION("\1")
		    Q RECORD("\1", "\3") "\1\2\3"),
	    BYTES(HEADER(GOOD, "\1", "\0", "\0") QUESTION("\1")
		    Q RECORD("\1", "\5") "\1\2\3\4\5"),
	    BYTES(HEADER(GOOD, "\1", "\0", "\0") QUESTION("\34")
		    Q RECORD("\34", "\4") "\1\2\3\4"),
	    BYTES(HEADER(GOOD, "\1", "\0", "\0") QUESTION("\17")
		    Q RECORD("\17", "\1") "\0"),
	    BYTES(HEADER(GOOD, "\1", "\0", "\0") QUESTION("\17")
		    Q RECORD("\17", "\2") "\0\1"),
	    BYTES(HEADER(GOOD, "\1", "\0", "\0") QUESTION("\17")
		    Q RECORD("\17", "\5") "\0\1" Q "\0"),
	    /* An exchange whose name goes on into the next record. */
	    BYTES(HEADER(GOOD, "\2", "\0", "\0") QUESTION("\17")
		    Q RECORD("\17", "\5") "\0\1\4ma" Q RECORD("\1", "\0")),
	    /* A string longer than its record. */
	    BYTES(HEADER(GOOD, "\1", "\0", "\0") QUESTION("\20")
		    Q RECORD("\20", "\3") "\3ab" "c"),
	    BYTES(HEADER(GOOD, "\0", "\1", "\0") QUESTION("\17")
		    Q RECORD("\6", "\24") Q Q "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4"),
	    /* Owner name: a pointer to itself. */
	    BYTES(HEADER(GOOD, "\1", "\0", "\0") QUESTION("\1")
		    "\xc0\x1d" RECORD("\1", "\4") "\1\2\3\4"),
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct dns_response response;
		struct error error;

		if (dns_message_read(cases[i], pool, &response, &error))
			fail_msg("case %zu", i);
		assert_int_equal(error.kind, ERROR_INVALID);
	}
}

/* Every prefix of a good message is refused, and none is read beyond. */
static void
refuses_prefixes(void **state UNUSED)
{
	struct span whole = SPAN(HEADER(GOOD, "\2", "\1", "\1") QUESTION("\17")
		Q RECORD("\17", "\11") "\0\12\4mail" Q
		Q RECORD("\20", "\10") "\3v=s\0\2pf"
		Q RECORD("\6", "\30") Q Q SOA_NUMBERS("\0\0\0\x3c")
		"\0\0\51\4\xd0\0\0\0\0\0\0");

	(void)read_whole(whole);
	for (size_t len = 0; len < whole.len; len++) {
		char *copy = malloc(len + 1);
		struct dns_response response;
		struct error error;

		assert_non_null(copy);
		memcpy(copy, whole.at, len);
		assert_false(dns_message_read(
		    span_of(copy, len), pool, &response, &error));
		free(copy);
	}
}

static void
respects_pool(void **state UNUSED)
{
	struct pool *small = pool_create(NULL, "small", 64);
	struct dns_response response;
	struct error error;

	assert_false(dns_message_read(
	    SPAN(HEADER(GOOD, "\1", "\0", "\0") QUESTION("\1")
		Q RECORD("\1", "\4") "\1\2\3\4"),
	    small, &response, &error));
	assert_int_equal(error.kind, ERROR_LIMIT);
	pool_destroy(small);
}

static void
matches_question(void **state UNUSED)
{
	struct dns_response response =
	    read_whole(SPAN(HEADER(GOOD, "\0", "\0", "\0") QUESTION("\17")));
	struct dns_question question = {
	    .name = SPAN("EXAMPLE.org."), .type = DNS_MX};

	assert_true(dns_message_answers(&response, 0x1234, &question));
	assert_false(dns_message_answers(&response, 0x1235, &question));
	question.type = DNS_A;
	assert_false(dns_message_answers(&response, 0x1234, &question));
	question.type = DNS_MX;
	question.name = SPAN("example.com");
	assert_false(dns_message_answers(&response, 0x1234, &question));
	response = read_whole(SPAN("\x12\x34\x81\x80\0\0\0\0\0\0\0\0"));
	assert_false(dns_message_answers(&response, 0x1234, &question));
	response = read_whole(SPAN("\x12\x34\x81\x81\0\0\0\0\0\0\0\0"));
	assert_true(dns_message_answers(&response, 0x1234, &question));
	assert_int_equal(response.code, DNS_FORMERR);
}

static void
follows_aliases(void **state UNUSED)
{
	struct dns_response response = read_whole(SPAN(
	    HEADER(GOOD, "\4", "\0", "\0") QUESTION("\1")
	    "\1b" Q "\0\1\0\1\0\0\0\7\0\4" "\1\1\1\1"
	    Q RECORD("\5", "\4") "\1a" Q
	    "\1A" Q "\0\5\0\1\0\0\0\5\0\4" "\1b" Q
	    "\1b" Q RECORD("\1", "\4") "\2\2\2\2"));
	struct dns_answer answer;
	struct error error;

	assert_true(dns_answer_find(
	    &response, SPAN("example.ORG."), DNS_A, &answer, &error));
	assert_span(answer.name, "b.example.org");
	assert_int_equal(answer.aliases, 2);
	assert_int_equal(answer.ttl, 5);
	assert_non_null(answer.first);
	assert_span(answer.first->data, "\1\1\1\1");
	answer.first = dns_answer_next(&answer, answer.first);
	assert_non_null(answer.first);
	assert_span(answer.first->data, "\2\2\2\2");
	assert_null(dns_answer_next(&answer, answer.first));

	assert_true(dns_answer_find(
	    &response, SPAN("example.org"), DNS_MX, &answer, &error));
	assert_null(answer.first);
	assert_span(answer.name, "b.example.org");
	assert_true(dns_answer_find(
	    &response, SPAN("other.org"), DNS_MX, &answer, &error));
	assert_null(answer.first);
	assert_int_equal(answer.aliases, 0);
}

static void
refuses_alias_loop(void **state UNUSED)
{
	struct dns_response response = read_whole(SPAN(
	    HEADER(GOOD, "\2", "\0", "\0") QUESTION("\1")
	    Q RECORD("\5", "\4") "\1a" Q
	    "\1a" Q RECORD("\5", "\2") Q));
	struct dns_answer answer;
	struct error error;

	assert_false(dns_answer_find(
	    &response, SPAN("example.org"), DNS_A, &answer, &error));
	assert_int_equal(error.kind, ERROR_INVALID);
}

/* clang-format on */
int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_queries),
	    cmocka_unit_test(reads_records),
	    cmocka_unit_test(reads_negative_ttl),
	    cmocka_unit_test(reads_extended_code),
	    cmocka_unit_test(stops_when_truncated),
	    cmocka_unit_test(leaves_out_odd_names),
	    cmocka_unit_test(refuses_malformed),
	    cmocka_unit_test(refuses_prefixes),
	    cmocka_unit_test(respects_pool),
	    cmocka_unit_test(matches_question),
	    cmocka_unit_test(follows_aliases),
	    cmocka_unit_test(refuses_alias_loop),
	};

	return cmocka_run_group_tests(tests, make_pool, destroy_pool);
}
