/* SPDX-License-Identifier: MIT */
#include "lib/route/content_checks.h"

bool
content_checks_open(struct content_checks *checks,
    const struct content_checks_source *source, struct error *error)
{
	*checks = (struct content_checks){.tables = {NULL}};
	for (size_t i = 0; i < CHECK_KINDS; i++) {
		checks->tables[i] = table_list_open(span_text(source->texts[i]),
		    source->default_type, source->options, error);
		if (checks->tables[i] != NULL)
			continue;
		content_checks_close(checks);
		return error_prefix(error, "%s", source->names[i]);
	}
	return true;
}

void
content_checks_close(struct content_checks *checks)
{
	for (size_t i = 0; i < CHECK_KINDS; i++)
		table_list_close(checks->tables[i]);
	*checks = (struct content_checks){.tables = {NULL}};
}

bool
content_checks_have_changed(
    const struct content_checks *checks, const char **name)
{
	for (size_t i = 0; i < CHECK_KINDS; i++)
		if (table_list_has_changed(checks->tables[i], name))
			return true;
	return false;
}

bool
content_checks_have(const struct content_checks *checks, enum check_kind kind)
{
	return !table_list_is_empty(checks->tables[kind]);
}

enum check_kind
content_checks_kind(enum check_kind where, struct span name)
{
	static const char *const mime_fields[] = {
	    "MIME-Version",
	    "Content-Type",
	    "Content-Transfer-Encoding",
	    "Content-Disposition",
	    "Content-Description",
	    "Content-ID",
	};

	for (size_t i = 0; i < COUNT_OF(mime_fields); i++)
		if (span_equal_fold(name, span_text(mime_fields[i])))
			return CHECK_MIME_HEADER;
	return where;
}

bool
content_checks_find(struct content_checks *checks, enum check_kind kind,
    struct span line, struct buf *value, struct check_verdict *verdict,
    struct error *error)
{
	enum table_result result = table_list_get(checks->tables[kind],
	    span_head(line, TABLE_KEY_MAXIMUM), value, error);

	*verdict = (struct check_verdict){.action = CHECK_DUNNO};
	if (result == TABLE_FOUND)
		*verdict = check_verdict_parse(buf_span(value));
	return result != TABLE_TRY_AGAIN;
}
