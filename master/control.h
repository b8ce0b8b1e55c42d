/* SPDX-License-Identifier: MIT */
/* The control socket of a running master, for `postern stop` and its kin. */
#ifndef MASTER_CONTROL_H
#define MASTER_CONTROL_H

#include "master/supervisor.h"

/* Listens at <run_directory>/control until the process ends. */
bool control_open(struct supervisor *supervisor, struct error *error) MUST_USE;
/* Removes the socket. */
void control_close(void);

#endif
