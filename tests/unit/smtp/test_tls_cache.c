/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "smtp/tls_cache.h"

enum {
	LIFETIME = 10 /* seconds */
};

static SSL_SESSION *
make_session(int version)
{
	SSL_SESSION *session = SSL_SESSION_new();

	assert_int_equal(SSL_SESSION_set_protocol_version(session, version), 1);
	return session;
}

/* Whether there is a session for the key at that time. */
static bool
has(const char *key, int64_t now)
{
	enum secure_trust trust;
	SSL_SESSION *session = tls_cache_take(key, now, &trust);

	SSL_SESSION_free(session);
	return session != NULL;
}

static void
nothing_is_kept_unless_asked(void **state UNUSED)
{
	tls_cache_keep("a", make_session(TLS1_2_VERSION), SECURE_TRUSTED, 0);
	assert_false(has("a", 0));
}

static void
sessions_are_found_with_their_trust(void **state UNUSED)
{
	enum secure_trust trust = SECURE_ANONYMOUS;
	SSL_SESSION *session = make_session(TLS1_2_VERSION);

	tls_cache_open(LIFETIME);
	tls_cache_keep("a", session, SECURE_VERIFIED, 0);
	assert_false(has("b", 0));
	assert_ptr_equal(tls_cache_take("a", 0, &trust), session);
	assert_int_equal(trust, SECURE_VERIFIED);
	SSL_SESSION_free(session);
	assert_true(has("a", LIFETIME * 1000 - 1));
	assert_false(has("a", LIFETIME * 1000));
	assert_false(has("a", 0));
}

static void
those_of_tls_1_3_are_used_once(void **state UNUSED)
{
	tls_cache_keep("a", make_session(TLS1_3_VERSION), SECURE_TRUSTED, 0);
	assert_true(has("a", 0));
	assert_false(has("a", 0));
}

static void
the_oldest_make_room(void **state UNUSED)
{
	char key[16];

	for (int i = 0; i < 1001; i++) {
		snprintf(key, sizeof key, "%d", i);
		tls_cache_keep(
		    key, make_session(TLS1_2_VERSION), SECURE_TRUSTED, i);
	}
	assert_false(has("0", 1001));
	assert_true(has("1", 1001));
	assert_true(has("1000", 1001));
	/* The same key anew takes no other's place. */
	tls_cache_keep("5", make_session(TLS1_2_VERSION), SECURE_TRUSTED, 1001);
	assert_true(has("1", 1001));
	for (int i = 0; i < 1001; i++) {
		snprintf(key, sizeof key, "%d", i);
		(void)has(key, LIFETIME * 1000 + 2000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_kept_unless_asked),
	    cmocka_unit_test(sessions_are_found_with_their_trust),
	    cmocka_unit_test(those_of_tls_1_3_are_used_once),
	    cmocka_unit_test(the_oldest_make_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
