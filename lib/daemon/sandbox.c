/* SPDX-License-Identifier: MIT */
#include "lib/daemon/sandbox.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

#include "lib/base/io.h"
#include "lib/base/number.h"
#include "lib/daemon/flight.h"
#include "lib/daemon/privileges.h"
#include "lib/daemon/state.h"
#include "lib/log/log.h"
#include "lib/loop/signal_catcher.h"
#include "lib/param/word_list.h"
#include "lib/sandbox/act.h"
#include "lib/sandbox/call_filter.h"
#include "lib/sandbox/capabilities.h"
#include "lib/sandbox/refused_call.h"

/* Debian 12's <sys/prctl.h> does not have it (Linux 6.3). */
enum {
	SET_MDWE = 65,
	MDWE_REFUSE_EXEC_GAIN = 1
};

enum {
	MODE_YES, /* as in common.def */
	MODE_NO,
	MODE_STRICT,
	CALL_NAME_SIZE = 40,
	PATH_SIZE = 1024
};

/* Of this process. */
static struct {
	struct landlock landlock;
	unsigned calls;       /* of the profile, and what `needs` added */
	struct error failure; /* the first of `needs` */
	bool has_failed;
	bool has_mdwe;
	bool has_filter;
} sandbox = {.landlock = {.ruleset = -1}};

static unsigned
mode(void)
{
	return daemon_state.common.sandbox;
}

/* ---- files ---- */

static void
keep_result(bool good, const struct error *error)
{
	if (good || sandbox.has_failed)
		return;
	sandbox.has_failed = true;
	sandbox.failure = *error;
}

/* Cuts the last part off; false when nothing but the root is left. */
static bool
cut_to_parent(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL || slash == path)
		return false;
	*slash = '\0';
	return true;
}

void
sandbox_allow(const char *path, unsigned access)
{
	char way[PATH_SIZE];
	struct error error;

	snprintf(way, sizeof way, "%s", path);
	while (!landlock_allow(&sandbox.landlock, way, access, &error)) {
		if (error.kind != ERROR_SYSTEM ||
		    (error.saved_errno != ENOENT &&
			error.saved_errno != ENOTDIR)) {
			keep_result(false, &error);
			return;
		}
		if (!cut_to_parent(way))
			return;
	}
}

void
sandbox_allow_fd(int fd, unsigned access)
{
	struct error error = {.text = ""};

	keep_result(
	    landlock_allow_fd(&sandbox.landlock, fd, access, &error), &error);
}

void
sandbox_allow_calls(unsigned calls)
{
	sandbox.calls |= calls;
}

/* The file may be a link, and may be replaced: both directories count. */
static void
allow_directory_of(const char *path)
{
	char directory[PATH_SIZE];
	char *real = realpath(path, NULL);

	snprintf(directory, sizeof directory, "%s", path);
	if (cut_to_parent(directory))
		sandbox_allow(directory, LANDLOCK_READ | LANDLOCK_LIST);
	if (real != NULL && strcmp(real, path) != 0 && cut_to_parent(real))
		sandbox_allow(real, LANDLOCK_READ | LANDLOCK_LIST);
	free(real);
}

void
sandbox_allow_tables(const char *tables)
{
	static const char ends[] = ", \t\r\n{}";
	const char *at = tables;

	while ((at = strchr(at, '/')) != NULL) {
		size_t len = strcspn(at, ends);
		bool begins_word =
		    at == tables || strchr(":!{, \t\r\n", at[-1]) != NULL;
		char path[PATH_SIZE];

		snprintf(path, sizeof path, "%.*s", (int)len, at);
		if (begins_word) {
			allow_directory_of(path);
			/* A Berkeley DB file may be a link of its own. */
			snprintf(path, sizeof path, "%.*s.db", (int)len, at);
			allow_directory_of(path);
		}
		at += len;
	}
}

static unsigned
subjects_of(const struct sandbox_profile *profile)
{
	unsigned subjects =
	    LANDLOCK_SPECIALS | LANDLOCK_SIGNALS | LANDLOCK_BIND;

	if (!profile->has_children)
		subjects |= LANDLOCK_FILES;
	if ((sandbox.calls & CALLS_TCP) != 0)
		/* From any port to any port, as a next hop may name it. */
		return subjects & ~(unsigned)LANDLOCK_BIND;
	return subjects | LANDLOCK_CONNECT;
}

static bool
find_files(const struct sandbox_profile *profile, struct error *error)
{
	if (!landlock_open(&sandbox.landlock, subjects_of(profile), error))
		return false;
	if (profile->has_children)
		sandbox_allow("/", LANDLOCK_WRITE);
	if (profile->needs != NULL)
		profile->needs();
	if (sandbox.has_failed) {
		*error = sandbox.failure;
		return false;
	}
	return true;
}

bool
sandbox_prepare(const struct sandbox_profile *profile, struct error *error)
{
	/* What the C library would read when it is first asked for a time. */
	tzset();
	sandbox.calls = profile->calls | CALLS_BASIC | CALLS_LOOP;
	if (mode() == MODE_NO)
		return true;
	return (capabilities_bound(profile->capabilities, error) &&
		   capabilities_lock(error) && find_files(profile, error)) ||
	    error_prefix(error, "sandbox");
}

/* ---- limits ---- */

static void
set_limits(void)
{
	static const struct {
		int resource;
		unsigned unless; /* a set that needs it */
	} limits[] = {
	    {RLIMIT_NPROC, CALLS_THREADS | CALLS_FORK},
	    {RLIMIT_MSGQUEUE, 0},
	    {RLIMIT_MEMLOCK, CALLS_SECRETS},
	};
	const struct rlimit none = {0, 0};

	for (size_t i = 0; i < COUNT_OF(limits); i++)
		if ((sandbox.calls & limits[i].unless) == 0)
			(void)setrlimit(
			    (__rlimit_resource_t)limits[i].resource, &none);
}

/* ---- system calls ---- */

static void
call_refused(void)
{
	signal_catcher_note(SIGSYS);
}

static void
log_refused(int signal_number UNUSED)
{
	char name[CALL_NAME_SIZE];
	int number;

	while (refused_call_take(&number)) {
		call_filter_name(number, name, sizeof name);
		log_event(NULL, LOG_CALL_REFUSED,
		    log_text("call", span_text(name)),
		    log_number("number", (uint64_t)number));
	}
}

/* A probe lives through what it tries, and what it tries is no news. */
static void
catch_calls(void)
{
	bool is_probe = daemon_state.start.probe;

	if (!is_probe)
		loop_on_signal(SIGSYS, log_refused);
	refused_call_catch(&(struct refused_call_settings){
	    .kills = mode() == MODE_STRICT && !is_probe,
	    .place = flight_call(),
	    .noticed = is_probe ? NULL : call_refused,
	});
}

static bool
filter_calls(const struct sandbox_profile *profile, struct error *error)
{
	struct call_filter_request request = {
	    .sets = sandbox.calls,
	    .only = profile->only_calls,
	};

	if (!call_filter_is_known())
		return true;
	if (log_current().sink == LOG_SINK_SYSLOG)
		request.sets |= CALLS_SYSLOG;
	catch_calls();
	sandbox.has_filter = call_filter_enter(&request, error);
	return sandbox.has_filter;
}

bool
sandbox_inherit(void)
{
	refused_call_set(&(struct refused_call_settings){
	    .kills = mode() == MODE_STRICT,
	    .place = flight_call(),
	});
	return mode() != MODE_NO;
}

/* ---- sanitizers ---- */

/* Their reports go to a file that they open when there is one; it is too late
 * then. Standard error is the log. */
static void
keep_reports(void)
{
#ifdef __SANITIZE_ADDRESS__
	__sanitizer_set_report_fd((void *)(uintptr_t)STDERR_FILENO);
#endif
}

#ifdef __SANITIZE_ADDRESS__
/* The leak checker would have to fork: what daemons leak is found by the tests
 * of their parts. */
int __lsan_is_turned_off(void);

int
__lsan_is_turned_off(void)
{
	return sandbox.has_filter;
}
#endif

/* ---- all of it ---- */

/* What the level in `word`, "seccomp" or "landlock:2", asks for is there. */
static bool
has_reached(struct span level, struct span word)
{
	struct span rest = level;
	struct span name;
	struct span number;
	struct span part;
	uint64_t wanted = 0;
	uint64_t reached = 0;

	if (span_split(word, ':', &name, &number) &&
	    !number_parse(number, INT32_MAX, &wanted))
		return false;
	while (rest.len > 0) {
		struct span part_name;

		span_split(rest, '+', &part, &rest);
		if (span_split(part, ':', &part_name, &number) &&
		    !number_parse(number, INT32_MAX, &reached))
			reached = 0;
		if (span_equal(part_name, name))
			return reached >= wanted;
	}
	return false;
}

static bool
check_floor(struct error *error)
{
	struct span rest = span_text(daemon_state.common.sandbox_floor);
	char level[SANDBOX_LEVEL_SIZE];
	struct span word;

	sandbox_describe(level);
	while (word_list_next(&rest, &word))
		if (!has_reached(span_text(level), word))
			return error_set(error, ERROR_INVALID,
			    "sandbox_floor has %.*s, this system gives %s",
			    SPAN_ARGS(word), level);
	return true;
}

bool
sandbox_enter(const struct sandbox_profile *profile, struct error *error)
{
	if (!capabilities_limit(profile->capabilities, error))
		return false;
	privileges_harden();
	if (mode() == MODE_NO)
		return true;
	keep_reports();
	set_limits();
	if (!landlock_enter(&sandbox.landlock, error))
		return error_prefix(error, "sandbox");
	sandbox.has_mdwe = prctl(SET_MDWE, MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) == 0;
	return (filter_calls(profile, error) &&
		   (mode() != MODE_STRICT || check_floor(error))) ||
	    error_prefix(error, "sandbox");
}

void
sandbox_describe(char level[SANDBOX_LEVEL_SIZE])
{
	const struct message_start *start = &daemon_state.start;
	char landlock[20] = "";

	if (mode() != MODE_NO && sandbox.landlock.abi > 0)
		snprintf(landlock, sizeof landlock, "+landlock:%d",
		    sandbox.landlock.abi);
	snprintf(level, SANDBOX_LEVEL_SIZE, "%s%s%snnp%s%s%s",
	    start->become ? "uid+" : "",
	    start->become && start->chroot.len > 0 ? "chroot+" : "",
	    start->become || getuid() == 0 ? "caps+" : "", landlock,
	    sandbox.has_mdwe ? "+mdwe" : "",
	    sandbox.has_filter ? "+seccomp" : "");
}

bool
sandbox_probe(struct error *error)
{
	size_t count;
	const struct act *acts = act_all(&count);
	struct buf possible;

	buf_init(&possible, sizeof error->text - 1);
	for (size_t i = 0; i < count; i++)
		if ((sandbox.calls & acts[i].allowed_by) == 0 &&
		    !act_is_refused(acts[i].try(acts[i].argument)))
			(void)buf_printf(&possible, " %s", acts[i].name);
	if (possible.len > 0)
		error_set(error, ERROR_INVALID, "the sandbox allows%s",
		    buf_text(&possible));
	buf_finish(&possible);
	return error->text[0] == '\0';
}
