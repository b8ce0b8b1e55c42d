/* SPDX-License-Identifier: MIT */
/* What postconf prints of master.cf: whole lines, their fields, and the
 * parameters that they set with -o. */
#ifndef POSTCONF_SERVICE_SHOW_H
#define POSTCONF_SERVICE_SHOW_H

#include "lib/param/master_cf.h"
#include "lib/param/param.h"

#include "master/postconf/output.h"
#include "master/postconf/service_pattern.h"

struct service_show {
	const struct master_cf *master_cf;
	const struct output *output;
	/* Where -x takes values from, with the options of the service over it;
	 * NULL: they stay as they are written. */
	const struct param_source *source;
	struct warnings *warnings;
};

/* They answer whether anything matched. */
bool service_show_lines(
    const struct service_show *show, const struct service_pattern *pattern);
bool service_show_fields(
    const struct service_show *show, const struct service_pattern *pattern);
bool service_show_parameters(
    const struct service_show *show, const struct service_pattern *pattern);

#endif
