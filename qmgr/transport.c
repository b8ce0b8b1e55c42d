/* SPDX-License-Identifier: MIT */
#include "qmgr/transport.h"

#include "lib/base/hash.h"
#include "lib/base/memory.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"

#include "qmgr/params.h"

enum {
	NAME_MAXIMUM = 100,
	KEY_MAXIMUM = 4096
};

/* The process has one set of transports. */
static struct {
	struct hash *all;
	void (*dispatch)(struct transport *transport);
} transports;

/* Programs whose work is done here. */
static const struct {
	const char *program;
	enum transport_kind kind;
} programs[] = {
    {"error", TRANSPORT_ERROR},
    {"retry", TRANSPORT_RETRY},
    {"discard", TRANSPORT_DISCARD},
};

void
transport_open(void (*dispatch)(struct transport *transport))
{
	transports.all = hash_create();
	transports.dispatch = dispatch;
}

struct transport *
transport_next(struct hash_cursor *cursor)
{
	return hash_next(transports.all, cursor, NULL);
}

/* In these parameters 0 means no limit. */
static uint32_t
without_zero(int64_t limit)
{
	return limit == 0 ? INT32_MAX : (uint32_t)limit;
}

static struct lane_limits
translate(const struct qmgr_params *own)
{
	return (struct lane_limits){
	    .recipients =
		without_zero(own->default_destination_recipient_limit),
	    .window =
		{
		    .initial = (uint32_t)own->initial_destination_concurrency,
		    .maximum = without_zero(
			own->default_destination_concurrency_limit),
		    .cohorts = without_zero(
			own->default_destination_concurrency_failed_cohort_limit),
		    .positive =
			own->default_destination_concurrency_positive_feedback,
		    .negative =
			own->default_destination_concurrency_negative_feedback,
		},
	    .suspension = service_common()->minimal_backoff_time * 1000,
	    .destination_delay = own->default_destination_rate_delay * 1000,
	    .transport_delay = own->default_transport_rate_delay * 1000,
	};
}

/* The parameters, or what names that begin with the transport's make of them.
 * All values were checked at the start. */
static struct lane_limits
limits_of(struct span name)
{
	struct pool *pool = pool_create(NULL, "limits", POOL_NO_MAXIMUM);
	struct qmgr_params own = params;
	struct error error;

	if (!param_load_service(&qmgr_param_set, service_param_source(), name,
		&own, pool, &error))
		log_error(NULL, "%s", error.text);
	pool_destroy(pool);
	return translate(&own);
}

/* A transport's program is its master.cf line's, or its name when that is one
 * of the built-in ones. */
static void
set_kind(struct transport *transport, struct span name)
{
	const struct master_service *line =
	    master_cf_find(service_master_cf(), name, MASTER_UNIX);
	struct span program = line == NULL ? name : line->command;

	transport->kind = line == NULL ? TRANSPORT_MISSING : TRANSPORT_AGENT;
	for (size_t i = 0; i < COUNT_OF(programs); i++) {
		if (!span_equal(program, span_text(programs[i].program)))
			continue;
		transport->kind = programs[i].kind;
	}
	/* The usual line for it is "retry ... error". */
	if (transport->kind == TRANSPORT_ERROR &&
	    span_equal(name, SPAN("retry")))
		transport->kind = TRANSPORT_RETRY;
}

static void
run_dispatch(struct loop_work *work)
{
	transports.dispatch(work->owner);
}

void
transport_wake(struct transport *transport)
{
	loop_at_turn_end(&transport->work, run_dispatch, transport);
}

static void
wake_now(struct loop_timer *timer)
{
	transport_wake(timer->owner);
}

void
transport_wake_at(struct transport *transport, int64_t time)
{
	if (time == SCHEDULE_NEVER)
		loop_timer_stop(&transport->rate);
	else
		loop_timer_start(&transport->rate, time, wake_now, transport);
}

static struct transport *
create_transport(struct span name)
{
	struct transport *transport =
	    memory_zero(sizeof *transport + name.len + 1);
	struct lane_limits limits = limits_of(name);

	memcpy(transport->name, name.at, name.len);
	lane_init(&transport->lane, &limits);
	transport->per_recipient = limits.recipients == 1;
	list_init(&transport->agents);
	list_init(&transport->waiters);
	set_kind(transport, name);
	return transport;
}

struct transport *
transport_find(struct span name)
{
	struct transport *transport;

	if (name.len == 0 || name.len > NAME_MAXIMUM)
		return NULL;
	transport = hash_get(transports.all, name);
	if (transport == NULL) {
		transport = create_transport(name);
		hash_put(transports.all, name, transport);
	}
	return transport;
}

struct transport *
transport_alone(struct transport *transport)
{
	char key[NAME_MAXIMUM + sizeof "!"];

	if (transport->is_alone)
		return transport;
	if (transport->alone == NULL) {
		transport->alone = create_transport(span_text(transport->name));
		transport->alone->is_alone = true;
		/* No name of a service ends in this. */
		snprintf(key, sizeof key, "%s!", transport->name);
		hash_put(transports.all, span_text(key), transport->alone);
	}
	return transport->alone;
}

struct transport *
transport_of(const struct destination *destination)
{
	return list_element(destination->lane, struct transport, lane);
}

/* A recipient's own destination is called by both names. */
static void
append_key(struct buf *key, const struct transport *transport,
    struct span next_hop, struct span address)
{
	if (!transport->per_recipient) {
		(void)buf_append_span(key, next_hop);
		return;
	}
	(void)buf_append_span(key, span_head(next_hop, KEY_MAXIMUM - 1));
	(void)buf_append_byte(key, '/');
	(void)buf_append_span(key, span_head(address, KEY_MAXIMUM));
}

struct destination *
transport_destination(
    struct transport *transport, struct span next_hop, struct span address)
{
	struct destination *destination;
	struct buf key;

	if (!transport->per_recipient)
		return schedule_destination(
		    &transport->lane, next_hop, next_hop);
	buf_init(&key, KEY_MAXIMUM * 2);
	append_key(&key, transport, next_hop, address);
	destination =
	    schedule_destination(&transport->lane, buf_span(&key), next_hop);
	buf_finish(&key);
	return destination;
}

struct destination *
transport_find_destination(
    struct transport *transport, struct span next_hop, struct span address)
{
	struct destination *destination;
	struct buf key;

	buf_init(&key, KEY_MAXIMUM * 16);
	append_key(&key, transport, next_hop, address);
	destination = schedule_find(&transport->lane, buf_span(&key));
	buf_finish(&key);
	return destination;
}
