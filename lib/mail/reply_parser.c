/* SPDX-License-Identifier: MIT */
#include "lib/mail/reply_parser.h"

#include "lib/base/number.h"
#include "lib/base/text.h"

/* What a server may answer with; 1xx is not used in SMTP. */
enum {
	CODE_MINIMUM = 200,
	CODE_MAXIMUM = 599,
	CODE_LENGTH = 3
};

/* Takes the code and the '-' or blank behind it. */
static bool
take_code(struct span *line, uint16_t *code, bool *more)
{
	uint64_t number;

	if (!number_parse(
		span_head(*line, CODE_LENGTH), CODE_MAXIMUM, &number) ||
	    number < CODE_MINIMUM)
		return false;
	*line = span_skip(*line, CODE_LENGTH);
	*code = (uint16_t)number;
	*more = false;
	if (line->len > 0) {
		*more = line->at[0] == '-';
		if (!*more && line->at[0] != ' ')
			return false;
		*line = span_skip(*line, 1);
	}
	return true;
}

/* Takes the status out of the line, if it is the one of the reply; the first
 * line decides which that is. */
static struct span
take_status(struct span text, struct reply *reply, bool is_first)
{
	struct span rest = text;
	struct reply_status status;

	if (!reply_parse_status(&rest, &status) ||
	    status.class != reply->code / 100)
		return text;
	if (is_first)
		reply->status = status;
	if (memcmp(&status, &reply->status, sizeof status) != 0)
		return text;
	return rest;
}

static void
add_byte(struct reply_parser *parser, struct reply *reply, char byte)
{
	if (parser->text_len + 1 == sizeof reply->text)
		return;
	reply->text[parser->text_len++] = byte;
	reply->text[parser->text_len] = '\0';
}

static void
add_text(struct reply_parser *parser, struct reply *reply, struct span text)
{
	if (parser->lines > 0)
		add_byte(parser, reply, '\n');
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.at[i];

		add_byte(parser, reply,
		    byte < ' ' || byte == 0x7f ? '?' : text.at[i]);
	}
}

enum reply_progress
reply_parser_line(struct reply_parser *parser, struct span line,
    struct reply *reply, struct span *text, struct error *error)
{
	bool is_first = parser->lines == 0;
	struct span rest = line;
	uint16_t code;
	bool more;

	if (!take_code(&rest, &code, &more)) {
		error_set(error, ERROR_INVALID, "not an SMTP reply");
		return REPLY_INVALID;
	}
	if (is_first)
		*reply = (struct reply){.code = code};
	if (code != reply->code) {
		error_set(error, ERROR_INVALID, "codes %u and %u in one reply",
		    reply->code, code);
		return REPLY_INVALID;
	}
	if (parser->lines == REPLY_LINES_MAXIMUM) {
		error_set(error, ERROR_LIMIT, "reply has too many lines");
		return REPLY_INVALID;
	}
	if (text != NULL)
		*text = rest;
	add_text(parser, reply, take_status(rest, reply, is_first));
	parser->lines++;
	if (more)
		return REPLY_MORE;
	*parser = (struct reply_parser){0};
	return REPLY_DONE;
}
