/* SPDX-License-Identifier: MIT */
#include "pickup/sendmail/recipients.h"

#include "lib/mail/address_list.h"
#include "lib/mail/header.h"

void
recipients_init(struct recipients *recipients, struct pool *pool)
{
	recipients->pool = pool;
	buf_init(&recipients->list, RECIPIENTS_MAXIMUM * sizeof(struct span));
}

void
recipients_finish(struct recipients *recipients)
{
	buf_finish(&recipients->list);
}

bool
recipients_add_list(
    struct recipients *recipients, struct span text, struct error *error)
{
	struct address_list list;
	struct address_list_entry entry;
	enum address_list_result result;

	address_list_init(&list, text, RECIPIENTS_MAXIMUM);
	while ((result = address_list_next(&list, recipients->pool, &entry,
		    error)) == ADDRESS_LIST_FOUND) {
		struct span address = entry.address.text;

		if (address.len == 0)
			return error_set(error, ERROR_INVALID,
			    "the null address is no recipient");
		if (!buf_append(&recipients->list, &address, sizeof address))
			return error_set(
			    error, ERROR_LIMIT, "too many recipients");
	}
	if (result == ADDRESS_LIST_BAD)
		return error_prefix(error, "bad recipient address %.*s",
		    SPAN_ARGS(span_head(entry.source, 64)));
	return result == ADDRESS_LIST_END;
}

static const struct {
	const char *name;
	bool has_recipients;
	bool resent;
} fields[] = {
    {"To", true, false},
    {"Cc", true, false},
    {"Bcc", true, false},
    {"Resent-To", true, true},
    {"Resent-Cc", true, true},
    {"Resent-Bcc", true, true},
    {"Resent-From", false, true},
    {"Resent-Sender", false, true},
    {"Resent-Date", false, true},
    {"Resent-Message-ID", false, true},
    {"Resent-Reply-To", false, true},
};

/* The next field of *rest that is in the table; its row, or COUNT_OF. A line
 * that is no field is where readers see the header end. */
static size_t
next_field(struct span *rest, struct header_field *field)
{
	while (header_next(rest, field) && field->name.len > 0)
		for (size_t i = 0; i < COUNT_OF(fields); i++)
			if (span_equal_fold(
				field->name, span_text(fields[i].name)))
				return i;
	return COUNT_OF(fields);
}

bool
recipients_add_header(
    struct recipients *recipients, struct span header, struct error *error)
{
	struct header_field field;
	struct span rest = header;
	bool resent = false;
	size_t i;

	while ((i = next_field(&rest, &field)) < COUNT_OF(fields))
		resent |= fields[i].resent;
	rest = header;
	while ((i = next_field(&rest, &field)) < COUNT_OF(fields))
		if (fields[i].has_recipients && fields[i].resent == resent &&
		    !recipients_add_list(recipients, field.value, error))
			return error_prefix(error, "%s", fields[i].name);
	return true;
}

size_t
recipients_count(const struct recipients *recipients)
{
	return recipients->list.len / sizeof(struct span);
}

struct span
recipients_at(const struct recipients *recipients, size_t i)
{
	struct span address;

	must(i < recipients_count(recipients));
	memcpy(
	    &address, recipients->list.at + i * sizeof address, sizeof address);
	return address;
}
