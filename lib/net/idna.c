/* SPDX-License-Identifier: MIT */
#include "lib/net/idna.h"

#include <idn2.h>

#include "lib/base/text.h"

enum {
	/* Of a name in UTF-8: the mapping makes some characters shorter. */
	UTF8_MAXIMUM = 4 * IDNA_NAME_SIZE
};

static bool
copy(struct span name, char ascii[IDNA_NAME_SIZE], struct error *error)
{
	if (name.len >= IDNA_NAME_SIZE)
		return error_set(error, ERROR_INVALID, "name too long");
	if (span_find(name, '\0') < name.len)
		return error_set(error, ERROR_INVALID, "NUL in a name");
	span_copy(ascii, name);
	ascii[name.len] = '\0';
	return true;
}

static bool
convert(const char *name, char ascii[IDNA_NAME_SIZE], struct error *error)
{
	char *converted = NULL;
	int result = idn2_to_ascii_8z(
	    name, &converted, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
	bool good;

	if (result != IDN2_OK)
		return error_set(
		    error, ERROR_INVALID, "%s", idn2_strerror(result));
	good = copy(span_text(converted), ascii, error);
	idn2_free(converted);
	return good;
}

bool
idna_to_ascii(struct span name, char ascii[IDNA_NAME_SIZE], struct error *error)
{
	char text[UTF8_MAXIMUM];

	if (text_is_ascii(name))
		return copy(name, ascii, error);
	if (name.len >= sizeof text)
		return error_set(error, ERROR_INVALID, "name too long");
	if (!text_is_visible(name))
		return error_set(error, ERROR_INVALID, "invalid UTF-8");
	span_copy(text, name);
	text[name.len] = '\0';
	return convert(text, ascii, error);
}
