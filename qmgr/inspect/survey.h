/* SPDX-License-Identifier: MIT */
/* `postern queue shape`: goes through the queue and prints its shape. */
#ifndef INSPECT_SURVEY_H
#define INSPECT_SURVEY_H

#include "qmgr/reach/reach.h"

/* `arguments` are those behind the word "shape", NULL at the end. Returns the
 * exit status. */
int survey_main(const struct instance *instance, int count, char **arguments);

#endif
