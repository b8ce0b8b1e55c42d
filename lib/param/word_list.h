/* SPDX-License-Identifier: MIT */
/* Lists in configuration values: "a, b {c d}". Commas and white space separate
 * words; inside braces they do not. */
#ifndef PARAM_WORD_LIST_H
#define PARAM_WORD_LIST_H

#include "lib/base/span.h"

/* Takes the next word from the front of *rest; false at the end. A group keeps
 * its braces, so that the caller can tell {a b} from a word; unbalanced braces
 * group up to the end of the text. */
bool word_list_next(struct span *rest, struct span *word);

/* As word_list_next, but only white space separates (master.cf, argv). */
bool word_list_next_argument(struct span *rest, struct span *word);

/* For a word that is one {group}: its inside without white space at both ends.
 * False when `word` is not wholly enclosed in one pair of braces. */
bool word_list_group(struct span word, struct span *inside);

/* Whether `word` occurs in `list`; ASCII letters match whatever their case. */
bool word_list_has(struct span list, struct span word);

#endif
