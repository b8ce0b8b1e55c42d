/* SPDX-License-Identifier: MIT */
#include "lib/daemon/startup.h"

#include <sysexits.h>

#include "lib/base/io.h"
#include "lib/daemon/drill.h"
#include "lib/daemon/flight.h"
#include "lib/daemon/intake.h"
#include "lib/daemon/logging.h"
#include "lib/daemon/privileges.h"
#include "lib/daemon/state.h"
#include "lib/log/log.h"
#include "lib/param/host.h"

enum {
	CONFIG_MAXIMUM = 4 << 20 /* bytes of main.cf or master.cf */
};

static int
take_given(const char *name)
{
	struct given_fd *given =
	    hash_remove(daemon_state.given, span_text(name));
	int fd = given == NULL ? -1 : given->fd;

	free(given);
	return fd;
}

static bool
read_given_text(const char *name, struct span *text, struct error *error)
{
	int fd = take_given(name);
	struct buf bytes;
	bool complete;

	if (fd < 0)
		return error_set(
		    error, ERROR_INVALID, "master gave no %s", name);
	buf_init(&bytes, CONFIG_MAXIMUM);
	/* The descriptor's offset is shared with the other processes. */
	complete = logging_read_shared(fd, &bytes, error) &&
	    pool_copy_span(daemon_state.pool, buf_span(&bytes), text);
	buf_finish(&bytes);
	io_close(&fd);
	return complete;
}

static bool
apply_overrides(struct error *error)
{
	struct span rest = daemon_state.start.overrides;
	struct span line;

	while (rest.len > 0) {
		span_split(rest, '\n', &line, &rest);
		if (line.len > 0 &&
		    !config_override(
			daemon_state.config, "master.cf", line, error))
			return false;
	}
	return true;
}

static bool
load_params(struct error *error)
{
	const struct service *service = daemon_state.service;
	struct param_source *source = &daemon_state.source;

	daemon_state.sets[0] = &common_param_set;
	daemon_state.sets[1] = service->params;
	*source = (struct param_source){
	    .config = daemon_state.config,
	    .sets = daemon_state.sets,
	    .host = &host_system,
	    .process_name = service_program(),
	    .service_name = daemon_state.identity.service,
	};
	if (!param_load(&common_param_set, source, &daemon_state.common,
		daemon_state.pool, error))
		return false;
	return service->params == NULL ||
	    param_load(service->params, source, service->values,
		daemon_state.pool, error);
}

static bool
read_configuration(struct error *error)
{
	struct span main_cf;
	struct span master_cf;

	daemon_state.config = config_create(daemon_state.pool);
	return read_given_text("main.cf", &main_cf, error) &&
	    read_given_text("master.cf", &master_cf, error) &&
	    config_parse(
		daemon_state.config, "main.cf", main_cf, NULL, error) &&
	    master_cf_parse(daemon_state.pool, "master.cf", master_cf,
		&daemon_state.master_cf, NULL, error) &&
	    apply_overrides(error) && load_params(error);
}

static bool
open_service(struct error *error)
{
	int flight = take_given("flight");
	int log = take_given("log");

	if (!read_configuration(error))
		return false;
	logging_open(&daemon_state.common, service_program(), log);
	if (flight >= 0 && !flight_open(flight, error))
		return false;
	return daemon_state.service->open == NULL ||
	    daemon_state.service->open(error);
}

static bool
close_sandbox(struct error *error)
{
	const struct sandbox_profile *profile = &daemon_state.service->sandbox;
	const struct message_start *start = &daemon_state.start;
	char *root = pool_copy(daemon_state.pool, start->chroot);

	must(root != NULL);
	if (!drill_open(service_program(), error))
		return false;
	if (!sandbox_prepare(profile, error))
		return false;
	if (start->become &&
	    !privileges_give_up(start->uid, start->gid, root, error))
		return false;
	return sandbox_enter(profile, error);
}

static void
answer_ready(const char *problem, const char *level)
{
	struct message_ready ready = {span_text(problem), span_text(level)};
	struct buf payload;

	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	must(message_put_ready(&payload, &ready));
	daemon_tell(MESSAGE_READY, buf_span(&payload));
	buf_finish(&payload);
}

static _Noreturn void
end_with(const char *problem, const char *level)
{
	answer_ready(problem, level);
	channel_flush(daemon_state.control, loop_deadline(1));
	exit(problem[0] == '\0' ? EX_OK : EX_CONFIG);
}

/* Only to find out what the sandbox is good for. */
static _Noreturn void
probe(void)
{
	struct error error = {.text = ""};
	char level[SANDBOX_LEVEL_SIZE] = "";

	if (close_sandbox(&error)) {
		sandbox_describe(level);
		(void)!sandbox_probe(&error);
	}
	end_with(error.text, level);
}

static void
startup_run(void)
{
	struct error error = {.text = ""};
	bool opened = open_service(&error);
	bool is_check = daemon_state.start.check;
	char level[SANDBOX_LEVEL_SIZE];
	int client;

	if (!opened && !is_check)
		log_error(NULL, "%s", error.text);
	if (opened && daemon_state.start.probe)
		probe();
	if (is_check || !opened)
		end_with(error.text, "");
	if (!close_sandbox(&error)) {
		log_error(NULL, "%s", error.text);
		end_with(error.text, "");
	}
	sandbox_describe(level);
	log_event(NULL, LOG_SANDBOX_LEVEL, log_text("level", span_text(level)));
	daemon_state.started = true;
	answer_ready("", level);
	if (daemon_state.service->begin != NULL)
		daemon_state.service->begin();
	intake_start();
	client = take_given("client");
	if (client >= 0)
		intake_serve(client);
}

static struct span
keep_text(struct span text)
{
	struct span copy;

	must(pool_copy_span(daemon_state.pool, text, &copy));
	return copy;
}

void
startup_take(struct frame *frame)
{
	struct message_start *kept = &daemon_state.start;

	must(message_get_start(frame->payload, kept));
	kept->service = keep_text(kept->service);
	kept->program = keep_text(kept->program);
	kept->chroot = keep_text(kept->chroot);
	kept->overrides = keep_text(kept->overrides);
	kept->arguments = keep_text(kept->arguments);
	daemon_state.identity = (struct peer_identity){
	    .instance = kept->instance,
	    .generation = kept->generation,
	    .service = kept->service.at,
	};
	switchboard_open(daemon_state.control, &daemon_state.identity);
	startup_run();
}
