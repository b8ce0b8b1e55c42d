/* SPDX-License-Identifier: MIT */
#include <sys/socket.h>

#include "lib/tls/context.h"
#include "lib/tls/fingerprint.h"
#include "lib/tls/library.h"
#include "lib/tls/protocols.h"
#include "lib/tls/secure.h"
#include "lib/tls/summary.h"
#include "lib/tls/ticket.h"

#include "identity.h"

static char directory[] = "/tmp/test-secure-XXXXXX";
static char ca_file[64];
static char chain_file[64];

/* One end of a connection, in a coroutine. */
struct end {
	struct stream stream;
	SSL_CTX *context;
	struct secure *secure;
	struct error error;
};

/* What a case is about. */
struct meeting {
	struct end server;
	struct end client;
	struct secure_goal goal;
	unsigned finished;
};

static const char *const no_names[] = {NULL};

static SSL_CTX *
make_context(bool server, unsigned protocols, bool asks)
{
	struct chain_list chains = {0};
	struct context_settings settings = {
	    .protocols = protocols,
	    .ciphers = "HIGH:!aNULL",
	    .groups = "X25519, prime256v1",
	    .trust = {.file = ca_file, .directory = ""},
	    .depth = 9,
	    .asks_certificate = asks,
	    .scope = SPAN("test"),
	};
	struct error error;
	SSL_CTX *context;

	assert_true(
	    chain_list_add_files(&chains, span_text(chain_file), &error));
	context = server ? context_create_server(&settings, &chains, &error)
			 : context_create_client(&settings, &chains, &error);
	if (context == NULL)
		fail_msg("%s", error.text);
	if (asks)
		SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	chain_list_finish(&chains);
	return context;
}

static void
finish(struct meeting *meeting)
{
	if (++meeting->finished == 2)
		loop_stop();
}

static void
serve(void *argument)
{
	struct meeting *meeting = argument;
	struct end *end = &meeting->server;
	enum line_ending ending;
	struct span line;

	end->secure = secure_accept(
	    &end->stream, end->context, loop_deadline(5), &end->error);
	if (end->secure != NULL &&
	    stream_read_line(&end->stream, 100, loop_deadline(5), &line,
		&ending, &end->error))
		(void)!(stream_printf(&end->stream, loop_deadline(5), NULL,
			    "you said %.*s\r\n", SPAN_ARGS(line)) &&
		    stream_flush(&end->stream, loop_deadline(5), NULL));
	finish(meeting);
}

static void
call(void *argument)
{
	struct meeting *meeting = argument;
	struct end *end = &meeting->client;
	enum line_ending ending;
	struct span line;

	end->secure = secure_connect(&end->stream, end->context, &meeting->goal,
	    loop_deadline(5), &end->error);
	if (end->secure != NULL) {
		assert_true(stream_printf(
		    &end->stream, loop_deadline(5), &end->error, "hello\r\n"));
		assert_true(stream_read_line(&end->stream, 100,
		    loop_deadline(5), &line, &ending, &end->error));
		assert_span(line, "you said hello");
	}
	finish(meeting);
}

static void
meet(struct meeting *meeting, SSL_CTX *server, SSL_CTX *client)
{
	int pair[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	stream_init(&meeting->server.stream, pair[0]);
	stream_init(&meeting->client.stream, pair[1]);
	meeting->server.context = server;
	meeting->client.context = client;
	if (meeting->goal.names == NULL)
		meeting->goal.names = no_names;
	if (meeting->goal.protocols == 0)
		meeting->goal.protocols = PROTOCOLS_ALL;
	if (meeting->goal.ciphers == NULL)
		meeting->goal.ciphers = "HIGH:!aNULL";
	loop_spawn(serve, meeting);
	loop_spawn(call, meeting);
	loop_run();
}

static void
part(struct meeting *meeting)
{
	secure_close(meeting->client.secure);
	secure_close(meeting->server.secure);
	stream_close(&meeting->client.stream);
	stream_close(&meeting->server.stream);
}

static const char *const good_names[] = {"other.example", "mx.example", NULL};
static const char *const wild_names[] = {"a.wild.example", NULL};
static const char *const deep_names[] = {"a.b.wild.example", NULL};
static const char *const bad_names[] = {"mx.example.org", NULL};

static const struct {
	const char *const *names;
	bool joins;
	enum secure_trust trust;
} names[] = {
    {no_names, true, SECURE_TRUSTED},
    {good_names, true, SECURE_VERIFIED},
    {wild_names, true, SECURE_VERIFIED},
    {wild_names, false, SECURE_VERIFIED},
    {deep_names, true, SECURE_VERIFIED},
    {deep_names, false, SECURE_TRUSTED},
    {bad_names, true, SECURE_TRUSTED},
};

static void
names_are_compared(void **state UNUSED)
{
	SSL_CTX *server = make_context(true, PROTOCOLS_ALL, false);
	SSL_CTX *client = make_context(false, PROTOCOLS_ALL, false);

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct meeting meeting = {.goal = {.names = names[i].names,
					      .joins_wildcards = names[i].joins,
					      .server_name = "mx.example"}};

		meet(&meeting, server, client);
		assert_non_null(meeting.client.secure);
		assert_int_equal(meeting.client.secure->trust, names[i].trust);
		assert_int_equal(
		    meeting.server.secure->trust, SECURE_ANONYMOUS);
		assert_string_equal(
		    secure_asked_name(meeting.server.secure), "mx.example");
		part(&meeting);
	}
	SSL_CTX_free(server);
	SSL_CTX_free(client);
}

static const struct {
	unsigned protocol;
	const char *summary;
} summaries[] = {
    {1U << PROTOCOL_TLS1_3,
	"TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) "
	"key-exchange x25519 server-signature ECDSA (prime256v1) "
	"server-digest SHA256 client-signature ECDSA (prime256v1) "
	"client-digest SHA256"},
    {1U << PROTOCOL_TLS1_2,
	"TLSv1.2 with cipher ECDHE-ECDSA-AES256-GCM-SHA384 (256/256 bits) "
	"key-exchange x25519 server-signature ECDSA (prime256v1) "
	"server-digest SHA256 client-signature ECDSA (prime256v1) "
	"client-digest SHA256"},
};

/* Both ends tell the same of a connection. */
static void
summaries_are_those_of_postfix(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(summaries); i++) {
		unsigned protocol = summaries[i].protocol;
		SSL_CTX *server = make_context(true, protocol, true);
		SSL_CTX *client = make_context(false, PROTOCOLS_ALL, false);
		struct meeting meeting = {.goal = {.protocols = protocol}};
		struct buf text;
		char *subject;

		meet(&meeting, server, client);
		assert_non_null(meeting.client.secure);
		buf_init(&text, 1000);
		summary_append(&text, meeting.server.secure);
		assert_span(buf_span(&text), summaries[i].summary);
		buf_clear(&text);
		summary_append(&text, meeting.client.secure);
		assert_span(buf_span(&text), summaries[i].summary);
		assert_int_equal(meeting.server.secure->trust, SECURE_TRUSTED);
		subject = summary_subject(meeting.server.secure);
		assert_string_equal(subject, "mx");
		free(subject);
		subject = summary_issuer(meeting.server.secure);
		assert_string_equal(subject, "authority");
		free(subject);
		buf_finish(&text);
		part(&meeting);
		SSL_CTX_free(server);
		SSL_CTX_free(client);
	}
}

static SSL_SESSION *kept;
static enum secure_trust kept_trust;

static void
keep(void *keeper UNUSED, const struct secure *secure, SSL_SESSION *session)
{
	SSL_SESSION_free(kept);
	kept = session;
	kept_trust = secure->trust;
}

static void
sessions_are_resumed_with_their_trust(void **state UNUSED)
{
	struct ticket_keys keys = {0};

	ticket_rotate(&keys, 2);
	ticket_set(&keys);
	for (unsigned i = PROTOCOL_TLS1_2; i <= PROTOCOL_TLS1_3; i++) {
		SSL_CTX *server = make_context(true, PROTOCOLS_ALL, false);
		SSL_CTX *client = make_context(false, PROTOCOLS_ALL, false);
		struct secure_goal goal = {
		    .names = good_names, .protocols = 1U << i, .keep = keep};
		struct meeting first = {.goal = goal};
		struct meeting second = {.goal = goal};

		meet(&first, server, client);
		assert_non_null(kept);
		assert_int_equal(kept_trust, SECURE_VERIFIED);
		assert_false(first.client.secure->is_resumed);
		part(&first);
		second.goal.session = kept;
		second.goal.trust = kept_trust;
		second.goal.keep = NULL;
		meet(&second, server, client);
		assert_true(second.client.secure->is_resumed);
		assert_int_equal(second.client.secure->trust, SECURE_VERIFIED);
		part(&second);
		SSL_SESSION_free(kept);
		kept = NULL;
		SSL_CTX_free(server);
		SSL_CTX_free(client);
	}
	ticket_set(&(struct ticket_keys){0});
}

static void
nothing_in_common_is_an_error(void **state UNUSED)
{
	SSL_CTX *server = make_context(true, 1U << PROTOCOL_TLS1_3, false);
	SSL_CTX *client = make_context(false, PROTOCOLS_ALL, false);
	struct meeting meeting = {.goal = {.protocols = 1U << PROTOCOL_TLS1_2}};

	meet(&meeting, server, client);
	assert_null(meeting.client.secure);
	assert_null(meeting.server.secure);
	assert_int_equal(meeting.server.error.kind, ERROR_INVALID);
	assert_non_null(strstr(meeting.server.error.text, "error:"));
	part(&meeting);
	SSL_CTX_free(server);
	SSL_CTX_free(client);
}

/* What was sent ahead in the clear is not read as if it were inside. */
static void
plain_text_ahead_is_refused(void **state UNUSED)
{
	SSL_CTX *server = make_context(true, PROTOCOLS_ALL, false);
	struct error error;
	struct stream stream;
	struct span some;
	int pair[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	stream_init(&stream, pair[0]);
	assert_int_equal(write(pair[1], "RSET\r\n", 6), 6);
	assert_true(stream_peek(&stream, loop_deadline(5), &some, &error));
	assert_null(secure_accept(&stream, server, loop_deadline(5), &error));
	assert_int_equal(error.kind, ERROR_INVALID);
	assert_non_null(strstr(error.text, "plain text"));
	stream_close(&stream);
	close(pair[1]);
	SSL_CTX_free(server);
}

static void
silence_and_ends_are_told(void **state UNUSED)
{
	SSL_CTX *server = make_context(true, PROTOCOLS_ALL, false);
	struct error error;
	struct stream stream;
	int pair[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	stream_init(&stream, pair[0]);
	assert_int_equal(write(pair[1], "\x16\x03\x01", 3), 3);
	assert_null(secure_accept(&stream, server, loop_now() + 50, &error));
	assert_int_equal(error.kind, ERROR_TIMEOUT);
	close(pair[1]);
	assert_null(secure_accept(&stream, server, loop_deadline(5), &error));
	assert_int_equal(error.kind, ERROR_CLOSED);
	stream_close(&stream);
	SSL_CTX_free(server);
}

static const struct {
	const char *text;
	bool equal;
} fingerprints[] = {
    {"0A:1B:2C", true},
    {"0a:1b:2c", true},
    {"0a1b2c", true},
    {"0a1b2c00", false},
    {"0a1b", false},
    {"", false},
};

static void
fingerprints_are_compared(void **state UNUSED)
{
	struct identity one = identity_make("one", "DNS:one.example", NULL, 9);
	char text[FINGERPRINT_SIZE];
	EVP_MD *digest = fingerprint_digest("sha256", NULL);

	for (size_t i = 0; i < COUNT_OF(fingerprints); i++)
		assert_int_equal(fingerprint_equal("0A:1B:2C",
				     span_text(fingerprints[i].text)),
		    fingerprints[i].equal);
	fingerprint_certificate(one.certificate, digest, text);
	assert_int_equal(strlen(text), 3 * 32 - 1);
	fingerprint_key(one.certificate, digest, text);
	assert_int_equal(strlen(text), 3 * 32 - 1);
	assert_null(fingerprint_digest("none-such", NULL));
	EVP_MD_free(digest);
	identity_free(&one);
}

static const struct {
	const char *name;
	bool hashed;
} directory_names[] = {
    {"3bde41ac.0", true},
    {"3bde41ac.12", true},
    {"3bde41ac.", false},
    {"3bde41ac", false},
    {"3bde41ag.0", false},
    {"3bde41a.0", false},
    {"3bde41ac.r0", false},
    {"ca.pem", false},
};

static void
hashed_names_are_told(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(directory_names); i++)
		assert_int_equal(trust_is_hashed_name(directory_names[i].name),
		    directory_names[i].hashed);
}

static int
make_files(void **state UNUSED)
{
	struct identity authority = identity_make("authority", NULL, NULL, 9);
	struct identity mx = identity_make(
	    "mx", "DNS:mx.example,DNS:*.wild.example", &authority, 9);

	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(ca_file, sizeof ca_file, "%s/ca.pem", directory);
	snprintf(chain_file, sizeof chain_file, "%s/chain.pem", directory);
	identity_write_certificate(&authority, ca_file);
	identity_write_key(&mx, chain_file);
	identity_write_certificate(&mx, chain_file);
	identity_free(&authority);
	identity_free(&mx);
	return 0;
}

static int
remove_files(void **state UNUSED)
{
	(void)unlink(ca_file);
	(void)unlink(chain_file);
	return rmdir(directory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_are_compared),
	    cmocka_unit_test(summaries_are_those_of_postfix),
	    cmocka_unit_test(sessions_are_resumed_with_their_trust),
	    cmocka_unit_test(nothing_in_common_is_an_error),
	    cmocka_unit_test(plain_text_ahead_is_refused),
	    cmocka_unit_test(silence_and_ends_are_told),
	    cmocka_unit_test(fingerprints_are_compared),
	    cmocka_unit_test(hashed_names_are_told),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
