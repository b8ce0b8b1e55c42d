/* SPDX-License-Identifier: MIT */
#include "lib/mail/content_extent.h"

#include "lib/mail/line_scan.h"

/* Eight bytes a step: this runs over every byte of every message. */
static bool
has_high_byte(struct span bytes)
{
	uint64_t seen = 0;
	size_t i = 0;

	for (; i + sizeof seen <= bytes.len; i += sizeof seen) {
		uint64_t word;

		memcpy(&word, bytes.at + i, sizeof word);
		seen |= word;
	}
	for (; i < bytes.len; i++)
		seen |= (unsigned char)bytes.at[i];
	return (seen & UINT64_C(0x8080808080808080)) != 0;
}

static void
grow_line(struct content_extent *extent, uint64_t len)
{
	extent->open_line += len;
	if (extent->longest_line < extent->open_line)
		extent->longest_line = extent->open_line;
}

static void
end_line(struct content_extent *extent)
{
	extent->lines++;
	extent->open_line = 0;
}

/* The run before ended in CR, which open_line does not count as text. */
static struct span
close_cr(struct content_extent *extent, struct span bytes)
{
	extent->open_cr = false;
	if (bytes.at[0] == '\n') {
		end_line(extent);
		return span_skip(bytes, 1);
	}
	extent->bare = true;
	grow_line(extent, 0);
	return bytes;
}

static void
add_event(struct content_extent *extent, enum line_scan_event event)
{
	switch (event) {
	case LINE_SCAN_CRLF:
		end_line(extent);
		break;
	case LINE_SCAN_CR:
	case LINE_SCAN_LF:
		extent->bare = true;
		grow_line(extent, 1);
		break;
	case LINE_SCAN_OPEN_CR:
		extent->open_cr = true;
		extent->open_line++;
		break;
	case LINE_SCAN_REST:
		break;
	}
}

void
content_extent_add(struct content_extent *extent, struct span bytes)
{
	struct line_scan scan;

	if (bytes.len == 0)
		return;
	extent->size += bytes.len;
	if (!extent->eight_bit)
		extent->eight_bit = has_high_byte(bytes);
	if (!extent->nul)
		extent->nul = span_find(bytes, '\0') < bytes.len;
	if (extent->open_cr)
		bytes = close_cr(extent, bytes);
	scan = line_scan_start(bytes);
	while (scan.at < scan.end) {
		bool is_dot = extent->open_line == 0 && *scan.at == '.';
		size_t len;
		enum line_scan_event event = line_scan_next(&scan, &len);

		if (is_dot)
			extent->leading_dot = true;
		grow_line(extent, len);
		add_event(extent, event);
	}
}
