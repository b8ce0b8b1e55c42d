/* SPDX-License-Identifier: MIT */
#include "fault.h"

#include <sys/resource.h>
#include <sys/syscall.h>

#include <errno.h>

#include "lib/base/list.h"
#include "lib/base/memory.h"
#include "lib/base/number.h"

#include "registers.h"

enum {
	SHORT = -1 /* in place of an errno */
};

/* A thread in a call that was tampered with. */
struct tampered {
	struct list node;
	pid_t tid;
	pid_t pid;
	struct registers before;
	int failure; /* errno that the call shall have; 0: its own result */
	bool has_limit;
	struct rlimit limit; /* on descriptors, before */
};

static struct {
	char name[TRACEE_NAME_SIZE];
	unsigned number;
	enum call_class class;
	uint64_t call; /* 0: nothing is planned */
	int failure;
	bool lasts;
	bool is_lasting; /* from the planned call on */
	uint64_t seen;
	struct list tampered;
} fault = {.tampered = {&fault.tampered, &fault.tampered}};

static const struct {
	const char *name;
	int failure;
} failures[] = {
    {"short", SHORT},
    {"EIO", EIO},
    {"ENOSPC", ENOSPC},
    {"EROFS", EROFS},
    {"EINTR", EINTR},
    {"ENOMEM", ENOMEM},
    {"ENOBUFS", ENOBUFS},
    {"EMFILE", EMFILE},
    {"ENOLCK", ENOLCK},
    {"ENOENT", ENOENT},
    {"EAGAIN", EAGAIN},
};

/* ---- the plan ---- */

static bool
find_failure(struct span name, int *failure)
{
	for (size_t i = 0; i < COUNT_OF(failures); i++)
		if (span_equal(name, span_text(failures[i].name))) {
			*failure = failures[i].failure;
			return true;
		}
	return false;
}

bool
fault_plan(struct span words, bool lasts)
{
	struct span word[5];
	uint64_t number;

	for (size_t i = 0; i < COUNT_OF(word); i++)
		if (!span_take_word(&words, " ", &word[i]))
			return false;
	fault.class = call_class_find(word[2]);
	if (!number_parse(word[1], UINT32_MAX, &number) ||
	    !number_parse(word[3], UINT64_MAX, &fault.call) ||
	    fault.class == CALL_OTHER || !find_failure(word[4], &fault.failure))
		return false;
	snprintf(fault.name, sizeof fault.name, "%.*s", SPAN_ARGS(word[0]));
	fault.number = (unsigned)number;
	fault.lasts = lasts;
	fault.is_lasting = false;
	fault.seen = 0;
	return true;
}

void
fault_mend(void)
{
	fault.call = 0;
	fault.is_lasting = false;
}

static bool
is_reached(const struct tracee *tracee, enum call_class class)
{
	if (fault.call == 0 || class != fault.class ||
	    (fault.number != 0 && fault.number != tracee->number) ||
	    strcmp(fault.name, tracee->name) != 0 || ++fault.seen < fault.call)
		return false;
	fault.call = 0;
	fault.is_lasting = fault.lasts;
	return true;
}

/* A full disk refuses what needs space; one that was made read-only refuses
 * every change. */
static bool
is_refused(
    pid_t tid, enum call_class class, const struct ptrace_syscall_info *call)
{
	static const struct {
		bool full;
		bool read_only;
	} refuses[CALL_CLASS_COUNT] = {
	    [CALL_CREATE] = {true, true},
	    [CALL_RENAME] = {true, true},
	    [CALL_MKDIR] = {true, true},
	    [CALL_ALLOCATE] = {true, true},
	    [CALL_WRITE] = {true, true},
	    [CALL_UNLINK] = {false, true},
	    [CALL_SYNC] = {false, true},
	};

	if (fault.failure != ENOSPC)
		return refuses[class].read_only;
	return refuses[class].full && !call_is_in_place(tid, call);
}

/* ---- one call ---- */

static struct tampered *
find(pid_t tid)
{
	list_foreach (node, &fault.tampered) {
		struct tampered *tampered =
		    list_element(node, struct tampered, node);

		if (tampered->tid == tid)
			return tampered;
	}
	return NULL;
}

static void
forget(struct tampered *tampered)
{
	list_remove(&tampered->node);
	free(tampered);
}

/* A third argument that is a length or a number of parts. */
static void
shorten(pid_t tid, struct tampered *tampered,
    const struct ptrace_syscall_info *call)
{
	struct registers less = tampered->before;
	uint64_t count = call->entry.args[2];

	if (call->entry.nr == SYS_sendmsg || call->entry.nr == SYS_recvmsg ||
	    count < 2)
		return;
	registers_set_argument(&less, 2, count / 2);
	(void)registers_write(tid, &less);
}

/* The kernel itself says EMFILE, and cuts off descriptors that come by
 * recvmsg. */
static void
take_descriptors(struct tampered *tampered)
{
	struct rlimit none;

	if (prlimit(tampered->pid, RLIMIT_NOFILE, NULL, &tampered->limit) < 0)
		return;
	none = tampered->limit;
	none.rlim_cur = 0;
	tampered->has_limit =
	    prlimit(tampered->pid, RLIMIT_NOFILE, &none, NULL) == 0;
}

static void
tamper(pid_t tid, pid_t pid, enum call_class class,
    const struct ptrace_syscall_info *call)
{
	struct tampered *tampered = memory_zero(sizeof *tampered);

	tampered->tid = tid;
	tampered->pid = pid;
	list_add_last(&fault.tampered, &tampered->node);
	if (!registers_read(tid, &tampered->before))
		return;
	if (fault.failure == SHORT) {
		shorten(tid, tampered, call);
	} else if (fault.failure == EMFILE) {
		take_descriptors(tampered);
	} else if (call->entry.nr == SYS_brk) {
		/* It fails by leaving the end where it is. */
		struct registers query = tampered->before;

		registers_set_argument(&query, 0, 0);
		(void)registers_write(tid, &query);
	} else {
		tampered->failure = fault.failure;
		/* close(2) gives the descriptor up whatever it says. */
		if (class != CALL_CLOSE)
			(void)registers_cancel_call(tid, &tampered->before);
	}
}

bool
fault_enter(pid_t tid, const struct tracee *tracee, enum call_class class,
    const struct ptrace_syscall_info *call)
{
	bool reached = is_reached(tracee, class);

	if (reached || (fault.is_lasting && is_refused(tid, class, call)))
		tamper(tid, tracee->pid, class, call);
	return reached;
}

/* The kernel keeps all registers but the result; so must what was changed. */
static void
restore(const struct tampered *tampered, const struct ptrace_syscall_info *call)
{
	struct registers after = tampered->before;

	registers_set_result(&after,
	    tampered->failure != 0 ? -(int64_t)tampered->failure
				   : call->exit.rval);
	(void)registers_write(tampered->tid, &after);
}

void
fault_leave(pid_t tid)
{
	struct tampered *tampered = find(tid);
	struct ptrace_syscall_info call;

	if (tampered == NULL)
		return;
	if (tampered->has_limit)
		(void)prlimit(
		    tampered->pid, RLIMIT_NOFILE, &tampered->limit, NULL);
	else if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof call, &call) > 0)
		restore(tampered, &call);
	forget(tampered);
}

void
fault_forget(pid_t tid)
{
	struct tampered *tampered = find(tid);

	if (tampered != NULL)
		forget(tampered);
}
