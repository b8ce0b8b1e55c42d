/* SPDX-License-Identifier: MIT */
#include "lib/tls/secure.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "lib/base/memory.h"
#include "lib/tls/context.h"
#include "lib/tls/ticket.h"

/* OpenSSL's errors wait in a queue that all coroutines share: it is emptied
 * before each call, and read right after it. */

/* Of a read or write that did nothing: what to wait for, or what it means. */
static ssize_t
translate(struct secure *secure, int result, enum wait_for *want)
{
	int number = errno;

	switch (SSL_get_error(secure->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		*want = WAIT_READ;
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_WANT_WRITE:
		*want = WAIT_WRITE;
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_ZERO_RETURN:
		errno = EPIPE;
		return 0;
	case SSL_ERROR_SYSCALL:
		errno = number != 0 ? number : ECONNRESET;
		break;
	default:
		errno = ECONNRESET;
		break;
	}
	secure->is_broken = true;
	return -1;
}

static int
limited(size_t count)
{
	return count < INT_MAX ? (int)count : INT_MAX;
}

static ssize_t
read_inside(
    struct stream *stream, void *bytes, size_t count, enum wait_for *want)
{
	struct secure *secure = stream->layer_state;
	int got;

	ERR_clear_error();
	errno = 0;
	got = SSL_read(secure->ssl, bytes, limited(count));
	return got > 0 ? got : translate(secure, got, want);
}

static ssize_t
write_inside(
    struct stream *stream, const void *bytes, size_t count, enum wait_for *want)
{
	struct secure *secure = stream->layer_state;
	ssize_t put;

	ERR_clear_error();
	errno = 0;
	put = SSL_write(secure->ssl, bytes, limited(count));
	if (put <= 0)
		put = translate(secure, (int)put, want);
	return put == 0 ? -1 : put;
}

static const struct stream_layer layer = {read_inside, write_inside};

/* Notes what is wrong with a certificate and goes on: what that means is for
 * the policy, which sees the whole. */
static int
note_problem(int is_fine, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
	    store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct secure *secure = SSL_get_app_data(ssl);
	int problem = X509_STORE_CTX_get_error(store);

	if (is_fine)
		return 1;
	if (problem == X509_V_ERR_HOSTNAME_MISMATCH ||
	    problem == X509_V_ERR_IP_ADDRESS_MISMATCH) {
		secure->is_misnamed = true;
		return 1;
	}
	if (!secure->is_untrusted)
		secure->problem = X509_verify_cert_error_string(problem);
	secure->is_untrusted = true;
	return 1;
}

static struct secure *
create(struct stream *stream, SSL_CTX *context)
{
	struct secure *secure = memory_zero(sizeof *secure);

	secure->stream = stream;
	secure->ssl = SSL_new(context);
	must(secure->ssl != NULL);
	must(SSL_set_fd(secure->ssl, stream->loop_fd.fd) == 1);
	SSL_set_app_data(secure->ssl, secure);
	return secure;
}

static bool
set_library_words(struct error *error)
{
	const char *text;
	int flags;
	unsigned long code = ERR_peek_error_data(&text, &flags);
	char words[160];

	if (code == 0)
		return error_set(error, ERROR_CLOSED, "lost connection");
	/* Our own words, of a signature that was not made. */
	if (ERR_GET_LIB(code) == ERR_LIB_USER && (flags & ERR_TXT_STRING) != 0)
		return error_set(error, ERROR_INVALID, "%s", text);
	ERR_error_string_n(code, words, sizeof words);
	return error_set(error, ERROR_INVALID, "%s", words);
}

static bool
wait_for_peer(struct secure *secure, enum wait_for want, int64_t deadline,
    struct error *error)
{
	if (deadline > secure->stream->hard_deadline)
		deadline = secure->stream->hard_deadline;
	return loop_wait(&secure->stream->loop_fd, want, deadline) ||
	    error_set(error, ERROR_TIMEOUT, "timed out");
}

static bool
shake_hands(struct secure *secure, int64_t deadline, struct error *error)
{
	for (;;) {
		int result;

		ERR_clear_error();
		errno = 0;
		result = SSL_do_handshake(secure->ssl);
		if (result == 1)
			return true;
		switch (SSL_get_error(secure->ssl, result)) {
		case SSL_ERROR_WANT_READ:
			if (!wait_for_peer(secure, WAIT_READ, deadline, error))
				return false;
			break;
		case SSL_ERROR_WANT_WRITE:
			if (!wait_for_peer(secure, WAIT_WRITE, deadline, error))
				return false;
			break;
		case SSL_ERROR_SSL:
			return set_library_words(error);
		default:
			return error_set(
			    error, ERROR_CLOSED, "lost connection");
		}
	}
}

/* The certificate of a resumed session was judged when it began. */
static enum secure_trust
trust_of_server(const struct secure *secure)
{
	const struct secure_goal *goal = secure->goal;

	if (SSL_session_reused(secure->ssl) == 1)
		return goal->trust;
	if (secure_peer(secure) == NULL)
		return SECURE_ANONYMOUS;
	if (secure->is_untrusted)
		return SECURE_UNTRUSTED;
	return goal->names[0] != NULL && !secure->is_misnamed ? SECURE_VERIFIED
							      : SECURE_TRUSTED;
}

static enum secure_trust
trust_of_client(const struct secure *secure)
{
	if (secure_peer(secure) == NULL)
		return SECURE_ANONYMOUS;
	return SSL_get_verify_result(secure->ssl) == X509_V_OK
	    ? SECURE_TRUSTED
	    : SECURE_UNTRUSTED;
}

/* Runs the handshake and puts TLS on the stream. */
static struct secure *
establish(struct secure *secure, int64_t deadline, struct error *error)
{
	struct stream *stream = secure->stream;
	bool done = false;

	if (stream_has_input(stream))
		error_set(error, ERROR_INVALID,
		    "plain text behind the command that begins TLS");
	else
		done = shake_hands(secure, deadline, error);
	if (!done) {
		secure->is_broken = true;
		secure_close(secure);
		return NULL;
	}
	secure->is_resumed = SSL_session_reused(secure->ssl) == 1;
	stream->layer = &layer;
	stream->layer_state = secure;
	stream->drained = false;
	return secure;
}

struct secure *
secure_accept(struct stream *stream, SSL_CTX *context, int64_t deadline,
    struct error *error)
{
	struct secure *secure = create(stream, context);

	if (SSL_CTX_get_verify_mode(context) != SSL_VERIFY_NONE)
		SSL_set_verify(secure->ssl, SSL_VERIFY_PEER, note_problem);
	if (!ticket_has_keys()) {
		SSL_set_options(secure->ssl, SSL_OP_NO_TICKET);
		SSL_set_num_tickets(secure->ssl, 0);
	}
	SSL_set_accept_state(secure->ssl);
	secure = establish(secure, deadline, error);
	if (secure != NULL)
		secure->trust = trust_of_client(secure);
	return secure;
}

/* TLS 1.2 has them at the end of the handshake, TLS 1.3 later. */
static int
keep_session(SSL *ssl, SSL_SESSION *session)
{
	struct secure *secure = SSL_get_app_data(ssl);

	if (secure->keep == NULL)
		return 0;
	if (secure->goal != NULL)
		secure->trust = trust_of_server(secure);
	secure->keep(secure->keeper, secure, session);
	return 1;
}

static bool
set_goal(SSL *ssl, const struct secure_goal *goal)
{
	const char *const *name = goal->names;

	SSL_set_hostflags(ssl,
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
		(goal->joins_wildcards ? X509_CHECK_FLAG_MULTI_LABEL_WILDCARDS
				       : 0));
	for (; *name != NULL; name++)
		if (SSL_add1_host(ssl, *name) != 1)
			return false;
	return context_limit(ssl, goal->protocols, goal->ciphers) &&
	    (goal->server_name == NULL ||
		SSL_set_tlsext_host_name(ssl, goal->server_name) == 1) &&
	    (goal->session == NULL || SSL_set_session(ssl, goal->session) == 1);
}

struct secure *
secure_connect(struct stream *stream, SSL_CTX *context,
    const struct secure_goal *goal, int64_t deadline, struct error *error)
{
	struct secure *secure = create(stream, context);

	secure->goal = goal;
	secure->keep = goal->keep;
	secure->keeper = goal->keeper;
	SSL_CTX_sess_set_new_cb(context, keep_session);
	SSL_set_verify(secure->ssl, SSL_VERIFY_PEER, note_problem);
	SSL_set_connect_state(secure->ssl);
	ERR_clear_error();
	if (!set_goal(secure->ssl, goal)) {
		set_library_words(error);
		secure->is_broken = true;
		secure_close(secure);
		return NULL;
	}
	secure = establish(secure, deadline, error);
	if (secure != NULL) {
		secure->trust = trust_of_server(secure);
		secure->goal = NULL;
	}
	return secure;
}

void
secure_close(struct secure *secure)
{
	if (secure == NULL)
		return;
	ERR_clear_error();
	if (!secure->is_broken)
		(void)SSL_shutdown(secure->ssl);
	SSL_free(secure->ssl);
	ERR_clear_error();
	secure->stream->layer = NULL;
	secure->stream->layer_state = NULL;
	free(secure);
}

X509 *
secure_peer(const struct secure *secure)
{
	return SSL_get0_peer_certificate(secure->ssl);
}

const char *
secure_asked_name(const struct secure *secure)
{
	return SSL_get_servername(secure->ssl, TLSEXT_NAMETYPE_host_name);
}
