/* SPDX-License-Identifier: MIT */
/* explain: what `postern explain` runs. Says what would become of mail to an
 * address, and why, and sends nothing. */
#include <getopt.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/daemon/instance.h"
#include "lib/mail/path.h"

#include "cleanup/lookup/explain/explanation.h"
#include "cleanup/params.h"

enum {
	OUT_MAXIMUM = 64 << 20 /* bytes of one explanation */
};

/* What the command was told. */
struct task {
	const char *directory;
	const char *from;
	const char *client;
	bool is_json;
};

/* What is open for it. */
struct view {
	struct instance instance;
	struct route_params route_params;
	struct table_options options;
	struct route *route;
	struct network_list *networks;
};

static int
fail(int status, const char *text)
{
	fprintf(stderr, "postern explain: fatal: %s\n", text);
	return status;
}

static bool
open_view(struct view *view, const struct task *task, struct error *error)
{
	struct instance *instance = &view->instance;
	const struct common_params *common = &instance->common;

	if (!instance_open(instance, task->directory, "postern", error) ||
	    !param_load(&route_param_set, &instance->source,
		&view->route_params, instance->pool, error) ||
	    !param_load(&cleanup_param_set, &instance->source, &cleanup_params,
		instance->pool, error))
		return false;
	view->options.open_later = true;
	if (common->mail_owner[0] == '\0') {
		view->options.passwd_path = pool_printf(
		    instance->pool, "%s/passwd", common->config_directory);
		must(view->options.passwd_path != NULL);
	}
	view->route = route_open(
	    &(struct route_source){
		.common = common,
		.params = &view->route_params,
		.host = &host_system,
		.options = &view->options,
	    },
	    error);
	if (view->route == NULL)
		return false;
	view->networks = network_list_open(
	    span_text(common->mynetworks), &view->options, error);
	return view->networks != NULL || error_prefix(error, "mynetworks");
}

static void
close_view(struct view *view)
{
	network_list_close(view->networks);
	route_close(view->route);
	instance_close(&view->instance);
}

/* One address as it is written on a command line. */
static bool
parse(struct pool *pool, const char *text, struct span *address,
    struct error *error)
{
	struct mail_address parsed;

	if (!path_parse_whole(pool, span_text(text), PATH_LENIENT | PATH_UTF8,
		&parsed, error))
		return error_prefix(error, "\"%s\" is no address", text);
	*address = parsed.text;
	return true;
}

static int
explain_one(struct view *view, const struct task *task, const char *text)
{
	struct pool *pool =
	    pool_create(view->instance.pool, "explanation", POOL_NO_MAXIMUM);
	struct explanation_request request = {
	    .route = view->route,
	    .common = &view->instance.common,
	    .source = &view->instance.source,
	    .networks = view->networks,
	    .always_bcc = span_text(cleanup_params.always_bcc),
	};
	const struct explanation *explanation;
	struct address client;
	struct error error;
	struct buf out;
	int status = EX_OK;

	if (!parse(pool, text, &request.address, &error) ||
	    (task->from[0] != '\0' &&
		!parse(pool, task->from, &request.sender, &error)))
		return fail(EX_DATAERR, error.text);
	if (task->client != NULL) {
		if (!address_parse_ip(span_text(task->client), 0, &client))
			return fail(EX_DATAERR, "--client needs an IP address");
		request.client = &client;
	}
	explanation = explanation_make(pool, &request);
	buf_init(&out, OUT_MAXIMUM);
	(task->is_json ? explain_json : explain_text)(explanation, &out);
	(void)fwrite(buf_text(&out), 1, out.len, stdout);
	if (explanation->error.kind != ERROR_NONE)
		status = EX_TEMPFAIL;
	buf_finish(&out);
	pool_destroy(pool);
	return status;
}

static int
usage(void)
{
	fputs("usage: postern [-c config_directory] explain [--from address] "
	      "[--client ip] [--json] address ...\n",
	    stderr);
	return EX_USAGE;
}

static int
run(const struct task *task, char **addresses)
{
	struct view view = {.route = NULL};
	int status = EX_OK;
	struct error error;

	if (open_view(&view, task, &error)) {
		for (; *addresses != NULL; addresses++) {
			int one = explain_one(&view, task, *addresses);

			if (one != EX_OK)
				status = one;
		}
	} else {
		status = fail(EX_CONFIG, error.text);
	}
	close_view(&view);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"from", required_argument, NULL, 'f'},
	    {"client", required_argument, NULL, 'i'},
	    {"json", no_argument, NULL, 'j'},
	    {NULL, 0, NULL, 0},
	};
	struct task task = {.from = ""};
	int option;

	while ((option = getopt_long(argc, argv, "c:", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			task.directory = optarg;
			break;
		case 'f':
			task.from = optarg;
			break;
		case 'i':
			task.client = optarg;
			break;
		case 'j':
			task.is_json = true;
			break;
		default:
			return usage();
		}
	}
	if (optind == argc)
		return usage();
	return run(&task, argv + optind);
}
