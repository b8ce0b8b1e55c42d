/* SPDX-License-Identifier: MIT */
/* What the parts of the service skeleton share. The process is one service, so
 * its state is one object. Private to lib/daemon. */
#ifndef DAEMON_STATE_H
#define DAEMON_STATE_H

#include "lib/base/hash.h"
#include "lib/daemon/service.h"
#include "lib/loop/loop.h"

struct listener;

struct daemon_state {
	const struct service *service;
	struct channel *control;
	struct peer_identity identity;
	struct message_start start; /* its texts live in `pool` */
	struct pool *pool;
	struct config *config;
	struct master_cf master_cf;
	struct param_source source;
	const struct param_set *sets[3];
	struct common_params common;
	struct hash
	    *given; /* descriptors from master: name -> struct given_fd */
	uint32_t sessions;
	uint64_t sessions_begun;
	bool started;
	bool stress;
	bool draining;
};

extern struct daemon_state daemon_state;

struct given_fd {
	int fd;
};

void daemon_tell(enum message_type type, struct span payload);

#endif
