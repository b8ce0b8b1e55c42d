/* SPDX-License-Identifier: MIT */
#include "lib/table/query_template.h"

#include "lib/base/text.h"

static struct span
local_part(struct span address)
{
	return span_head(address, span_find_last(address, '@'));
}

static struct span
domain_part(struct span address)
{
	return span_skip(address, span_find_last(address, '@') + 1);
}

/* The label that is `number` from the end, 1 being the last; empty: none. */
static struct span
label_from_end(struct span domain, int number)
{
	size_t dot = domain.len;

	for (int i = 1; i <= number; i++) {
		domain = span_head(domain, dot);
		dot = span_find_last(domain, '.');
		if (dot == domain.len)
			return i == number ? domain : SPAN_EMPTY;
	}
	return span_skip(domain, dot + 1);
}

/* False: there is no such letter. */
static bool
part_of(char letter, const struct query_values *values, struct span *part)
{
	bool of_value = values->has_value && letter >= 'a' && letter <= 'z';
	struct span source = of_value ? values->value : values->key;

	if (letter >= '1' && letter <= '9') {
		*part = label_from_end(domain_part(values->key), letter - '0');
		return true;
	}
	switch (text_lower(letter)) {
	case 's':
		*part = source;
		return true;
	case 'u':
		*part = local_part(source);
		return true;
	case 'd':
		*part = domain_part(source);
		return true;
	default:
		return false;
	}
}

enum query_template_result
query_template_expand(struct span text, const struct query_values *values,
    void (*quote)(struct buf *out, struct span part), struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		struct span part;

		if (text.at[i] != '%') {
			(void)buf_append_byte(out, text.at[i]);
			continue;
		}
		if (++i == text.len)
			return QUERY_TEMPLATE_BAD;
		if (text.at[i] == '%') {
			(void)buf_append_byte(out, '%');
			continue;
		}
		if (!part_of(text.at[i], values, &part))
			return QUERY_TEMPLATE_BAD;
		if (part.len == 0)
			return QUERY_TEMPLATE_NOTHING;
		if (quote != NULL)
			quote(out, part);
		else
			(void)buf_append_span(out, part);
	}
	return out->overflowed ? QUERY_TEMPLATE_BAD : QUERY_TEMPLATE_DONE;
}
