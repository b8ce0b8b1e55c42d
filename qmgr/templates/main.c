/* SPDX-License-Identifier: MIT */
/* templates: what `postconf -b` and `postconf -t` run. Prints the words of
 * notices as they are expanded, or as bounce_template_file has them. */
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/daemon/instance.h"

#include "qmgr/bounce/params.h"
#include "qmgr/bounce/wording.h"

#define OUTPUT_MAXIMUM (8 * TEMPLATE_TEXT_MAXIMUM)

static void
report(const char *text)
{
	fprintf(stderr, "postconf: %s\n", text);
}

static void
append_header(struct buf *out, const char *name, struct span value)
{
	if (value.len > 0)
		buf_printf(out, "%s: %.*s\n", name, SPAN_ARGS(value));
}

/* In the form of a template file. */
static void
append_template(const struct template *template, struct buf *out)
{
	append_header(out, "Charset", template->charset);
	append_header(out, "From", template->from);
	append_header(out, "Subject", template->subject);
	append_header(out, "Postmaster-Subject", template->postmaster_subject);
	buf_append_byte(out, '\n');
	buf_append_span(out, template->text);
}

/* With the lines of a file instead of those of mail. */
static void
append_text(const struct template *template, const struct param_source *source,
    struct buf *out)
{
	struct error error;
	struct buf text;
	struct span rest;
	struct span line;

	buf_init(&text, TEMPLATE_TEXT_MAXIMUM);
	if (!wording_expand(template, source, &text, &error))
		fatal(EX_CONFIG, "%s", error.text);
	rest = buf_span(&text);
	while (rest.len > 0) {
		span_split(rest, '\n', &line, &rest);
		buf_append_span(out, span_trim(line));
		buf_append_byte(out, '\n');
	}
	buf_finish(&text);
}

/* "failure_template", or "expanded_failure_text". */
static void
append_start(enum template_kind kind, bool is_expanded, struct buf *out)
{
	struct span name = span_text(template_name(kind));

	if (is_expanded) {
		name.len -= strlen("_template");
		buf_printf(out, "expanded_%.*s_text", SPAN_ARGS(name));
	} else {
		buf_append_span(out, name);
	}
	buf_append_text(out, " = <<EOF\n");
}

static void
show(const struct instance *instance, const struct template_set *set,
    bool is_expanded)
{
	struct error error;
	struct buf out;

	buf_init(&out, OUTPUT_MAXIMUM);
	for (size_t i = 0; i < TEMPLATE_COUNT; i++) {
		append_start((enum template_kind)i, is_expanded, &out);
		if (is_expanded)
			append_text(&set->of[i], &instance->source, &out);
		else
			append_template(&set->of[i], &out);
		buf_append_text(&out, "EOF\n\n");
	}
	if (!io_write(STDOUT_FILENO, buf_span(&out), &error))
		fatal(EXIT_FAILURE, "%s", error.text);
	buf_finish(&out);
}

static void
read_set(struct instance *instance, const char *path, struct template_set *set)
{
	struct bounce_params params;
	struct error error;

	if (path == NULL) {
		if (!param_load(&bounce_param_set, &instance->source, &params,
			instance->pool, &error))
			fatal(EX_CONFIG, "%s", error.text);
		path = params.bounce_template_file;
	}
	*set = template_builtin;
	if (path[0] != '\0' &&
	    !wording_read(set, path, &instance->source, instance->pool, &error))
		fatal(EX_CONFIG, "%s", error.text);
}

int
main(int argc, char **argv)
{
	const char *directory = NULL;
	bool is_expanded = false;
	struct instance instance;
	struct template_set set;
	struct error error;
	int option;

	fatal_set_report(report);
	while ((option = getopt(argc, argv, "bc:t")) != -1) {
		if (option == '?')
			return EX_USAGE;
		if (option == 'c')
			directory = optarg;
		else
			is_expanded = option == 'b';
	}
	if (!instance_open(&instance, directory, "bounce", &error))
		fatal(EX_CONFIG, "%s", error.text);
	read_set(&instance, argv[optind], &set);
	show(&instance, &set, is_expanded);
	instance_close(&instance);
	return EXIT_SUCCESS;
}
