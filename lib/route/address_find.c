/* SPDX-License-Identifier: MIT */
#include "lib/route/address_find.h"

#include "lib/mail/mail_address.h"
#include "lib/net/idna.h"

bool
address_find_extension(const struct common_params *params, struct span local,
    struct span *user, struct span *extension)
{
	const char *delimiters = params->recipient_delimiter;

	if (params->owner_request_special && strchr(delimiters, '-') != NULL &&
	    (span_starts_fold(local, SPAN("owner-")) ||
		span_ends_fold(local, SPAN("-request"))))
		return false;
	return mail_address_split_extension(local, delimiters, user, extension);
}

/* What a form needs to be asked for. */
enum need {
	NEED_EXTENSION = 1, /* the address has one */
	NEED_WITH_USER = 2, /* the caller wants it so */
	NEED_WITH_DOMAIN = 4
};

/* The forms that are asked for, in their order; the first is the whole. */
static const struct form {
	bool has_user;
	bool has_extension;
	bool has_domain;
	unsigned needs; /* enum need */
} forms[] = {
    {true, true, true, 0},
    {true, false, true, NEED_EXTENSION},
    {true, true, false, NEED_EXTENSION | NEED_WITH_USER},
    {true, false, false, NEED_WITH_USER},
    {false, false, true, NEED_WITH_DOMAIN},
};

/* An address taken apart. */
struct parts {
	struct mail_address address;
	struct span user;
	struct span extension; /* with its delimiter; empty: none */
};

static struct parts
take_apart(const struct address_find_request *request)
{
	struct parts parts = {.address = mail_address_split(request->address)};
	struct span local = parts.address.local;

	parts.user = local;
	if (address_find_extension(
		request->params, local, &parts.user, &parts.extension))
		parts.extension = span_skip(local, parts.user.len);
	return parts;
}

static bool
is_wanted(const struct address_find_request *request, const struct parts *parts,
    const struct form *form)
{
	unsigned given = 0;

	if (parts->extension.len > 0)
		given |= NEED_EXTENSION;
	if (request->with_user)
		given |= NEED_WITH_USER;
	if (request->with_domain)
		given |= NEED_WITH_DOMAIN;
	return (form->needs & ~given) == 0;
}

/* One key; `domain` is that of the address, perhaps in another form. */
static enum table_result
ask_key(struct table_list *tables, const struct parts *parts,
    const struct form *form, struct span domain, struct buf *value,
    struct error *error)
{
	enum table_result result;
	struct buf key;

	buf_init(&key, parts->address.text.len + domain.len + 1);
	if (form->has_user)
		must(buf_append_span(&key, parts->user));
	if (form->has_extension)
		must(buf_append_span(&key, parts->extension));
	if (form->has_domain) {
		must(buf_append_byte(&key, '@'));
		must(buf_append_span(&key, domain));
	}
	if (form == &forms[0])
		result = table_list_get(tables, buf_span(&key), value, error);
	else
		result =
		    table_list_get_part(tables, buf_span(&key), value, error);
	buf_finish(&key);
	return result;
}

static enum table_result
ask(struct table_list *tables, const struct parts *parts,
    const struct form *form, const struct idna_forms *domains,
    struct buf *value, struct error *error)
{
	size_t count = form->has_domain ? domains->count : 1;
	enum table_result result = TABLE_NOT_FOUND;

	for (size_t i = 0; i < count && result == TABLE_NOT_FOUND; i++)
		result =
		    ask_key(tables, parts, form, domains->of[i], value, error);
	return result;
}

enum table_result
address_find(struct table_list *tables,
    const struct address_find_request *request, struct buf *value,
    struct span *extension, struct error *error)
{
	struct parts parts = take_apart(request);
	struct idna_forms domains;

	buf_clear(value);
	if (extension != NULL)
		*extension = SPAN_EMPTY;
	if (request->address.len == 0 || table_list_is_empty(tables))
		return TABLE_NOT_FOUND;
	idna_find_forms(parts.address.domain, &domains);
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		enum table_result result;

		if (!is_wanted(request, &parts, &forms[i]))
			continue;
		result = ask(tables, &parts, &forms[i], &domains, value, error);
		if (result == TABLE_NOT_FOUND)
			continue;
		if (extension != NULL && !forms[i].has_extension &&
		    forms[i].has_user)
			*extension = parts.extension;
		return result;
	}
	return TABLE_NOT_FOUND;
}
