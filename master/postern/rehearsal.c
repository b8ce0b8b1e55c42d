/* SPDX-License-Identifier: MIT */
#include "master/postern/rehearsal.h"

#include <unistd.h>

#include "lib/base/io.h"

#include "master/postconf/catalogue.h"
#include "master/postern/difference.h"

#define OUTPUT_MAXIMUM (64 * 1024 * 1024)

/* What one of the two readings is made of. */
struct side {
	struct config *config;
	struct param_source source;
	struct master_cf master_cf;
	struct reading reading;
};

static bool
side_read(struct side *side, const struct instance *instance,
    struct span main_cf, struct span master_cf, struct error *error)
{
	side->config = config_create(instance->pool);
	side->source = instance->source;
	side->source.config = side->config;
	side->source.sets = catalogue_sets();
	side->source.config_directory = instance->directory;
	side->source.warnings = NULL;
	side->reading = (struct reading){&side->source, &side->master_cf};
	return config_parse(side->config, "main.cf", main_cf, NULL, error) &&
	    master_cf_parse(instance->pool, "master.cf", master_cf,
		&side->master_cf, NULL, error);
}

bool
rehearsal_print(const struct instance *instance, struct span main_cf,
    struct span master_cf, struct error *error)
{
	struct side before;
	struct side after;
	struct buf out;
	bool is_changed;
	bool good;

	if (!side_read(&before, instance, main_cf, master_cf, error))
		return error_prefix(error, "in force");
	if (!side_read(&after, instance, instance->main_cf, instance->master_cf,
		error))
		return false;
	buf_init(&out, OUTPUT_MAXIMUM);
	is_changed = difference_append(&before.reading, &after.reading, &out);
	if (!is_changed)
		buf_append_text(&out, "nothing changes\n");
	/* A changed comment is a changed text, too. */
	difference_append_restarts(&after.master_cf,
	    !span_equal(main_cf, instance->main_cf) ||
		!span_equal(master_cf, instance->master_cf),
	    &out);
	good = io_write(STDOUT_FILENO, buf_span(&out), error);
	buf_finish(&out);
	return good;
}
