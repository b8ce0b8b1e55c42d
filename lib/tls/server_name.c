/* SPDX-License-Identifier: MIT */
#include "lib/tls/server_name.h"

#include "lib/base/text.h"

enum {
	LABEL_MAXIMUM = 63
};

static bool
is_name_byte(char byte)
{
	return text_is_alphanumeric(byte) || byte == '-' || byte == '_';
}

static bool
is_label(struct span label)
{
	if (label.len == 0 || label.len > LABEL_MAXIMUM || label.at[0] == '-' ||
	    label.at[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++)
		if (!is_name_byte(label.at[i]))
			return false;
	return true;
}

bool
server_name_parse(
    struct span text, char name[SERVER_NAME_SIZE], struct span *span)
{
	struct span rest = text;
	struct span label;
	bool more = true;

	if (text.len >= SERVER_NAME_SIZE)
		return false;
	while (more) {
		more = span_split(rest, '.', &label, &rest);
		if (!is_label(label))
			return false;
	}
	memcpy(name, text.at, text.len);
	name[text.len] = '\0';
	text_fold(name, text.len);
	*span = span_of(name, text.len);
	return true;
}

bool
server_name_widen(struct span *name)
{
	struct span rest = span_skip(*name, 1);
	size_t dot = span_find(rest, '.');

	*name = span_skip(rest, dot);
	return name->len > 0;
}

bool
server_name_offers_smtp(struct span list, struct span *smtp)
{
	bool found = false;

	while (list.len > 0) {
		size_t len = (unsigned char)list.at[0];

		list = span_skip(list, 1);
		if (len == 0 || len > list.len)
			return false;
		if (!found && span_equal(span_head(list, len), SPAN("smtp"))) {
			*smtp = span_head(list, len);
			found = true;
		}
		list = span_skip(list, len);
	}
	return found;
}
