/* SPDX-License-Identifier: MIT */
#include "lib/sandbox/act.h"

#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/number.h"
#include "lib/sandbox/call_sets.h"

enum {
	PAGE = 4096,
	ENTRIES_SIZE = 1024,
	PATH_SIZE = 64,
	FILE_MODE = 0600
};

static int
outcome(long result)
{
	return result < 0 ? errno : 0;
}

/* The same for a descriptor, which is closed. */
static int
outcome_of_fd(int fd)
{
	int failure = outcome(fd);

	io_close(&fd);
	return failure;
}

/* The process that the argument names; the parent without one. */
static pid_t
process_of(const char *argument)
{
	uint64_t number;

	if (argument != NULL &&
	    number_parse(span_text(argument), INT32_MAX, &number))
		return (pid_t)number;
	return getppid();
}

/* ---- files ---- */

static int
try_read(const char *path)
{
	return outcome_of_fd(open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
}

static int
try_write(const char *path)
{
	return outcome_of_fd(open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC));
}

static int
try_make(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	int failure = outcome_of_fd(fd);

	if (failure == 0)
		(void)unlink(path);
	return failure;
}

static int
try_list(const char *path)
{
	char entries[ENTRIES_SIZE];
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int failure = outcome(fd);

	if (failure == 0)
		failure = outcome(
		    syscall(SYS_getdents64, fd, entries, sizeof entries));
	io_close(&fd);
	return failure;
}

static int
try_link(const char *path)
{
	int failure = outcome(symlink("/", path));

	if (failure == 0)
		(void)unlink(path);
	return failure;
}

/* Another way to the same file, with other rights. */
static int
try_reopen(const char *fd)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof path, "/proc/self/fd/%s", fd);
	return outcome_of_fd(open(path, O_RDWR | O_CLOEXEC));
}

/* ---- programs ---- */

/* The file must not exist: one that can be executed would end this test. */
static int
try_execute(const char *path)
{
	char *arguments[] = {NULL};

	return outcome(execve(path, arguments, arguments));
}

static int
try_fork(const char *argument UNUSED)
{
	pid_t pid = _Fork();

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
	return outcome(pid);
}

static int
try_writable_code(const char *argument UNUSED)
{
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return errno;
	(void)munmap(page, PAGE);
	return 0;
}

/* ---- sockets ---- */

static int
try_tcp(const char *argument UNUSED)
{
	return outcome_of_fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int
try_tcp6(const char *argument UNUSED)
{
	return outcome_of_fd(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int
try_udp(const char *argument UNUSED)
{
	return outcome_of_fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

static int
try_raw(const char *argument UNUSED)
{
	return outcome_of_fd(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, 1));
}

static int
try_netlink(const char *argument UNUSED)
{
	return outcome_of_fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0));
}

static int
try_unix(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int failure = outcome(fd);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	if (failure == 0)
		failure = outcome(connect(
		    fd, (const struct sockaddr *)&address, sizeof address));
	io_close(&fd);
	/* What has no listener could have been reached. */
	return failure == ENOENT || failure == ECONNREFUSED ? 0 : failure;
}

/* ---- other processes and the system ---- */

static int
try_signal(const char *argument)
{
	return outcome(kill(process_of(argument), 0));
}

static int
try_trace(const char *argument)
{
	pid_t pid = process_of(argument);
	long result = ptrace(PTRACE_SEIZE, pid, NULL, NULL);
	int failure = outcome(result);

	if (failure == 0)
		(void)ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return failure;
}

static int
try_memory(const char *argument)
{
	char byte;
	struct iovec here = {&byte, 1};
	struct iovec there = {&byte, 1};

	return outcome(
	    process_vm_readv(process_of(argument), &here, 1, &there, 1, 0));
}

static int
try_become_root(const char *argument UNUSED)
{
	return outcome(setresuid(0, 0, 0));
}

static int
try_namespace(const char *argument UNUSED)
{
	return outcome(unshare(CLONE_NEWUSER));
}

static int
try_mount(const char *argument UNUSED)
{
	return outcome(mount("none", "/", "tmpfs", 0, NULL));
}

/* Calls with a long history of faults in the kernel, which say EINVAL or EFAULT
 * to these arguments. */
static int
try_keys(const char *argument UNUSED)
{
	return outcome(syscall(SYS_keyctl, -1, 0, 0, 0, 0));
}

static int
try_bpf(const char *argument UNUSED)
{
	return outcome(syscall(SYS_bpf, -1, NULL, 0));
}

static int
try_ring(const char *argument UNUSED)
{
	return outcome(syscall(SYS_io_uring_setup, 0, NULL));
}

static int
try_perf(const char *argument UNUSED)
{
	return outcome(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0));
}

static const struct act acts[] = {
    {"read", CALLS_FORK, "/dev/null", try_read},
    {"write", CALLS_FORK, "/dev/null", try_write},
    {"make", CALLS_FORK, "/dev/shm/postern-act", try_make},
    {"list", 0, "/dev", try_list},
    {"link", 0, "/dev/shm/postern-act", try_link},
    {"reopen", 0, "2", try_reopen},
    {"execute", 0, "/nonexistent", try_execute},
    {"fork", CALLS_FORK, NULL, try_fork},
    {"writable-code", 0, NULL, try_writable_code},
    {"tcp", CALLS_TCP, NULL, try_tcp},
    {"tcp6", CALLS_TCP, NULL, try_tcp6},
    {"udp", CALLS_UDP, NULL, try_udp},
    {"raw", 0, NULL, try_raw},
    {"netlink", 0, NULL, try_netlink},
    {"unix", CALLS_UNIX, "/nonexistent", try_unix},
    {"signal", 0, NULL, try_signal},
    {"trace", 0, NULL, try_trace},
    {"memory", 0, NULL, try_memory},
    {"become-root", CALLS_FORK, NULL, try_become_root},
    {"namespace", 0, NULL, try_namespace},
    {"mount", 0, NULL, try_mount},
    {"keys", 0, NULL, try_keys},
    {"bpf", 0, NULL, try_bpf},
    {"ring", 0, NULL, try_ring},
    {"perf", 0, NULL, try_perf},
};

const struct act *
act_all(size_t *count)
{
	*count = COUNT_OF(acts);
	return acts;
}

const struct act *
act_find(struct span name)
{
	for (size_t i = 0; i < COUNT_OF(acts); i++)
		if (span_equal(name, span_text(acts[i].name)))
			return &acts[i];
	return NULL;
}

bool
act_is_refused(int failure)
{
	return failure == EPERM || failure == EACCES || failure == ENOSYS;
}
