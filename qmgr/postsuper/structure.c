/* SPDX-License-Identifier: MIT */
#include "qmgr/postsuper/structure.h"

#include "lib/base/text.h"
#include "lib/log/log.h"
#include "lib/loop/offload.h"
#include "lib/queue/store_check.h"

enum {
	FINDING_MAXIMUM = 4096
};

struct looking {
	struct store *store;
	struct store_check check;
	uint64_t findings;
	bool good;
	struct error error;
};

/* Runs in a thread: what is to be logged is in the summary. */
static void
tell_finding(void *owner, const char *path, const char *what, const char *done)
{
	struct looking *looking = owner;
	struct buf line;

	looking->findings++;
	buf_init(&line, FINDING_MAXIMUM);
	text_append_printable(&line, span_text(path));
	fprintf(stderr, "postsuper: %s: %s%s%s\n", buf_text(&line), what,
	    done == NULL ? "" : ": ", done == NULL ? "" : done);
	buf_finish(&line);
}

static void
job_check(void *argument)
{
	struct looking *looking = argument;

	looking->good =
	    store_check(looking->store, &looking->check, &looking->error);
}

bool
structure_check(
    const struct reach *reach, bool structure, bool purge, struct error *error)
{
	struct looking looking = {
	    .store = reach->store,
	    .check =
		{
		    .structure = structure,
		    .purge = purge,
		    .repair = reach->qmgr == NULL,
		    .found = tell_finding,
		    .owner = &looking,
		},
	};

	offload_run(job_check, &looking);
	if (looking.findings > 0) {
		if (!looking.check.repair)
			fputs("postsuper: warning: nothing is put right while "
			      "the mail system runs\n",
			    stderr);
		log_info(NULL, "structure check: %llu finding%s",
		    (unsigned long long)looking.findings,
		    looking.findings == 1 ? "" : "s");
	}
	if (!looking.good)
		*error = looking.error;
	return looking.good;
}
