/* SPDX-License-Identifier: MIT */
/* Turns signals of the process into readiness of a descriptor. Handlers instead
 * of a blocked mask and signalfd: what a child executes starts with the default
 * action and an empty mask without anybody's help. */
#ifndef LOOP_SIGNAL_CATCHER_H
#define LOOP_SIGNAL_CATCHER_H

#include "lib/base/base.h"

/* Opened at the first call; readable when signals have been caught. */
int signal_catcher_fd(void);

/* Has `signal_number` call action() from signal_catcher_dispatch. */
void signal_catcher_watch(int signal_number, void (*action)(int signal_number));

/* As if the signal had been caught, for handlers of another kind. Safe in
 * them. */
void signal_catcher_note(int signal_number);

/* Runs the actions of the signals caught since the last call. */
void signal_catcher_dispatch(void);

/* Back to the default actions, and forgets the descriptor. */
void signal_catcher_reset(void);

#endif
