/* SPDX-License-Identifier: MIT */
#include "lib/net/dns_name.h"

enum {
	LABEL_MAXIMUM = 63,
	POINTER_MARK =
	    0xc0, /* the two highest bits of a pointer's first byte */
};

bool
dns_name_write(struct buf *out, struct span name)
{
	struct span label;
	bool more;

	if (span_ends(name, SPAN(".")))
		name = span_head(name, name.len - 1);
	else if (name.len == 0)
		return false;
	if (name.len > DNS_NAME_MAXIMUM)
		return false;
	for (more = name.len > 0; more;) {
		more = span_split(name, '.', &label, &name);
		if (label.len == 0 || label.len > LABEL_MAXIMUM ||
		    !buf_append_byte(out, (char)label.len) ||
		    !buf_append_span(out, label))
			return false;
	}
	return buf_append_byte(out, 0);
}

static bool
is_odd(char byte)
{
	return byte <= ' ' || byte > '~' || byte == '.' || byte == '\\';
}

/* Adds one label, and a dot before it unless it is the first. */
static bool
add_label(struct dns_name *name, struct span label)
{
	if (name->len + (name->len > 0) + label.len > DNS_NAME_MAXIMUM)
		return false;
	if (name->len > 0)
		name->text[name->len++] = '.';
	for (size_t i = 0; i < label.len; i++) {
		bool odd = is_odd(label.at[i]);

		name->odd = name->odd || odd;
		name->text[name->len++] = odd ? '?' : label.at[i];
	}
	return true;
}

bool
dns_name_read(struct span message, size_t *position, struct dns_name *name)
{
	/* A pointer leads to before the run of labels that it ends. So each
	 * run lies before the last one, and there is no loop. */
	size_t run = *position;
	size_t at = *position;
	bool jumped = false;

	name->len = 0;
	name->odd = false;
	while (at < message.len) {
		uint8_t byte = (uint8_t)message.at[at++];
		size_t target;

		if (byte <= LABEL_MAXIMUM) {
			struct span label =
			    span_head(span_skip(message, at), byte);

			at += byte;
			if (label.len < byte ||
			    (byte > 0 && !add_label(name, label)))
				return false;
			if (byte > 0)
				continue;
			name->text[name->len] = '\0';
			if (!jumped)
				*position = at;
			return true;
		}
		if (byte < POINTER_MARK || at == message.len)
			return false;
		target = (size_t)(byte - POINTER_MARK) << 8 |
		    (uint8_t)message.at[at++];
		if (target >= run)
			return false;
		if (!jumped)
			*position = at;
		jumped = true;
		run = at = target;
	}
	return false;
}
