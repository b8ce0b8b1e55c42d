/* SPDX-License-Identifier: MIT */
#include <sys/mman.h>
#include <sys/wait.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "lib/sandbox/act.h"
#include "lib/sandbox/call_filter.h"
#include "lib/sandbox/call_sets.h"
#include "lib/sandbox/refused_call.h"

#include "../../unit.h"

enum {
	REFUSED = 1,
	WORKED = 2,
	NO_FILTER = 3,
	ALL_SETS = 2 * CALLS_SECRETS - 1
};

/* What a child that has nothing but these sets says about the act. The leak
 * checker of a sanitizer could not run in it. */
static int
try_confined(const struct call_filter_request *request, const char *name,
    volatile int32_t *place, bool kills)
{
	const struct act *act = act_find(span_text(name));
	pid_t pid;
	int status;

	assert_non_null(act);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		refused_call_catch(&(struct refused_call_settings){
		    .kills = kills, .place = place});
		if (!call_filter_enter(request, NULL))
			_exit(NO_FILTER);
		_exit(
		    act_is_refused(act->try(act->argument)) ? REFUSED : WORKED);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
test_sets(void **state UNUSED)
{
	static const struct {
		unsigned sets;
		const char *act;
		int result;
	} cases[] = {
	    {0, "read", REFUSED},
	    {CALLS_LOOP | CALLS_THREADS, "read", REFUSED},
	    {CALLS_READ, "read", WORKED},
	    {CALLS_WRITE, "read", WORKED},
	    {CALLS_READ, "write", REFUSED},
	    {CALLS_READ, "make", REFUSED},
	    {CALLS_WRITE, "write", WORKED},
	    {CALLS_WRITE, "make", WORKED},
	    {CALLS_WRITE, "link", REFUSED},
	    {CALLS_READ, "list", REFUSED},
	    {CALLS_READ | CALLS_LIST, "list", WORKED},
	    {0, "fork", REFUSED},
	    {CALLS_THREADS, "fork", REFUSED},
	    {CALLS_FORK, "fork", WORKED},
	    {0, "tcp", REFUSED},
	    {CALLS_TCP, "tcp", WORKED},
	    {CALLS_TCP, "tcp6", WORKED},
	    {CALLS_TCP, "udp", REFUSED},
	    {CALLS_UDP, "udp", WORKED},
	    {CALLS_UDP, "tcp", REFUSED},
	    {CALLS_TCP | CALLS_UDP, "unix", REFUSED},
	    {CALLS_UNIX, "unix", WORKED},
	    {CALLS_SYSLOG, "unix", REFUSED},
	    {ALL_SETS, "raw", REFUSED},
	    {ALL_SETS, "netlink", REFUSED},
	    {ALL_SETS, "execute", REFUSED},
	    {ALL_SETS, "writable-code", REFUSED},
	    {ALL_SETS, "signal", REFUSED},
	    {ALL_SETS, "trace", REFUSED},
	    {ALL_SETS, "memory", REFUSED},
	    {ALL_SETS, "namespace", REFUSED},
	    {ALL_SETS, "mount", REFUSED},
	    {ALL_SETS, "keys", REFUSED},
	    {ALL_SETS, "bpf", REFUSED},
	    {ALL_SETS, "ring", REFUSED},
	    {ALL_SETS, "perf", REFUSED},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct call_filter_request request = {
		    .sets = cases[i].sets | CALLS_BASIC};
		int status = try_confined(&request, cases[i].act, NULL, false);

		if (!WIFEXITED(status) ||
		    WEXITSTATUS(status) != cases[i].result)
			fail_msg("sets %u, %s: status %x", cases[i].sets,
			    cases[i].act, (unsigned)status);
	}
}

static void
test_only(void **state UNUSED)
{
	static const struct call_filter_request only = {
	    .sets = ALL_SETS, .only = "exit_group getpid futex"};
	int status = try_confined(&only, "read", NULL, false);

	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == REFUSED);
}

/* It dies of SIGSYS, and the call can be named. */
static void
test_kills(void **state UNUSED)
{
	static const struct call_filter_request basic = {.sets = CALLS_BASIC};
	int32_t *place = mmap(NULL, sizeof *place, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char name[40];
	int status;

	assert_true(place != MAP_FAILED);
	status = try_confined(&basic, "tcp", place, true);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	call_filter_name(*place - 1, name, sizeof name);
	assert_string_equal(name, "socket");
	assert_int_equal(munmap(place, sizeof *place), 0);
}

static void *
ask_for_file(void *argument UNUSED)
{
	const struct act *act = act_find(SPAN("read"));

	return act->try(act->argument) == EPERM ? NULL : &errno;
}

/* Each number comes once, whoever made the call. */
static void
refuse_several(void)
{
	static const struct call_filter_request request = {
	    .sets = CALLS_BASIC | CALLS_THREADS};
	const struct act *udp = act_find(SPAN("udp"));
	pthread_t thread;
	void *answer = &thread;
	int numbers[3];

	refused_call_catch(&(struct refused_call_settings){.kills = false});
	if (!call_filter_enter(&request, NULL) ||
	    pthread_create(&thread, NULL, ask_for_file, NULL) != 0 ||
	    pthread_join(thread, &answer) != 0 || answer != NULL)
		_exit(NO_FILTER);
	(void)udp->try(NULL);
	(void)udp->try(NULL);
	_exit(refused_call_take(&numbers[0]) &&
		    refused_call_take(&numbers[1]) &&
		    !refused_call_take(&numbers[2]) && numbers[0] != numbers[1]
		? WORKED
		: REFUSED);
}

static void
test_numbers(void **state UNUSED)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		refuse_several();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), WORKED);
}

/* A call that this machine does not have would be left out without a word. */
static void
test_names(void **state UNUSED)
{
	char name[40];

	call_filter_name(0x7ffffff, name, sizeof name);
	assert_string_equal(name, "?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sets),
	    cmocka_unit_test(test_only),
	    cmocka_unit_test(test_kills),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_names),
	};

	if (!call_filter_is_known()) {
		print_message("this kernel filters no system calls\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
