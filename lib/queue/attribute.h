/* SPDX-License-Identifier: MIT */
/* The named attributes of a stored message. On disk an attribute is
 * `name=value` and a NUL; names that this version does not know are kept and
 * copied. An attribute that was not given is the empty span. */
#ifndef QUEUE_ATTRIBUTE_H
#define QUEUE_ATTRIBUTE_H

#include "lib/base/span.h"

enum attribute {
	ATTRIBUTE_SENDER,         /* envelope sender, empty for <> */
	ATTRIBUTE_CLIENT_NAME,    /* verified name or "unknown" */
	ATTRIBUTE_CLIENT_ADDRESS, /* as in a log line */
	ATTRIBUTE_CLIENT_PORT,
	ATTRIBUTE_HELO,
	ATTRIBUTE_PROTOCOL,    /* SMTP, ESMTP, ... */
	ATTRIBUTE_ORIGIN,      /* "local" or "remote": who rewrote the header */
	ATTRIBUTE_LOCAL_USER,  /* login name, mail submitted locally */
	ATTRIBUTE_SASL_METHOD, /* of the submitting session */
	ATTRIBUTE_SASL_NAME,
	ATTRIBUTE_SASL_SENDER,
	ATTRIBUTE_RET,          /* RFC 3461: FULL or HDRS */
	ATTRIBUTE_ENVELOPE_ID,  /* RFC 3461 ENVID, as it came (xtext) */
	ATTRIBUTE_MESSAGE_ID,   /* of the header, with < and > */
	ATTRIBUTE_BODY_TYPE,    /* 7BIT or 8BITMIME, as declared */
	ATTRIBUTE_NOTICE_CLASS, /* set in our own notices: bounce, delay, ... */
	ATTRIBUTE_REPLACES,     /* id of the message that was queued anew */
	ATTRIBUTE_COUNT
};

/* The name on disk. */
const char *attribute_name(enum attribute attribute);

/* ATTRIBUTE_COUNT for a name that is not in the table. */
enum attribute attribute_find(struct span name);

/* Lower-case letters, digits and _, at most 64. */
bool attribute_name_is_valid(struct span name);

#endif
