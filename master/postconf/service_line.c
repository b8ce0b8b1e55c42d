/* SPDX-License-Identifier: MIT */
#include "master/postconf/service_line.h"

#include "lib/base/text.h"
#include "lib/param/config.h"
#include "lib/param/word_list.h"

#define WORD_MAXIMUM (1024 * 1024)

static const struct {
	const char *name;
	size_t position; /* where a stock master.cf has it */
} fields[] = {
    [SERVICE_NAME] = {"service", 0},
    [SERVICE_TYPE] = {"type", 11},
    [SERVICE_PRIVATE] = {"private", 17},
    [SERVICE_UNPRIVILEGED] = {"unprivileged", 25},
    [SERVICE_CHROOT] = {"chroot", 33},
    [SERVICE_WAKEUP] = {"wakeup", 41},
    [SERVICE_PROCESS_LIMIT] = {"process_limit", 49},
    [SERVICE_COMMAND] = {"command", 57},
};

const char *
service_line_field_name(enum service_field field)
{
	return fields[field].name;
}

enum service_field
service_line_find_field(struct span name)
{
	size_t field = 0;

	while (field < SERVICE_FIELD_COUNT &&
	    !span_equal(name, span_text(fields[field].name)))
		field++;
	return (enum service_field)field;
}

bool
service_line_split(struct span text, struct service_line *line)
{
	for (size_t i = 0; i < SERVICE_COMMAND; i++)
		if (!word_list_next_argument(&text, &line->field[i]))
			return false;
	line->field[SERVICE_COMMAND] = span_trim(text);
	return line->field[SERVICE_COMMAND].len > 0;
}

/* What the words so far say about the next one. */
enum {
	STATE_PROGRAM,
	STATE_OPTIONS,
	STATE_OTHERS
};

static bool
take_option(struct span word, struct span *rest, struct service_word *option)
{
	struct span setting = span_skip(word, 2);

	if (!span_starts(word, SPAN("-o")))
		return false;
	if (setting.len == 0 && !word_list_next_argument(rest, &setting))
		return false;
	word_list_group(setting, &setting);
	if (!config_split(setting, &option->name, &option->value))
		return false;
	option->kind = SERVICE_WORD_OPTION;
	return true;
}

bool
service_line_next(struct span *rest, unsigned *state, struct service_word *word)
{
	*word = (struct service_word){.kind = SERVICE_WORD_OTHER};
	if (!word_list_next_argument(rest, &word->text))
		return false;
	if (*state == STATE_PROGRAM) {
		*state = STATE_OPTIONS;
		return true;
	}
	if (*state == STATE_OPTIONS && word->text.at[0] == '-') {
		if (!take_option(word->text, rest, word))
			word->kind = SERVICE_WORD_FLAG;
		return true;
	}
	*state = STATE_OTHERS;
	word_list_group(word->text, &word->text);
	return true;
}

static bool
has_space(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text_is_space(text.at[i]))
			return true;
	return false;
}

/* With braces if it would be several words, or none, without. */
static void
append_grouped(struct buf *out, struct span text)
{
	bool grouped = text.len == 0 || has_space(text);

	buf_append_text(out, grouped ? "{" : "");
	buf_append_span(out, text);
	buf_append_text(out, grouped ? "}" : "");
}

/* The text of a word; `expansion` may be NULL. */
static void
append_text(const struct service_word *word,
    const struct service_expansion *expansion, struct buf *out)
{
	struct buf setting;

	if (word->kind != SERVICE_WORD_OPTION) {
		append_grouped(out, word->text);
		return;
	}
	buf_init(&setting, WORD_MAXIMUM);
	buf_append_span(&setting, word->name);
	buf_append_byte(&setting, '=');
	if (expansion == NULL)
		buf_append_span(&setting, word->value);
	else
		expansion->append(
		    expansion->argument, word->name, word->value, &setting);
	buf_append_text(out, "-o ");
	append_grouped(out, buf_span(&setting));
	buf_finish(&setting);
}

void
service_line_append_word(struct buf *out, const struct service_word *word)
{
	if (out->len > 0)
		buf_append_byte(out, ' ');
	append_text(word, NULL, out);
}

void
service_line_append_command(struct span command,
    const struct service_expansion *expansion, struct output_line *line)
{
	enum service_word_kind before = SERVICE_WORD_OTHER;
	struct service_word word;
	unsigned state = STATE_PROGRAM;
	struct buf text;

	buf_init(&text, WORD_MAXIMUM);
	while (service_line_next(&command, &state, &word)) {
		buf_clear(&text);
		append_text(&word, expansion, &text);
		output_word(line, buf_span(&text),
		    word.kind == SERVICE_WORD_OPTION ||
			before == SERVICE_WORD_OPTION);
		before = word.kind;
	}
	buf_finish(&text);
}

void
service_line_append(const struct service_line *line,
    const struct service_expansion *expansion, bool is_folded, struct buf *out)
{
	struct output_line text = {
	    out, is_folded ? OUTPUT_SERVICE_WIDTH : 0, 0};

	for (size_t i = 0; i < SERVICE_COMMAND; i++) {
		buf_append_span(out, line->field[i]);
		text.width += line->field[i].len;
		/* output_word puts one more before the command. */
		while (text.width + 1 < fields[i + 1].position) {
			buf_append_byte(out, ' ');
			text.width++;
		}
		if (i + 1 < SERVICE_COMMAND) {
			buf_append_byte(out, ' ');
			text.width++;
		}
	}
	service_line_append_command(
	    line->field[SERVICE_COMMAND], expansion, &text);
	buf_append_byte(out, '\n');
}
