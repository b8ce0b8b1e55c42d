/* SPDX-License-Identifier: MIT */
/* Durations in configuration: a number and a unit (s m h d w). The value is in
 * seconds. */
#ifndef PARAM_DURATION_H
#define PARAM_DURATION_H

#include "lib/base/span.h"

/* Parses "90", "90s", "5m", "2d"; a number alone is in `unit`, one of "smhdw".
 * False when the text has another form or the seconds do not fit. */
bool duration_parse(struct span text, char unit, int64_t *seconds) MUST_USE;

/* The unit that a number alone means for a parameter with this default: the
 * default's own unit (maximal_queue_lifetime = 5 means days since its default
 * is 5d), seconds when it shows none. */
char duration_default_unit(struct span default_text);

#define DURATION_TEXT_SIZE 24

/* Writes the shortest exact form ("5d", "90s") to `text`, which has room for
 * DURATION_TEXT_SIZE bytes; returns it. */
const char *duration_format(int64_t seconds, char *text);

#endif
