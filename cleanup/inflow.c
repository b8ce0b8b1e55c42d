/* SPDX-License-Identifier: MIT */
#include "cleanup/inflow.h"

#include "lib/log/log.h"
#include "lib/loop/loop.h"

#include "cleanup/params.h"

enum {
	SECOND = 1000,              /* milliseconds */
	PAUSE_MAXIMUM = 60 * SECOND /* clients are patient for longer */
};

/* As qmgr told; 0 = it keeps up. */
static uint32_t level;

void
inflow_take(struct peer *peer, struct frame *frame)
{
	struct message_inflow message;

	if (message_get_inflow(frame->payload, &message))
		level = message.level;
	else
		log_warning(NULL, "%s sent a wrong INFLOW", peer_name(peer));
}

void
inflow_reset(void)
{
	level = 0;
}

int64_t
inflow_pause(uint32_t how_far, int64_t delay, enum message_origin origin)
{
	if (origin != ORIGIN_SMTPD && origin != ORIGIN_SENDMAIL)
		return 0;
	if (delay > 0 && how_far >= PAUSE_MAXIMUM / SECOND)
		return PAUSE_MAXIMUM;
	delay *= (int64_t)how_far * SECOND;
	return delay < PAUSE_MAXIMUM ? delay : PAUSE_MAXIMUM;
}

void
inflow_wait(struct span begin)
{
	struct message_begin message;
	int64_t pause;

	if (level == 0 || !message_get_begin(begin, &message))
		return;
	pause = inflow_pause(level, cleanup_params.in_flow_delay,
	    (enum message_origin)message.origin);
	if (pause > 0)
		loop_sleep_until(loop_now() + pause);
}
