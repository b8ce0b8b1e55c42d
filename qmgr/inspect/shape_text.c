/* SPDX-License-Identifier: MIT */
#include "qmgr/inspect/shape_text.h"

#include "lib/base/text.h"

enum {
	MINUTE = 60,
	NUMBER_WIDTH = 5, /* longer ones are shortened: 12345, 123k */
	CHART_LABEL = 12,
	CHART_NUMBER = 8,
	EIGHTHS = 8,
	DOMAIN_SIZE = 1024,
	DOMAIN_WIDTH_MINIMUM = 10 /* many long ages make longer lines */
};

void
shape_number(uint64_t number, size_t width, char text[SHAPE_NUMBER_SIZE])
{
	static const char units[] = " kMGTPE";
	size_t unit = 0;
	int len = snprintf(
	    text, SHAPE_NUMBER_SIZE, "%llu", (unsigned long long)number);

	while ((size_t)len > width && units[unit + 1] != '\0') {
		number /= 1000;
		unit++;
		len = snprintf(text, SHAPE_NUMBER_SIZE, "%llu%c",
		    (unsigned long long)number, units[unit]);
	}
}

/* ---- the table ---- */

/* Columns of numbers are as wide as what stands in them, with a space before
 * it; the first is for the sum. */
struct layout {
	int domain;
	int columns[SHAPE_AGES_MAXIMUM + 1];
};

static void
format_label(const struct shape *shape, size_t column, char *text)
{
	size_t last = shape->ages.count - 1;
	size_t age = column - 1;
	long long minutes = (long long)(shape_age_end(&shape->ages,
					    age < last ? age : last - 1) /
	    MINUTE);

	if (column == 0)
		snprintf(text, SHAPE_NUMBER_SIZE, "T");
	else
		snprintf(text, SHAPE_NUMBER_SIZE, "%lld%s", minutes,
		    age == last ? "+" : "");
}

static uint64_t
number_in(const struct shape_row *row, size_t column)
{
	return column == 0 ? row->total : row->by_age[column - 1];
}

/* No number of a column is larger than that of the sum. */
static struct layout
lay_out(const struct shape *shape)
{
	struct layout layout = {.domain = SHAPE_TEXT_WIDTH};

	for (size_t i = 0; i <= shape->ages.count; i++) {
		char label[SHAPE_NUMBER_SIZE], number[SHAPE_NUMBER_SIZE];
		size_t width;

		format_label(shape, i, label);
		shape_number(number_in(shape->total, i), NUMBER_WIDTH, number);
		width = strlen(label) > strlen(number) ? strlen(label)
						       : strlen(number);
		layout.columns[i] = (int)width + 1;
		layout.domain -= layout.columns[i];
	}
	if (layout.domain < DOMAIN_WIDTH_MINIMUM)
		layout.domain = DOMAIN_WIDTH_MINIMUM;
	return layout;
}

/* Of UTF-8. */
static bool
starts_character(char byte)
{
	return ((unsigned char)byte & 0xc0) != 0x80;
}

/* Each character is taken to have one column. */
static size_t
count_columns(struct span text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += starts_character(text.at[i]);
	return count;
}

/* Its end says more than its start. */
static void
append_domain(struct buf *out, const char *domain, size_t width)
{
	struct buf text;
	struct span shown;

	buf_init(&text, DOMAIN_SIZE);
	text_append_printable(&text, span_text(domain));
	shown = buf_span(&text);
	if (count_columns(shown) > width) {
		while (count_columns(shown) > width - 2 ||
		    !starts_character(shown.at[0]))
			shown = span_skip(shown, 1);
		buf_printf(out, "..%.*s", SPAN_ARGS(shown));
	} else {
		buf_printf(out, "%*s%.*s", (int)(width - count_columns(shown)),
		    "", SPAN_ARGS(shown));
	}
	buf_finish(&text);
}

static void
append_row(struct buf *out, const struct shape *shape,
    const struct layout *layout, const struct shape_row *row)
{
	append_domain(out, row->domain, (size_t)layout->domain);
	for (size_t i = 0; i <= shape->ages.count; i++) {
		char number[SHAPE_NUMBER_SIZE];

		shape_number(
		    number_in(row, i), (size_t)layout->columns[i] - 1, number);
		buf_printf(out, "%*s", layout->columns[i], number);
	}
	buf_append_byte(out, '\n');
}

static void
append_labels(
    struct buf *out, const struct shape *shape, const struct layout *layout)
{
	buf_printf(out, "%*s", layout->domain, "");
	for (size_t i = 0; i <= shape->ages.count; i++) {
		char label[SHAPE_NUMBER_SIZE];

		format_label(shape, i, label);
		buf_printf(out, "%*s", layout->columns[i], label);
	}
	buf_append_byte(out, '\n');
}

static void
add_row(struct shape_row *sum, const struct shape_row *row)
{
	sum->total += row->total;
	for (size_t i = 0; i < SHAPE_AGES_MAXIMUM; i++)
		sum->by_age[i] += row->by_age[i];
}

void
shape_table(const struct shape *shape, size_t rows, struct buf *out)
{
	struct layout layout = lay_out(shape);
	size_t count;
	const struct shape_row **sorted = shape_sort(shape, &count);
	size_t shown = rows < count ? rows : count;

	char name[64];
	struct shape_row rest = {.domain = name};

	append_labels(out, shape, &layout);
	append_row(out, shape, &layout, shape->total);
	for (size_t i = 0; i < shown; i++)
		append_row(out, shape, &layout, sorted[i]);
	for (size_t i = shown; i < count; i++)
		add_row(&rest, sorted[i]);
	add_row(&rest, shape->others);
	snprintf(name, sizeof name, "(%zu%s others)", count - shown,
	    shape->has_others ? "+" : "");
	if (rest.total > 0)
		append_row(out, shape, &layout, &rest);
	free(sorted);
}

/* ---- the chart ---- */

/* U+2588 is a full block; U+2589 to U+258F are seven to one eighths. */
static void
append_blocks(struct buf *out, uint64_t eighths)
{
	for (; eighths >= EIGHTHS; eighths -= EIGHTHS)
		buf_append_text(out, "\xe2\x96\x88");
	if (eighths > 0)
		buf_printf(
		    out, "\xe2\x96%c", (char)(0x88 + EIGHTHS - (int)eighths));
}

static void
append_bar(struct buf *out, uint64_t number, uint64_t largest, bool unicode)
{
	uint64_t width =
	    SHAPE_TEXT_WIDTH - CHART_LABEL - CHART_NUMBER - sizeof " ";
	uint64_t eighths = number * width * EIGHTHS / largest;

	if (number > 0 && eighths == 0)
		eighths = 1;
	if (unicode) {
		append_blocks(out, eighths);
		return;
	}
	for (; eighths > 0; eighths -= eighths < EIGHTHS ? eighths : EIGHTHS)
		buf_append_byte(out, '#');
}

static void
append_age(struct buf *out, const struct shape *shape, size_t age,
    uint64_t largest, bool unicode)
{
	size_t last = shape->ages.count - 1;
	uint64_t number = shape->total->by_age[age];
	char label[SHAPE_NUMBER_SIZE], text[SHAPE_NUMBER_SIZE];

	snprintf(label, sizeof label, "%s %lld min", age == last ? ">=" : "<",
	    (long long)(shape_age_end(
			    &shape->ages, age < last ? age : last - 1) /
		MINUTE));
	shape_number(number, CHART_NUMBER - 1, text);
	buf_printf(out, "%*s %s", CHART_LABEL - 1, label,
	    unicode ? "\xe2\x94\x82" : "|");
	append_bar(out, number, largest, unicode);
	buf_printf(out, " %s\n", text);
}

void
shape_chart(const struct shape *shape, bool unicode, struct buf *out)
{
	uint64_t largest = 1;

	for (size_t i = 0; i < shape->ages.count; i++)
		if (shape->total->by_age[i] > largest)
			largest = shape->total->by_age[i];
	for (size_t i = 0; i < shape->ages.count; i++)
		append_age(out, shape, i, largest, unicode);
}
