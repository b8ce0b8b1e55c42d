/* SPDX-License-Identifier: MIT */
#include "lib/daemon/transcript.h"

#include "lib/base/text.h"

enum {
	TEXT_WIDTH = 76,
	INDENT = 6 /* of what follows " In: " */
};

void
transcript_init(struct transcript *transcript, unsigned wanted)
{
	*transcript = (struct transcript){.wanted = wanted};
	buf_init(&transcript->text, TRANSCRIPT_MAXIMUM);
}

void
transcript_finish(struct transcript *transcript)
{
	buf_finish(&transcript->text);
}

/* A line, broken where it is too long for a text. */
static void
add(struct transcript *transcript, const char *who, struct span line)
{
	struct buf *text = &transcript->text;
	struct buf printable;
	struct span rest;

	if (transcript->wanted == 0 || text->overflowed)
		return;
	buf_init(&printable, TRANSCRIPT_MAXIMUM);
	text_append_printable(&printable, line);
	for (size_t i = 0; i < printable.len; i++)
		if (!text_is_printable(printable.at[i]))
			printable.at[i] = '?';
	rest = buf_span(&printable);
	buf_append_text(text, who);
	do {
		struct span head = span_head(rest, TEXT_WIDTH - INDENT);

		buf_append_span(text, head);
		rest = span_skip(rest, head.len);
		buf_append_text(text, rest.len > 0 ? "\r\n      " : "\r\n");
	} while (rest.len > 0);
	buf_finish(&printable);
}

void
transcript_add_in(struct transcript *transcript, struct span line)
{
	add(transcript, " In:  ", line);
}

void
transcript_add_out(struct transcript *transcript, struct span lines)
{
	struct span line;

	while (span_take_word(&lines, "\r\n", &line))
		add(transcript, " Out: ", line);
}

void
transcript_note(struct transcript *transcript, unsigned classes)
{
	transcript->happened |= classes & transcript->wanted;
}

void
transcript_forget(struct transcript *transcript)
{
	if (transcript->happened == 0)
		transcript_clear(transcript);
}

void
transcript_clear(struct transcript *transcript)
{
	transcript->happened = 0;
	buf_clear(&transcript->text);
	buf_finish(&transcript->text);
}
