/* SPDX-License-Identifier: MIT */
#include "lib/queue/attribute.h"

#include "lib/base/text.h"

enum {
	NAME_MAXIMUM = 64
};

static const char *const names[ATTRIBUTE_COUNT] = {
    [ATTRIBUTE_SENDER] = "sender",
    [ATTRIBUTE_CLIENT_NAME] = "client_name",
    [ATTRIBUTE_CLIENT_ADDRESS] = "client_address",
    [ATTRIBUTE_CLIENT_PORT] = "client_port",
    [ATTRIBUTE_HELO] = "helo",
    [ATTRIBUTE_PROTOCOL] = "protocol",
    [ATTRIBUTE_ORIGIN] = "origin",
    [ATTRIBUTE_LOCAL_USER] = "local_user",
    [ATTRIBUTE_SASL_METHOD] = "sasl_method",
    [ATTRIBUTE_SASL_NAME] = "sasl_name",
    [ATTRIBUTE_SASL_SENDER] = "sasl_sender",
    [ATTRIBUTE_RET] = "ret",
    [ATTRIBUTE_ENVELOPE_ID] = "envelope_id",
    [ATTRIBUTE_MESSAGE_ID] = "message_id",
    [ATTRIBUTE_BODY_TYPE] = "body_type",
    [ATTRIBUTE_NOTICE_CLASS] = "notice_class",
    [ATTRIBUTE_REPLACES] = "replaces",
};

const char *
attribute_name(enum attribute attribute)
{
	must(attribute < ATTRIBUTE_COUNT);
	return names[attribute];
}

enum attribute
attribute_find(struct span name)
{
	enum attribute attribute = 0;

	while (attribute < ATTRIBUTE_COUNT &&
	    !span_equal(name, span_text(names[attribute])))
		attribute++;
	return attribute;
}

bool
attribute_name_is_valid(struct span name)
{
	if (name.len == 0 || name.len > NAME_MAXIMUM)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char byte = name.at[i];

		if (byte != '_' && !text_is_digit(byte) &&
		    !(byte >= 'a' && byte <= 'z'))
			return false;
	}
	return true;
}
