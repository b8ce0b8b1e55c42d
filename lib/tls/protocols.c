/* SPDX-License-Identifier: MIT */
#include "lib/tls/protocols.h"

/* The rank counts from SSLv2 on. */
static const char *const names[] = {
    "SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};

enum {
	NEVER_SPOKEN = 2 /* ranks */
};

/* A list while it is read, as bits of ranks. */
struct choice {
	unsigned named;
	unsigned excluded;
	unsigned bounds;
};

static bool
find_rank(struct span name, unsigned *rank)
{
	for (unsigned i = 0; i < COUNT_OF(names); i++)
		if (span_equal_fold(name, span_text(names[i]))) {
			*rank = i;
			return true;
		}
	return false;
}

static void
name_one(struct choice *choice, unsigned rank)
{
	choice->named |= 1U << rank;
}

static void
exclude(struct choice *choice, unsigned rank)
{
	choice->excluded |= 1U << rank;
}

static void
bound_below(struct choice *choice, unsigned rank)
{
	choice->bounds &= ~((1U << rank) - 1);
}

static void
bound_above(struct choice *choice, unsigned rank)
{
	choice->bounds &= (2U << rank) - 1;
}

static const struct {
	struct span mark;
	void (*take)(struct choice *choice, unsigned rank);
} marks[] = {
    {{"!", 1}, exclude},
    {{">=", 2}, bound_below},
    {{"<=", 2}, bound_above},
    {{"", 0}, name_one},
};

static bool
take_word(struct choice *choice, struct span word, struct error *error)
{
	unsigned rank;
	size_t i = 0;

	while (!span_starts(word, marks[i].mark))
		i++;
	if (!find_rank(span_skip(word, marks[i].mark.len), &rank))
		return error_set(error, ERROR_INVALID,
		    "\"%.*s\": expected a version such as TLSv1.2, after "
		    "\"!\", \">=\", \"<=\" or nothing",
		    SPAN_ARGS(span_head(word, 40)));
	marks[i].take(choice, rank);
	return true;
}

bool
protocols_parse(struct span list, unsigned *set, struct error *error)
{
	struct choice choice = {.bounds = ~0U};
	struct span rest = list;
	struct span word;

	while (span_take_word(&rest, " \t\r\n,:", &word))
		if (!take_word(&choice, word, error))
			return false;
	if (choice.named == 0)
		choice.named = ~0U;
	*set = ((choice.named & ~choice.excluded & choice.bounds) >>
		   NEVER_SPOKEN) &
	    PROTOCOLS_ALL;
	return *set != 0 ||
	    error_set(error, ERROR_INVALID, "\"%.*s\" leaves no version of TLS",
		SPAN_ARGS(span_head(list, 80)));
}

enum protocol
protocols_oldest(unsigned set)
{
	unsigned protocol = 0;

	while ((set & 1U << protocol) == 0)
		protocol++;
	return (enum protocol)protocol;
}

enum protocol
protocols_newest(unsigned set)
{
	unsigned protocol = PROTOCOL_COUNT - 1;

	while ((set & 1U << protocol) == 0)
		protocol--;
	return (enum protocol)protocol;
}
