/* SPDX-License-Identifier: MIT */
/* Runs a command under ptrace, follows every process it starts, and counts
 * their system calls. Commands come on standard input, one a line:
 *
 *	record                   counts from now on; answer "ok"
 *	kill NAME NUMBER CALL    the same; when that process enters its CALLth
 *	                         system call, every process is killed
 *	one NAME NUMBER CALL     as kill, but only that process is killed
 *	fail NAME NUMBER CLASS CALL ERROR   counts from now on; that call fails
 *	                         once (fault.h)
 *	from NAME NUMBER CLASS CALL ERROR   the same; it is the first of many
 *	mend                     no call fails any more; answers "ok"
 *	report                   answers "NAME NUMBER call call ..." for each
 *	                         process, then "end"
 *	classes                  answers "NAME NUMBER CLASS COUNT" for each
 *	                         class of calls of each process, then "end"
 *	stop                     kills every process
 *
 * The command is started when the first of them has come. When the point is
 * reached it prints "killed NAME NUMBER CALL", and "dead" when the last process
 * is gone; then it waits for `stop`. A fault that was put in prints "failed
 *NAME NUMBER CLASS". End of file on standard input is `stop`.
 *
 * A call that a process is killed at is not executed: it is killed as it enters
 * the kernel. */
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ptrace.h>
#include <poll.h>
#include <signal.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/number.h"

#include "fault.h"
#include "registers.h"
#include "tracee.h"

enum {
	SYSCALL_STOP = SIGTRAP | 0x80,
	LINE_SIZE = 256
};

enum action {
	ACTION_NONE,
	ACTION_KILL_ALL,
	ACTION_KILL_ONE
};

static struct {
	enum action action;
	char name[TRACEE_NAME_SIZE];
	unsigned number;
	uint64_t call;
	bool is_over; /* everything that turns up is killed */
} plan;

static __attribute__((format(printf, 1, 2))) void
say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	(void)fflush(stdout);
}

static void
kill_everything(void)
{
	plan.is_over = true;
	tracee_kill_all();
}

/* ---- stops of the traced threads ---- */

static bool
is_at_point(const struct tracee *tracee)
{
	return plan.action != ACTION_NONE && tracee->call_count == plan.call &&
	    tracee->number == plan.number &&
	    strcmp(tracee->name, plan.name) == 0;
}

static void
reach_point(const struct tracee *tracee)
{
	enum action action = plan.action;

	plan.action = ACTION_NONE;
	if (action == ACTION_KILL_ALL)
		kill_everything();
	else
		(void)kill(tracee->pid, SIGKILL);
	say("killed %s %u %zu\n", tracee->name, tracee->number,
	    tracee->call_count);
}

/* Processes that cannot be dumped hide their descriptors, by which calls are
 * told apart. */
static void
keep_dumpable(pid_t tid, const struct ptrace_syscall_info *call)
{
	struct registers registers;

	if (call->entry.nr != SYS_prctl ||
	    call->entry.args[0] != PR_SET_DUMPABLE ||
	    !registers_read(tid, &registers))
		return;
	registers_set_argument(&registers, 1, 1);
	(void)registers_write(tid, &registers);
}

static void
take_entry(
    pid_t tid, struct tracee *tracee, const struct ptrace_syscall_info *call)
{
	enum call_class class = call_classify(tid, call);

	/* A loader without memory crashes; it is not ours. */
	if (class == CALL_MAP && !tracee->has_received)
		class = CALL_OTHER;
	keep_dumpable(tid, call);
	tracee_note_call(tracee, call->entry.nr, class);
	if (is_at_point(tracee))
		reach_point(tracee);
	if (fault_enter(tid, tracee, class, call))
		say("failed %s %u %s\n", tracee->name, tracee->number,
		    call_class_name(class));
}

static void
take_syscall(pid_t tid)
{
	struct ptrace_syscall_info call;
	struct tracee *tracee = tracee_find(tid);

	if (tracee == NULL ||
	    ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof call, &call) < 0)
		return;
	if (call.op == PTRACE_SYSCALL_INFO_ENTRY)
		take_entry(tid, tracee, &call);
	else if (call.op == PTRACE_SYSCALL_INFO_EXIT)
		fault_leave(tid);
}

static bool
is_stopping_signal(int number)
{
	return number == SIGSTOP || number == SIGTSTP || number == SIGTTIN ||
	    number == SIGTTOU;
}

/* Lets the stopped thread go on, with the signal it shall get. */
static void
take_stop(pid_t tid, int status)
{
	int event = status >> 16;
	int number = WSTOPSIG(status);
	struct tracee *tracee = tracee_find(tid);

	if (plan.is_over && tracee != NULL)
		(void)kill(tracee->pid, SIGKILL);
	if (number == SYSCALL_STOP) {
		take_syscall(tid);
		number = 0;
	} else if (event == PTRACE_EVENT_STOP && is_stopping_signal(number)) {
		(void)ptrace(PTRACE_LISTEN, tid, NULL, NULL);
		return;
	} else if (event != 0) {
		if (event == PTRACE_EVENT_EXEC && tracee != NULL)
			tracee_executed(tid);
		number = 0;
	}
	/* A thread that was killed meanwhile is reported by waitpid. */
	(void)ptrace(PTRACE_SYSCALL, tid, NULL, (void *)(intptr_t)number);
}

/* False when no process is left. */
static bool
take_stops(void)
{
	int status;
	pid_t tid;

	while ((tid = waitpid(-1, &status, __WALL | WNOHANG)) > 0) {
		if (WIFSTOPPED(status)) {
			take_stop(tid, status);
		} else {
			fault_forget(tid);
			tracee_ended(tid);
		}
	}
	return tid == 0;
}

/* ---- commands ---- */

static bool
take_plan(enum action action, struct span rest)
{
	struct span name;
	struct span number;
	struct span call;
	uint64_t value;

	if (!span_take_word(&rest, " ", &name) ||
	    !span_take_word(&rest, " ", &number) ||
	    !span_take_word(&rest, " ", &call) ||
	    !number_parse(number, UINT32_MAX, &value) ||
	    !number_parse(call, UINT64_MAX, &plan.call))
		return false;
	snprintf(plan.name, sizeof plan.name, "%.*s", SPAN_ARGS(name));
	plan.number = (unsigned)value;
	plan.action = action;
	return true;
}

static void
report(void)
{
	const struct tracee *tracee;

	for (size_t i = 0; (tracee = tracee_at(i)) != NULL; i++) {
		printf("%s %u", tracee->name, tracee->number);
		for (size_t k = 0; k < tracee->call_count; k++)
			printf(" %u", tracee->calls[k]);
		putchar('\n');
	}
	say("end\n");
}

static void
report_classes(void)
{
	const struct tracee *tracee;

	for (size_t i = 0; (tracee = tracee_at(i)) != NULL; i++)
		for (unsigned class = 0; class < CALL_CLASS_COUNT; class ++)
			if (tracee->class_counts[class] > 0)
				printf("%s %u %s %zu\n", tracee->name,
				    tracee->number,
				    call_class_name((enum call_class) class),
				    tracee->class_counts[class]);
	say("end\n");
}

static bool
begin_counting(struct span rest UNUSED)
{
	tracee_reset_calls();
	say("ok\n");
	return true;
}

static bool
take_kill(struct span rest)
{
	return take_plan(ACTION_KILL_ALL, rest) && begin_counting(rest);
}

static bool
take_one(struct span rest)
{
	return take_plan(ACTION_KILL_ONE, rest) && begin_counting(rest);
}

static bool
take_fail(struct span rest)
{
	return fault_plan(rest, false) && begin_counting(rest);
}

static bool
take_from(struct span rest)
{
	return fault_plan(rest, true) && begin_counting(rest);
}

static bool
take_mend(struct span rest UNUSED)
{
	fault_mend();
	say("ok\n");
	return true;
}

static bool
take_report(struct span rest UNUSED)
{
	report();
	return true;
}

static bool
take_classes(struct span rest UNUSED)
{
	report_classes();
	return true;
}

static bool
take_end(struct span rest UNUSED)
{
	kill_everything();
	return true;
}

static const struct {
	const char *name;
	bool (*take)(struct span rest);
} commands[] = {
    {"record", begin_counting},
    {"kill", take_kill},
    {"one", take_one},
    {"fail", take_fail},
    {"from", take_from},
    {"mend", take_mend},
    {"report", take_report},
    {"classes", take_classes},
    {"stop", take_end},
};

static void
take_command(struct span line)
{
	struct span rest = line;
	struct span word;
	bool good = false;

	if (!span_take_word(&rest, " ", &word))
		return;
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		if (span_equal(word, span_text(commands[i].name)))
			good = commands[i].take(rest);
	if (!good)
		errx(EX_USAGE, "command: %.*s", SPAN_ARGS(line));
}

/* Commands are answered before the next one is sent, so a read brings one
 * line. */
static void
read_command(void)
{
	char line[LINE_SIZE];
	ssize_t len = read(STDIN_FILENO, line, sizeof line);

	if (len <= 0)
		kill_everything();
	else
		take_command(span_trim(span_of(line, (size_t)len)));
}

/* ---- start ---- */

/* The child waits until it is traced and the first command has come. */
static void
start_command(char **command)
{
	int gate[2];
	pid_t pid;
	char byte;

	if (pipe2(gate, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		err(EX_OSERR, "fork");
	if (pid == 0) {
		sigset_t none;

		close(gate[1]);
		(void)!read(gate[0], &byte, 1);
		close(gate[0]);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		execv(command[0], command);
		err(EX_UNAVAILABLE, "%s", command[0]);
	}
	close(gate[0]);
	if (ptrace(PTRACE_SEIZE, pid, NULL,
		PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
		    PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
		    PTRACE_O_TRACEEXEC) < 0)
		err(EX_OSERR, "ptrace");
	read_command();
	close(gate[1]);
}

static int
watch_children(void)
{
	sigset_t child;
	int fd;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		err(EX_OSERR, "signalfd");
	return fd;
}

int
main(int argc, char **argv)
{
	struct pollfd watched[] = {
	    {.fd = watch_children(), .events = POLLIN},
	    {.fd = STDIN_FILENO, .events = POLLIN},
	};
	struct signalfd_siginfo ignored;

	if (argc < 2)
		errx(EX_USAGE, "usage: crash_tracer program [argument ...]");
	start_command(argv + 1);
	while (take_stops()) {
		if (poll(watched, COUNT_OF(watched), -1) < 0 && errno != EINTR)
			err(EX_OSERR, "poll");
		while (read(watched[0].fd, &ignored, sizeof ignored) > 0)
			continue;
		if (watched[1].revents != 0 && !plan.is_over)
			read_command();
		if (plan.is_over)
			watched[1].fd = -1;
	}
	say("dead\n");
	/* What it did can still be asked for. */
	while (!plan.is_over)
		read_command();
	return EX_OK;
}
