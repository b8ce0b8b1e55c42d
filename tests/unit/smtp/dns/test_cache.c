/* SPDX-License-Identifier: MIT */
#include "lib/loop/loop.h"

#include "../../unit.h"
#include "smtp/dns/cache.h"

enum {
	ROOM = 1 << 16,
	LIFETIME = 1 /* seconds */
};

static void
put(struct cache *cache, const char *key, const char *name, uint32_t ttl)
{
	struct message_dns_answer message = {
	    .result = DNS_FOUND, .ttl = ttl, .name = span_text(name)};
	struct answer *answer = answer_create(&message);

	cache_put(cache, span_text(key), answer);
	answer_release(answer);
}

static bool
has(struct cache *cache, const char *key)
{
	return cache_find(cache, span_text(key)) != NULL;
}

static void
test_what_is_put_is_found(void **state UNUSED)
{
	struct cache *cache = cache_create(ROOM);
	struct answer *held;

	put(cache, "1 a.example", "first", 60);
	put(cache, "1 b.example", "other", 60);
	assert_span(
	    cache_find(cache, SPAN("1 a.example"))->message.name, "first");
	held = answer_hold(cache_find(cache, SPAN("1 a.example")));
	put(cache, "1 a.example", "second", 60);
	assert_span(
	    cache_find(cache, SPAN("1 a.example"))->message.name, "second");
	assert_false(has(cache, "28 a.example"));
	cache_destroy(cache);
	/* Who holds an answer keeps it. */
	assert_span(held->message.name, "first");
	answer_release(held);
}

static void
test_answers_expire(void **state UNUSED)
{
	struct cache *cache = cache_create(ROOM);

	put(cache, "never", "x", 0);
	put(cache, "short", "x", LIFETIME);
	put(cache, "long", "x", 60);
	assert_false(has(cache, "never"));
	assert_true(has(cache, "short"));
	loop_sleep_until(loop_deadline(LIFETIME) + 1);
	assert_false(has(cache, "short"));
	assert_true(has(cache, "long"));
	/* An answer that is true no more takes away the one before it. */
	put(cache, "long", "x", 0);
	assert_false(has(cache, "long"));
	cache_destroy(cache);
}

static void
test_the_least_used_goes_first(void **state UNUSED)
{
	static char large[ROOM / 4];
	struct cache *cache = cache_create(ROOM);

	memset(large, 'x', sizeof large - 1);
	put(cache, "a", large, 60);
	put(cache, "b", large, 60);
	put(cache, "c", large, 60);
	assert_true(has(cache, "a"));
	put(cache, "d", large, 60);
	assert_true(has(cache, "a"));
	assert_false(has(cache, "b"));
	assert_true(has(cache, "c"));
	assert_true(has(cache, "d"));
	cache_destroy(cache);
	cache = cache_create(0);
	put(cache, "a", "x", 60);
	assert_false(has(cache, "a"));
	cache_destroy(cache);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_is_put_is_found),
	    cmocka_unit_test(test_answers_expire),
	    cmocka_unit_test(test_the_least_used_goes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
