/* SPDX-License-Identifier: MIT */
/* What a signature by keyd costs against one made in the process itself: rate,
 * latency and processor time of both processes, for each kind of key and number
 * of handshakes at a time. Both ends of the connection are those of the
 *daemons; master is not needed. Prints a table.
 *
 *	build/release/tests/bench/signatures [seconds for each line] */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <err.h>
#include <openssl/pem.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "lib/ipc/peer.h"
#include "lib/loop/loop.h"
#include "lib/tls/key_name.h"

#include "smtpd/keyd/keyring.h"
#include "smtpd/keyd/signature.h"
#include "smtpd/keyd/vault.h"
#include "smtpd/keyd/worker.h"

enum {
	SAMPLES = 1 << 20,
	NANOSECONDS = 1000000000
};

static const char proof[] = "                                "
			    "                                "
			    "TLS 1.3, server CertificateVerify\0"
			    "0123456789abcdef0123456789abcdef";

static const struct {
	const char *name;
	uint32_t padding;
} kinds[] = {
    {"P-256", SIGN_UNPADDED},
    {"RSA-2048", SIGN_PSS},
};

static const int at_once[] = {1, 8, 64};

static const struct peer_identity identity = {1, 1, "keyd"};

struct series {
	EVP_PKEY *key;
	struct message_sign request;
	struct peer *peer; /* NULL: in this process */
	int64_t until;     /* nanoseconds */
	int running;
	size_t count;
};

static struct series series;
static uint32_t samples[SAMPLES]; /* nanoseconds */

static int64_t
nanoseconds(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (int64_t)time.tv_sec * NANOSECONDS + time.tv_nsec;
}

/* ---- keyd ---- */

static void
end(struct peer *peer UNUSED, const struct error *error UNUSED)
{
	loop_stop();
}

static _Noreturn void
serve(int fd, int keys)
{
	static const struct peer_handler handlers[] = {
	    {.type = MESSAGE_SIGN, .serve = worker_serve_sign},
	};
	static const struct peer_settings settings = {
	    .handlers = handlers,
	    .handler_count = COUNT_OF(handlers),
	    .closed = end,
	};
	struct error error;
	size_t count;

	vault_open();
	if (!keyring_add(1, KEY_OF_SERVER, keys, &count, &error))
		errx(1, "%s", error.text);
	(void)peer_accept(fd, &identity, &settings);
	loop_run();
	_exit(0);
}

/* ---- the worker ---- */

static void
sign_here(struct buf *signature)
{
	struct error error;

	if (!signature_make(series.key, &series.request, signature, &error))
		errx(1, "%s", error.text);
}

static void
sign_there(struct buf *signature)
{
	struct conversation *conversation;
	struct message_signature answer;
	struct frame frame;
	struct error error;

	conversation = conversation_open(series.peer, &error);
	if (conversation == NULL)
		errx(1, "%s", error.text);
	conversation_send_sign(conversation, &series.request);
	if (!conversation_expect(conversation, MESSAGE_SIGNATURE,
		LOOP_NO_DEADLINE, &frame, &error) ||
	    !message_get_signature(frame.payload, &answer) ||
	    answer.result != SIGN_MADE ||
	    !buf_append_span(signature, answer.signature))
		errx(1, "no signature");
	conversation_close(conversation);
}

static void
run(void *argument UNUSED)
{
	int64_t from = nanoseconds(CLOCK_MONOTONIC);

	while (from < series.until && series.count < SAMPLES) {
		struct buf signature;
		int64_t to;

		buf_init(&signature, 1024);
		if (series.peer == NULL)
			sign_here(&signature);
		else
			sign_there(&signature);
		buf_finish(&signature);
		to = nanoseconds(CLOCK_MONOTONIC);
		if (series.count < SAMPLES)
			samples[series.count++] = (uint32_t)(to - from);
		from = to;
	}
	if (--series.running == 0)
		loop_stop();
}

static int
compare(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a;
	uint32_t other = *(const uint32_t *)b;

	return (one > other) - (one < other);
}

static void
measure(const char *kind, const char *where, int coroutines, double seconds)
{
	int64_t from = nanoseconds(CLOCK_MONOTONIC);
	int64_t used = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);

	series.until = from + (int64_t)(seconds * NANOSECONDS);
	series.running = coroutines;
	series.count = 0;
	for (int i = 0; i < coroutines; i++)
		loop_spawn(run, NULL);
	loop_run();
	from = nanoseconds(CLOCK_MONOTONIC) - from;
	used = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - used;
	qsort(samples, series.count, sizeof samples[0], compare);
	printf("%-9s %-11s %4d %9.0f %9.1f %9.1f %9.1f\n", kind, where,
	    coroutines, (double)series.count * NANOSECONDS / (double)from,
	    samples[series.count / 2] / 1e3,
	    samples[series.count * 99 / 100] / 1e3,
	    (double)used / 1e3 / (double)series.count);
	fflush(stdout);
}

/* Waits for a child to end well. */
static void
wait_for(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		errx(1, "a process failed");
}

/* By another process: keyd gives OpenSSL its memory before it is used. */
static int
make_key_file(size_t kind)
{
	int fd = memfd_create("key", MFD_CLOEXEC);
	pid_t pid = fork();

	if (pid == 0) {
		EVP_PKEY *key =
		    kind == 0 ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048);
		FILE *file = fdopen(fd, "w");

		if (file == NULL ||
		    PEM_write_PrivateKey(
			file, key, NULL, NULL, 0, NULL, NULL) != 1 ||
		    fclose(file) != 0)
			_exit(1);
		_exit(0);
	}
	wait_for(pid);
	return fd;
}

static double
children_used(void)
{
	struct rusage usage;

	getrusage(RUSAGE_CHILDREN, &usage);
	return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
	    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static pid_t
start_keyd(int file, int *connection)
{
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		err(1, "socketpair");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		close(fds[0]);
		serve(fds[1], file);
	}
	close(fds[1]);
	*connection = fds[0];
	return pid;
}

/* All lines of one kind of key; in a process of its own. */
static void
measure_kind(size_t kind, double seconds)
{
	static const struct peer_settings settings = {.handler_count = 0};
	const char *name = kinds[kind].name;
	int file = make_key_file(kind);
	struct key_name key_name;
	int connection;
	pid_t keyd = start_keyd(file, &connection);
	double before = children_used();
	size_t made = 0;

	(void)lseek(file, 0, SEEK_SET);
	series.key = PEM_read_PrivateKey(fdopen(file, "r"), NULL, NULL, NULL);
	if (series.key == NULL || !key_name_find(series.key, &key_name))
		errx(1, "no key");
	series.request = (struct message_sign){key_name_span(&key_name),
	    SIGN_SHA256, kinds[kind].padding, span_of(proof, sizeof proof - 1)};
	measure(name, "in process", 1, seconds);
	series.peer = peer_connect(connection, "keyd", &identity, &settings);
	for (size_t i = 0; i < COUNT_OF(at_once); i++) {
		measure(name, "keyd", at_once[i], seconds);
		made += series.count;
	}
	peer_close(series.peer);
	kill(keyd, SIGTERM);
	waitpid(keyd, NULL, 0);
	printf("%-9s keyd itself used %.1f us for each\n", name,
	    (children_used() - before) * 1e6 / (double)made);
}

int
main(int argc, char **argv)
{
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 3;

	printf("%-9s %-11s %4s %9s %9s %9s %9s\n", "key", "where", "par.",
	    "per s", "p50 us", "p99 us", "cpu us");
	fflush(stdout);
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		pid_t pid = fork();

		if (pid == 0) {
			measure_kind(i, seconds);
			fflush(stdout);
			_exit(0);
		}
		wait_for(pid);
	}
	return 0;
}
