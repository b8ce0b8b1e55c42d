/* SPDX-License-Identifier: MIT */
/* SMTP command lines with their arguments. */
#include "lib/mail/command.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void
parse_path(struct span rest, struct span keyword, unsigned flags)
{
	struct pool *pool = pool_create(NULL, "fuzz", 1 << 16);
	struct command_path path;
	struct error error;

	if (command_parse_path(pool, rest, keyword, flags, &path, &error) ==
	    COMMAND_OK) {
		struct span value;

		must(path.parameter_count <= COMMAND_PARAMETERS_MAXIMUM);
		for (unsigned i = 0; i < path.parameter_count; i++) {
			must(command_find_parameter(
			    &path, path.parameters[i].name, &value));
			must(value.at == path.parameters[i].value.at);
		}
	} else {
		must(error.kind != ERROR_NONE);
	}
	pool_destroy(pool);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct command command = command_parse(span_of(bytes, count));
	struct span name;
	uint64_t size;
	bool last;

	must(command.verb <= VERB_UNKNOWN);
	if (command.verb == VERB_MAIL) {
		parse_path(command.rest, SPAN("FROM"), PATH_NULL);
		parse_path(command.rest, SPAN("FROM"),
		    PATH_NULL | PATH_LENIENT | PATH_UTF8);
	} else if (command.verb == VERB_RCPT) {
		parse_path(command.rest, SPAN("TO"), PATH_LENIENT);
	} else if (command.verb == VERB_BDAT) {
		if (command_parse_bdat(command.rest, &size, &last))
			must(size <= INT64_MAX);
	} else if (command_parse_hello(command.rest, &name)) {
		must(name.len > 0);
	}
	return 0;
}
