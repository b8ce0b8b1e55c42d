/* SPDX-License-Identifier: MIT */
#include "master/role.h"

#include <pwd.h>
#include <unistd.h>

#include "lib/base/number.h"

enum {
	OVERRIDES_MAXIMUM = 32768, /* bytes; START must fit into a frame */
	DIAL_MAXIMUM = 65535,
	NUMBER_MAXIMUM = 100, /* bytes */
	PROCESSES_MAXIMUM = 500,
	SESSIONS_UNLIMITED = INT32_MAX
};

static struct span
keep(struct pool *pool, struct buf *text)
{
	struct span kept;

	must(pool_copy_span(pool, buf_span(text), &kept));
	buf_finish(text);
	return kept;
}

/* What is on the line behind the program, as START carries it. */
static bool
init_words(struct role *role, const struct role_plan *plan, struct error *error)
{
	const struct master_service *line = plan->settings;
	struct buf overrides;
	struct buf arguments;
	bool fits;

	buf_init(&overrides, OVERRIDES_MAXIMUM);
	buf_init(&arguments, OVERRIDES_MAXIMUM / 2);
	buf_printf(
	    &overrides, "config_directory=%s\n", plan->instance->directory);
	for (size_t i = 0; line != NULL && i < line->option_count; i++)
		buf_printf(&overrides, "%.*s=%.*s\n",
		    SPAN_ARGS(line->options[i].name),
		    SPAN_ARGS(line->options[i].value));
	for (size_t i = 0; line != NULL && i < line->argument_count; i++)
		buf_printf(&arguments, "%.*s\n", SPAN_ARGS(line->arguments[i]));
	fits = !overrides.overflowed && !arguments.overflowed;
	role->overrides = keep(plan->instance->pool, &overrides);
	role->arguments = keep(plan->instance->pool, &arguments);
	return fits ||
	    error_set(error, ERROR_LIMIT, "too many words on the line");
}

static bool
init_user(struct role *role, const struct role_plan *plan, struct error *error)
{
	const char *owner = plan->instance->common.mail_owner;
	const char *user = plan->program->user;
	const struct passwd *entry;

	if (user == NULL)
		user = owner;
	if (owner[0] == '\0' || strcmp(user, "root") == 0)
		return true;
	entry = getpwnam(user);
	if (entry == NULL)
		return error_set(error, ERROR_INVALID,
		    "user %s does not exist: \"postern set-permissions "
		    "--create-users\" makes the users of the suite",
		    user);
	if (entry->pw_uid == 0)
		return error_set(
		    error, ERROR_INVALID, "user %s must not have uid 0", user);
	role->becomes = true;
	role->uid = entry->pw_uid;
	role->gid = entry->pw_gid;
	return true;
}

/* The unexpanded value of a parameter on the line or in main.cf. */
static bool
find_setting(
    const struct role_plan *plan, const char *parameter, struct span *value)
{
	const struct instance *instance = plan->instance;
	const struct master_service *line = plan->settings;
	struct span name = span_text(parameter);

	for (size_t i = 0; line != NULL && i < line->option_count; i++)
		if (span_equal(line->options[i].name, name)) {
			*value = line->options[i].value;
			return true;
		}
	return param_get(&instance->source, instance->pool, name, value);
}

/* Sets *dial unless <name>_sessions_per_process has no value. */
static bool
read_dial(const struct role_plan *plan, const char *name, uint32_t *dial,
    struct error *error)
{
	struct pool *pool = plan->instance->pool;
	char *parameter = pool_printf(pool, "%s_sessions_per_process", name);
	char *reference = pool_printf(pool, "$%s", parameter);
	struct span value;
	struct buf text;
	uint64_t number = 0;

	must(parameter != NULL && reference != NULL);
	config_note_references(plan->instance->config, span_text(reference));
	if (!find_setting(plan, parameter, &value))
		return true;
	buf_init(&text, NUMBER_MAXIMUM);
	if (param_expand(&plan->instance->source, value, &text, error) &&
	    (!number_parse(buf_span(&text), DIAL_MAXIMUM, &number) ||
		number == 0))
		error_set(error, ERROR_INVALID,
		    "expected a number from 1 to %d", DIAL_MAXIMUM);
	buf_finish(&text);
	*dial = (uint32_t)number;
	return number > 0 ||
	    error_prefix(error, "%s = %.*s", parameter, SPAN_ARGS(value));
}

/* maxproc counts sessions. */
static uint32_t
sessions_of(const struct role_plan *plan)
{
	const struct instance *instance = plan->instance;
	int64_t sessions =
	    plan->settings == NULL ? MASTER_DEFAULT : plan->settings->maxproc;

	if (sessions == MASTER_DEFAULT)
		sessions = config_find(instance->config,
			       SPAN("default_process_limit")) == NULL
		    ? plan->program->sessions
		    : instance->common.default_process_limit;
	if (sessions <= 0 || sessions > SESSIONS_UNLIMITED)
		return SESSIONS_UNLIMITED;
	return (uint32_t)sessions;
}

static uint32_t
default_workers(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return cores < 4 ? 1 : (uint32_t)cores / 2;
}

static bool
init_limits(
    struct role *role, const struct role_plan *plan, struct error *error)
{
	uint32_t sessions = sessions_of(plan);

	role->dial = plan->program->dial;
	role->base = role->limit = 1;
	if (role_has(role, PROGRAM_SINGLE))
		return true;
	if (!read_dial(plan, plan->program->name, &role->dial, error) ||
	    !read_dial(plan, role->name, &role->dial, error))
		return false;
	if (role->dial > sessions)
		role->dial = sessions;
	role->limit = (sessions + role->dial - 1) / role->dial;
	if (role->limit > PROCESSES_MAXIMUM)
		role->limit = PROCESSES_MAXIMUM;
	if (!role_has(role, PROGRAM_AGENT))
		role->base = default_workers();
	if (role->base > role->limit)
		role->base = role->limit;
	return true;
}

/* Sockets below the queue's public/, for every user of the machine. */
static bool
add_publics(struct role *role, struct instance *instance, struct error *error)
{
	struct span rest = span_text(role->program->publics);
	struct span word;

	while (span_take_word(&rest, " ", &word)) {
		const char *name =
		    pool_printf(instance->pool, "public:%.*s", SPAN_ARGS(word));
		const char *path =
		    instance_public_path(instance, strchr(name, ':') + 1);

		if (!listener_add_local(
			&role->listeners, instance->pool, name, path, error))
			return false;
		role->listeners.at[role->listeners.count - 1].mode = 0666;
	}
	return true;
}

static bool
add_internal(struct role *role, struct instance *instance, struct error *error)
{
	struct pool *pool = instance->pool;
	const char *private = pool_printf(pool, "private/%s", role->name);
	const char *path;

	must(private != NULL);
	path = instance_control_path(instance, private);
	if (role_has(role, PROGRAM_SERVES) &&
	    !listener_add_local(&role->listeners, pool, "listen", path, error))
		return false;
	if (!role_has(role, PROGRAM_CONTROLLED))
		return true;
	path = instance_control_path(instance, role->name);
	if (!listener_add_local(&role->listeners, pool, "control", path, error))
		return false;
	if (role->becomes)
		role->listeners.at[role->listeners.count - 1].owner = role->uid;
	return true;
}

static bool
init_listeners(
    struct role *role, struct instance *instance, struct error *error)
{
	struct listener_inet inet = {
	    .name = span_text(role->name),
	    .interfaces = span_text(instance->common.inet_interfaces),
	    .protocols = span_text(instance->common.inet_protocols),
	};

	if (role->is_inet &&
	    !listener_add_inet(&role->listeners, instance->pool, &inet, error))
		return false;
	return add_publics(role, instance, error) &&
	    add_internal(role, instance, error);
}

bool
role_init(struct role *role, const struct role_plan *plan, struct error *error)
{
	const struct master_service *line = plan->line;

	*role = (struct role){.program = plan->program, .image = -1};
	list_init(&role->staff.children);
	role->is_inet = line != NULL && line->type == MASTER_INET;
	role->name = line == NULL ? plan->program->name
				  : pool_copy(plan->instance->pool, line->name);
	must(role->name != NULL);
	if (init_words(role, plan, error) && init_user(role, plan, error) &&
	    init_limits(role, plan, error) &&
	    init_listeners(role, plan->instance, error))
		return true;
	return error_prefix(error, "%s: service %s",
	    line == NULL ? "built in" : line->where, role->name);
}

bool
role_same(const struct role *a, const struct role *b)
{
	return a->program == b->program && a->is_inet == b->is_inet &&
	    strcmp(a->name, b->name) == 0;
}

uint32_t
role_dial(const struct role *role)
{
	uint32_t dial = role->dial;

	if (role->staff.careful_until <= loop_now())
		return dial;
	for (unsigned i = 0;
	     i < role->staff.halvings && dial > DIAL_CAREFUL_MINIMUM; i++)
		dial = dial / 2 < DIAL_CAREFUL_MINIMUM ? DIAL_CAREFUL_MINIMUM
						       : dial / 2;
	return dial;
}
