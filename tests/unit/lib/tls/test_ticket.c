/* SPDX-License-Identifier: MIT */
#include "lib/tls/library.h"
#include "lib/tls/ticket.h"

#include "identity.h"

static SSL_CTX *server_context;
static SSL_CTX *client_context;
static SSL_SESSION *newest; /* that the client was given */

static int
take_session(SSL *ssl UNUSED, SSL_SESSION *session)
{
	SSL_SESSION_free(newest);
	newest = session;
	return 1;
}

static int
make_contexts(void **state UNUSED)
{
	struct identity one = identity_make("one", "DNS:one.example", NULL, 9);

	server_context =
	    SSL_CTX_new_ex(library_context(), NULL, TLS_server_method());
	client_context =
	    SSL_CTX_new_ex(library_context(), NULL, TLS_client_method());
	assert_int_equal(
	    SSL_CTX_use_certificate(server_context, one.certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(server_context, one.key), 1);
	ticket_attach(server_context);
	SSL_CTX_set_session_cache_mode(server_context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_session_cache_mode(
	    client_context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(client_context, take_session);
	identity_free(&one);
	return 0;
}

static int
free_contexts(void **state UNUSED)
{
	SSL_SESSION_free(newest);
	SSL_CTX_free(server_context);
	SSL_CTX_free(client_context);
	return 0;
}

static SSL *
make_end(SSL_CTX *context, BIO *in, BIO *out)
{
	SSL *ssl = SSL_new(context);

	BIO_up_ref(in);
	BIO_up_ref(out);
	SSL_set_bio(ssl, in, out);
	return ssl;
}

/* One connection in memory that offers `session`; true when it was resumed. */
static bool
connects_with(SSL_SESSION *session, int version)
{
	BIO *up = BIO_new(BIO_s_mem());
	BIO *down = BIO_new(BIO_s_mem());
	SSL *server = make_end(server_context, up, down);
	SSL *client = make_end(client_context, down, up);
	char byte;
	bool resumed;

	BIO_set_mem_eof_return(up, -1);
	BIO_set_mem_eof_return(down, -1);
	SSL_set_max_proto_version(client, version);
	SSL_set_connect_state(client);
	SSL_set_accept_state(server);
	/* Of TLS 1.3 a client uses each only once. */
	if (session != NULL) {
		SSL_SESSION *copy = SSL_SESSION_dup(session);

		assert_int_equal(SSL_set_session(client, copy), 1);
		SSL_SESSION_free(copy);
	}
	for (int i = 0; i < 10; i++) {
		(void)SSL_do_handshake(client);
		(void)SSL_do_handshake(server);
	}
	assert_true(SSL_is_init_finished(client));
	assert_true(SSL_is_init_finished(server));
	assert_int_equal(SSL_write(server, "x", 1), 1);
	assert_int_equal(SSL_read(client, &byte, 1), 1);
	/* The callback is for new sessions, not for renewed tickets of old
	 * ones. */
	if (version == TLS1_2_VERSION)
		take_session(client, SSL_get1_session(client));
	resumed = SSL_session_reused(server) == 1;
	assert_int_equal(SSL_session_reused(client), resumed);
	/* A session that breaks off is not resumed. */
	(void)SSL_shutdown(server);
	(void)SSL_shutdown(client);
	SSL_free(server);
	SSL_free(client);
	BIO_free(up);
	BIO_free(down);
	return resumed;
}

static SSL_SESSION *
take_newest(void)
{
	SSL_SESSION *session = newest;

	assert_non_null(session);
	newest = NULL;
	return session;
}

static void
run_rotation(int version)
{
	struct ticket_keys keys = {0};
	SSL_SESSION *first;
	SSL_SESSION *second;

	ticket_rotate(&keys, 2);
	ticket_set(&keys);
	assert_false(connects_with(NULL, version));
	first = take_newest();
	assert_true(connects_with(first, version));

	/* The key before is good for one rotation, and renews. */
	SSL_SESSION_free(newest);
	newest = NULL;
	ticket_rotate(&keys, 2);
	ticket_set(&keys);
	assert_true(connects_with(first, version));
	second = take_newest();
	ticket_rotate(&keys, 2);
	ticket_set(&keys);
	assert_int_equal(keys.count, 2);
	assert_false(connects_with(first, version));
	assert_true(connects_with(second, version));
	SSL_SESSION_free(first);
	SSL_SESSION_free(second);
}

static void
rotated_keys_open_tickets_once_more(void **state UNUSED)
{
	run_rotation(TLS1_2_VERSION);
	run_rotation(TLS1_3_VERSION);
}

static void
other_keys_open_nothing(void **state UNUSED)
{
	struct ticket_keys keys = {0};
	struct ticket_keys others = {0};
	SSL_SESSION *session;

	ticket_rotate(&keys, 3);
	ticket_rotate(&others, 3);
	ticket_set(&keys);
	assert_false(connects_with(NULL, TLS1_3_VERSION));
	session = take_newest();
	ticket_set(&others);
	assert_false(connects_with(session, TLS1_3_VERSION));
	/* The same name and another key: what is inside does not check. */
	memcpy(others.keys[0].name, keys.keys[0].name, TICKET_NAME_SIZE);
	ticket_set(&others);
	assert_false(connects_with(session, TLS1_3_VERSION));
	SSL_SESSION_free(session);
}

static void
rotation_keeps_what_is_asked(void **state UNUSED)
{
	struct ticket_keys keys = {0};
	struct ticket_key first;

	ticket_rotate(&keys, 2);
	first = keys.keys[0];
	ticket_rotate(&keys, 2);
	assert_int_equal(keys.count, 2);
	assert_memory_equal(&keys.keys[1], &first, sizeof first);
	assert_memory_not_equal(&keys.keys[0], &first, sizeof first);
	ticket_rotate(&keys, 1);
	assert_int_equal(keys.count, 1);
	for (size_t i = 0; i < sizeof keys.keys[1]; i++)
		assert_int_equal(((unsigned char *)&keys.keys[1])[i], 0);
	ticket_set(&keys);
	assert_true(ticket_has_keys());
	ticket_set(&(struct ticket_keys){0});
	assert_false(ticket_has_keys());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rotated_keys_open_tickets_once_more),
	    cmocka_unit_test(other_keys_open_nothing),
	    cmocka_unit_test(rotation_keeps_what_is_asked),
	};

	return cmocka_run_group_tests(tests, make_contexts, free_contexts);
}
