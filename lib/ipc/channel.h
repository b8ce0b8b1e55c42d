/* SPDX-License-Identifier: MIT */
/* Frames over one connected UNIX stream socket, in both directions. What is
 * sent during a loop turn leaves in one write at its end: many messages then
 * share a system call and a wake-up of the peer. Created and destroyed by its
 * owner. */
#ifndef IPC_CHANNEL_H
#define IPC_CHANNEL_H

#include "lib/base/error.h"
#include "lib/ipc/frame.h"

struct channel;

struct channel_events {
	/* One frame, valid during the call, which runs on the loop's stack and
	 * must not wait. A descriptor in it is the owner's from then on. */
	void (*frame)(void *owner, struct frame *frame);
	/* End of file, a failed call, or a peer that broke the framing. No
	 * event follows; the owner still destroys the channel. */
	void (*closed)(void *owner, const struct error *error);
};

/* Takes the ownership of `fd`. `events` must outlive the channel. */
struct channel *channel_create(int fd, const struct channel_events *events,
    void *owner) __attribute__((returns_nonnull));
/* No event follows. Unsent frames are lost. Allowed within an event; NULL is
 * allowed. */
void channel_destroy(struct channel *channel);

/* Queues a frame; the payload is copied, the descriptor (-1: none) is taken and
 * closed when sent. On a closed channel it is dropped. */
void channel_send(struct channel *channel, const struct frame *frame);

/* The same for a frame that nobody waits for: it leaves with the next one. */
void channel_send_later(struct channel *channel, const struct frame *frame);

/* Bytes queued and not yet taken by the kernel. */
size_t channel_unsent(const struct channel *channel);

/* Writes what is queued now; for a process about to end. Waits at most until
 * `deadline` (clock_monotonic milliseconds). */
void channel_flush(struct channel *channel, int64_t deadline);

#endif
