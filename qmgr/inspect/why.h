/* SPDX-License-Identifier: MIT */
/* `postern queue why ID`: asks the file, and qmgr if it runs, and prints what
 * keeps the message. */
#ifndef INSPECT_WHY_H
#define INSPECT_WHY_H

#include "qmgr/reach/reach.h"

/* As survey_main; 1 when there is no such message. */
int why_main(const struct instance *instance, int count, char **arguments);

#endif
