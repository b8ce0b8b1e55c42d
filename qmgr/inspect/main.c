/* SPDX-License-Identifier: MIT */
/* inspect: what `postern queue` runs. Says how the queue looks, and why a
 * message is in it. */
#include <sysexits.h>
#include <unistd.h>

#include "qmgr/inspect/survey.h"
#include "qmgr/inspect/why.h"

static const struct question {
	const char *name;
	int (*main)(
	    const struct instance *instance, int count, char **arguments);
} questions[] = {
    {"shape", survey_main},
    {"why", why_main},
};

static const struct question *
find_question(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(questions); i++)
		if (strcmp(questions[i].name, name) == 0)
			return &questions[i];
	return NULL;
}

static int
usage(void)
{
	fputs("usage: postern [-c config_directory] queue shape|why ...\n",
	    stderr);
	return EX_USAGE;
}

int
main(int argc, char **argv)
{
	const struct question *question = NULL;
	const char *directory;
	struct instance instance;
	struct error error;
	int status;

	if (!instance_take_options(argc, argv, &directory))
		return usage();
	if (optind < argc)
		question = find_question(argv[optind]);
	if (question == NULL)
		return usage();
	if (instance_open(&instance, directory, "postern", &error)) {
		status =
		    question->main(&instance, argc - optind, argv + optind);
	} else {
		fprintf(stderr, "postern queue: fatal: %s\n", error.text);
		status = EX_CONFIG;
	}
	instance_close(&instance);
	return status;
}
