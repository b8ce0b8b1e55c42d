/* SPDX-License-Identifier: MIT */
#include "lib/tls/cipher_list.h"

#include "lib/base/text.h"

static const struct {
	const char *name;
	enum cipher_grade grade;
} grades[] = {
    {"high", CIPHER_GRADE_HIGH},
    {"medium", CIPHER_GRADE_MEDIUM},
    {"low", CIPHER_GRADE_MEDIUM},
    {"export", CIPHER_GRADE_MEDIUM},
    {"null", CIPHER_GRADE_NULL},
};

bool
cipher_grade_parse(
    struct span name, enum cipher_grade *grade, struct error *error)
{
	for (size_t i = 0; i < COUNT_OF(grades); i++)
		if (span_equal_fold(name, span_text(grades[i].name))) {
			*grade = grades[i].grade;
			return true;
		}
	return error_set(error, ERROR_INVALID,
	    "\"%.*s\": expected a cipher grade: high, medium or null",
	    SPAN_ARGS(span_head(name, 40)));
}

static bool
is_cipher_name(struct span word)
{
	for (size_t i = 0; i < word.len; i++)
		if (!text_is_alphanumeric(word.at[i]) &&
		    (word.at[i] == '\0' || strchr("+-_", word.at[i]) == NULL))
			return false;
	return text_is_alphanumeric(word.at[0]);
}

bool
cipher_list_exclude(
    struct buf *list, struct span exclusions, struct error *error)
{
	struct span word;

	while (span_take_word(&exclusions, " \t\r\n,:", &word)) {
		if (!is_cipher_name(word))
			return error_set(error, ERROR_INVALID,
			    "\"%.*s\": expected the name of a cipher or kind "
			    "of ciphers",
			    SPAN_ARGS(span_head(word, 40)));
		buf_printf(list, ":!%.*s", SPAN_ARGS(word));
	}
	return !list->overflowed ||
	    error_set(error, ERROR_LIMIT,
		"the list of ciphers is longer than "
		"%zu bytes",
		list->maximum);
}
