/* SPDX-License-Identifier: MIT */
/* What launcher tells a child, and what it gets back: both are forks of one
 * program, so the structs travel as they are. Content follows a job. */
#ifndef LOCAL_CHILD_JOB_H
#define LOCAL_CHILD_JOB_H

#include <sys/types.h>

#include "lib/base/base.h"

enum {
	JOB_PATH_SIZE = 1024,
	JOB_SENDER_SIZE = 2200, /* an address in external form */
	JOB_USER_SIZE = 256
};

enum job_kind {
	JOB_MAILBOX,
	JOB_MAILDIR
};

/* One delivery. */
struct job {
	enum job_kind kind;
	uint64_t size;  /* of the content */
	uint64_t limit; /* of a mailbox file; 0: none */
	/* The mailbox is `path` in the directory `base`, which exists. */
	char base[JOB_PATH_SIZE];
	char path[JOB_PATH_SIZE];
	char sender[JOB_SENDER_SIZE]; /* for the From_ line */
	char user[JOB_USER_SIZE];     /* for texts */
};

/* The answer is a struct reply (lib/mail). */

/* What is the same for all jobs of a child. */
struct job_settings {
	const char *host; /* for names of files in a maildir */
	/* Called in the child before it confines itself: whether it shall. */
	bool (*confines)(void);
	bool strict_ownership;
	bool uses_fcntl;
	bool uses_dotlock;
	unsigned lock_attempts;
	unsigned lock_delay; /* seconds between them */
	unsigned stale_time; /* seconds after which a dot-lock is ignored */
};

#endif
