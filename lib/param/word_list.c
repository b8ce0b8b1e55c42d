/* SPDX-License-Identifier: MIT */
#include "lib/param/word_list.h"

#define BLANKS " \t\r\n"

static bool
is_one_of(char byte, const char *set)
{
	return byte != '\0' && strchr(set, byte) != NULL;
}

/* Length of the word at the start of `text`: up to the first separator that is
 * outside braces. */
static size_t
word_length(struct span text, const char *separators)
{
	size_t depth = 0;
	size_t len;

	for (len = 0; len < text.len; len++) {
		char byte = text.at[len];

		if (depth == 0 && is_one_of(byte, separators))
			break;
		if (byte == '{')
			depth++;
		else if (byte == '}' && depth > 0)
			depth--;
	}
	return len;
}

static bool
take_word(struct span *rest, const char *separators, struct span *word)
{
	size_t len;

	while (rest->len > 0 && is_one_of(rest->at[0], separators))
		*rest = span_skip(*rest, 1);
	len = word_length(*rest, separators);
	*word = span_head(*rest, len);
	*rest = span_skip(*rest, len);
	return len > 0;
}

bool
word_list_next(struct span *rest, struct span *word)
{
	return take_word(rest, "," BLANKS, word);
}

bool
word_list_next_argument(struct span *rest, struct span *word)
{
	return take_word(rest, BLANKS, word);
}

bool
word_list_group(struct span word, struct span *inside)
{
	size_t depth = 0;

	if (word.len < 2 || word.at[0] != '{')
		return false;
	for (size_t i = 0; i < word.len; i++) {
		if (word.at[i] == '{')
			depth++;
		if (word.at[i] == '}' && --depth == 0 && i + 1 < word.len)
			return false;
	}
	if (depth > 0)
		return false;
	*inside = span_trim(span_of(word.at + 1, word.len - 2));
	return true;
}

bool
word_list_has(struct span list, struct span word)
{
	struct span member;

	while (word_list_next(&list, &member))
		if (span_equal_fold(member, word))
			return true;
	return false;
}
