/* SPDX-License-Identifier: MIT */
#include "master/postern/audit.h"

#include <sys/stat.h>

#include <errno.h>
#include <netdb.h>

#include "lib/param/port.h"
#include "lib/param/word_list.h"

#include "master/postconf/catalogue.h"

enum {
	VALUE_MAXIMUM = 1024 * 1024,
	PATH_SIZE = 1024
};

/* A name with its expanded value. */
struct setting {
	struct span name;
	struct span value;
	const char *where;
	const char *option; /* "" or "-o " */
};

struct work {
	const struct param_source *source;
	const struct master_cf *master_cf;
	struct warnings *warnings;
};

static void warn(struct work *work, const struct setting *setting,
    const char *format, ...) PRINTF_LIKE(3, 4);

static void
warn(struct work *work, const struct setting *setting, const char *format, ...)
{
	va_list arguments;
	char text[400];

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	warnings_add(work->warnings, "%s: %s%.*s: %s", setting->where,
	    setting->option, SPAN_ARGS(setting->name), text);
}

/* ---- rules that are never reached ---- */

static bool
is_restriction_class(const struct work *work, struct span name)
{
	struct span classes;

	return config_get(work->source->config,
		   SPAN("smtpd_restriction_classes"), &classes) &&
	    word_list_has(classes, name);
}

static bool
is_rule_list(const struct work *work, struct span name)
{
	return (span_starts(name, SPAN("smtpd_")) &&
		   span_ends(name, SPAN("_restrictions"))) ||
	    is_restriction_class(work, name);
}

static bool
ends_list(struct span rule)
{
	return span_equal_fold(rule, SPAN("permit")) ||
	    span_equal_fold(rule, SPAN("reject")) ||
	    span_equal_fold(rule, SPAN("defer"));
}

static void
look_at_rules(struct work *work, const struct setting *setting)
{
	struct span rest = setting->value;
	struct span last = SPAN_EMPTY;
	struct span word;
	bool is_only_warned = false;

	if (!is_rule_list(work, setting->name))
		return;
	while (word_list_next(&rest, &word)) {
		if (last.len > 0) {
			warn(work, setting,
			    "\"%.*s\" is never reached: it comes after "
			    "\"%.*s\"",
			    SPAN_ARGS(span_head(word, 60)), SPAN_ARGS(last));
			return;
		}
		if (ends_list(word) && !is_only_warned)
			last = word;
		is_only_warned = span_equal_fold(word, SPAN("warn_if_reject"));
	}
}

/* ---- tables and files ---- */

static const struct {
	const char *type;
	const char *suffix; /* of the file that is read */
	const char *maker;  /* makes it of the file without suffix, or NULL */
} types[] = {
    {"hash", ".db", "postmap"},
    {"btree", ".db", "postmap"},
    {"lmdb", ".lmdb", "postmap"},
    {"cdb", ".cdb", "postmap"},
    {"texthash", "", NULL},
    {"aliases", "", NULL},
    {"regexp", "", NULL},
    {"pcre", "", NULL},
    {"cidr", "", NULL},
    {"ldap", "", NULL},
    {"mysql", "", NULL},
    {"pgsql", "", NULL},
    {"sqlite", "", NULL},
};

static bool
is_newer(const struct stat *a, const struct stat *b)
{
	return a->st_mtim.tv_sec != b->st_mtim.tv_sec
	    ? a->st_mtim.tv_sec > b->st_mtim.tv_sec
	    : a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}

static const char *
maker_for(const struct setting *setting, const char *maker)
{
	return span_starts(setting->name, SPAN("alias_")) ? "postalias" : maker;
}

static void
look_at_table(struct work *work, const struct setting *setting, size_t type,
    struct span path)
{
	const char *maker = types[type].maker;
	char source[PATH_SIZE];
	char file[PATH_SIZE];
	struct stat source_status;
	struct stat status;

	snprintf(source, sizeof source, "%.*s", SPAN_ARGS(path));
	snprintf(file, sizeof file, "%s%s", source, types[type].suffix);
	if (stat(file, &status) != 0) {
		if (maker == NULL)
			warn(work, setting, "%s: %s", file, strerror(errno));
		else
			warn(work, setting, "%s: %s; %s %s:%s makes it", file,
			    strerror(errno), maker_for(setting, maker),
			    types[type].type, source);
	} else if (maker != NULL && stat(source, &source_status) == 0 &&
	    is_newer(&source_status, &status)) {
		warn(work, setting, "%s is newer than %s; run %s %s:%s", source,
		    file, maker_for(setting, maker), types[type].type, source);
	}
}

/* "proxy:hash:/path", "!hash:/path" and what has no type. */
static void
look_at_word(struct work *work, const struct setting *setting,
    struct span default_type, struct span word)
{
	struct span type;
	struct span path;

	if (word.at[0] == '/' && span_ends(setting->name, SPAN("_maps"))) {
		type = default_type;
		path = word;
	} else if (!span_split(word, ':', &type, &path)) {
		return;
	}
	if (span_equal(type, SPAN("proxy")) &&
	    !span_split(path, ':', &type, &path))
		return;
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (span_equal(type, span_text(types[i].type)) &&
		    path.len > 0 && path.at[0] == '/')
			look_at_table(work, setting, i, path);
}

/* Those that programs make themselves. */
static bool
names_cache(struct span name)
{
	return span_ends(name, SPAN("_cache_database")) ||
	    span_ends(name, SPAN("_cache_map")) ||
	    span_equal(name, SPAN("address_verify_map"));
}

static void
look_at_tables(struct work *work, const struct setting *setting)
{
	struct span rest = setting->value;
	struct span word;
	struct buf type;

	if (names_cache(setting->name))
		return;
	buf_init(&type, VALUE_MAXIMUM);
	if (!param_expand(
		work->source, SPAN("$default_database_type"), &type, NULL))
		buf_append_text(&type, "hash");
	while (span_take_word(&rest, " \t\r\n,{}!", &word))
		look_at_word(work, setting, buf_span(&type), word);
	buf_finish(&type);
}

static bool
names_file(struct span name)
{
	static const char *const endings[] = {"_cert_file", "_key_file",
	    "_CAfile", "_CApath", "_dcert_file", "_dkey_file", "_eccert_file",
	    "_eckey_file", "_chain_files", "_template_file"};

	for (size_t i = 0; i < COUNT_OF(endings); i++)
		if (span_ends(name, span_text(endings[i])))
			return true;
	return false;
}

static void
look_at_files(struct work *work, const struct setting *setting)
{
	struct span rest = setting->value;
	struct span word;

	if (!names_file(setting->name))
		return;
	while (word_list_next(&rest, &word)) {
		char path[PATH_SIZE];
		struct stat status;

		snprintf(path, sizeof path, "%.*s", SPAN_ARGS(word));
		if (path[0] == '/' && stat(path, &status) != 0)
			warn(work, setting, "%s: %s", path, strerror(errno));
	}
}

/* ---- services ---- */

static bool
is_transport(const struct work *work, struct span name)
{
	/* qmgr has these itself. */
	return word_list_has(SPAN("error retry discard"), name) ||
	    master_cf_find(work->master_cf, name, MASTER_UNIX) != NULL;
}

static bool
names_transports(struct span name)
{
	return span_ends(name, SPAN("_transport")) ||
	    span_equal(name, SPAN("defer_transports")) ||
	    span_equal(name, SPAN("content_filter"));
}

static void
look_at_transports(struct work *work, const struct setting *setting)
{
	struct span rest = setting->value;
	struct span word;

	if (!names_transports(setting->name))
		return;
	while (word_list_next(&rest, &word)) {
		struct span transport;
		struct span next_hop;

		span_split(word, ':', &transport, &next_hop);
		if (transport.len > 0 && !is_transport(work, transport))
			warn(work, setting,
			    "master.cf has no service %.*s of type unix",
			    SPAN_ARGS(span_head(transport, 60)));
	}
}

static bool
is_port(struct span text)
{
	char name[NI_MAXSERV];
	uint16_t port;

	snprintf(name, sizeof name, "%.*s", SPAN_ARGS(text));
	return port_parse(text, &port) || getservbyname(name, "tcp") != NULL;
}

/* "[host]:port" */
static void
look_at_relays(struct work *work, const struct setting *setting)
{
	struct span rest = setting->value;
	struct span word;

	if (!span_ends(setting->name, SPAN("relayhost")) &&
	    !span_ends(setting->name, SPAN("fallback_relay")))
		return;
	while (word_list_next(&rest, &word)) {
		size_t colon = span_find_last(word, ':');
		size_t bracket = span_find_last(word, ']');

		if (colon == word.len ||
		    (bracket < word.len && colon < bracket))
			continue;
		if (!is_port(span_skip(word, colon + 1)))
			warn(work, setting, "there is no service %.*s",
			    SPAN_ARGS(
				span_head(span_skip(word, colon + 1), 60)));
	}
}

static void
look_at_port(struct work *work, const struct master_service *service)
{
	struct span host;
	struct span port;

	if (service->type == MASTER_INET &&
	    port_split(service->name, &host, &port) && !is_port(port))
		warnings_add(work->warnings, "%s: there is no service %.*s",
		    service->where, SPAN_ARGS(span_head(port, 60)));
}

/* ---- all settings ---- */

static void
look_at(struct work *work, const struct setting *setting)
{
	look_at_rules(work, setting);
	look_at_tables(work, setting);
	look_at_files(work, setting);
	look_at_transports(work, setting);
	look_at_relays(work, setting);
}

/* `setting` has the value as it is written. */
static void
expand_and_look(struct work *work, struct setting setting)
{
	struct buf expanded;

	buf_init(&expanded, VALUE_MAXIMUM);
	/* What does not expand is an error that master reports. */
	if (catalogue_is_raw(setting.name)) {
		look_at(work, &setting);
	} else if (param_expand(work->source, setting.value, &expanded, NULL)) {
		setting.value = buf_span(&expanded);
		look_at(work, &setting);
	}
	buf_finish(&expanded);
}

static void
look_at_service(struct work *work, const struct master_service *service)
{
	look_at_port(work, service);
	for (size_t i = 0; i < service->option_count; i++)
		expand_and_look(work,
		    (struct setting){
			.name = service->options[i].name,
			.value = service->options[i].value,
			.where = service->where,
			.option = "-o ",
		    });
}

void
audit_run(const struct param_source *source, const struct master_cf *master_cf,
    struct warnings *warnings)
{
	struct work work = {source, master_cf, warnings};
	const struct config_entry *entry;

	for (entry = config_first(source->config); entry != NULL;
	     entry = entry->next)
		expand_and_look(&work,
		    (struct setting){
			.name = entry->name,
			.value = entry->value,
			.where = entry->where,
			.option = "",
		    });
	for (size_t i = 0; i < master_cf->count; i++)
		look_at_service(&work, &master_cf->services[i]);
}
