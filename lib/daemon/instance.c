/* SPDX-License-Identifier: MIT */
#include "lib/daemon/instance.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/loop/loop.h"
#include "lib/net/listen.h"
#include "lib/param/host.h"

enum {
	CONFIG_MAXIMUM = 4 << 20
};

static bool
read_text(struct instance *instance, const char *name, struct span *text,
    struct error *error)
{
	char *path =
	    pool_printf(instance->pool, "%s/%s", instance->directory, name);
	struct buf bytes;
	bool complete;

	must(path != NULL);
	buf_init(&bytes, CONFIG_MAXIMUM);
	complete = io_read_file(AT_FDCWD, path, &bytes, error) &&
	    pool_copy_span(instance->pool, buf_span(&bytes), text);
	buf_finish(&bytes);
	return complete;
}

static bool
find_directory(
    struct instance *instance, const char *directory, struct error *error)
{
	char *absolute;

	if (directory == NULL)
		directory = getenv("MAIL_CONFIG");
	if (directory == NULL)
		directory = POSTERN_CONFIG_DIR;
	absolute = realpath(directory, NULL);
	if (absolute == NULL)
		return error_system(
		    error, "configuration directory %s", directory);
	instance->directory = pool_copy(instance->pool, span_text(absolute));
	free(absolute);
	return true;
}

bool
instance_open(struct instance *instance, const char *directory,
    const char *program, struct error *error)
{
	*instance = (struct instance){
	    .pool = pool_create(NULL, "instance", POOL_NO_MAXIMUM)};
	warnings_init(&instance->warnings);
	instance->config = config_create(instance->pool);
	instance->sets[0] = &common_param_set;
	instance->source = (struct param_source){
	    .config = instance->config,
	    .sets = instance->sets,
	    .host = &host_system,
	    .process_name = program,
	    .warnings = &instance->warnings,
	};
	return find_directory(instance, directory, error) &&
	    read_text(instance, "main.cf", &instance->main_cf, error) &&
	    read_text(instance, "master.cf", &instance->master_cf, error) &&
	    config_parse(instance->config, "main.cf", instance->main_cf,
		&instance->warnings, error) &&
	    config_set(instance->config, "command line",
		SPAN("config_directory"), span_text(instance->directory),
		error) &&
	    param_load(&common_param_set, &instance->source, &instance->common,
		instance->pool, error);
}

void
instance_close(struct instance *instance)
{
	warnings_finish(&instance->warnings);
	pool_destroy(instance->pool);
	instance->pool = NULL;
}

static const char *
join(const struct instance *instance, const char *directory, const char *name)
{
	char *path = pool_printf(instance->pool, "%s/%s", directory, name);

	must(path != NULL);
	return path;
}

bool
instance_take_options(int count, char **arguments, const char **directory)
{
	int option;

	*directory = NULL;
	while ((option = getopt(count, arguments, "+c:")) == 'c')
		*directory = optarg;
	return option == -1;
}

const char *
instance_public_path(const struct instance *instance, const char *name)
{
	const char *public =
	    join(instance, instance->common.queue_directory, "public");

	return join(instance, public, name);
}

const char *
instance_control_path(const struct instance *instance, const char *name)
{
	return join(instance, instance->common.run_directory, name);
}

struct peer *
instance_dial(const struct instance *instance, const char *name,
    const char *service, int64_t deadline, struct error *error)
{
	static const struct peer_identity command = {.service = "command"};
	static const struct peer_settings settings;
	const char *path = instance_control_path(instance, name);
	struct address address;
	int fd;

	if (!address_local(span_text(path), &address, error))
		return NULL;
	fd = connect_open(&address, NULL, deadline, error);
	if (fd < 0) {
		error_prefix(error, "%s", path);
		return NULL;
	}
	return peer_connect(fd, service, &command, &settings);
}

struct command_run {
	void (*main_coroutine)(void *argument);
	void *argument;
};

static void
run_command(void *argument)
{
	struct command_run *run = argument;

	run->main_coroutine(run->argument);
	loop_stop();
}

void
instance_run(void (*main_coroutine)(void *argument), void *argument)
{
	struct command_run run = {main_coroutine, argument};

	loop_spawn(run_command, &run);
	loop_run();
}
