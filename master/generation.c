/* SPDX-License-Identifier: MIT */
#include "master/generation.h"

#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/log/log.h"

#include "master/environment.h"
#include "master/postconf/catalogue.h"
#include "master/postconf/check.h"

/* A memory file that nobody can change any more. */
static int
seal_text(const char *name, struct span text, struct error *error)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0) {
		error_system(error, "memfd_create");
		return -1;
	}
	if (!io_write(fd, text, error))
		io_close(&fd);
	else if (fcntl(fd, F_ADD_SEALS,
		     F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) <
	    0) {
		error_system(error, "seal");
		io_close(&fd);
	}
	return fd;
}

bool
generation_has_one_user(const struct generation *generation)
{
	return generation->instance.common.mail_owner[0] == '\0';
}

static bool
check_user(const struct generation *generation, struct error *error)
{
	if (generation_has_one_user(generation))
		return geteuid() != 0 ||
		    error_set(error, ERROR_INVALID,
			"refusing to run as root with an empty mail_owner");
	return geteuid() == 0 ||
	    error_set(error, ERROR_INVALID,
		"mail_owner = %s needs root; empty, it means that one user "
		"runs everything",
		generation->instance.common.mail_owner);
}

/* NULL: the line asks for nothing that is run. */
static const struct program *
program_of(struct generation *generation, const struct master_service *line,
    struct error *error)
{
	struct warnings *warnings = &generation->instance.warnings;
	const struct program *program = NULL;

	error->kind = ERROR_NONE;
	switch (process_table_find(line->command, &program)) {
	case FATE_RUNS:
		break;
	case FATE_ABSORBED:
	case FATE_IN_QMGR:
		return NULL;
	case FATE_LATER:
		warnings_add(warnings,
		    "%s: service %.*s: this version has no program %.*s",
		    line->where, SPAN_ARGS(line->name),
		    SPAN_ARGS(line->command));
		return NULL;
	case FATE_UNKNOWN:
		error_set(error, ERROR_INVALID, "%s: unknown program %.*s",
		    line->where, SPAN_ARGS(line->command));
		return NULL;
	}
	/* Clones of bounce under these names keep logs that Postern's queue
	 * files hold; options of smtpd behind postscreen are read with it. */
	if (strcmp(program->name, "bounce") == 0 &&
	    (span_equal(line->name, SPAN("defer")) ||
		span_equal(line->name, SPAN("trace"))))
		return NULL;
	return line->type == MASTER_PASS ? NULL : program;
}

static bool
check_type(const struct master_service *line, const struct program *program,
    struct error *error)
{
	bool listens = (program->traits & PROGRAM_INET) != 0;

	if ((line->type == MASTER_INET) == listens)
		return true;
	return error_set(error, ERROR_INVALID, "%s: %s needs type %s, not %s",
	    line->where, program->name, listens ? "inet" : "unix",
	    master_cf_type_name(line->type));
}

/* The session options of a screened port are those of the line behind it. */
static const struct master_service *
settings_of(
    const struct generation *generation, const struct master_service *line)
{
	const struct master_cf *master_cf = &generation->master_cf;

	if (!span_equal(line->command, SPAN("postscreen")))
		return line;
	for (size_t i = 0; i < master_cf->count; i++)
		if (master_cf->services[i].type == MASTER_PASS)
			return &master_cf->services[i];
	return line;
}

static bool
add_role(struct generation *generation, struct images *images,
    const struct role_plan *plan, struct error *error)
{
	struct role *role = &generation->roles[generation->role_count];

	if (!role_init(role, plan, error))
		return false;
	role->generation = generation;
	role->image = images_find(images, plan->program);
	if (role->image < 0) {
		warnings_add(&generation->instance.warnings,
		    "service %s: %s/%s is not installed", role->name,
		    generation->instance.common.daemon_directory,
		    plan->program->executable);
		return true;
	}
	generation->role_count++;
	return true;
}

static bool
add_lines(
    struct generation *generation, struct images *images, struct error *error)
{
	const struct master_cf *master_cf = &generation->master_cf;

	for (size_t i = 0; i < master_cf->count; i++) {
		const struct master_service *line = &master_cf->services[i];
		struct role_plan plan = {
		    .instance = &generation->instance,
		    .program = program_of(generation, line, error),
		    .line = line,
		    .settings = settings_of(generation, line),
		};

		if (plan.program == NULL && error->kind != ERROR_NONE)
			return false;
		if (plan.program != NULL &&
		    (!check_type(line, plan.program, error) ||
			!add_role(generation, images, &plan, error)))
			return false;
	}
	return true;
}

static bool
add_built_in(
    struct generation *generation, struct images *images, struct error *error)
{
	size_t count;
	const struct program *programs = process_table_all(&count);

	for (size_t i = 0; i < count; i++) {
		struct role_plan plan = {
		    .instance = &generation->instance,
		    .program = &programs[i],
		};

		if ((programs[i].traits & PROGRAM_BUILT_IN) == 0 ||
		    master_cf_find(&generation->master_cf,
			span_text(programs[i].name), MASTER_UNIX) != NULL)
			continue;
		if (!add_role(generation, images, &plan, error))
			return false;
	}
	return true;
}

static bool
make_roles(
    struct generation *generation, struct images *images, struct error *error)
{
	size_t built_in;

	(void)process_table_all(&built_in);
	generation->roles = pool_alloc(generation->instance.pool,
	    (generation->master_cf.count + built_in) * sizeof(struct role));
	must(generation->roles != NULL);
	return add_lines(generation, images, error) &&
	    add_built_in(generation, images, error);
}

static bool
read_texts(
    struct generation *generation, const char *directory, struct error *error)
{
	struct instance *instance = &generation->instance;

	if (!instance_open(instance, directory, "master", error) ||
	    !master_cf_parse(instance->pool, "master.cf", instance->master_cf,
		&generation->master_cf, &instance->warnings, error))
		return false;
	instance->source.sets = catalogue_sets();
	generation->main_cf = seal_text("main.cf", instance->main_cf, error);
	generation->master_cf_file =
	    seal_text("master.cf", instance->master_cf, error);
	generation->environment = environment_make(
	    instance->pool, span_text(instance->common.import_environment));
	return generation->main_cf >= 0 && generation->master_cf_file >= 0;
}

/* Settings that cannot be honoured, after all that are used have been seen. */
static bool
judge_settings(struct generation *generation, struct error *error)
{
	struct instance *instance = &generation->instance;
	struct check check = {
	    .config = instance->config,
	    .master_cf = &generation->master_cf,
	    .host = instance->source.host,
	    .config_directory = instance->directory,
	};
	struct warnings problems;
	bool fine;

	warnings_init(&problems);
	fine = check_settings(&check, &problems, &instance->warnings);
	for (size_t i = 1; i < problems.count; i++)
		log_error(NULL, "%s", problems.text[i]);
	if (!fine)
		error_set(error, ERROR_INVALID, "%s", problems.text[0]);
	warnings_finish(&problems);
	return fine;
}

struct generation *
generation_load(const char *directory, uint32_t number, struct images *images,
    struct error *error)
{
	struct generation *generation = memory_zero(sizeof *generation);

	generation->number = number;
	generation->main_cf = generation->master_cf_file = -1;
	if (read_texts(generation, directory, error) &&
	    check_user(generation, error)) {
		images_open(
		    images, generation->instance.common.daemon_directory);
		if (make_roles(generation, images, error) &&
		    judge_settings(generation, error))
			return generation;
	}
	generation_destroy(generation);
	return NULL;
}

void
generation_destroy(struct generation *generation)
{
	if (generation == NULL)
		return;
	must(generation->children == 0);
	for (size_t i = 0; i < generation->role_count; i++) {
		loop_timer_stop(&generation->roles[i].staff.retry);
		listener_close_all(&generation->roles[i].listeners);
	}
	io_close(&generation->main_cf);
	io_close(&generation->master_cf_file);
	instance_close(&generation->instance);
	free(generation);
}

bool
generation_same_texts(const struct generation *a, const struct generation *b)
{
	return span_equal(a->instance.main_cf, b->instance.main_cf) &&
	    span_equal(a->instance.master_cf, b->instance.master_cf);
}

static bool
is_missing_family(const struct listener *listener, const struct error *error)
{
	return listener->address.any.sa_family == AF_INET6 &&
	    (error->saved_errno == EADDRNOTAVAIL ||
		error->saved_errno == EAFNOSUPPORT);
}

static struct listener *
find_same(const struct generation *generation, const struct listener *listener)
{
	struct listener *same = NULL;

	for (size_t i = 0; same == NULL && i < generation->role_count; i++)
		same = listener_find_same(
		    &generation->roles[i].listeners, listener);
	return same;
}

static bool
open_role(struct role *role, const struct generation *old, struct error *error)
{
	struct listener_list *list = &role->listeners;
	size_t opened = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (listener_open(&list->at[i],
			old == NULL ? NULL : find_same(old, &list->at[i]),
			error))
			opened++;
		else if (is_missing_family(&list->at[i], error))
			log_warning(
			    NULL, "service %s: %s", role->name, error->text);
		else
			return error_prefix(error, "service %s", role->name);
	}
	return opened > 0 || list->count == 0 ||
	    error_prefix(error, "service %s", role->name);
}

bool
generation_open_listeners(struct generation *generation,
    const struct generation *old, struct error *error)
{
	for (size_t i = 0; i < generation->role_count; i++)
		if (!open_role(&generation->roles[i], old, error))
			return false;
	return true;
}

/* Whoever else holds the socket cannot accept on it any more either. */
static void
withdraw(const struct listener *listener)
{
	(void)shutdown(listener->fd, SHUT_RDWR);
	if (listener->address.any.sa_family == AF_UNIX)
		(void)unlink(listener->address.local.sun_path);
}

void
generation_withdraw(
    const struct generation *generation, const struct generation *next)
{
	for (size_t i = 0; i < generation->role_count; i++) {
		const struct listener_list *list =
		    &generation->roles[i].listeners;

		for (size_t k = 0; k < list->count; k++)
			if (list->at[k].fd >= 0 &&
			    (next == NULL ||
				find_same(next, &list->at[k]) == NULL))
				withdraw(&list->at[k]);
	}
}

struct role *
generation_find(const struct generation *generation, struct span name)
{
	for (size_t i = 0; i < generation->role_count; i++) {
		struct role *role = &generation->roles[i];

		if (!role->is_inet && span_equal(name, span_text(role->name)))
			return role;
	}
	return NULL;
}

struct role *
generation_match(const struct generation *generation, const struct role *role)
{
	for (size_t i = 0; i < generation->role_count; i++)
		if (role_same(&generation->roles[i], role))
			return &generation->roles[i];
	return NULL;
}
