/* SPDX-License-Identifier: MIT */
#include "lib/mail/path.h"

#include "lib/base/text.h"
#include "lib/mail/address_scanner.h"

static unsigned
scanner_flags(unsigned flags)
{
	unsigned result = 0;

	if (flags & PATH_LENIENT)
		result |= ADDRESS_SCANNER_LENIENT;
	if (flags & PATH_UTF8)
		result |= ADDRESS_SCANNER_UTF8;
	return result;
}

/* Between '<' and '>', both taken. */
static bool
read_bracketed(
    struct address_scanner *scanner, unsigned flags, struct error *error)
{
	address_scanner_skip(scanner);
	if (!address_scanner_gap(scanner, error))
		return false;
	if (address_scanner_peek(scanner) == '>') {
		if (!(flags & PATH_NULL))
			return error_set(error, ERROR_INVALID, "null address");
	} else if (!address_scanner_read(scanner, error)) {
		return false;
	}
	if (address_scanner_peek(scanner) != '>')
		return error_set(
		    error, ERROR_INVALID, "address does not end in '>'");
	address_scanner_skip(scanner);
	return true;
}

static bool
read_path(struct address_scanner *scanner, unsigned flags, struct error *error)
{
	if (!address_scanner_gap(scanner, error))
		return false;
	if (address_scanner_peek(scanner) == '<')
		return read_bracketed(scanner, flags, error);
	if (flags & PATH_LENIENT)
		return address_scanner_read(scanner, error);
	return error_set(error, ERROR_INVALID, "no '<' before the address");
}

/* A lenient scan takes the blanks behind a naked address; they separate. */
static bool
is_separated(const struct address_scanner *scanner)
{
	return scanner->rest.len == 0 || text_is_blank(scanner->rest.at[0]) ||
	    text_is_blank(scanner->rest.at[-1]);
}

bool
path_parse(struct pool *pool, struct span *rest, unsigned flags,
    struct mail_address *address, struct error *error)
{
	struct address_scanner scanner;

	address_scanner_init(&scanner, *rest, scanner_flags(flags));
	if (!read_path(&scanner, flags, error))
		return false;
	if (!is_separated(&scanner))
		return error_set(
		    error, ERROR_INVALID, "junk behind the address");
	if (!address_scanner_store(&scanner, pool, address, error))
		return false;
	*rest = scanner.rest;
	return true;
}

bool
path_parse_whole(struct pool *pool, struct span text, unsigned flags,
    struct mail_address *address, struct error *error)
{
	struct span rest = span_trim(text);

	if (rest.len == 0 && flags & PATH_NULL) {
		*address =
		    (struct mail_address){SPAN_EMPTY, SPAN_EMPTY, SPAN_EMPTY};
		return true;
	}
	if (!path_parse(pool, &rest, flags, address, error))
		return false;
	if (rest.len > 0)
		return error_set(
		    error, ERROR_INVALID, "junk behind the address");
	return true;
}
