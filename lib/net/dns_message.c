/* SPDX-License-Identifier: MIT */
#include "lib/net/dns_message.h"

enum {
	CLASS_IN = 1,
	TYPE_OPT = 41,
	HEADER_SIZE = 12
};

/* Of the third and fourth byte of the header, as one number. */
enum {
	FLAG_RESPONSE = 0x8000,
	MASK_OPCODE = 0x7800,
	FLAG_TRUNCATED = 0x0200,
	FLAG_RECURSION_DESIRED = 0x0100,
	FLAG_AUTHENTICATED = 0x0020,
	MASK_CODE = 0x000f
};

struct parser {
	struct span message;
	size_t position;
	struct pool *pool;
	struct dns_response *response;
	struct dns_record **end; /* where the next record is linked */
	bool odd;                /* the record has a name that is no text */
	bool exhausted;          /* the pool is full */
};

/* The fixed part of a record. */
struct prologue {
	struct span name;
	unsigned type;
	unsigned class;
	uint32_t ttl;
	size_t end; /* position behind its data */
};

static void
write_u16(struct buf *out, unsigned number)
{
	(void)buf_append_byte(out, (char)(number >> 8 & 0xff));
	(void)buf_append_byte(out, (char)(number & 0xff));
}

bool
dns_message_write(struct buf *out, uint16_t id,
    const struct dns_question *question, struct error *error)
{
	unsigned flags = FLAG_RECURSION_DESIRED;

	if (question->wants_authenticated)
		flags |= FLAG_AUTHENTICATED;
	write_u16(out, id);
	write_u16(out, flags);
	write_u16(out, 1); /* questions */
	write_u16(out, 0); /* answers */
	write_u16(out, 0); /* authorities */
	write_u16(out, question->plain ? 0 : 1);
	if (!dns_name_write(out, question->name))
		return error_set(error, ERROR_INVALID,
		    "not a domain name: \"%.*s\"", SPAN_ARGS(question->name));
	write_u16(out, question->type);
	write_u16(out, CLASS_IN);
	if (!question->plain) {
		(void)buf_append_byte(out, 0); /* the root's name */
		write_u16(out, TYPE_OPT);
		write_u16(out, DNS_UDP_SIZE);
		write_u16(out, 0); /* extended code, version */
		write_u16(out, 0); /* flags */
		write_u16(out, 0); /* length of options */
	}
	must(!out->overflowed);
	return true;
}

static bool
take_u16(struct parser *parser, unsigned *number)
{
	const uint8_t *at =
	    (const uint8_t *)parser->message.at + parser->position;

	if (parser->message.len - parser->position < 2)
		return false;
	*number = (unsigned)at[0] << 8 | at[1];
	parser->position += 2;
	return true;
}

static bool
take_u32(struct parser *parser, uint32_t *number)
{
	unsigned high;
	unsigned low;

	if (!take_u16(parser, &high) || !take_u16(parser, &low))
		return false;
	*number = (uint32_t)high << 16 | low;
	return true;
}

/* RFC 2181 section 8: with the highest bit set it counts as 0. */
static bool
take_ttl(struct parser *parser, uint32_t *ttl)
{
	if (!take_u32(parser, ttl))
		return false;
	if (*ttl > INT32_MAX)
		*ttl = 0;
	return true;
}

static bool
copy_bytes(struct parser *parser, struct span bytes, struct span *copy)
{
	parser->exhausted = !pool_copy_span(parser->pool, bytes, copy);
	return !parser->exhausted;
}

static bool
take_name(struct parser *parser, struct span *copy)
{
	struct dns_name name;
	struct span text;

	if (!dns_name_read(parser->message, &parser->position, &name))
		return false;
	parser->odd = parser->odd || name.odd;
	text = span_of(name.text, name.len);
	*copy = parser->response->question_name;
	/* Nearly all records belong to the name that was asked for. */
	return span_equal(text, *copy) || copy_bytes(parser, text, copy);
}

/* The rest of the data, which must be `size` bytes. */
static bool
take_address(struct parser *parser, size_t size, struct dns_record *record)
{
	struct span bytes = span_skip(parser->message, parser->position);

	parser->position = parser->message.len;
	return bytes.len == size && copy_bytes(parser, bytes, &record->data);
}

static bool
read_a(struct parser *parser, struct dns_record *record)
{
	return take_address(parser, 4, record);
}

static bool
read_aaaa(struct parser *parser, struct dns_record *record)
{
	return take_address(parser, 16, record);
}

static bool
read_name(struct parser *parser, struct dns_record *record)
{
	return take_name(parser, &record->data);
}

static bool
read_mx(struct parser *parser, struct dns_record *record)
{
	unsigned preference;

	if (!take_u16(parser, &preference))
		return false;
	record->preference = (uint16_t)preference;
	return take_name(parser, &record->data);
}

/* Strings of up to 255 bytes, each behind its length; they only get shorter by
 * joining. */
static bool
read_txt(struct parser *parser, struct dns_record *record)
{
	struct span rest = span_skip(parser->message, parser->position);
	char *text = pool_alloc(parser->pool, rest.len + 1);
	size_t len = 0;

	parser->exhausted = text == NULL;
	if (text == NULL)
		return false;
	while (rest.len > 0) {
		uint8_t count = (uint8_t)rest.at[0];

		rest = span_skip(rest, 1);
		if (rest.len < count)
			return false;
		memcpy(text + len, rest.at, count);
		len += count;
		rest = span_skip(rest, count);
	}
	parser->position = parser->message.len;
	record->data = span_of(text, len);
	return true;
}

/* The record's last number is how long to believe in absence, but not for
 * longer than in the record itself (RFC 2308 section 5). */
static bool
read_soa(struct parser *parser, struct dns_record *record)
{
	struct dns_response *response = parser->response;
	struct span mailbox;
	uint32_t number;
	uint32_t minimum;

	if (!take_name(parser, &record->data) || !take_name(parser, &mailbox))
		return false;
	for (int i = 0; i < 4; i++) { /* serial, refresh, retry, expire */
		if (!take_u32(parser, &number))
			return false;
	}
	if (!take_ttl(parser, &minimum))
		return false;
	response->has_negative_ttl = true;
	response->negative_ttl = minimum < record->ttl ? minimum : record->ttl;
	return true;
}

/* Each reads the data of a record, to its end exactly. */
static const struct record_kind {
	enum dns_type type;
	bool (*read)(struct parser *parser, struct dns_record *record);
} record_kinds[] = {
    {DNS_A, read_a},
    {DNS_CNAME, read_name},
    {DNS_SOA, read_soa},
    {DNS_PTR, read_name},
    {DNS_MX, read_mx},
    {DNS_TXT, read_txt},
    {DNS_AAAA, read_aaaa},
};

static const struct record_kind *
find_kind(const struct prologue *prologue)
{
	for (size_t i = 0; i < COUNT_OF(record_kinds); i++) {
		if (record_kinds[i].type == prologue->type &&
		    prologue->class == CLASS_IN)
			return &record_kinds[i];
	}
	return NULL;
}

static bool
take_prologue(struct parser *parser, struct prologue *prologue)
{
	unsigned length;

	parser->odd = false;
	if (!take_name(parser, &prologue->name) ||
	    !take_u16(parser, &prologue->type) ||
	    !take_u16(parser, &prologue->class) ||
	    !take_u32(parser, &prologue->ttl) || !take_u16(parser, &length) ||
	    parser->message.len - parser->position < length)
		return false;
	prologue->end = parser->position + length;
	return true;
}

/* Reads the data with the message cut behind it, so that nothing of the next
 * record is taken for a part of this one. *record is NULL when it is left
 * out. */
static bool
take_data(struct parser *parser, const struct prologue *prologue,
    struct dns_record **record)
{
	const struct record_kind *kind = find_kind(prologue);
	struct parser inside = *parser;
	struct dns_record *made;
	bool whole;

	*record = NULL;
	parser->position = prologue->end;
	if (kind == NULL)
		return true;
	made = pool_alloc(parser->pool, sizeof *made);
	parser->exhausted = made == NULL;
	if (made == NULL)
		return false;
	made->name = prologue->name;
	made->type = kind->type;
	made->ttl = prologue->ttl > INT32_MAX ? 0 : prologue->ttl;
	inside.message = span_head(parser->message, prologue->end);
	whole = kind->read(&inside, made) && inside.position == prologue->end;
	parser->exhausted = inside.exhausted;
	if (whole && !inside.odd)
		*record = made;
	return whole;
}

static bool
read_answer(struct parser *parser)
{
	struct prologue prologue;
	struct dns_record *record;

	if (!take_prologue(parser, &prologue) ||
	    !take_data(parser, &prologue, &record))
		return false;
	if (record == NULL)
		return true;
	*parser->end = record;
	parser->end = &record->next;
	return true;
}

/* Of the authorities only the SOA matters, and only for its negative TTL. */
static bool
read_authority(struct parser *parser)
{
	struct prologue prologue;
	struct dns_record *record;

	if (!take_prologue(parser, &prologue))
		return false;
	if (prologue.type == DNS_SOA)
		return take_data(parser, &prologue, &record);
	parser->position = prologue.end;
	return true;
}

/* The OPT record has the high bits of the response code where others have the
 * highest byte of their TTL (RFC 6891 section 6.1.3). */
static bool
read_additional(struct parser *parser)
{
	struct prologue prologue;

	if (!take_prologue(parser, &prologue))
		return false;
	if (prologue.type == TYPE_OPT)
		parser->response->code |= (unsigned)(prologue.ttl >> 24) << 4;
	parser->position = prologue.end;
	return true;
}

static bool
read_question(struct parser *parser)
{
	struct dns_response *response = parser->response;
	unsigned class;

	if (!take_name(parser, &response->question_name) ||
	    !take_u16(parser, &response->question_type) ||
	    !take_u16(parser, &class))
		return false;
	response->has_question = class == CLASS_IN && !parser->odd;
	return true;
}

static bool
read_header(struct parser *parser, unsigned counts[4])
{
	struct dns_response *response = parser->response;
	unsigned id;
	unsigned flags;

	if (!take_u16(parser, &id) || !take_u16(parser, &flags))
		return false;
	for (int i = 0; i < 4; i++) {
		if (!take_u16(parser, &counts[i]))
			return false;
	}
	response->id = (uint16_t)id;
	response->code = flags & MASK_CODE;
	response->truncated = (flags & FLAG_TRUNCATED) != 0;
	response->authenticated = (flags & FLAG_AUTHENTICATED) != 0;
	return (flags & FLAG_RESPONSE) != 0 && (flags & MASK_OPCODE) == 0 &&
	    counts[0] <= 1;
}

static bool
read_sections(struct parser *parser)
{
	static bool (*const readers[4])(struct parser * parser) = {
	    read_question, read_answer, read_authority, read_additional};
	unsigned counts[4];

	if (!read_header(parser, counts))
		return false;
	for (int section = 0; section < 4; section++) {
		/* A truncated message may end anywhere behind its question. */
		if (section > 0 && parser->response->truncated)
			return true;
		for (unsigned i = 0; i < counts[section]; i++) {
			if (!readers[section](parser))
				return false;
		}
	}
	return true;
}

bool
dns_message_read(struct span message, struct pool *pool,
    struct dns_response *response, struct error *error)
{
	struct parser parser = {.message = message,
	    .pool = pool,
	    .response = response,
	    .end = &response->records};

	*response = (struct dns_response){.question_name = SPAN_EMPTY};
	if (read_sections(&parser))
		return true;
	if (parser.exhausted)
		return error_set(
		    error, ERROR_LIMIT, "DNS response is too large");
	return error_set(error, ERROR_INVALID, "malformed DNS response");
}

bool
dns_message_answers(const struct dns_response *response, uint16_t id,
    const struct dns_question *question)
{
	struct span name = question->name;

	if (response->id != id)
		return false;
	if (!response->has_question)
		return response->code != DNS_NOERROR &&
		    response->code != DNS_NXDOMAIN;
	if (span_ends(name, SPAN(".")))
		name = span_head(name, name.len - 1);
	return response->question_type == question->type &&
	    span_equal_fold(response->question_name, name);
}
