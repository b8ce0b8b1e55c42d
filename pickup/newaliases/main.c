/* SPDX-License-Identifier: MIT */
/* newaliases: makes the tables of alias_database, or those named, from their
 * texts. */
#include <sysexits.h>
#include <unistd.h>

#include "lib/daemon/instance.h"
#include "lib/param/word_list.h"
#include "lib/table/table_build.h"

static int
fail(int status, const struct error *error)
{
	fprintf(stderr, "newaliases: fatal: %s\n", error->text);
	return status;
}

static void
print_warnings(const struct warnings *warnings)
{
	for (size_t i = 0; i < warnings->count; i++)
		fprintf(stderr, "newaliases: warning: %s\n", warnings->text[i]);
}

static bool
build(const struct instance *instance, struct span name, struct error *error)
{
	struct table_build_request request = {
	    .name = name,
	    .default_type = instance->common.default_database_type,
	    .aliases = true,
	    .host_name = instance->common.myhostname,
	};
	struct warnings warnings;
	bool built;

	warnings_init(&warnings);
	built = table_build(&request, &warnings, error);
	print_warnings(&warnings);
	warnings_finish(&warnings);
	return built;
}

/* One that fails does not keep the others from being built. */
static int
build_all(const struct instance *instance, struct span names)
{
	int status = EX_OK;
	struct error error;
	struct span name;

	while (word_list_next(&names, &name))
		if (!build(instance, name, &error))
			status = fail(error.kind == ERROR_INVALID ? EX_DATAERR
								  : EX_TEMPFAIL,
			    &error);
	return status;
}

int
main(int argc, char **argv)
{
	struct instance instance;
	struct error error;
	int status = EX_OK;

	if (instance_open(&instance, NULL, "newaliases", &error)) {
		for (int i = 1; i < argc && status == EX_OK; i++)
			status = build_all(&instance, span_text(argv[i]));
		if (argc < 2)
			status = build_all(&instance,
			    span_text(instance.common.alias_database));
	} else {
		status = fail(EX_TEMPFAIL, &error);
	}
	instance_close(&instance);
	return status;
}
