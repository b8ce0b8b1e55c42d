/* SPDX-License-Identifier: MIT */
/* A peer that is not one of ours: a greeting that is right or not, then bytes
 * that may be frames. Whatever comes, the connection ends, each conversation
 * with it, and nothing else does. */
#include <sys/socket.h>

#include <unistd.h>

#include "lib/base/io.h"
#include "lib/ipc/channel.h"
#include "lib/ipc/peer.h"
#include "lib/loop/coroutine.h"
#include "lib/loop/loop.h"

enum {
	INPUT_MAXIMUM = 1 << 16
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static const struct peer_identity identity = {7, 1, "server"};

static unsigned losses;
static unsigned serving;

/* Takes what comes, and answers each frame. */
static void
serve(struct conversation *conversation, struct frame *first UNUSED)
{
	static const struct message_reply reply = {
	    250, {"2.0.0", 5}, {"Ok", 2}};
	struct frame frame;
	struct error error;

	serving++;
	while (conversation_receive(
	    conversation, loop_deadline(10), &frame, &error)) {
		io_close(&frame.fd);
		conversation_send_reply(conversation, &reply);
		if (frame.type == MESSAGE_END)
			break;
	}
	serving--;
}

static void
note(struct peer *peer UNUSED, struct frame *frame UNUSED)
{
}

static void
lost(struct peer *peer UNUSED, const struct error *error)
{
	must(error->text[0] != '\0');
	losses++;
}

static const struct peer_handler handlers[] = {
    {.type = MESSAGE_BEGIN, .serve = serve},
    {.type = MESSAGE_GIVE, .takes_fd = true, .serve = serve},
    {.type = MESSAGE_PING, .notice = note},
};

static const struct peer_settings settings = {
    .handlers = handlers,
    .handler_count = COUNT_OF(handlers),
    .closed = lost,
};

static void
greet(struct buf *out)
{
	struct message_hello hello = {.table = message_table_hash(),
	    .instance = identity.instance,
	    .generation = identity.generation,
	    .service = span_text(identity.service),
	    .from = SPAN("fuzz")};
	char header[FRAME_HEADER_SIZE];
	struct buf payload;

	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	must(message_put_hello(&payload, &hello));
	frame_put_header(
	    &(struct frame){
		.type = MESSAGE_HELLO, .payload = buf_span(&payload), .fd = -1},
	    header);
	must(buf_append(out, header, sizeof header));
	must(buf_append_span(out, buf_span(&payload)));
	buf_finish(&payload);
}

/* Sends all of it, reads what is answered, and hangs up. */
static void
talk(void *argument)
{
	const struct buf *input = argument;
	char answer[1024];
	int pair[2];
	ssize_t put;

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		 pair) == 0);
	(void)peer_accept(pair[1], &identity, &settings);
	for (size_t sent = 0; sent < input->len && losses == 0;) {
		put = send(
		    pair[0], input->at + sent, input->len - sent, MSG_NOSIGNAL);
		sent += put > 0 ? (size_t)put : 0;
		while (read(pair[0], answer, sizeof answer) > 0)
			continue;
		loop_sleep_until(loop_now());
	}
	must(shutdown(pair[0], SHUT_RDWR) == 0 || losses > 0);
	while (losses == 0 || serving > 0)
		loop_sleep_until(loop_now());
	io_close(&pair[0]);
	loop_stop();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct buf input;

	if (count == 0 || count > INPUT_MAXIMUM)
		return 0;
	buf_init(&input, 2 * INPUT_MAXIMUM);
	if (bytes[0] % 8 != 0)
		greet(&input);
	must(buf_append_span(&input, span_skip(span_of(bytes, count), 1)));
	losses = serving = 0;
	loop_spawn(talk, &input);
	loop_run();
	must(losses == 1);
	buf_finish(&input);
	return 0;
}
