/* SPDX-License-Identifier: MIT */
/* The name servers to ask: those of parameter dns_servers, or those of
 * resolv.conf(5), which is read again when it changes. */
#ifndef SMTP_DNS_SERVERS_H
#define SMTP_DNS_SERVERS_H

#include "lib/net/address.h"

#include "smtp/dns/watched_file.h"

enum {
	SERVERS_MAXIMUM = 8
};

struct servers {
	struct address addresses[SERVERS_MAXIMUM];
	size_t count;     /* at least 1 */
	size_t preferred; /* the one that answered last */
	int64_t timeout;  /* of one try, in seconds */
	unsigned attempts;
	bool is_fixed; /* they came from the parameter */
	struct watched_file file;
};

/* `list` is the value of dns_servers, `path` that of resolv.conf. */
bool servers_open(struct servers *servers, struct span list, const char *path,
    struct error *error) MUST_USE;

/* Looks whether resolv.conf has changed. */
void servers_refresh(struct servers *servers);

/* What a resolv.conf says; 127.0.0.1 when it names no server. */
void servers_parse(struct servers *servers, struct span text);

#endif
