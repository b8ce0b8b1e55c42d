/* SPDX-License-Identifier: MIT */
#include "lib/mail/address_scanner.h"

#include "lib/base/text.h"
#include "lib/mail/atext.h"
#include "lib/mail/comment.h"
#include "lib/mail/domain.h"

void
address_scanner_init(
    struct address_scanner *scanner, struct span text, unsigned flags)
{
	/* The text array stays as it is: only `len` bytes of it count. */
	scanner->rest = text;
	scanner->flags = flags;
	scanner->start = text.at;
	scanner->end = text.at;
	scanner->local_len = 0;
	scanner->has_domain = false;
	scanner->len = 0;
}

static bool
append(struct address_scanner *scanner, char byte, struct error *error)
{
	if (scanner->len == sizeof scanner->text)
		return error_set(error, ERROR_LIMIT, "address too long");
	scanner->text[scanner->len++] = byte;
	return true;
}

/* Reads the byte at the front into the internal form. */
static bool
take(struct address_scanner *scanner, struct error *error)
{
	if (!append(scanner, scanner->rest.at[0], error))
		return false;
	address_scanner_skip(scanner);
	return true;
}

static bool
is_gap(const struct address_scanner *scanner, char byte)
{
	if (scanner->flags & ADDRESS_SCANNER_COMMENTS)
		return text_is_space(byte);
	return scanner->flags & ADDRESS_SCANNER_LENIENT && text_is_blank(byte);
}

bool
address_scanner_gap(struct address_scanner *scanner, struct error *error)
{
	for (;;) {
		char byte = address_scanner_peek(scanner);

		if (is_gap(scanner, byte))
			address_scanner_skip(scanner);
		else if (byte != '(' ||
		    !(scanner->flags & ADDRESS_SCANNER_COMMENTS))
			return true;
		else if (!comment_skip(&scanner->rest))
			return error_set(
			    error, ERROR_INVALID, "comment without end");
	}
}

/* Marks the end of a token; inside an address only comments and folding may
 * follow one. */
static bool
end_token(struct address_scanner *scanner, struct error *error)
{
	scanner->end = scanner->rest.at;
	return !(scanner->flags & ADDRESS_SCANNER_COMMENTS) ||
	    address_scanner_gap(scanner, error);
}

static bool
is_encoding_allowed(
    const struct address_scanner *scanner, char byte, struct error *error)
{
	if (!text_is_high(byte) || scanner->flags & ADDRESS_SCANNER_UTF8)
		return true;
	return error_set(
	    error, ERROR_INVALID, "non-ASCII address without SMTPUTF8");
}

/* The byte at the front stands inside quotes or behind a backslash. */
static bool
take_quoted_byte(struct address_scanner *scanner, struct error *error)
{
	char byte = address_scanner_peek(scanner);

	if (scanner->flags & ADDRESS_SCANNER_COMMENTS && text_is_space(byte)) {
		address_scanner_skip(scanner);
		return byte == '\r' || byte == '\n' ||
		    append(scanner, ' ', error);
	}
	if (!text_is_printable(byte) && !text_is_high(byte))
		return error_set(error, ERROR_INVALID,
		    "control character in quoted local part");
	return is_encoding_allowed(scanner, byte, error) &&
	    take(scanner, error);
}

static bool
read_quoted_string(struct address_scanner *scanner, struct error *error)
{
	address_scanner_skip(scanner);
	while (address_scanner_peek(scanner) != '"') {
		if (address_scanner_peek(scanner) == '\\')
			address_scanner_skip(scanner);
		if (scanner->rest.len == 0)
			return error_set(error, ERROR_INVALID,
			    "quoted local part without end");
		if (!take_quoted_byte(scanner, error))
			return false;
	}
	address_scanner_skip(scanner);
	return true;
}

static bool
is_atom_byte(const struct address_scanner *scanner, char byte)
{
	return atext_has(byte) ||
	    (byte == '\\' && scanner->flags & ADDRESS_SCANNER_LENIENT &&
		scanner->rest.len > 1);
}

static bool
read_atom(struct address_scanner *scanner, struct error *error)
{
	char byte = address_scanner_peek(scanner);

	while (is_atom_byte(scanner, byte)) {
		if (byte == '\\')
			address_scanner_skip(scanner);
		if (!take_quoted_byte(scanner, error))
			return false;
		byte = address_scanner_peek(scanner);
	}
	return true;
}

/* Words, quoted or not, with dots anywhere between and around them: real
 * mailboxes have names like "a..b" and ".a". */
static bool
read_local(struct address_scanner *scanner, struct error *error)
{
	bool may_start_word = true;

	scanner->start = scanner->rest.at;
	for (;;) {
		char byte = address_scanner_peek(scanner);
		bool good;

		if (byte == '.')
			good = take(scanner, error);
		else if (byte == '"' && may_start_word)
			good = read_quoted_string(scanner, error);
		else if (is_atom_byte(scanner, byte) && may_start_word)
			good = read_atom(scanner, error);
		else
			break;
		if (!good || !end_token(scanner, error))
			return false;
		may_start_word = byte == '.';
	}
	if (scanner->rest.at == scanner->start)
		return error_set(error, ERROR_INVALID, "no local part");
	return true;
}

static bool
read_literal(struct address_scanner *scanner, struct error *error)
{
	while (address_scanner_peek(scanner) != ']') {
		if (!text_is_printable(address_scanner_peek(scanner)))
			return error_set(error, ERROR_INVALID,
			    "address literal without end");
		if (!take(scanner, error))
			return false;
	}
	return take(scanner, error) && end_token(scanner, error);
}

static bool
is_domain_byte(char byte)
{
	return text_is_alphanumeric(byte) || text_is_high(byte) ||
	    byte == '-' || byte == '_' || byte == '.';
}

/* Labels and dots; a label behind a gap belongs to it only next to a dot. */
static bool
read_labels(struct address_scanner *scanner, struct error *error)
{
	char before = '.';
	char byte = address_scanner_peek(scanner);

	while (is_domain_byte(byte) && (byte == '.' || before == '.')) {
		while (is_domain_byte(byte)) {
			if (!is_encoding_allowed(scanner, byte, error) ||
			    !take(scanner, error))
				return false;
			before = byte;
			byte = address_scanner_peek(scanner);
		}
		if (!end_token(scanner, error))
			return false;
		byte = address_scanner_peek(scanner);
	}
	return true;
}

static bool
read_domain(struct address_scanner *scanner, struct error *error)
{
	bool utf8 = (scanner->flags & ADDRESS_SCANNER_UTF8) != 0;
	size_t start = scanner->len;
	struct span domain;

	if (address_scanner_peek(scanner) == '[') {
		if (!read_literal(scanner, error))
			return false;
	} else if (!read_labels(scanner, error)) {
		return false;
	}
	if (scanner->flags & ADDRESS_SCANNER_LENIENT &&
	    scanner->len > start + 1 && scanner->text[scanner->len - 1] == '.')
		scanner->len--;
	domain = span_of(scanner->text + start, scanner->len - start);
	if (domain_is_literal(domain, NULL) ||
	    domain_is_general_literal(domain) ||
	    domain_is_hostname(domain, utf8, error))
		return true;
	return error_prefix(error, "invalid domain");
}

/* "@one,@two:" in front of the address; nobody routes by it any more (RFC 5321
 * appendix C). */
static bool
skip_route(struct address_scanner *scanner, struct error *error)
{
	char byte = address_scanner_peek(scanner);

	if (byte != '@')
		return true;
	while (byte == '@' || byte == ',') {
		address_scanner_skip(scanner);
		if (!address_scanner_gap(scanner, error) ||
		    (byte == '@' && !read_domain(scanner, error)) ||
		    !address_scanner_gap(scanner, error))
			return false;
		scanner->len = 0;
		byte = address_scanner_peek(scanner);
	}
	if (byte != ':')
		return error_set(
		    error, ERROR_INVALID, "source route without mailbox");
	address_scanner_skip(scanner);
	return address_scanner_gap(scanner, error);
}

static bool
is_clear(const struct address_scanner *scanner, struct error *error)
{
	struct span text = span_of(scanner->text, scanner->len);
	struct span local = span_head(text, scanner->local_len);

	if (!text_is_visible(local))
		return error_set(
		    error, ERROR_INVALID, "invalid UTF-8 in local part");
	if (!scanner->has_domain && span_find(local, '@') < local.len)
		return error_set(
		    error, ERROR_INVALID, "'@' in a local part without domain");
	return true;
}

bool
address_scanner_read(struct address_scanner *scanner, struct error *error)
{
	if (!skip_route(scanner, error) || !read_local(scanner, error))
		return false;
	scanner->local_len = scanner->len;
	scanner->has_domain = address_scanner_peek(scanner) == '@';
	if (scanner->has_domain) {
		if (!take(scanner, error) || !end_token(scanner, error) ||
		    !read_domain(scanner, error))
			return false;
	}
	return is_clear(scanner, error) && address_scanner_gap(scanner, error);
}

bool
address_scanner_store(const struct address_scanner *scanner, struct pool *pool,
    struct mail_address *address, struct error *error)
{
	struct span text;

	if (!pool_copy_span(pool, span_of(scanner->text, scanner->len), &text))
		return error_set(error, ERROR_LIMIT, "out of memory");
	*address = (struct mail_address){
	    .text = text,
	    .local = span_head(text, scanner->local_len),
	    .domain = SPAN_EMPTY,
	};
	if (scanner->has_domain)
		address->domain = span_skip(text, scanner->local_len + 1);
	return true;
}
