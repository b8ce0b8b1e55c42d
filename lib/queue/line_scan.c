/* SPDX-License-Identifier: MIT */
#include "lib/queue/line_scan.h"

static bool
has_8bit(struct span bytes)
{
	uint64_t high = 0;

	for (; bytes.len >= sizeof high;
	     bytes = span_skip(bytes, sizeof high)) {
		uint64_t word;

		memcpy(&word, bytes.at, sizeof word);
		high |= word;
	}
	for (size_t i = 0; i < bytes.len; i++)
		high |= (unsigned char)bytes.at[i];
	return (high & UINT64_C(0x8080808080808080)) != 0;
}

static void
note_length(struct line_scan *scan, uint64_t length)
{
	uint32_t shown = length < UINT32_MAX ? (uint32_t)length : UINT32_MAX;

	if (shown > scan->longest_line)
		scan->longest_line = shown;
}

/* `piece` has no LF and is not empty. */
static void
add_piece(struct line_scan *scan, struct span piece)
{
	if (scan->line == 0 && piece.at[0] == '.')
		scan->flags |= PART_LEADING_DOT;
	scan->line += piece.len;
	scan->cr = piece.at[piece.len - 1] == '\r';
	scan->open = true;
}

static void
end_line(struct line_scan *scan)
{
	note_length(scan, scan->line - (scan->cr ? 1 : 0));
	scan->open = !scan->cr;
	scan->line = 0;
	scan->cr = false;
}

void
line_scan_add(struct line_scan *scan, struct span bytes)
{
	if (has_8bit(bytes))
		scan->flags |= PART_8BIT;
	if (span_find(bytes, '\0') != bytes.len)
		scan->flags |= PART_NUL;
	while (bytes.len > 0) {
		size_t end = span_find(bytes, '\n');

		if (end > 0)
			add_piece(scan, span_head(bytes, end));
		if (end < bytes.len)
			end_line(scan);
		bytes = span_skip(bytes, end + 1);
	}
}

void
line_scan_end(const struct line_scan *scan, struct part *part)
{
	struct line_scan last = *scan;

	note_length(&last, last.line - (last.cr ? 1 : 0));
	part->longest_line = last.longest_line;
	part->flags = last.flags | (last.open ? 0 : PART_FINAL_CRLF);
}
