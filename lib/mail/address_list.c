/* SPDX-License-Identifier: MIT */
#include "lib/mail/address_list.h"

#include "lib/base/text.h"
#include "lib/mail/address_scanner.h"
#include "lib/mail/atext.h"

/* One element as it is cut out of the list. */
struct element {
	struct span text;
	struct span phrase; /* before '<' */
	struct span angle;  /* between '<' and '>' */
	struct span tail;   /* behind '>' */
	bool has_angle;
	char delimiter; /* what ended it: one of ",;:", or NUL at the end */
};

void
address_list_init(struct address_list *list, struct span text, unsigned maximum)
{
	*list = (struct address_list){.rest = text, .maximum = maximum};
}

/* Length of the bracketed run at the start of `text`, which begins with `open`;
 * `close` ends it, a backslash hides the byte behind it. All of the text when
 * there is no end. */
static size_t
bracketed_length(struct span text, char open, char close)
{
	size_t depth = 1;
	size_t i = 1;

	while (i < text.len && depth > 0) {
		char byte = text.at[i];

		if (byte == '\\') {
			i += 2;
			continue;
		}
		if (byte == close)
			depth--;
		else if (byte == open && open == '(')
			depth++;
		i++;
	}
	return i < text.len ? i : text.len;
}

/* Length of the token at the start of `text`, which is not empty. */
static size_t
token_length(struct span text)
{
	switch (text.at[0]) {
	case '"':
		return bracketed_length(text, '"', '"');
	case '(':
		return bracketed_length(text, '(', ')');
	case '[':
		return bracketed_length(text, '[', ']');
	case '\\':
		return text.len > 1 ? 2 : 1;
	default:
		return 1;
	}
}

/* The front of `text` is '<'. Its '>' is the first one outside quotes and
 * comments. */
static size_t
angle_length(struct span text)
{
	size_t i = 1;

	while (i < text.len && text.at[i] != '>')
		i += token_length(span_skip(text, i));
	return i < text.len ? i + 1 : text.len;
}

static void
set_angle(struct element *element, struct span text, size_t start, size_t len)
{
	element->has_angle = true;
	element->phrase = span_head(text, start);
	element->angle = span_head(span_skip(text, start + 1), len - 1);
	if (span_ends(element->angle, SPAN(">")))
		element->angle.len--;
}

/* Cuts the next element off the list. */
static struct element
take_element(struct span *rest)
{
	struct element element = {0};
	struct span text = *rest;
	size_t i = 0;

	while (i < text.len && element.delimiter == '\0') {
		struct span here = span_skip(text, i);
		size_t len = 1;

		if (here.at[0] == '<' && !element.has_angle) {
			len = angle_length(here);
			set_angle(&element, text, i, len);
		} else if (here.at[0] != '\0' &&
		    strchr(",;:", here.at[0]) != NULL) {
			element.delimiter = here.at[0];
		} else {
			len = token_length(here);
		}
		i += len;
	}
	*rest = span_skip(text, i);
	element.text = span_head(text, element.delimiter == '\0' ? i : i - 1);
	if (element.has_angle)
		element.tail = span_skip(
		    element.text, element.phrase.len + element.angle.len + 2);
	return element;
}

/* Appends the word at the front of *rest without its quotes, and takes it. */
static void
take_phrase_word(struct span *rest, struct buf *name)
{
	size_t len = token_length(*rest);
	struct span word = span_head(*rest, len);
	bool is_quoted = word.at[0] == '"';

	*rest = span_skip(*rest, len);
	if (is_quoted)
		word = span_head(span_skip(word, 1), len - 2);
	for (size_t i = 0; i < word.len; i++) {
		if (word.at[i] == '\\' && i + 1 < word.len)
			i++;
		if (word.at[i] != '\r' && word.at[i] != '\n')
			buf_append_byte(name, word.at[i]);
	}
}

/* The display name: words joined by one blank, comments left out. */
static bool
store_name(struct span phrase, struct pool *pool, struct span *name)
{
	struct buf text;
	bool pending_blank = false;
	bool stored;

	buf_init(&text, phrase.len + 1);
	while (phrase.len > 0) {
		if (text_is_space(phrase.at[0]) || phrase.at[0] == '(') {
			phrase = span_skip(phrase, token_length(phrase));
			pending_blank = text.len > 0;
			continue;
		}
		if (pending_blank)
			buf_append_byte(&text, ' ');
		pending_blank = false;
		take_phrase_word(&phrase, &text);
	}
	stored = pool_copy_span(pool, buf_span(&text), name);
	buf_finish(&text);
	return stored;
}

/* Nothing but white space and comments. */
static bool
is_blank(struct span text)
{
	struct address_scanner scanner;

	address_scanner_init(&scanner, text, ADDRESS_SCANNER_COMMENTS);
	return address_scanner_gap(&scanner, NULL) && scanner.rest.len == 0;
}

static bool
read_address(struct address_scanner *scanner, const struct element *element,
    struct error *error)
{
	if (!address_scanner_gap(scanner, error))
		return false;
	if (!element->has_angle || scanner->rest.len > 0) {
		if (!address_scanner_read(scanner, error))
			return false;
	}
	if (scanner->rest.len > 0 || !is_blank(element->tail))
		return error_set(
		    error, ERROR_INVALID, "junk behind the address");
	return true;
}

static enum address_list_result
parse_element(const struct element *element, struct pool *pool,
    struct address_list_entry *entry, struct error *error)
{
	struct address_scanner scanner;

	address_scanner_init(&scanner,
	    element->has_angle ? element->angle : element->text,
	    ADDRESS_SCANNER_COMMENTS | ADDRESS_SCANNER_LENIENT |
		ADDRESS_SCANNER_UTF8);
	entry->source = span_trim(element->text);
	if (!read_address(&scanner, element, error))
		return ADDRESS_LIST_BAD;
	entry->source =
	    span_of(scanner.start, (size_t)(scanner.end - scanner.start));
	if (!address_scanner_store(&scanner, pool, &entry->address, error))
		return ADDRESS_LIST_LIMIT;
	if (!store_name(element->phrase, pool, &entry->name)) {
		error_set(error, ERROR_LIMIT, "out of memory");
		return ADDRESS_LIST_LIMIT;
	}
	return ADDRESS_LIST_FOUND;
}

enum address_list_result
address_list_next(struct address_list *list, struct pool *pool,
    struct address_list_entry *entry, struct error *error)
{
	while (list->rest.len > 0) {
		struct element element = take_element(&list->rest);
		enum address_list_result result;

		if (element.delimiter == ':' || is_blank(element.text))
			continue;
		if (list->count++ == list->maximum) {
			list->rest = SPAN_EMPTY;
			error_set(error, ERROR_LIMIT, "too many addresses");
			return ADDRESS_LIST_LIMIT;
		}
		result = parse_element(&element, pool, entry, error);
		if (result == ADDRESS_LIST_LIMIT)
			list->rest = SPAN_EMPTY;
		return result;
	}
	return ADDRESS_LIST_END;
}

/* A phrase made of atoms needs no quotes (RFC 5322 3.2.5). */
static bool
append_name(struct buf *out, struct span name)
{
	bool is_plain = true;

	for (size_t i = 0; i < name.len; i++)
		if (!atext_has(name.at[i]) && name.at[i] != ' ')
			is_plain = false;
	if (is_plain)
		return buf_append_span(out, name);
	buf_append_byte(out, '"');
	for (size_t i = 0; i < name.len; i++) {
		char byte = name.at[i];

		if (byte == '"' || byte == '\\')
			buf_append_byte(out, '\\');
		if (text_is_printable(byte) || text_is_high(byte))
			buf_append_byte(out, byte);
		else
			buf_append_byte(out, ' ');
	}
	return buf_append_byte(out, '"');
}

bool
address_list_append(struct buf *out, struct span name, struct span address)
{
	if (name.len == 0)
		return mail_address_append_quoted(out, address);
	append_name(out, name);
	buf_append_byte(out, ' ');
	return mail_address_append_path(out, address);
}
