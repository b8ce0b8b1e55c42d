/* SPDX-License-Identifier: MIT */
#include "qmgr/transport.h"

#include "lib/base/hash.h"
#include "lib/base/memory.h"
#include "lib/base/number.h"
#include "lib/daemon/service.h"

#include "qmgr/params.h"

enum {
	NAME_MAXIMUM = 100,
	KEY_MAXIMUM = 4096,
	VALUE_MAXIMUM = 64
};

/* The process has one set of transports. */
static struct {
	struct hash *all;
	void (*dispatch)(struct transport *transport);
} transports;

/* Programs whose work is done here, and those that hand mail to a server which
 * may send success notices itself. */
static const struct {
	const char *program;
	enum transport_kind kind;
	bool relays;
} programs[] = {
    {"error", TRANSPORT_ERROR, false},
    {"retry", TRANSPORT_RETRY, false},
    {"discard", TRANSPORT_DISCARD, false},
    {"smtp", TRANSPORT_AGENT, true},
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

/* The value of <transport>_<suffix>, `otherwise` when nobody knows it or it is
 * no number. */
static int64_t
limit_of(struct span name, const char *suffix, int64_t otherwise)
{
	const struct param_source *source = service_param_source();
	struct pool *pool = pool_create(NULL, "limit", POOL_NO_MAXIMUM);
	char *full = pool_printf(pool, "%.*s%s", SPAN_ARGS(name), suffix);
	struct span text;
	struct buf value;
	uint64_t number = (uint64_t)otherwise;

	must(full != NULL);
	buf_init(&value, VALUE_MAXIMUM);
	if (param_get(source, pool, span_text(full), &text) &&
	    param_expand(source, text, &value, NULL) &&
	    !number_parse(buf_span(&value), INT32_MAX, &number))
		number = (uint64_t)otherwise;
	buf_finish(&value);
	pool_destroy(pool);
	return (int64_t)number;
}

/* In these parameters 0 means no limit. */
static uint32_t
without_zero(int64_t limit)
{
	return limit == 0 ? INT32_MAX : (uint32_t)limit;
}

static struct lane_limits
limits_of(struct span name)
{
	return (struct lane_limits){
	    .recipients =
		without_zero(limit_of(name, "_destination_recipient_limit",
		    params.default_destination_recipient_limit)),
	    .window =
		{
		    .initial = (uint32_t)limit_of(name,
			"_initial_destination_concurrency",
			params.initial_destination_concurrency),
		    .maximum = without_zero(
			limit_of(name, "_destination_concurrency_limit",
			    params.default_destination_concurrency_limit)),
		    .cohorts = without_zero(limit_of(name,
			"_destination_concurrency_failed_cohort_limit",
			params
			    .default_destination_concurrency_failed_cohort_limit)),
		},
	    .suspension = params.minimal_backoff_time * 1000,
	};
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
		transport->relays = programs[i].relays;
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
	hash_put(transports.all, name, transport);
	return transport;
}

struct transport *
transport_find(struct span name)
{
	struct transport *transport;

	if (name.len == 0 || name.len > NAME_MAXIMUM)
		return NULL;
	transport = hash_get(transports.all, name);
	return transport != NULL ? transport : create_transport(name);
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
	(void)buf_append_span(&key, span_head(next_hop, KEY_MAXIMUM - 1));
	(void)buf_append_byte(&key, '/');
	(void)buf_append_span(&key, span_head(address, KEY_MAXIMUM));
	destination =
	    schedule_destination(&transport->lane, buf_span(&key), next_hop);
	buf_finish(&key);
	return destination;
}
