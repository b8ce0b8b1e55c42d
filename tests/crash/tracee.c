/* SPDX-License-Identifier: MIT */
#include "tracee.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/number.h"

enum {
	FILE_MAXIMUM = 65536
};

static struct {
	struct hash *threads; /* tid -> struct tracee */
	struct tracee **all;  /* in the order of their appearance */
	size_t count;
} known;

/* Of /proc/<tid>/<file>; false when there is no such thread. */
static bool
read_proc(pid_t tid, const char *file, struct buf *bytes)
{
	char path[64];
	struct error error;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)tid, file);
	return io_read_file(AT_FDCWD, path, bytes, &error);
}

static pid_t
group_of(pid_t tid)
{
	struct span rest;
	struct span word;
	uint64_t pid = 0;
	struct buf status;

	buf_init(&status, FILE_MAXIMUM);
	if (read_proc(tid, "status", &status)) {
		rest = buf_span(&status);
		rest = span_skip(rest, span_find_span(rest, SPAN("\nTgid:")));
		rest = span_skip(rest, sizeof "\nTgid:" - 1);
		if (!span_take_word(&rest, " \t\n", &word) ||
		    !number_parse(word, INT32_MAX, &pid))
			pid = 0;
	}
	buf_finish(&status);
	return (pid_t)pid;
}

/* The last part of argv[0]: master executes by descriptor, so the kernel's own
 * name for the process says nothing. */
static void
read_name(pid_t pid, char *name)
{
	struct buf line;
	struct span word;
	struct span rest;

	buf_init(&line, FILE_MAXIMUM);
	(void)read_proc(pid, "cmdline", &line);
	span_split(buf_span(&line), '\0', &word, &rest);
	if (span_find_last(word, '/') < word.len)
		word = span_skip(word, span_find_last(word, '/') + 1);
	snprintf(name, TRACEE_NAME_SIZE, "%.*s", SPAN_ARGS(word));
	buf_finish(&line);
}

static void
give_number(struct tracee *tracee)
{
	unsigned last = 0;

	for (size_t i = 0; i < known.count; i++)
		if (known.all[i] != tracee &&
		    strcmp(known.all[i]->name, tracee->name) == 0 &&
		    known.all[i]->number > last)
			last = known.all[i]->number;
	tracee->number = last + 1;
}

static struct tracee *
find_process(pid_t pid)
{
	for (size_t i = 0; i < known.count; i++)
		if (known.all[i]->pid == pid && !known.all[i]->is_gone)
			return known.all[i];
	return NULL;
}

static struct tracee *
add_process(pid_t pid, const char *mark)
{
	struct tracee *tracee = memory_zero(sizeof *tracee);
	char name[TRACEE_NAME_SIZE];

	tracee->pid = pid;
	read_name(pid, name);
	snprintf(tracee->name, sizeof tracee->name, "%.30s%s", name, mark);
	known.all =
	    memory_resize(known.all, (known.count + 1) * sizeof *known.all);
	known.all[known.count++] = tracee;
	give_number(tracee);
	return tracee;
}

struct tracee *
tracee_find(pid_t tid)
{
	struct span key = span_of(&tid, sizeof tid);
	struct tracee *tracee;
	pid_t pid;

	if (known.threads == NULL)
		known.threads = hash_create();
	tracee = hash_get(known.threads, key);
	if (tracee != NULL)
		return tracee;
	pid = group_of(tid);
	if (pid == 0)
		return NULL;
	tracee = find_process(pid);
	/* A child that has not executed anything has its parent's name. */
	if (tracee == NULL)
		tracee = add_process(pid, "+");
	(void)hash_put(known.threads, key, tracee);
	return tracee;
}

void
tracee_executed(pid_t pid)
{
	struct tracee *before = find_process(pid);

	if (before != NULL)
		before->is_gone = true;
	(void)hash_put(
	    known.threads, span_of(&pid, sizeof pid), add_process(pid, ""));
}

void
tracee_ended(pid_t tid)
{
	struct span key = span_of(&tid, sizeof tid);
	struct tracee *tracee;

	if (known.threads == NULL)
		return;
	tracee = hash_remove(known.threads, key);
	if (tracee != NULL && tracee->pid == tid)
		tracee->is_gone = true;
}

void
tracee_note_call(struct tracee *tracee, uint64_t call, enum call_class class)
{
	if (tracee->call_count == tracee->call_room) {
		tracee->call_room = 2 * tracee->call_room + 64;
		tracee->calls = memory_resize(
		    tracee->calls, tracee->call_room * sizeof *tracee->calls);
	}
	tracee->calls[tracee->call_count++] = (uint16_t)call;
	tracee->class_counts[class]++;
	tracee->has_received = tracee->has_received || class == CALL_RECEIVE;
}

void
tracee_reset_calls(void)
{
	size_t kept = 0;

	for (size_t i = 0; i < known.count; i++) {
		struct tracee *tracee = known.all[i];

		tracee->call_count = 0;
		memset(tracee->class_counts, 0, sizeof tracee->class_counts);
		if (!tracee->is_gone) {
			known.all[kept++] = tracee;
			continue;
		}
		free(tracee->calls);
		free(tracee);
	}
	known.count = kept;
}

struct tracee *
tracee_at(size_t index)
{
	return index < known.count ? known.all[index] : NULL;
}

void
tracee_kill_all(void)
{
	for (size_t i = 0; i < known.count; i++)
		if (!known.all[i]->is_gone)
			(void)kill(known.all[i]->pid, SIGKILL);
}
