/* SPDX-License-Identifier: MIT */
#include "pickup/sendmail/hand_on.h"

#include <unistd.h>

#define KEY "" /* stands for arguments->queue_key */

enum {
	WORDS_MAXIMUM = 4
};

static const struct command {
	enum arguments_mode mode;
	const char *words[WORDS_MAXIMUM];
} commands[] = {
    {ARGUMENTS_LIST, {"postqueue", "-p"}},
    {ARGUMENTS_FLUSH, {"postqueue", "-f"}},
    {ARGUMENTS_FLUSH_ID, {"postqueue", "-i", KEY}},
    {ARGUMENTS_FLUSH_SITE, {"postqueue", "-s", KEY}},
    {ARGUMENTS_ALIASES, {"newaliases"}},
    {ARGUMENTS_DAEMON, {"postern", "start"}},
};

static const struct command *
find_command(enum arguments_mode mode)
{
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		if (commands[i].mode == mode)
			return &commands[i];
	return NULL;
}

void
hand_on_run(const struct instance *instance, const struct arguments *arguments,
    struct error *error)
{
	const struct command *command = find_command(arguments->mode);
	char *argv[WORDS_MAXIMUM + 1] = {NULL};
	char *path;

	must(command != NULL);
	path = pool_printf(instance->pool, "%s/%s",
	    instance->common.command_directory, command->words[0]);
	must(path != NULL);
	for (size_t i = 0; command->words[i] != NULL; i++) {
		const char *word = command->words[i];

		if (word[0] == '\0')
			word = arguments->queue_key;
		argv[i] = pool_copy(instance->pool, span_text(word));
		must(argv[i] != NULL);
	}
	if (arguments->aliases != NULL && command->words[1] == NULL)
		argv[1] =
		    pool_copy(instance->pool, span_text(arguments->aliases));
	if (setenv("MAIL_CONFIG", instance->directory, 1) == 0)
		execv(path, argv);
	error_system(error, "%s", path);
}
