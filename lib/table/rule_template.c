/* SPDX-License-Identifier: MIT */
#include "lib/table/rule_template.h"

#include "lib/base/number.h"
#include "lib/base/text.h"

enum {
	GROUP_MAXIMUM = 99
};

struct rule_template_piece {
	const struct rule_template_piece *next;
	struct span literal;
	unsigned group; /* 0: the literal */
};

/* The name behind a '$', and where the text goes on. */
static bool
take_name(struct span *rest, struct span *name)
{
	char close = rest->len == 0 ? '\0'
	    : rest->at[0] == '{'    ? '}'
	    : rest->at[0] == '('    ? ')'
				    : '\0';
	size_t len = 0;

	if (close != '\0')
		return span_split(span_skip(*rest, 1), close, name, rest);
	while (len < rest->len &&
	    (text_is_alphanumeric(rest->at[len]) || rest->at[len] == '_'))
		len++;
	*name = span_head(*rest, len);
	*rest = span_skip(*rest, len);
	return true;
}

static bool
take_group(struct span *rest, unsigned *group, struct error *error)
{
	struct span name;
	uint64_t number;

	if (!take_name(rest, &name) ||
	    !number_parse(name, GROUP_MAXIMUM, &number) || number == 0)
		return error_set(error, ERROR_INVALID,
		    "expected $$, or $ and the number of a group (1 to %d)",
		    GROUP_MAXIMUM);
	*group = (unsigned)number;
	return true;
}

/* Takes a literal or a group from the front of *rest. */
static bool
take_piece(
    struct span *rest, struct rule_template_piece *piece, struct error *error)
{
	if (rest->at[0] != '$') {
		piece->literal = span_head(*rest, span_find(*rest, '$'));
		*rest = span_skip(*rest, piece->literal.len);
		return true;
	}
	*rest = span_skip(*rest, 1);
	if (rest->len > 0 && rest->at[0] == '$') {
		piece->literal = SPAN("$");
		*rest = span_skip(*rest, 1);
		return true;
	}
	return take_group(rest, &piece->group, error);
}

bool
rule_template_parse(struct span text, struct pool *pool,
    struct rule_template *template, struct error *error)
{
	const struct rule_template_piece **next = &template->first;

	*template = (struct rule_template){.highest = 0};
	must(pool_copy_span(pool, text, &text));
	while (text.len > 0) {
		struct rule_template_piece *piece =
		    pool_alloc_fitting(pool, sizeof *piece);

		if (!take_piece(&text, piece, error))
			return false;
		if (piece->group > template->highest)
			template->highest = piece->group;
		*next = piece;
		next = &piece->next;
	}
	return true;
}

void
rule_template_literal(
    struct span text, struct pool *pool, struct rule_template *template)
{
	struct rule_template_piece *piece =
	    pool_alloc_fitting(pool, sizeof *piece);

	must(pool_copy_span(pool, text, &piece->literal));
	*template = (struct rule_template){.first = piece};
}

void
rule_template_expand(const struct rule_template *template,
    const struct span *groups, struct buf *out)
{
	for (const struct rule_template_piece *piece = template->first;
	     piece != NULL; piece = piece->next)
		(void)buf_append_span(out,
		    piece->group == 0 ? piece->literal
				      : groups[piece->group - 1]);
}
