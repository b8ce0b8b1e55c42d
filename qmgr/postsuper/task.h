/* SPDX-License-Identifier: MIT */
/* What postsuper is to do, and how much of it was done. Each thing is told on
 * standard error and in the log. Owned by main.c. In a coroutine, but for the
 * reading of the command line. */
#ifndef POSTSUPER_TASK_H
#define POSTSUPER_TASK_H

#include "qmgr/postsuper/order.h"

enum {
	TASK_OPERATIONS = 5
};

/* -d, -h and so on, and what each does, one after the other. */
struct task_option {
	char letter;
	enum queue_operation operations[2];
	size_t count;
	uint32_t queues; /* where, if none is named */
};

struct task {
	struct reach reach;
	bool names_queues;
	uint32_t queues; /* that are named */
	uint64_t counts[TASK_OPERATIONS];
	int status; /* what the program exits with */
};

/* NULL: there is no such option. */
const struct task_option *task_find_option(int letter);
/* Takes the name of a queue; false when there is none of that name. */
bool task_name_queue(struct task *task, const char *name) MUST_USE;

/* "postsuper: subject: text", for what makes the whole a failure. */
void task_fail(
    struct task *task, int status, const char *subject, const char *text);
/* What the option asks for, of an id, of ALL, or of the ids on standard input
 * for "-". */
void task_obey(
    struct task *task, const struct task_option *option, const char *argument);
/* How many messages were changed. */
void task_summarise(const struct task *task);

#endif
