/* SPDX-License-Identifier: MIT */
/* Messages of DNS (RFC 1035, EDNS0: RFC 6891): builds queries, reads responses
 * into the caller's pool. What a server sends is hostile. */
#ifndef NET_DNS_MESSAGE_H
#define NET_DNS_MESSAGE_H

#include "lib/base/error.h"
#include "lib/base/pool.h"
#include "lib/net/dns_name.h"

enum dns_type {
	DNS_A = 1,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28
};

/* Response codes that mean something to us. */
enum dns_code {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4
};

enum {
	DNS_UDP_SIZE = 1232, /* fits the smallest MTU of IPv6 in one piece */
	DNS_MESSAGE_MAXIMUM = 65535 /* over TCP */
};

struct dns_question {
	struct span name;
	enum dns_type type;
	bool wants_authenticated; /* ask for the AD bit, RFC 6840 section 5.7 */
	bool plain; /* without EDNS0, for servers that refuse it */
};

/* One record of the answer section. */
struct dns_record {
	struct dns_record *next;
	struct span name;
	enum dns_type type;
	uint32_t ttl;
	uint16_t preference; /* MX */
	/* A, AAAA: 4 or 16 bytes in network order. MX, CNAME, PTR: a name
	 * (empty: the root, which in MX means "no mail", RFC 7505). SOA: the
	 * primary server. TXT: all strings of the record, joined. */
	struct span data;
};

struct dns_response {
	uint16_t id;
	unsigned code;      /* enum dns_code, or another number up to 4095 */
	bool truncated;     /* nothing behind the question was read */
	bool authenticated; /* the server says that it checked DNSSEC */
	bool has_question;
	struct span question_name;
	unsigned question_type;
	struct dns_record *records; /* of class IN and a known type, in order */
	/* How long the absence of an answer may be believed (RFC 2308). */
	bool has_negative_ttl;
	uint32_t negative_ttl;
};

/* Appends the query to `out`. False (ERROR_INVALID) when the name is none. */
bool dns_message_write(struct buf *out, uint16_t id,
    const struct dns_question *question, struct error *error) MUST_USE;

/* ERROR_INVALID when it is malformed or no response; ERROR_LIMIT when the pool
 * is full. Records with names that cannot be told as text are left out. */
bool dns_message_read(struct span message, struct pool *pool,
    struct dns_response *response, struct error *error) MUST_USE;

/* Whether `response` repeats `id` and `question`. A failure code without a
 * question passes: servers that understand nothing repeat nothing. */
bool dns_message_answers(const struct dns_response *response, uint16_t id,
    const struct dns_question *question);

#endif
