/* SPDX-License-Identifier: MIT */
/* master: starts the suite's processes, connects them with one another, and
 * keeps them running. `postern` is its user interface. */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/log/log.h"
#include "lib/sandbox/capabilities.h"

#include "master/changeover.h"
#include "master/control.h"
#include "master/spawn.h"
#include "master/supervisor.h"

/* Signal handlers get no argument. */
static struct {
	struct supervisor supervisor;
	bool only_checks;
	int status;
	int started; /* to the process that waits for the start; -1: none */
} master = {.started = -1};

static void
show(const char *severity, const char *text)
{
	fprintf(stderr, "postern/master: %s: %s\n", severity, text);
}

/* ---- the start, as seen from the terminal ---- */

/* Returns in the daemon; the calling process waits for what it tells. */
static void
daemonise(void)
{
	int ends[2];
	char status = EX_UNAVAILABLE;

	if (pipe2(ends, O_CLOEXEC) < 0)
		fatal(EX_OSERR, "pipe");
	switch (fork()) {
	case -1:
		fatal(EX_OSERR, "fork");
	case 0:
		io_close(&ends[0]);
		master.started = ends[1];
		(void)setsid();
		return;
	default:
		io_close(&ends[1]);
		/* At end of file the daemon has died. */
		(void)!read(ends[0], &status, 1);
		_exit(status);
	}
}

static void
tell_started(int status)
{
	char byte = (char)status;

	if (master.started >= 0)
		(void)!write(master.started, &byte, 1);
	io_close(&master.started);
}

static void
leave_terminal(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	master.supervisor.show = NULL;
	if (master.started < 0) {
		io_close(&null);
		return;
	}
	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		(void)dup2(null, fd);
	io_close(&null);
	tell_started(EX_OK);
}

/* ---- signals ---- */

static void
end_gently(void *argument UNUSED)
{
	supervisor_stop(&master.supervisor, false);
	loop_stop();
}

static void
end_at_once(void *argument UNUSED)
{
	supervisor_stop(&master.supervisor, true);
	loop_stop();
}

static void
on_stop(int signal_number)
{
	if (master.supervisor.is_stopping)
		return;
	log_event(NULL, LOG_MASTER_STOPPING,
	    log_number("signal", (uint64_t)signal_number));
	master.supervisor.is_stopping = true;
	loop_spawn(end_gently, NULL);
}

static void
on_abort(int signal_number UNUSED)
{
	loop_spawn(end_at_once, NULL);
}

static void
reload(void *argument UNUSED)
{
	struct error error;

	if (!supervisor_reload(&master.supervisor, &error))
		return; /* it has been logged */
}

static void
on_reload(int signal_number UNUSED)
{
	loop_spawn(reload, NULL);
}

static void
on_child(int signal_number UNUSED)
{
	crew_reap(&master.supervisor.crew);
}

static void
watch_signals(void)
{
	loop_on_signal(SIGTERM, on_stop);
	loop_on_signal(SIGINT, on_stop);
	loop_on_signal(SIGQUIT, on_abort);
	loop_on_signal(SIGHUP, on_reload);
	loop_on_signal(SIGCHLD, on_child);
}

/* ---- the run ---- */

/* What goes wrong has been reported on return. */
static bool
begin(struct supervisor *supervisor)
{
	struct error error;

	if (master.only_checks)
		return supervisor_check(supervisor, &error);
	if (!supervisor_start(supervisor, &error))
		return false;
	if (control_open(supervisor, &error))
		return true;
	changeover_report(supervisor, error.text);
	return false;
}

static void
run(void *argument UNUSED)
{
	struct supervisor *supervisor = &master.supervisor;

	if (begin(supervisor)) {
		if (master.only_checks)
			loop_stop();
		else
			leave_terminal();
		return;
	}
	if (!supervisor->is_stopping) {
		supervisor_stop(supervisor, true);
		loop_stop();
	}
	master.status = EX_CONFIG;
}

/* Every session of a worker is a descriptor. */
static void
raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* What it makes directories, listens, starts and stops processes with, and
 * what these change their user with. Daemons go on from here (lib/daemon). */
static void
confine(void)
{
	const uint64_t kept = 1ULL << CAP_CHOWN | 1ULL << CAP_FOWNER |
	    1ULL << CAP_FSETID | 1ULL << CAP_DAC_OVERRIDE |
	    1ULL << CAP_DAC_READ_SEARCH | 1ULL << CAP_NET_BIND_SERVICE |
	    1ULL << CAP_KILL | 1ULL << CAP_SETUID | 1ULL << CAP_SETGID |
	    1ULL << CAP_SETPCAP | 1ULL << CAP_SYS_CHROOT;
	struct error error;

	if (!capabilities_bound(kept, &error) ||
	    !capabilities_limit(kept, &error))
		fatal(EX_OSERR, "%s", error.text);
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	must(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
}

static int
usage(const char *program)
{
	fprintf(stderr, "usage: %s [-dpst] [-c config_directory]\n", program);
	return EX_USAGE;
}

/* -d: leaves the terminal when everything runs; -s: takes mail and delivers
 * none; -t: tries the configuration only, with -p also the sandbox of each
 * program. */
int
main(int argc, char **argv)
{
	const char *directory = NULL;
	bool in_background = false;
	bool submit_only = false;
	bool probes = false;
	int option;

	while ((option = getopt(argc, argv, "c:dpst")) != -1)
		switch (option) {
		case 'c':
			directory = optarg;
			break;
		case 'd':
			in_background = true;
			break;
		case 'p':
			probes = true;
			break;
		case 's':
			submit_only = true;
			break;
		case 't':
			master.only_checks = true;
			break;
		default:
			return usage(argv[0]);
		}
	if (optind < argc)
		return usage(argv[0]);
	umask(077);
	spawn_prepare();
	raise_descriptor_limit();
	confine();
	if (in_background)
		daemonise();
	supervisor_init(&master.supervisor, directory);
	master.supervisor.submit_only = submit_only;
	master.supervisor.crew.probes = probes;
	master.supervisor.in_foreground = !in_background;
	master.supervisor.show = show;
	watch_signals();
	loop_spawn(run, NULL);
	loop_run();
	control_close();
	log_flush();
	tell_started(master.status);
	return master.status;
}
