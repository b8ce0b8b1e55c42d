/* SPDX-License-Identifier: MIT */
/* Structs, encoders and decoders of all messages, made from messages.def, so
 * that sender and receiver cannot disagree. For every MESSAGE and RECORD x:
 *
 *   struct message_x;
 *   bool message_put_x(struct buf *, const struct message_x *);
 *   bool message_get_x(struct span, struct message_x *);       whole payload
 *   bool message_take_x(struct span *rest, struct message_x *); front of a list
 *
 * put fails at the buffer's maximum only; get fails on short or trailing
 * bytes, take at the end of the list (then rest is empty) and on short bytes
 * (then it is not, and as it was). */
#ifndef IPC_MESSAGES_H
#define IPC_MESSAGES_H

#include "lib/base/buf.h"

enum message_type {
	MESSAGE_NONE,
#define MESSAGE(NAME, name, fields) MESSAGE_##NAME,
#define SIGNAL(NAME)                MESSAGE_##NAME,
#define RECORD(name, fields)
#include "lib/ipc/messages.def"
#undef MESSAGE
#undef SIGNAL
#undef RECORD
	MESSAGE_TYPE_COUNT
};

typedef uint32_t message_u32;
typedef uint64_t message_u64;
typedef bool message_flag;
typedef struct span message_text;

#define FIELD(type, name) message_##type name;
#define RECORD(name, fields)                                               \
	struct message_##name {                                            \
		fields                                                     \
	};                                                                 \
	bool message_put_##name(                                           \
	    struct buf *out, const struct message_##name *message);        \
	bool message_get_##name(                                           \
	    struct span payload, struct message_##name *message) MUST_USE; \
	bool message_take_##name(                                          \
	    struct span *rest, struct message_##name *message) MUST_USE;
#define MESSAGE(NAME, name, fields) RECORD(name, fields)
#define SIGNAL(NAME)
#include "lib/ipc/messages.def"
#undef FIELD
#undef RECORD
#undef MESSAGE
#undef SIGNAL

/* For log lines: "BEGIN", or "unknown". */
const char *message_name(uint16_t type);

/* Changes whenever messages.def does. */
uint32_t message_table_hash(void);

/* message_begin.flags, and with the message ever after. */
enum message_flag_bit {
	MESSAGE_FLAG_8BIT = 1, /* BODY=8BITMIME was said */
	MESSAGE_FLAG_SMTPUTF8 = 2,
	MESSAGE_FLAG_LOCAL = 4,  /* complete headers as for local mail */
	MESSAGE_FLAG_NOTICE = 8, /* made by bounce */
	MESSAGE_FLAG_REQUEUED = 16
};

/* message_begin.origin: how mail that may need SMTPUTF8 came in. */
enum message_origin {
	ORIGIN_OTHER, /* its flags are known to be right */
	ORIGIN_SENDMAIL,
	ORIGIN_SMTPD,
	ORIGIN_FORWARD,
	ORIGIN_BOUNCE
};

/* message_recipient.notify: RFC 3461 NOTIFY; 0 = not given. */
enum notify_bit {
	NOTIFY_NEVER = 1,
	NOTIFY_SUCCESS = 2,
	NOTIFY_FAILURE = 4,
	NOTIFY_DELAY = 8,
	/* Not a wish of the sender: this is an alias, and all it stands for are
	 * recipients of the same message. Nothing is delivered to it; its
	 * sender is told that it was expanded (RFC 3461 5.2.7.3). */
	NOTIFY_EXPANDED = 16
};

/* message_begin.ret: RFC 3461 RET. */
enum message_ret {
	RET_NOT_GIVEN,
	RET_FULL,
	RET_HEADERS
};

/* message_deliver.header_flags and body_flags. */
enum content_flag {
	CONTENT_8BIT = 1,
	CONTENT_LEADING_DOT = 2, /* some line begins with a dot */
	CONTENT_LONG_LINE = 4,   /* some line is above 998 bytes */
	CONTENT_FINAL_CRLF = 8   /* the last line is ended */
};

enum delivery_outcome {
	DELIVERY_SENT,
	DELIVERY_DEFERRED,
	DELIVERY_BOUNCED,
	DELIVERY_EXPANDED, /* sent on under new recipients */
	DELIVERY_RELAYED,  /* sent to a host that does not do DSN */
	/* Sent on, and whoever has it now reports as the sender asked. */
	DELIVERY_PASSED_ON,
	DELIVERY_OUTCOME_COUNT
};

enum notice_kind {
	NOTICE_FAILURE,
	NOTICE_DELAY,
	NOTICE_SUCCESS
};

enum lookup_result_code {
	LOOKUP_NOT_FOUND,
	LOOKUP_FOUND,
	LOOKUP_TRY_AGAIN
};

enum dns_result {
	DNS_FOUND,
	DNS_NO_NAME, /* NXDOMAIN */
	DNS_NO_DATA, /* the name exists without this type */
	DNS_TRY_AGAIN,
	DNS_REFUSED /* a broken name or answer: a retry gives the same */
};

/* message_sign.digest: what the key is applied to. */
enum sign_digest {
	SIGN_WHOLE, /* Ed25519, which has no digest of its own */
	SIGN_SHA224,
	SIGN_SHA256,
	SIGN_SHA384,
	SIGN_SHA512,
	SIGN_DIGEST_COUNT
};

/* message_sign.padding: of RSA. */
enum sign_padding {
	SIGN_UNPADDED, /* another kind of key */
	SIGN_PKCS1,
	SIGN_PSS, /* with as much salt as the digest is long */
	SIGN_PADDING_COUNT
};

enum sign_result {
	SIGN_MADE,
	SIGN_NO_KEY,
	SIGN_REFUSED, /* not what a handshake has signed */
	SIGN_FAILED
};

/* message_key.side: whose certificates the keys are for. A sum of them in a key
 * that both use. */
enum key_side {
	KEY_OF_SERVER = 1,
	KEY_OF_CLIENT = 2
};

enum launch_kind {
	LAUNCH_MAILBOX,
	LAUNCH_MAILDIR
};

enum queue_operation {
	QUEUE_DELETE,
	QUEUE_HOLD,
	QUEUE_RELEASE,
	QUEUE_REQUEUE,
	QUEUE_EXPIRE,
	QUEUE_FLUSH
};

/* message_queue_operation.queues: all but the active ones are the bits of
 * places in lib/queue, 1 << PLACE_HOLD. */
enum queue_set {
	QUEUE_SET_INCOMING = 1,
	QUEUE_SET_DEFERRED = 2,
	QUEUE_SET_HOLD = 4,
	QUEUE_SET_CORRUPT = 8,
	QUEUE_SET_ACTIVE = 16,
	QUEUE_SET_SOUND = 23 /* all but corrupt */
};

/* message_explanation.state: where qmgr has the message. */
enum explained_state {
	EXPLAINED_ON_DISK,
	EXPLAINED_BEING_READ,
	EXPLAINED_IN_MEMORY,
	EXPLAINED_ENDING /* all that could be tried has a result */
};

/* message_explained_recipient.hold: what keeps it. */
enum explained_hold {
	HOLD_NOTHING,  /* that qmgr knows of */
	HOLD_UNREAD,   /* of many recipients, only the next are in memory */
	HOLD_DELIVERY, /* since `until` */
	HOLD_TURN,     /* others are before it */
	HOLD_SLOT,     /* `busy` of `limit` */
	HOLD_SHARE,    /* the last slots are kept for fresh mail */
	HOLD_WINDOW,   /* `busy` of `limit` */
	HOLD_DESTINATION_DELAY,
	HOLD_TRANSPORT_DELAY,
	HOLD_SUSPENSION,  /* `text` says why */
	HOLD_NO_AGENT,    /* none has come */
	HOLD_NO_TRANSPORT /* `text` says why there is no route */
};

#endif
