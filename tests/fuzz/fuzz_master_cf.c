/* SPDX-License-Identifier: MIT */
/* Parses master.cf; every option it finds must be one that main.cf's parser
 * takes, too. */
#include "lib/param/config.h"
#include "lib/param/master_cf.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
use(const struct master_service *service, struct config *config)
{
	struct error error;

	must(service->name.len > 0 && service->command.len > 0);
	must(service->maxproc >= MASTER_DEFAULT && service->wakeup >= 0);
	must(master_cf_type_name(service->type) != NULL);
	for (size_t i = 0; i < service->option_count; i++) {
		const struct master_option *option = &service->options[i];

		if (!config_set(config, service->where, option->name,
			option->value, &error))
			must(error.kind == ERROR_LIMIT);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct pool *pool = pool_create(NULL, "fuzz", 1024 * 1024);
	struct config *config = config_create(pool);
	struct master_cf master_cf;
	struct warnings warnings;
	struct error error;

	warnings_init(&warnings);
	if (master_cf_parse(pool, "master.cf", span_of(bytes, size), &master_cf,
		&warnings, &error)) {
		for (size_t i = 0; i < master_cf.count; i++)
			use(&master_cf.services[i], config);
	} else {
		must(error.text[0] != '\0');
	}
	warnings_finish(&warnings);
	pool_destroy(pool);
	return 0;
}
