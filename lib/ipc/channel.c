/* SPDX-License-Identifier: MIT */
#include "lib/ipc/channel.h"

#include <sys/socket.h>

#include <errno.h>

#include "lib/base/buf.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/log/log.h"
#include "lib/loop/loop.h"

enum {
	INPUT_SIZE = 4 * FRAME_PAYLOAD_MAXIMUM,
	OUTPUT_MAXIMUM = 64 << 20,
	LATER_MAXIMUM = 1024,          /* bytes that need not leave now */
	FDS_PER_CALL = 250,            /* the kernel's maximum is 253 */
	FDS_WAITING = 4 * FDS_PER_CALL /* for their frames */
};

struct fd_out {
	uint64_t position; /* of its frame in the stream of bytes */
	int fd;
};

struct channel {
	struct loop_fd loop_fd;
	const struct channel_events *events;
	void *owner;
	struct buf partial; /* the beginning of a frame */
	struct buf output;
	uint64_t sent; /* bytes taken by the kernel so far */
	struct loop_work flush;
	struct buf fds_in;  /* array of int */
	struct buf fds_out; /* array of struct fd_out */
	bool overrun;       /* the output's maximum was reached */
	bool closed;
	bool destroyed; /* by its owner, within an event */
	bool in_event;
};

union fd_control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(FDS_PER_CALL * sizeof(int))];
};

/* Input passes through here and stays nowhere: frames are dispatched at once,
 * and only the beginning of an incomplete one is kept by its channel. */
static char input[INPUT_SIZE];

static void
close_fds(struct channel *channel)
{
	struct span in = buf_span(&channel->fds_in);
	struct span out = buf_span(&channel->fds_out);

	for (; in.len > 0; in = span_skip(in, sizeof(int))) {
		int fd;

		memcpy(&fd, in.at, sizeof fd);
		io_close(&fd);
	}
	for (; out.len > 0; out = span_skip(out, sizeof(struct fd_out))) {
		struct fd_out entry;

		memcpy(&entry, out.at, sizeof entry);
		io_close(&entry.fd);
	}
	buf_finish(&channel->fds_in);
	buf_finish(&channel->fds_out);
}

static void
shut(struct channel *channel)
{
	int fd = channel->loop_fd.fd;

	if (channel->closed)
		return;
	channel->closed = true;
	loop_work_cancel(&channel->flush);
	loop_remove(&channel->loop_fd);
	io_close(&fd);
	close_fds(channel);
	buf_finish(&channel->partial);
	buf_finish(&channel->output);
}

static void
shut_and_tell(struct channel *channel, const struct error *error)
{
	shut(channel);
	if (!channel->destroyed)
		channel->events->closed(channel->owner, error);
}

static int
next_fd_in(struct channel *channel)
{
	int fd;

	if (channel->fds_in.len < sizeof fd)
		return -1;
	memcpy(&fd, channel->fds_in.at, sizeof fd);
	buf_consume(&channel->fds_in, sizeof fd);
	return fd;
}

/* Takes one frame off *rest; false when it is not complete yet (error->kind is
 * ERROR_NONE) or cannot be one. */
static bool
take_frame(struct channel *channel, struct span *rest, struct frame *frame,
    struct error *error)
{
	size_t len;

	if (rest->len < FRAME_HEADER_SIZE)
		return false;
	if (!frame_get_header(rest->at, frame, &len))
		return error_set(error, ERROR_INVALID, "frame too long");
	if (rest->len - FRAME_HEADER_SIZE < len)
		return false;
	frame->payload = span_of(rest->at + FRAME_HEADER_SIZE, len);
	*rest = span_skip(*rest, FRAME_HEADER_SIZE + len);
	if ((frame->flags & FRAME_HAS_FD) == 0)
		return true;
	frame->fd = next_fd_in(channel);
	return frame->fd >= 0 ||
	    error_set(error, ERROR_INVALID, "frame without its descriptor");
}

/* Dispatches the complete frames in `count` bytes of input, keeps the rest. */
static bool
dispatch(struct channel *channel, size_t count, struct error *error)
{
	struct span rest = span_of(input, count);
	struct frame frame;

	error->kind = ERROR_NONE;
	while (take_frame(channel, &rest, &frame, error)) {
		channel->events->frame(channel->owner, &frame);
		if (channel->closed)
			return true;
	}
	buf_clear(&channel->partial);
	if (rest.len > 0)
		must(buf_append_span(&channel->partial, rest));
	else
		buf_finish(&channel->partial);
	return error->kind == ERROR_NONE;
}

static bool
keep_fds(struct channel *channel, struct msghdr *message)
{
	struct cmsghdr *control = CMSG_FIRSTHDR(message);
	bool any = false;

	for (; control != NULL; control = CMSG_NXTHDR(message, control)) {
		if (control->cmsg_level != SOL_SOCKET ||
		    control->cmsg_type != SCM_RIGHTS)
			continue;
		must(buf_append(&channel->fds_in, CMSG_DATA(control),
		    control->cmsg_len - CMSG_LEN(0)));
		any = true;
	}
	return any;
}

/* One recvmsg behind the kept beginning of a frame. Returns what it did; *count
 * is then the number of bytes in `input`, *drained whether another call would
 * find nothing: a short read ends there, unless it ended at a descriptor. */
static ssize_t
receive(struct channel *channel, size_t *count, bool *drained)
{
	union fd_control control;
	size_t kept = channel->partial.len;
	struct iovec room = {input + kept, sizeof input - kept};
	struct msghdr message = {
	    .msg_iov = &room,
	    .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = sizeof control.bytes,
	};
	ssize_t got;

	if (kept > 0)
		memcpy(input, channel->partial.at, kept);
	got = recvmsg(channel->loop_fd.fd, &message, MSG_CMSG_CLOEXEC);
	if (got < 0)
		return got;
	*drained = !keep_fds(channel, &message) && (size_t)got < room.iov_len &&
	    !channel->loop_fd.hung_up;
	*count = kept + (size_t)got;
	return got;
}

static void
read_frames(struct channel *channel)
{
	while (!channel->closed) {
		struct error error = {
		    .kind = ERROR_CLOSED, .text = "end of file"};
		bool drained = false;
		size_t count = 0;
		ssize_t got = receive(channel, &count, &drained);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return;
		if (got < 0)
			error_system(&error, "recvmsg");
		if (channel->fds_in.len > FDS_WAITING * sizeof(int))
			got = error_set(&error, ERROR_INVALID,
			    "descriptors without frames");
		if (got <= 0 || !dispatch(channel, count, &error)) {
			shut_and_tell(channel, &error);
			return;
		}
		if (drained)
			return;
	}
}

/* Puts the descriptors of the frames that begin within the next `count` bytes
 * into `control`; returns how many bytes may go with them. */
static size_t
attach_fds(struct channel *channel, size_t count, struct msghdr *message,
    union fd_control *control, size_t *fds)
{
	struct span queued = buf_span(&channel->fds_out);
	uint64_t end = channel->sent + count;
	int list[FDS_PER_CALL];

	*fds = 0;
	for (; queued.len > 0;
	     queued = span_skip(queued, sizeof(struct fd_out))) {
		struct fd_out entry;

		memcpy(&entry, queued.at, sizeof entry);
		if (entry.position >= end)
			break;
		if (*fds == FDS_PER_CALL) {
			count = (size_t)(entry.position - channel->sent);
			break;
		}
		list[(*fds)++] = entry.fd;
	}
	if (*fds == 0)
		return count;
	message->msg_control = control->bytes;
	message->msg_controllen = CMSG_SPACE(*fds * sizeof(int));
	control->align = (struct cmsghdr){
	    .cmsg_len = CMSG_LEN(*fds * sizeof(int)),
	    .cmsg_level = SOL_SOCKET,
	    .cmsg_type = SCM_RIGHTS,
	};
	memcpy(CMSG_DATA(&control->align), list, *fds * sizeof(int));
	return count;
}

static ssize_t
send_once(struct channel *channel)
{
	union fd_control control;
	struct iovec bytes = {channel->output.at, channel->output.len};
	struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
	size_t fds;
	ssize_t put;

	bytes.iov_len =
	    attach_fds(channel, bytes.iov_len, &message, &control, &fds);
	put = sendmsg(channel->loop_fd.fd, &message, MSG_NOSIGNAL);
	if (put < 0)
		return put;
	/* The kernel took all descriptors with the first byte. */
	for (size_t i = 0; i < fds; i++) {
		struct fd_out entry;

		memcpy(&entry, channel->fds_out.at + i * sizeof entry,
		    sizeof entry);
		io_close(&entry.fd);
	}
	buf_consume(&channel->fds_out, fds * sizeof(struct fd_out));
	channel->sent += (uint64_t)put;
	buf_consume(&channel->output, (size_t)put);
	return put;
}

static void
write_frames(struct channel *channel)
{
	struct error error;

	/* Lines that describe what is about to be told. */
	if (channel->output.len > 0)
		log_flush();
	if (channel->overrun && !channel->closed) {
		error_set(&error, ERROR_LIMIT, "%zu bytes are not read",
		    channel->output.len);
		shut_and_tell(channel, &error);
		return;
	}
	while (!channel->closed && channel->output.len > 0) {
		if (send_once(channel) >= 0 || errno == EINTR)
			continue;
		if (errno == EAGAIN) {
			loop_watch_writing(&channel->loop_fd);
			return;
		}
		error_system(&error, "sendmsg");
		shut_and_tell(channel, &error);
		return;
	}
	if (!channel->closed)
		buf_finish(&channel->output);
}

/* Runs `step`; the owner may destroy the channel within it. */
static void
run_step(struct channel *channel, void (*step)(struct channel *channel))
{
	channel->in_event = true;
	step(channel);
	channel->in_event = false;
	if (channel->destroyed)
		free(channel);
}

static void
exchange(struct channel *channel)
{
	struct loop_fd *loop_fd = &channel->loop_fd;
	bool has_input = loop_fd->readable || loop_fd->hung_up;

	loop_fd->readable = loop_fd->writable = false;
	write_frames(channel);
	/* The end of a write to the peer is an edge too, without input. */
	if (has_input)
		read_frames(channel);
}

static void
on_event(struct loop_fd *loop_fd)
{
	run_step(loop_fd->owner, exchange);
}

static void
flush_turn(struct loop_work *work)
{
	run_step(work->owner, write_frames);
}

struct channel *
channel_create(int fd, const struct channel_events *events, void *owner)
{
	struct channel *channel = memory_zero(sizeof *channel);

	channel->events = events;
	channel->owner = owner;
	buf_init(&channel->partial, INPUT_SIZE);
	buf_init(&channel->output, OUTPUT_MAXIMUM);
	buf_init(&channel->fds_in, SIZE_MAX / 2);
	buf_init(&channel->fds_out, SIZE_MAX / 2);
	loop_add_reader(&channel->loop_fd, fd, on_event, channel);
	return channel;
}

void
channel_destroy(struct channel *channel)
{
	if (channel == NULL)
		return;
	shut(channel);
	channel->destroyed = true;
	if (!channel->in_event)
		free(channel);
}

static void
queue_fd(struct channel *channel, int fd)
{
	struct fd_out entry = {channel->sent + channel->output.len, fd};

	must(buf_append(&channel->fds_out, &entry, sizeof entry));
}

static void
queue_frame(struct channel *channel, const struct frame *frame)
{
	char header[FRAME_HEADER_SIZE];
	struct frame sent = *frame;

	must(frame->payload.len <= FRAME_PAYLOAD_MAXIMUM);
	if (channel->closed) {
		io_close(&sent.fd);
		return;
	}
	if (sent.fd >= 0) {
		sent.flags |= FRAME_HAS_FD;
		queue_fd(channel, sent.fd);
	}
	frame_put_header(&sent, header);
	/* Content is held back by credit, everything else is small: a peer that
	 * lets this much pile up has stopped reading, and is given up. */
	if (!buf_append(&channel->output, header, sizeof header) ||
	    !buf_append_span(&channel->output, sent.payload))
		channel->overrun = true;
}

void
channel_send(struct channel *channel, const struct frame *frame)
{
	queue_frame(channel, frame);
	if (!channel->closed)
		loop_at_turn_end(&channel->flush, flush_turn, channel);
}

void
channel_send_later(struct channel *channel, const struct frame *frame)
{
	queue_frame(channel, frame);
	if (!channel->closed && channel->output.len > LATER_MAXIMUM)
		loop_at_turn_end(&channel->flush, flush_turn, channel);
}

size_t
channel_unsent(const struct channel *channel)
{
	return channel->output.len;
}

void
channel_flush(struct channel *channel, int64_t deadline)
{
	while (!channel->closed && channel->output.len > 0) {
		if (send_once(channel) >= 0 || errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return;
		loop_watch_writing(&channel->loop_fd);
		if (!loop_wait(&channel->loop_fd, WAIT_WRITE, deadline))
			return;
	}
}
