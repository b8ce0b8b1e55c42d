/* SPDX-License-Identifier: MIT */
#include "lib/net/idna.h"

#include <idn2.h>

#include "lib/base/text.h"

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
	char text[IDNA_UTF8_SIZE];

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

static bool
has_a_label(struct span name)
{
	struct span label;
	bool more = true;

	while (more) {
		more = span_split(name, '.', &label, &name);
		if (span_starts_fold(label, SPAN("xn--")))
			return true;
	}
	return false;
}

/* The name in ASCII with U-labels. False when it is no such name, which the way
 * back tells: an A-label may be made up. */
static bool
to_unicode(const char *ascii, char unicode[IDNA_UTF8_SIZE])
{
	char back[IDNA_NAME_SIZE];
	char *converted = NULL;
	bool good = false;

	if (idn2_to_unicode_8z8z(ascii, &converted, 0) != IDN2_OK)
		return false;
	if (idna_to_ascii(span_text(converted), back, NULL) &&
	    strcmp(back, ascii) == 0 && strlen(converted) < IDNA_UTF8_SIZE) {
		span_copy(unicode, span_text(converted));
		unicode[strlen(converted)] = '\0';
		good = true;
	}
	idn2_free(converted);
	return good;
}

static void
add_form(struct idna_forms *forms, const char *text)
{
	for (size_t i = 0; i < forms->count; i++)
		if (span_equal_fold(forms->of[i], span_text(text)))
			return;
	forms->of[forms->count++] = span_text(text);
}

void
idna_find_forms(struct span name, struct idna_forms *forms)
{
	forms->of[0] = name;
	forms->count = 1;
	if ((text_is_ascii(name) && !has_a_label(name)) ||
	    !idna_to_ascii(name, forms->ascii, NULL))
		return;
	text_fold(forms->ascii, strlen(forms->ascii));
	add_form(forms, forms->ascii);
	if (to_unicode(forms->ascii, forms->unicode))
		add_form(forms, forms->unicode);
}

bool
idna_is_same(struct span a, struct span b)
{
	char ascii_a[IDNA_NAME_SIZE];
	char ascii_b[IDNA_NAME_SIZE];

	if (span_equal_fold(a, b))
		return true;
	return (!text_is_ascii(a) || !text_is_ascii(b)) &&
	    idna_to_ascii(a, ascii_a, NULL) &&
	    idna_to_ascii(b, ascii_b, NULL) &&
	    span_equal_fold(span_text(ascii_a), span_text(ascii_b));
}
