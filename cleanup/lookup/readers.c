/* SPDX-License-Identifier: MIT */
#include "cleanup/lookup/readers.h"

#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/loop/loop.h"
#include "lib/loop/offload.h"

enum {
	READER_COUNT = 4,   /* more would wait for the same files */
	READER_MAXIMUM = 16 /* when servers are asked */
};

/* Tables for a job. */
struct reader {
	struct tables *tables;
	bool is_busy;
	bool is_stale; /* to be opened anew before the next job */
};

/* A coroutine without a reader. */
struct waiter {
	struct list node;
	struct loop_signal turn;
};

/* The process has one set of tables, so its state is one static object. */
static struct {
	struct route_params route;
	struct tables_source source;
	struct tables *own;
	struct reader readers[READER_MAXIMUM];
	size_t count; /* of the readers */
	struct list waiters;
	struct loop_timer check;
	size_t closed; /* of the loop's own tables, those that do not open */
	bool blocks;   /* some of them may take their time */
	bool is_stale; /* a table has changed and could not be opened anew */
} state;

/* For the loop. What is wrong with them is said once, not for each reader.
 * Tables that do not open may not become more. */
static struct tables *
open_own(size_t closed_maximum, struct error *error)
{
	struct tables_notes notes = {.closed = 0};
	struct tables *own;

	warnings_init(&notes.warnings);
	own = tables_open(&state.source, &notes, error);
	if (own != NULL && notes.closed > closed_maximum) {
		error_set(error, ERROR_TEMPORARY, "%s",
		    notes.warnings.count > 0 ? notes.warnings.text[0]
					     : "it cannot be opened");
		tables_close(own);
		own = NULL;
	} else {
		for (size_t i = 0; i < notes.warnings.count; i++)
			log_warning(NULL, "%s", notes.warnings.text[i]);
		state.closed = notes.closed;
		state.blocks = (notes.traits & TABLE_BLOCKS) != 0;
	}
	warnings_finish(&notes.warnings);
	return own;
}

bool
readers_open(struct error *error)
{
	const struct common_params *common = service_common();
	bool opened;

	list_init(&state.waiters);
	if (!param_load(&route_param_set, service_param_source(), &state.route,
		service_pool(), error))
		return false;
	state.source = (struct tables_source){
	    .common = common,
	    .route = &state.route,
	    .lookup = &lookup_params,
	};
	if (common->mail_owner[0] == '\0') {
		state.source.passwd_path = pool_printf(
		    service_pool(), "%s/passwd", common->config_directory);
		must(state.source.passwd_path != NULL);
	}
	state.own = open_own(SIZE_MAX, error);
	opened = state.own != NULL;
	state.count = state.blocks ? READER_MAXIMUM : READER_COUNT;
	for (size_t i = 0; i < state.count && opened; i++) {
		state.readers[i].tables =
		    tables_open(&state.source, NULL, error);
		opened = state.readers[i].tables != NULL;
	}
	return opened;
}

/* What the user database is made of, wherever nsswitch.conf(5) leads. */
static void
need_users(void)
{
	static const char *const places[] = {
	    "/etc", "/run", "/var/lib", "/lib", "/lib64", "/usr"};

	for (size_t i = 0; i < COUNT_OF(places); i++)
		sandbox_allow(
		    places[i], LANDLOCK_READ | LANDLOCK_LIST | LANDLOCK_MAP);
	sandbox_allow_calls(CALLS_USERS | CALLS_UNIX | CALLS_LIST);
}

void
readers_need_files(void)
{
	tables_each_value(&state.source, sandbox_allow_tables);
	if (state.source.passwd_path == NULL)
		need_users();
	else
		sandbox_allow(
		    service_common()->config_directory, LANDLOCK_READ);
}

const char *
readers_passwd_path(void)
{
	return state.source.passwd_path;
}

static void
reopen(const char *name)
{
	struct error error;
	struct tables *fresh = open_own(state.closed, &error);

	if (fresh == NULL) {
		if (!state.is_stale)
			log_error(NULL,
			    "table %s has changed, the old one stays in use: "
			    "%s",
			    name, error.text);
		state.is_stale = true;
		return;
	}
	log_info(NULL, "table %s has changed, opened anew", name);
	tables_close(state.own);
	state.own = fresh;
	state.is_stale = false;
	for (size_t i = 0; i < state.count; i++)
		state.readers[i].is_stale = true;
	service_tell_master(MESSAGE_TABLES_CHANGED, SPAN_EMPTY);
}

static void
check_tables(struct loop_timer *timer)
{
	const char *name;

	if (tables_have_changed(state.own, &name))
		reopen(name);
	loop_timer_start(timer,
	    loop_deadline(service_common()->table_check_interval), check_tables,
	    NULL);
}

void
readers_begin(void)
{
	check_tables(&state.check);
}

static struct reader *
find_idle(void)
{
	for (size_t i = 0; i < state.count; i++)
		if (!state.readers[i].is_busy)
			return &state.readers[i];
	return NULL;
}

static struct reader *
take_reader(void)
{
	struct reader *reader;

	while ((reader = find_idle()) == NULL) {
		struct waiter waiter = {0};

		list_add_last(&state.waiters, &waiter.node);
		must(loop_signal_wait(&waiter.turn, LOOP_NO_DEADLINE));
	}
	reader->is_busy = true;
	return reader;
}

static void
return_reader(struct reader *reader)
{
	struct list *first = list_first(&state.waiters);

	reader->is_busy = false;
	if (first == NULL)
		return;
	list_remove(first);
	loop_signal_raise(&list_element(first, struct waiter, node)->turn);
}

/* A job and its reader, whose tables are opened anew first when they are
 * stale. */
struct task {
	struct tables *tables;
	bool is_stale;
	void (*job)(struct tables *tables, void *argument);
	void *argument;
};

static void
task_run(void *argument)
{
	struct task *task = argument;
	struct tables *fresh = NULL;

	if (task->is_stale)
		fresh = tables_open(&state.source, NULL, NULL);
	if (fresh != NULL) {
		tables_close(task->tables);
		task->tables = fresh;
		task->is_stale = false;
	}
	task->job(task->tables, task->argument);
}

void
readers_run(void (*job)(struct tables *tables, void *argument), void *argument)
{
	struct reader *reader = take_reader();
	struct task task = {reader->tables, reader->is_stale, job, argument};

	reader->is_stale = false; /* what changes from now on counts */
	offload_run(task_run, &task);
	reader->tables = task.tables;
	reader->is_stale |= task.is_stale;
	return_reader(reader);
}

void
readers_ask(void (*job)(struct tables *tables, void *argument), void *argument)
{
	if (state.blocks)
		readers_run(job, argument);
	else
		job(state.own, argument);
}
