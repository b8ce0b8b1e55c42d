/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "smtp/server_list.h"

enum {
	NAMES_SIZE = 64
};

/* "4a10" is an IPv4 address called a with preference 10. */
static void
fill(struct server_list *list, struct pool *pool, const char *text)
{
	struct span rest = span_text(text);
	struct span word;

	*list = (struct server_list){0};
	while (span_take_word(&rest, " ", &word)) {
		char ip[ADDRESS_TEXT_SIZE];
		struct server server = {
		    .name = pool_copy(pool, span_of(word.at + 1, 1)),
		    .preference = (uint16_t)strtoul(word.at + 2, NULL, 10),
		};

		snprintf(ip, sizeof ip,
		    word.at[0] == '4' ? "192.0.2.%d" : "2001:db8::%d",
		    word.at[1] - 'a' + 1);
		assert_true(
		    address_parse_ip(span_text(ip), 25, &server.address));
		assert_true(server_list_add(list, pool, &server));
	}
}

static void
assert_names(const struct server_list *list, const char *want)
{
	char names[NAMES_SIZE] = "";
	size_t len = 0;

	for (size_t i = 0; i < list->count; i++)
		len += (size_t)snprintf(names + len, sizeof names - len, "%s",
		    list->servers[i].name);
	assert_string_equal(names, want);
}

/* Makes the shuffle turn the list by one place. */
static uint64_t
always_first(uint64_t bound UNUSED)
{
	return 0;
}

static void
test_order(void **state UNUSED)
{
	static const struct {
		const char *text;
		enum address_preference preference;
		bool shuffle;
		const char *want;
	} cases[] = {
	    {"4a10", PREFER_ANY, true, "a"},
	    {"4a30 4b10 4c20", PREFER_ANY, false, "bca"},
	    {"4a30 4b10 4c20", PREFER_ANY, true, "bca"},
	    {"4a10 4b10 4c10", PREFER_ANY, false, "abc"},
	    {"4a10 4b10 4c10", PREFER_ANY, true, "bca"},
	    {"4a10 6b10 4c10 6d10", PREFER_IPV6, false, "bdac"},
	    {"4a10 6b10 4c10 6d10", PREFER_IPV4, false, "acbd"},
	    {"4a20 6b20 4c10 6d10", PREFER_IPV4, false, "cdab"},
	};
	struct pool *pool = pool_create(NULL, "test", POOL_NO_MAXIMUM);

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct server_order order = {.preference = cases[i].preference,
		    .shuffle = cases[i].shuffle,
		    .random_below = always_first};
		struct server_list list;

		fill(&list, pool, cases[i].text);
		server_list_sort(&list, &order);
		assert_names(&list, cases[i].want);
		assert_true(list.servers[0].is_best);
	}
	pool_destroy(pool);
}

static void
test_own_address(void **state UNUSED)
{
	/* The sorted list; 'c' is ours. */
	static const struct {
		const char *text;
		const char *want;
		bool is_cut;
	} cases[] = {
	    {"4a10 4b20", "ab", false},
	    {"4a10 4b10 4c20 4d20 4e30", "ab", true},
	    {"4a10 4b20 4c20 4d20", "a", true},
	    {"4a10 4b10 4c10", "", true},
	    {"4c10 4a20", "", true},
	};
	struct pool *pool = pool_create(NULL, "test", POOL_NO_MAXIMUM);
	struct own_address_list own;

	own_address_collect(&own, NULL, SPAN("192.0.2.3"), SPAN(""));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct server_list list;

		fill(&list, pool, cases[i].text);
		assert_int_equal(
		    server_list_cut_own(&list, &own), cases[i].is_cut);
		assert_names(&list, cases[i].want);
	}
	pool_destroy(pool);
}

static void
test_limits(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "test", POOL_NO_MAXIMUM);
	struct pool *full = pool_create(NULL, "full", 0);
	struct server server = {.name = "x"};
	struct server_list list = {0};

	for (int i = 0; i < SERVER_LIST_MAXIMUM; i++)
		assert_true(server_list_add(&list, pool, &server));
	assert_false(server_list_add(&list, pool, &server));
	list = (struct server_list){0};
	assert_false(server_list_add(&list, full, &server));
	pool_destroy(pool);
	pool_destroy(full);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_own_address),
	    cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
