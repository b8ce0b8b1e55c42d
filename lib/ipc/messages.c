/* SPDX-License-Identifier: MIT */
#include "lib/ipc/messages.h"

#include "lib/base/crc32c.h"

static bool
put_u32(struct buf *out, uint32_t number)
{
	return buf_append(out, &number, sizeof number);
}

static bool
put_u64(struct buf *out, uint64_t number)
{
	return buf_append(out, &number, sizeof number);
}

static bool
put_flag(struct buf *out, bool flag)
{
	return buf_append_byte(out, flag ? 1 : 0);
}

static bool
put_text(struct buf *out, struct span text)
{
	return text.len <= UINT32_MAX && put_u32(out, (uint32_t)text.len) &&
	    buf_append_span(out, text);
}

static bool
take_bytes(struct span *rest, void *to, size_t count)
{
	if (rest->len < count)
		return false;
	memcpy(to, rest->at, count);
	*rest = span_skip(*rest, count);
	return true;
}

static bool
take_u32(struct span *rest, uint32_t *number)
{
	return take_bytes(rest, number, sizeof *number);
}

static bool
take_u64(struct span *rest, uint64_t *number)
{
	return take_bytes(rest, number, sizeof *number);
}

static bool
take_flag(struct span *rest, bool *flag)
{
	unsigned char byte;

	if (!take_bytes(rest, &byte, 1) || byte > 1)
		return false;
	*flag = byte == 1;
	return true;
}

static bool
take_text(struct span *rest, struct span *text)
{
	uint32_t len;

	if (!take_u32(rest, &len) || rest->len < len)
		return false;
	*text = span_head(*rest, len);
	*rest = span_skip(*rest, len);
	return true;
}

#define MESSAGE(NAME, name, fields) RECORD(name, fields)
#define SIGNAL(NAME)

#define FIELD(type, field) &&put_##type(out, message->field)
#define RECORD(name, fields)                                       \
	bool message_put_##name(                                   \
	    struct buf *out, const struct message_##name *message) \
	{                                                          \
		return true fields;                                \
	}
#include "lib/ipc/messages.def"
#undef FIELD
#undef RECORD

#define FIELD(type, field) &&take_##type(rest, &message->field)
#define RECORD(name, fields)                                     \
	bool message_take_##name(                                \
	    struct span *rest, struct message_##name *message)   \
	{                                                        \
		struct span all = *rest;                         \
		bool good = rest->len > 0 fields;                \
                                                                 \
		*rest = good ? *rest : all;                      \
		return good;                                     \
	}                                                        \
                                                                 \
	bool message_get_##name(                                 \
	    struct span payload, struct message_##name *message) \
	{                                                        \
		return message_take_##name(&payload, message) && \
		    payload.len == 0;                            \
	}
#include "lib/ipc/messages.def"
#undef FIELD
#undef RECORD
#undef MESSAGE
#undef SIGNAL

const char *
message_name(uint16_t type)
{
	static const char *const names[] = {
#define MESSAGE(NAME, name, fields) [MESSAGE_##NAME] = #NAME,
#define SIGNAL(NAME)                [MESSAGE_##NAME] = #NAME,
#define RECORD(name, fields)
#include "lib/ipc/messages.def"
#undef MESSAGE
#undef SIGNAL
#undef RECORD
	};

	return type < COUNT_OF(names) && names[type] != NULL ? names[type]
							     : "unknown";
}

uint32_t
message_table_hash(void)
{
	static const char *const table[] = {
#define MESSAGE(NAME, name, fields) #NAME #fields,
#define SIGNAL(NAME)                #NAME,
#define RECORD(name, fields)        #name #fields,
#include "lib/ipc/messages.def"
#undef MESSAGE
#undef SIGNAL
#undef RECORD
	};
	uint32_t hash = 0;

	for (size_t i = 0; i < COUNT_OF(table); i++)
		hash = crc32c(hash, span_text(table[i]));
	return hash;
}
