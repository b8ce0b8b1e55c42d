/* SPDX-License-Identifier: MIT */
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/loop/coroutine.h"
#include "lib/loop/loop.h"

#include "../../unit.h"

static void
make_pair(int pair[2])
{
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
}

struct echo {
	struct loop_fd loop_fd;
	size_t total;
	size_t waits;
};

/* Reads up to the end of file. */
static void
count_bytes(void *argument)
{
	struct echo *echo = argument;
	char bytes[100];
	ssize_t got;

	for (;;) {
		got = read(echo->loop_fd.fd, bytes, sizeof bytes);
		if (got == 0)
			break;
		if (got > 0) {
			echo->total += (size_t)got;
			continue;
		}
		assert_int_equal(errno, EAGAIN);
		assert_true(
		    loop_wait(&echo->loop_fd, WAIT_READ, loop_deadline(5)));
		echo->waits++;
	}
	loop_remove(&echo->loop_fd);
	loop_stop();
}

static void
send_slowly(void *argument)
{
	int fd = *(int *)argument;

	for (int i = 0; i < 5; i++) {
		loop_sleep_until(loop_now() + 2);
		assert_int_equal(write(fd, "12345678", 8), 8);
	}
	close(fd);
}

static void
coroutines_exchange(void **state UNUSED)
{
	struct echo echo = {0};
	int pair[2];

	make_pair(pair);
	loop_add(&echo.loop_fd, pair[0], NULL, NULL);
	loop_spawn(count_bytes, &echo);
	loop_spawn(send_slowly, &pair[1]);
	loop_run();
	assert_int_equal(echo.total, 40);
	assert_in_range(echo.waits, 5, 8);
	assert_int_equal(coroutine_count(), 0);
	close(pair[0]);
}

static void
expect_timeout(void *argument)
{
	struct loop_fd *loop_fd = argument;
	int64_t begun = clock_monotonic();
	char byte;

	while (loop_wait(loop_fd, WAIT_READ, begun + 20))
		assert_int_equal(read(loop_fd->fd, &byte, 1), -1);
	assert_in_range(clock_monotonic() - begun, 20, 2000);
	loop_stop();
}

static void
wait_times_out(void **state UNUSED)
{
	struct loop_fd loop_fd;
	int pair[2];

	make_pair(pair);
	loop_add(&loop_fd, pair[0], NULL, NULL);
	loop_spawn(expect_timeout, &loop_fd);
	loop_run();
	loop_remove(&loop_fd);
	close(pair[0]);
	close(pair[1]);
}

/* The same primitive without a coroutine. */
static void
wait_polls_outside(void **state UNUSED)
{
	struct loop_fd loop_fd;
	int64_t begun = clock_monotonic();
	int pair[2];

	make_pair(pair);
	loop_add(&loop_fd, pair[0], NULL, NULL);
	assert_true(loop_wait(&loop_fd, WAIT_WRITE, loop_deadline(5)));
	assert_false(loop_wait(&loop_fd, WAIT_READ, begun + 20));
	assert_in_range(clock_monotonic() - begun, 20, 2000);
	assert_int_equal(write(pair[1], "x", 1), 1);
	assert_true(loop_wait(&loop_fd, WAIT_READ, LOOP_NO_DEADLINE));
	assert_false(loop_fd.hung_up);
	close(pair[1]);
	assert_true(loop_wait(&loop_fd, WAIT_READ, LOOP_NO_DEADLINE));
	assert_true(loop_fd.hung_up);
	loop_remove(&loop_fd);
	loop_remove(&loop_fd);
	close(pair[0]);
}

static void
sleep_outside(void **state UNUSED)
{
	int64_t begun = clock_monotonic();

	loop_sleep_until(begun + 15);
	assert_in_range(clock_monotonic() - begun, 15, 2000);
}

/* Both descriptors become ready in one batch; whichever runs first frees the
 * other, whose event then is stale. */
struct couple {
	struct loop_fd *fds[2];
	int runs;
};

static void
remove_both(struct loop_fd *loop_fd)
{
	struct couple *couple = loop_fd->owner;

	couple->runs++;
	for (int i = 0; i < 2; i++) {
		loop_remove(couple->fds[i]);
		free(couple->fds[i]);
		couple->fds[i] = NULL;
	}
	loop_stop();
}

static void
stale_events_are_dropped(void **state UNUSED)
{
	struct couple couple = {0};
	int pair[2];

	make_pair(pair);
	for (int i = 0; i < 2; i++) {
		couple.fds[i] = malloc(sizeof *couple.fds[i]);
		assert_non_null(couple.fds[i]);
		loop_add(couple.fds[i], pair[i], remove_both, &couple);
		assert_int_equal(write(pair[i], "x", 1), 1);
	}
	loop_run();
	assert_int_equal(couple.runs, 1);
	close(pair[0]);
	close(pair[1]);
}

static char order[32];

static void
note(char mark)
{
	size_t len = strlen(order);

	assert_true(len + 1 < sizeof order);
	order[len] = mark;
	order[len + 1] = '\0';
}

static void
note_timer(struct loop_timer *timer)
{
	note(*(char *)timer->owner);
}

static void
stop_on_timer(struct loop_timer *timer UNUSED)
{
	loop_stop();
}

static void
timers_fire_in_order(void **state UNUSED)
{
	struct loop_timer timers[4] = {0};
	struct loop_timer last = {0};
	int64_t now = loop_now();
	static char marks[] = "abcd";

	order[0] = '\0';
	loop_timer_start(&timers[2], now + 6, note_timer, &marks[2]);
	loop_timer_start(&timers[0], now + 50000, note_timer, &marks[0]);
	loop_timer_start(&timers[3], now + 3, note_timer, &marks[3]);
	loop_timer_start(&timers[1], now + 4, note_timer, &marks[1]);
	loop_timer_start(&timers[0], now + 1, note_timer, &marks[0]);
	loop_timer_stop(&timers[3]);
	loop_timer_stop(&timers[3]);
	loop_timer_start(&last, now + 12, stop_on_timer, NULL);
	loop_run();
	assert_string_equal(order, "abc");
}

struct works {
	struct loop_work first;
	struct loop_work second;
	struct loop_work third;
	struct loop_signal signal;
};

static void
note_third(struct loop_work *work UNUSED)
{
	note('3');
}

static void
note_first(struct loop_work *work)
{
	struct works *works = work->owner;

	note('1');
	loop_at_turn_end(&works->third, note_third, works);
	loop_signal_raise(&works->signal);
}

static void
note_second(struct loop_work *work UNUSED)
{
	note('2');
}

static void
add_works(void *argument)
{
	struct works *works = argument;

	note('a');
	loop_at_turn_end(&works->first, note_first, works);
	loop_at_turn_end(&works->second, note_second, works);
	loop_at_turn_end(&works->first, note_first, works);
	note('b');
	assert_true(loop_signal_wait(&works->signal, loop_deadline(5)));
	note('c');
	loop_at_turn_end(&works->second, note_second, works);
	loop_work_cancel(&works->second);
	loop_work_cancel(&works->second);
	loop_stop();
}

static void
works_run_at_turn_end(void **state UNUSED)
{
	struct works works = {0};

	order[0] = '\0';
	loop_spawn(add_works, &works);
	loop_run();
	assert_string_equal(order, "ab123c");
}

struct rendezvous {
	struct loop_signal signal;
	bool got;
};

static void
wait_for_signal(void *argument)
{
	struct rendezvous *rendezvous = argument;

	assert_false(loop_signal_wait(&rendezvous->signal, loop_now() + 5));
	rendezvous->got =
	    loop_signal_wait(&rendezvous->signal, loop_deadline(5));
	/* Raised before the wait. */
	loop_signal_raise(&rendezvous->signal);
	assert_true(loop_signal_wait(&rendezvous->signal, LOOP_NO_DEADLINE));
	loop_stop();
}

static void
raise_later(void *argument)
{
	struct rendezvous *rendezvous = argument;

	loop_sleep_until(loop_now() + 15);
	loop_signal_raise(&rendezvous->signal);
	loop_signal_raise(&rendezvous->signal);
}

static void
signals_wake_coroutines(void **state UNUSED)
{
	struct rendezvous rendezvous = {0};

	loop_spawn(wait_for_signal, &rendezvous);
	loop_spawn(raise_later, &rendezvous);
	loop_run();
	assert_true(rendezvous.got);
	assert_int_equal(coroutine_count(), 0);
}

static int caught;

static void
catch_user_signal(int signal_number)
{
	caught = signal_number;
	loop_stop();
}

static void
process_signals_arrive(void **state UNUSED)
{
	loop_on_signal(SIGUSR1, catch_user_signal);
	assert_int_equal(raise(SIGUSR1), 0);
	assert_int_equal(caught, 0);
	loop_run();
	assert_int_equal(caught, SIGUSR1);
}

struct line_ends {
	struct loop_fd ours;
	int theirs;
};

static void
remove_in_child(struct loop_fd *loop_fd)
{
	loop_remove(loop_fd);
	loop_stop();
}

/* What a child does in its loop is not seen by the parent's. */
static void
live_in_child(int fd)
{
	struct loop_fd own;
	struct sigaction action;
	int pair[2];

	loop_signals_reset();
	if (sigaction(SIGUSR1, NULL, &action) < 0 ||
	    action.sa_handler != SIG_DFL)
		_exit(1);
	make_pair(pair);
	loop_add(&own, pair[0], remove_in_child, NULL);
	if (write(pair[1], "x", 1) != 1)
		_exit(1);
	loop_run();
	_exit(write(fd, "done", 4) == 4 ? 0 : 1);
}

static void
children_start_empty(void **state UNUSED)
{
	struct echo echo = {0};
	struct loop_timer never = {0};
	int pair[2];
	int status;
	pid_t child;

	make_pair(pair);
	loop_add(&echo.loop_fd, pair[0], NULL, NULL);
	loop_timer_start(&never, loop_deadline(50), stop_on_timer, NULL);
	loop_spawn(count_bytes, &echo);
	child = fork();
	if (child == 0)
		live_in_child(pair[1]);
	close(pair[1]);
	loop_run();
	assert_int_equal(echo.total, 4);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	loop_timer_stop(&never);
	close(pair[0]);
}

/* A child begins in the middle of the parent's turn. */
static void
fork_in_coroutine(void *argument)
{
	int *pair = argument;
	pid_t child = fork();
	int status;

	if (child == 0) {
		loop_signals_reset();
		_exit(write(pair[1], "done", 4) == 4 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	loop_stop();
}

static void
coroutines_fork(void **state UNUSED)
{
	int pair[2];

	make_pair(pair);
	loop_spawn(fork_in_coroutine, pair);
	loop_run();
	close(pair[0]);
	close(pair[1]);
}

/* A closed pipe neither kills us nor is silent for what we execute. */
static void
pipe_signal_is_not_inherited(void **state UNUSED)
{
	struct sigaction action;
	int pair[2];

	assert_int_equal(pipe(pair), 0);
	close(pair[0]);
	assert_int_equal(write(pair[1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	close(pair[1]);
	assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
	assert_true(action.sa_handler != SIG_IGN);
}

/* Data that arrived before the deadline is told of, however late we look. */
static void
stall_and_wait(void *argument)
{
	struct line_ends *ends = argument;

	assert_int_equal(write(ends->theirs, "x", 1), 1);
	assert_true(loop_wait(&ends->ours, WAIT_READ, loop_now() - 1000));
	loop_stop();
}

static void
late_wait_sees_data(void **state UNUSED)
{
	struct line_ends ends;
	int pair[2];

	make_pair(pair);
	loop_add(&ends.ours, pair[0], NULL, NULL);
	ends.theirs = pair[1];
	loop_spawn(stall_and_wait, &ends);
	loop_run();
	loop_remove(&ends.ours);
	close(pair[0]);
	close(pair[1]);
}

static int64_t slice;

static void
report_slice(int64_t took)
{
	slice = took;
}

static void
be_slow(void *argument UNUSED)
{
	int64_t begun = clock_monotonic();

	while (clock_monotonic() < begun + 20)
		continue;
	loop_stop();
}

static void
watchdog_reports(void **state UNUSED)
{
	loop_set_watchdog(10, report_slice);
	loop_spawn(be_slow, NULL);
	loop_run();
	loop_set_watchdog(0, NULL);
	assert_in_range(slice, 19, 2000);
}

static int edges;

static void
count_edge(struct loop_fd *loop_fd UNUSED)
{
	edges++;
}

static void
make_room(int from, int to)
{
	char bytes[4096] = {0};

	while (send(to, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
		;
	assert_int_equal(errno, EAGAIN);
	while (recv(from, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
		;
	loop_sleep_until(loop_now() + 5);
}

static void
write_and_watch(void *argument UNUSED)
{
	struct loop_fd loop_fd;
	int pair[2];

	make_pair(pair);
	edges = 0;
	loop_add_reader(&loop_fd, pair[0], count_edge, NULL);
	make_room(pair[1], pair[0]);
	assert_int_equal(edges, 0);
	loop_watch_writing(&loop_fd);
	make_room(pair[1], pair[0]);
	for (int i = 0; i < 1000 && edges == 0; i++)
		loop_sleep_until(loop_now() + 5);
	assert_true(edges > 0);
	loop_remove(&loop_fd);
	close(pair[0]);
	close(pair[1]);
	loop_stop();
}

static void
readers_hear_of_room_when_they_want(void **state UNUSED)
{
	loop_spawn(write_and_watch, NULL);
	loop_run();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(coroutines_exchange),
	    cmocka_unit_test(wait_times_out),
	    cmocka_unit_test(wait_polls_outside),
	    cmocka_unit_test(sleep_outside),
	    cmocka_unit_test(stale_events_are_dropped),
	    cmocka_unit_test(timers_fire_in_order),
	    cmocka_unit_test(works_run_at_turn_end),
	    cmocka_unit_test(signals_wake_coroutines),
	    cmocka_unit_test(process_signals_arrive),
	    cmocka_unit_test(children_start_empty),
	    cmocka_unit_test(coroutines_fork),
	    cmocka_unit_test(pipe_signal_is_not_inherited),
	    cmocka_unit_test(late_wait_sees_data),
	    cmocka_unit_test(watchdog_reports),
	    cmocka_unit_test(readers_hear_of_room_when_they_want),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
