/* SPDX-License-Identifier: MIT */
/* From the text of a value to what it means for a spec. */
#ifndef PARAM_PARAM_VALUE_H
#define PARAM_PARAM_VALUE_H

#include "lib/base/error.h"
#include "lib/param/param.h"

struct param_value {
	struct span text; /* text, raw */
	int64_t number;   /* index of the word for a choice */
	struct feedback feedback;
};

/* `text` is expanded (unless raw) and outlives *value. *error says what was
 * expected. */
bool param_value_parse(const struct param_spec *spec, struct span text,
    struct param_value *value, struct error *error) MUST_USE;

/* Writes it to the field of `params`; false when the pool is full. */
bool param_value_store(const struct param_spec *spec,
    const struct param_value *value, void *params, struct pool *pool) MUST_USE;

#endif
