/* SPDX-License-Identifier: MIT */
#include "lib/mail/domain.h"

#include <arpa/inet.h>

#include "lib/base/text.h"

static bool
is_label_byte(char byte, bool utf8)
{
	return text_is_alphanumeric(byte) || byte == '-' || byte == '_' ||
	    (utf8 && (unsigned char)byte > 127);
}

static bool
is_label(struct span label, bool utf8, struct error *error)
{
	if (label.len == 0)
		return error_set(error, ERROR_INVALID, "empty label");
	if (label.len > DOMAIN_LABEL_MAXIMUM)
		return error_set(error, ERROR_INVALID, "label too long");
	if (label.at[0] == '-' || label.at[label.len - 1] == '-')
		return error_set(error, ERROR_INVALID, "misplaced hyphen");
	for (size_t i = 0; i < label.len; i++)
		if (!is_label_byte(label.at[i], utf8))
			return error_set(error, ERROR_INVALID,
			    "invalid character %d", (unsigned char)label.at[i]);
	return true;
}

static bool
is_numeric(struct span domain)
{
	for (size_t i = 0; i < domain.len; i++)
		if (!text_is_digit(domain.at[i]) && domain.at[i] != '.')
			return false;
	return true;
}

bool
domain_is_hostname(struct span domain, bool utf8, struct error *error)
{
	struct span rest = domain;
	struct span label;
	bool more = true;

	if (domain.len > DOMAIN_MAXIMUM)
		return error_set(error, ERROR_INVALID, "name too long");
	while (more) {
		more = span_split(rest, '.', &label, &rest);
		if (!is_label(label, utf8, error))
			return false;
	}
	if (is_numeric(domain))
		return error_set(error, ERROR_INVALID, "numeric name");
	if (utf8 && !text_is_visible(domain))
		return error_set(error, ERROR_INVALID, "invalid UTF-8");
	return true;
}

bool
domain_is_fully_qualified(struct span domain)
{
	return span_find(domain, '.') < domain.len &&
	    domain_is_hostname(domain, true, NULL);
}

/* What stands between the brackets; false when there are none. */
static bool
take_brackets(struct span domain, struct span *inner)
{
	if (domain.len < 2 || domain.at[0] != '[' ||
	    domain.at[domain.len - 1] != ']')
		return false;
	*inner = span_of(domain.at + 1, domain.len - 2);
	return true;
}

static bool
is_ip(int family, struct span text)
{
	char number[INET6_ADDRSTRLEN];
	unsigned char bytes[sizeof(struct in6_addr)];

	if (text.len >= sizeof number || span_find(text, '\0') < text.len)
		return false;
	memcpy(number, text.at, text.len);
	number[text.len] = '\0';
	return inet_pton(family, number, bytes) == 1;
}

bool
domain_is_literal(struct span domain, struct span *ip)
{
	struct span inner;
	bool is_ipv6;

	if (!take_brackets(domain, &inner))
		return false;
	is_ipv6 = span_starts_fold(inner, SPAN("IPv6:"));
	if (is_ipv6)
		inner = span_skip(inner, 5);
	if (!is_ip(is_ipv6 ? AF_INET6 : AF_INET, inner))
		return false;
	if (ip != NULL)
		*ip = inner;
	return true;
}

static bool
is_tag(struct span tag)
{
	if (tag.len == 0 || tag.at[tag.len - 1] == '-')
		return false;
	for (size_t i = 0; i < tag.len; i++)
		if (!text_is_alphanumeric(tag.at[i]) && tag.at[i] != '-')
			return false;
	return true;
}

/* dcontent of RFC 5321 4.1.3 without what delimits an address. */
static bool
is_literal_byte(char byte)
{
	return text_is_printable(byte) && strchr(" [\\]<>@", byte) == NULL;
}

bool
domain_is_general_literal(struct span domain)
{
	struct span inner;
	struct span tag;
	struct span content;

	if (!take_brackets(domain, &inner) || domain.len > DOMAIN_MAXIMUM)
		return false;
	if (!span_split(inner, ':', &tag, &content) || !is_tag(tag) ||
	    is_ip(AF_INET6, inner)) /* the tag was forgotten */
		return false;
	if (span_equal_fold(tag, SPAN("IPv6")))
		return domain_is_literal(domain, NULL);
	for (size_t i = 0; i < content.len; i++)
		if (!is_literal_byte(content.at[i]))
			return false;
	return content.len > 0;
}
