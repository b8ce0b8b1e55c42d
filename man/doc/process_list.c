/* SPDX-License-Identifier: MIT */
#include "man/doc/process_list.h"

#include "master/process_table.h"

static const struct {
	enum program_trait trait;
	const char *text;
} traits[] = {
    {PROGRAM_CHROOT, "Its root directory is empty."},
    {PROGRAM_BUILT_IN, "Runs without a line in master.cf."},
    {PROGRAM_SUBMIT, "Also runs after start\\-submit."},
    {PROGRAM_AGENT, "Started when mail waits for it."},
    {PROGRAM_SINGLE, "One process."},
    {PROGRAM_STAYS, "Outlives a reload that changes no text."},
};

static void
append_words(struct buf *out, const char *before, const char *words)
{
	if (words != NULL)
		buf_printf(out, "%s %s.\n", before, words);
}

void
process_list_append(struct buf *out)
{
	size_t count;
	const struct program *programs = process_table_all(&count);

	for (size_t i = 0; i < count; i++) {
		const struct program *program = &programs[i];

		buf_printf(out, ".It Ic %s\n", program->name);
		append_words(out, "User",
		    program->user == NULL ? "mail_owner" : program->user);
		append_words(out, "May ask for", program->edges);
		append_words(out, "Public sockets", program->publics);
		append_words(out, "Queue directories", program->directories);
		if (program->sessions > 0)
			buf_printf(out, "Sessions %u.\n", program->sessions);
		for (size_t t = 0; t < COUNT_OF(traits); t++)
			if ((program->traits & traits[t].trait) != 0)
				buf_printf(out, "%s\n", traits[t].text);
	}
}
