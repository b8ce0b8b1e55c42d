/* SPDX-License-Identifier: MIT */
#include "qmgr/inflow.h"

#include "lib/base/list.h"
#include "lib/base/memory.h"
#include "lib/log/log.h"

#include "qmgr/params.h"

enum {
	STEPS = 10 /* that the limit is divided into */
};

struct client {
	struct list node;
	struct peer *peer;
};

static struct {
	struct list clients;
	uint32_t level; /* as they know it */
} inflow = {.clients = {&inflow.clients, &inflow.clients}};

uint32_t
inflow_level(uint32_t before, uint64_t waiting, uint64_t limit)
{
	uint64_t step = limit < STEPS ? 1 : limit / STEPS;
	uint64_t level = waiting / step;
	uint64_t falling = (waiting + step / 2) / step;

	if (level > UINT32_MAX)
		level = UINT32_MAX;
	if (level >= before)
		return (uint32_t)level;
	return falling < before ? (uint32_t)falling : before;
}

static void
tell(const struct client *client)
{
	peer_notify_inflow(
	    client->peer, &(struct message_inflow){.level = inflow.level});
}

static struct client *
find(const struct peer *peer)
{
	list_foreach (node, &inflow.clients) {
		struct client *client = list_element(node, struct client, node);

		if (client->peer == peer)
			return client;
	}
	return NULL;
}

bool
inflow_met(struct peer *peer)
{
	struct client *client;

	if (find(peer) != NULL)
		return false;
	client = memory_alloc(sizeof *client);
	client->peer = peer;
	list_add_last(&inflow.clients, &client->node);
	if (inflow.level > 0)
		tell(client);
	return true;
}

void
inflow_each(void (*call)(struct peer *peer))
{
	list_foreach (node, &inflow.clients)
		call(list_element(node, struct client, node)->peer);
}

void
inflow_lost(const struct peer *peer)
{
	struct client *client = find(peer);

	if (client == NULL)
		return;
	list_remove(&client->node);
	free(client);
}

void
inflow_set_waiting(uint64_t waiting)
{
	uint32_t before = inflow.level;

	inflow.level = inflow_level(
	    before, waiting, (uint64_t)params.qmgr_message_active_limit);
	if (inflow.level == before)
		return;
	if (before == 0)
		log_warning(NULL,
		    "mail comes in faster than it is delivered: %llu fresh "
		    "messages wait for room in memory",
		    (unsigned long long)waiting);
	if (inflow.level == 0)
		log_info(NULL, "mail is delivered as fast as it comes in");
	list_foreach (node, &inflow.clients)
		tell(list_element(node, struct client, node));
}
