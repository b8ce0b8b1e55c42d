/* SPDX-License-Identifier: MIT */
#include "lib/route/masquerade.h"

#include "lib/param/word_list.h"

static bool
is_above(struct span parent, struct span domain)
{
	return parent.len > 0 && domain.len > parent.len &&
	    span_ends_fold(domain, parent) &&
	    domain.at[domain.len - parent.len - 1] == '.';
}

struct span
masquerade_domain(struct span list, struct span domain)
{
	struct span word;

	while (word_list_next(&list, &word)) {
		bool shortens = true;

		for (; span_starts(word, SPAN("!")); word = span_skip(word, 1))
			shortens = !shortens;
		if (is_above(word, domain))
			return shortens
			    ? span_skip(domain, domain.len - word.len)
			    : domain;
		if (span_equal_fold(word, domain))
			break;
	}
	return domain;
}
