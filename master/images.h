/* SPDX-License-Identifier: MIT */
/* The executables of all programs, opened once: what is started later is what
 * was installed when master started. */
#ifndef MASTER_IMAGES_H
#define MASTER_IMAGES_H

#include "master/process_table.h"

enum {
	IMAGES_MAXIMUM = 32
};

/* Zeroed before first use. */
struct images {
	int at[IMAGES_MAXIMUM]; /* O_PATH, as in the process table; 0: none */
	bool replaced;          /* a program was found newly installed */
};

/* Opens those that exist and are not open yet. */
void images_open(struct images *images, const char *daemon_directory);
/* A descriptor of the program's executable; -1 when it is not installed. */
int images_find(const struct images *images, const struct program *program);

#endif
