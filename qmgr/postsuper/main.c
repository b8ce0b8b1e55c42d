/* SPDX-License-Identifier: MIT */
/* postsuper: deletes, holds, releases, requeues and expires messages. */
#include <sys/stat.h>

#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/daemon/logging.h"
#include "lib/log/log.h"

#include "qmgr/postsuper/structure.h"
#include "qmgr/postsuper/task.h"

enum {
	REQUESTS_MAXIMUM = 256
};

/* One -d, -h and so on. */
struct request {
	const struct task_option *option;
	const char *argument;
};

struct command {
	struct instance instance;
	const char *config_directory;
	struct request requests[REQUESTS_MAXIMUM];
	size_t request_count;
	bool checks_structure; /* -s */
	bool purges;           /* -p */
	struct task task;
};

/* The structure comes first, as in Postfix. */
static void
work(struct command *command)
{
	struct task *task = &command->task;
	struct error error;

	if ((command->checks_structure || command->purges) &&
	    !structure_check(&task->reach, command->checks_structure,
		command->purges, &error))
		task_fail(task, EX_OSERR, "fatal", error.text);
	for (size_t i = 0; i < command->request_count; i++)
		task_obey(task, command->requests[i].option,
		    command->requests[i].argument);
	if (!order_end(&task->reach, &error))
		task_fail(task, EX_IOERR, "fatal", error.text);
	task_summarise(task);
}

static void
run(void *argument)
{
	struct command *command = argument;
	struct task *task = &command->task;
	struct error error;

	if (reach_open(&task->reach, &command->instance, REACH_CHANGE, &error))
		work(command);
	else
		task_fail(task, EX_UNAVAILABLE, "fatal", error.text);
	reach_close(&task->reach);
	log_flush();
}

/* The file is master's; what cannot be written there goes to syslog. */
static void
open_log(const struct common_params *common)
{
	int fd = -1;
	struct stat status;

	if (common->maillog_file[0] != '\0')
		fd = open(common->maillog_file,
		    O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd >= 0 && (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)))
		io_close(&fd);
	logging_open(common, "postsuper", fd);
}

/* -S is what Postfix does to queues with long names of files. */
static bool
take_option(struct command *command, int letter)
{
	const struct task_option *option = task_find_option(letter);

	if (letter == '?' || command->request_count == REQUESTS_MAXIMUM)
		return false;
	if (letter == 'c')
		command->config_directory = optarg;
	else if (letter == 's' || letter == 'S')
		command->checks_structure = true;
	else if (letter == 'p')
		command->purges = true;
	else if (option != NULL)
		command->requests[command->request_count++] =
		    (struct request){option, optarg};
	return true;
}

static bool
read_options(struct command *command, int argc, char **argv)
{
	int letter;

	while ((letter = getopt(argc, argv, "c:d:e:f:h:H:pr:sSv")) != -1)
		if (!take_option(command, letter))
			return false;
	if (command->request_count == 0 && !command->purges &&
	    !command->checks_structure)
		command->purges = command->checks_structure = true;
	while (optind < argc)
		if (!task_name_queue(&command->task, argv[optind++]))
			return false;
	return true;
}

int
main(int argc, char **argv)
{
	static struct command command;
	struct task *task = &command.task;
	struct error error;

	if (!read_options(&command, argc, argv)) {
		task_fail(task, EX_USAGE, "fatal",
		    "usage: postsuper [-psSv] [-c config_dir] [-d queue_id] "
		    "[-e queue_id] [-f queue_id] [-h queue_id] [-H queue_id] "
		    "[-r queue_id] [hold|incoming|active|deferred|corrupt "
		    "...]");
		return task->status;
	}
	if (!instance_open(&command.instance, command.config_directory,
		"postsuper", &error)) {
		task_fail(task, EX_CONFIG, "fatal", error.text);
	} else {
		open_log(&command.instance.common);
		instance_run(run, &command);
	}
	instance_close(&command.instance);
	return task->status;
}
