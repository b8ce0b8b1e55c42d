/* SPDX-License-Identifier: MIT */
/* The names and addresses of hosts(5), which come before DNS. Read again when
 * the file changes. */
#ifndef SMTP_DNS_HOSTS_H
#define SMTP_DNS_HOSTS_H

#include "lib/base/hash.h"
#include "lib/base/pool.h"
#include "lib/net/dns_message.h"

#include "smtp/dns/watched_file.h"

struct hosts {
	struct watched_file file;
	struct pool *pool;       /* of what the hashes lead to */
	struct hash *by_name;    /* folded name -> its addresses */
	struct hash *by_reverse; /* name below in-addr.arpa -> host name */
};

void hosts_open(struct hosts *hosts, const char *path);
void hosts_refresh(struct hosts *hosts);
void hosts_parse(struct hosts *hosts, struct span text);
void hosts_close(struct hosts *hosts);

/* Appends the records (message_dns_record) of the folded name to `list`; false
 * when there are none of the type. */
bool hosts_find(const struct hosts *hosts, struct span name, enum dns_type type,
    struct buf *list) MUST_USE;

#endif
