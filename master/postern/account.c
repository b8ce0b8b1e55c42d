/* SPDX-License-Identifier: MIT */
#include "master/postern/account.h"

#include "lib/param/host.h"
#include "lib/param/known.h"
#include "lib/param/word_list.h"
#include "lib/table/table.h"

#include "master/postconf/catalogue.h"
#include "master/postconf/check.h"
#include "master/postern/audit.h"
#include "master/process_table.h"

#define VALUE_MAXIMUM (1024 * 1024)

bool
account_open(struct account *account, const char *directory,
    struct span main_cf, struct span master_cf, struct error *error)
{
	*account = (struct account){
	    .pool = pool_create(NULL, "account", POOL_NO_MAXIMUM)};
	warnings_init(&account->problems);
	warnings_init(&account->ignored);
	warnings_init(&account->differences);
	warnings_init(&account->findings);
	account->config = config_create(account->pool);
	if (!config_parse(account->config, "main.cf", main_cf,
		&account->findings, error) ||
	    !master_cf_parse(account->pool, "master.cf", master_cf,
		&account->master_cf, &account->findings, error)) {
		account_close(account);
		return false;
	}
	account->source = (struct param_source){
	    .config = account->config,
	    .sets = catalogue_sets(),
	    .host = &host_system,
	    .config_directory = pool_copy(account->pool, span_text(directory)),
	    .warnings = &account->findings,
	};
	return true;
}

void
account_close(struct account *account)
{
	warnings_finish(&account->problems);
	warnings_finish(&account->ignored);
	warnings_finish(&account->differences);
	warnings_finish(&account->findings);
	pool_destroy(account->pool);
}

/* ---- values ---- */

/* A value of a parameter that is honoured and still not one. */
static void
try_value(struct account *account, const struct config_entry *entry)
{
	const struct param_spec *spec = catalogue_find(entry->name);
	struct error error;
	struct buf value;

	if (spec == NULL)
		return;
	buf_init(&value, VALUE_MAXIMUM);
	if (spec->type == PARAM_RAW)
		buf_append_span(&value, entry->value);
	else if (!param_expand(&account->source, entry->value, &value, &error))
		warnings_add(&account->problems, "%s: %.*s: %s", entry->where,
		    SPAN_ARGS(entry->name), error.text);
	if (!param_check(spec, buf_span(&value), &error))
		warnings_add(&account->problems, "%s: %.*s: %s", entry->where,
		    SPAN_ARGS(entry->name), error.text);
	buf_finish(&value);
}

/* Types of tables that Postfix has, and what to say of those that we lack. */
static const char *const table_types[] = {"btree", "cdb", "cidr", "dbm",
    "environ", "hash", "inline", "internal", "ldap", "lmdb", "memcache",
    "mongodb", "mysql", "netinfo", "nis", "nisplus", "pcre", "pgsql", "pipemap",
    "randmap", "regexp", "sdbm", "socketmap", "sqlite", "static", "tcp",
    "texthash", "unionmap", "unix"};

static bool
is_lacking(struct span type)
{
	const char *ours;
	bool is_theirs = false;

	for (size_t i = 0; i < COUNT_OF(table_types); i++)
		if (span_equal(type, span_text(table_types[i])))
			is_theirs = true;
	for (size_t i = 0; is_theirs && (ours = table_type(i)) != NULL; i++)
		if (span_equal(type, span_text(ours)))
			return false;
	return is_theirs;
}

static void
look_for_tables(struct account *account, const char *where, struct span name,
    struct span value)
{
	struct span word;

	/* Of what is ignored the tables do not matter. */
	if (!catalogue_honours(name))
		return;
	while (span_take_word(&value, " \t\r\n,{}!", &word)) {
		struct span type;
		struct span rest;

		if (span_starts(word, SPAN("proxy:")))
			word = span_skip(word, strlen("proxy:"));
		if (span_split(word, ':', &type, &rest) && is_lacking(type))
			warnings_add(&account->problems,
			    "%s: %.*s: this version has no tables of type "
			    "%.*s",
			    where, SPAN_ARGS(name), SPAN_ARGS(type));
	}
}

static void
take_values(struct account *account)
{
	const struct config_entry *entry;

	for (entry = config_first(account->config); entry != NULL;
	     entry = entry->next) {
		try_value(account, entry);
		look_for_tables(
		    account, entry->where, entry->name, entry->value);
	}
}

/* ---- defaults ---- */

/* Defaults of Postfix that known.def does not have. */
static const struct {
	const char *name;
	const char *theirs;
} other_defaults[] = {
    {"mail_name", "Postfix"},
    {"maillog_file", ""},
    {"local_recipient_maps", "proxy:unix:passwd.byname $alias_maps"},
};

static void
add_default(struct account *account, const char *name, const char *theirs)
{
	const char *ours = catalogue_default(span_text(name));

	if (ours == NULL || strcmp(ours, theirs) == 0 ||
	    config_find(account->config, span_text(name)) != NULL)
		return;
	warnings_add(&account->differences,
	    "%s is not set: its default is \"%s\" here, \"%s\" in Postfix",
	    name, ours, theirs);
}

static void
take_defaults(struct account *account)
{
	size_t count;
	const struct known *known = known_all(&count);

	for (size_t i = 0; i < COUNT_OF(other_defaults); i++)
		add_default(
		    account, other_defaults[i].name, other_defaults[i].theirs);
	for (size_t i = 0; i < count; i++)
		add_default(account, known[i].name, known[i].default_text);
}

/* ---- services ---- */

static void
take_program(struct account *account, const struct master_service *service)
{
	const struct program *program;

	switch (process_table_find(service->command, &program)) {
	case FATE_RUNS:
	case FATE_ABSORBED:
	case FATE_IN_QMGR:
		return;
	case FATE_LATER:
		warnings_add(&account->differences,
		    "%s: this version has no program %.*s: nothing serves "
		    "%.*s, and mail for it stays in the queue",
		    service->where, SPAN_ARGS(service->command),
		    SPAN_ARGS(service->name));
		return;
	case FATE_UNKNOWN:
		warnings_add(&account->problems, "%s: unknown program %.*s",
		    service->where, SPAN_ARGS(service->command));
		return;
	}
}

static void
take_service(struct account *account, const struct master_service *service)
{
	take_program(account, service);
	if (service->maxproc > 0 &&
	    !span_equal(service->command, SPAN("qmgr")) &&
	    service->maxproc != 1)
		warnings_add(&account->differences,
		    "%s: maxproc %lld is the number of sessions, which share "
		    "processes",
		    service->where, (long long)service->maxproc);
	for (size_t i = 0; i < service->option_count; i++)
		look_for_tables(account, service->where,
		    service->options[i].name, service->options[i].value);
}

void
account_take(struct account *account)
{
	const struct check check = {
	    .config = account->config,
	    .master_cf = &account->master_cf,
	    .host = &host_system,
	    .config_directory = account->source.config_directory,
	};

	if (!check_settings(&check, &account->problems, &account->ignored))
		must(account->problems.count > 0);
	take_values(account);
	take_defaults(account);
	for (size_t i = 0; i < account->master_cf.count; i++)
		take_service(account, &account->master_cf.services[i]);
	audit_run(&account->source, &account->master_cf, &account->findings);
}

void
account_print(const char *heading, const struct warnings *list)
{
	if (list->count == 0)
		return;
	printf("\n%s\n", heading);
	for (size_t i = 0; i < list->count; i++)
		printf("  %s\n", list->text[i]);
	if (list->dropped > 0)
		printf("  and %zu more\n", list->dropped);
}

void
account_show(const struct account *account)
{
	account_print(
	    "Stops the start until it is changed:", &account->problems);
	account_print("Has no effect:", &account->ignored);
	account_print("Behaves differently:", &account->differences);
	account_print("Looks wrong, also for Postfix:", &account->findings);
	if (account->problems.count + account->ignored.count +
		account->differences.count ==
	    0)
		printf("\nNothing behaves differently.\n");
}
