/* SPDX-License-Identifier: MIT */
#include "lib/tls/pem.h"

static const struct span begin = {"-----BEGIN ", 11};
static const struct span end = {"-----END ", 9};
static const struct span dashes = {"-----", 5};

/* The label of a line that is `start`, label, dashes; empty when it is none. */
static struct span
label_of(struct span line, struct span start)
{
	line = span_trim(line);
	if (!span_starts(line, start) || !span_ends(line, dashes) ||
	    line.len < start.len + dashes.len)
		return SPAN_EMPTY;
	return span_of(line.at + start.len, line.len - start.len - dashes.len);
}

static enum pem_step
find_end(struct span *rest, struct pem_block *block)
{
	struct span line;

	while (rest->len > 0) {
		span_split(*rest, '\n', &line, rest);
		if (span_starts(span_trim(line), begin))
			return PEM_STEP_BROKEN;
		if (!span_starts(span_trim(line), end))
			continue;
		if (!span_equal(label_of(line, end), block->label))
			return PEM_STEP_BROKEN;
		block->text.len = (size_t)(line.at - block->text.at) + line.len;
		return PEM_STEP_BLOCK;
	}
	return PEM_STEP_BROKEN;
}

enum pem_step
pem_next(struct span *rest, struct pem_block *block)
{
	struct span line;

	while (rest->len > 0) {
		span_split(*rest, '\n', &line, rest);
		block->label = label_of(line, begin);
		block->text = line;
		if (block->label.len > 0)
			return find_end(rest, block);
	}
	return PEM_STEP_END;
}

bool
pem_is_certificate(const struct pem_block *block)
{
	return span_equal(block->label, SPAN("CERTIFICATE")) ||
	    span_equal(block->label, SPAN("X509 CERTIFICATE")) ||
	    span_equal(block->label, SPAN("TRUSTED CERTIFICATE"));
}

bool
pem_is_key(const struct pem_block *block)
{
	return span_ends(block->label, SPAN("PRIVATE KEY"));
}
