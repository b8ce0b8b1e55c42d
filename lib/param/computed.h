/* SPDX-License-Identifier: MIT */
/* Values that the machine or the process gives when main.cf does not:
 * config_directory myhostname mydomain mynetworks process_id process_name
 * service_name stress. */
#ifndef PARAM_COMPUTED_H
#define PARAM_COMPUTED_H

#include "lib/base/pool.h"
#include "lib/param/param.h"

/* Whether `name` is one of them. */
bool computed_has(struct span name);

/* Sets *value, unexpanded and living in `pool` or longer; false when the name
 * is none of the above or what it is computed from does not expand. `names`
 * resolves the parameters it depends on. */
bool computed_get(const struct param_source *source,
    const struct expand_names *names, struct pool *pool, struct span name,
    struct span *value);

#endif
