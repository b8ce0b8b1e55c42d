/* SPDX-License-Identifier: MIT */
/* Parses main.cf, expands every value and loads the common parameters. */
#include "lib/param/common.h"
#include "lib/param/host.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
fixed_name(char *name, size_t size)
{
	snprintf(name, size, "mail.example.com");
}

static size_t
no_addresses(struct host_address *addresses UNUSED, size_t maximum UNUSED)
{
	return 0;
}

static bool
is_known(void *argument UNUSED, struct span name)
{
	return param_find(&common_param_set, name) != NULL;
}

static void
count_unused(void *argument, const struct config_entry *entry UNUSED)
{
	size_t *count = argument;

	++*count;
}

static void
use(struct config *config, struct pool *pool)
{
	static const struct host host = {fixed_name, no_addresses};
	struct param_source source = {.config = config, .host = &host};
	const struct config_entry *entry;
	struct common_params params;
	struct error error;
	size_t unused = 0;
	size_t count = 0;

	for (entry = config_first(config); entry != NULL; entry = entry->next) {
		struct buf out;

		count++;
		buf_init(&out, 4096);
		if (!param_expand(&source, entry->value, &out, &error))
			must(error.text[0] != '\0');
		buf_finish(&out);
	}
	if (!param_load(&common_param_set, &source, &params, pool, &error))
		must(error.text[0] != '\0');
	config_unused(config, is_known, count_unused, &unused);
	must(unused <= count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct pool *pool = pool_create(NULL, "fuzz", 1024 * 1024);
	struct config *config = config_create(pool);
	struct warnings warnings;
	struct error error;

	warnings_init(&warnings);
	if (config_parse(
		config, "main.cf", span_of(bytes, size), &warnings, &error))
		use(config, pool);
	else
		must(error.text[0] != '\0');
	warnings_finish(&warnings);
	pool_destroy(pool);
	return 0;
}
