/* SPDX-License-Identifier: MIT */
/* Two peers over a socket pair, both in this process's loop. */
#include <sys/socket.h>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/ipc/peer.h"
#include "lib/loop/loop.h"

#include "../../unit.h"

enum {
	BIG = 3 << 20
};

static const struct peer_identity identity = {7, 1, "server"};

static size_t received;
static int noticed;
static int losses;
static int served;

static void
serve_content(struct conversation *conversation, struct frame *first)
{
	struct message_reply reply = {250, SPAN("2.0.0"), SPAN("Ok")};
	struct frame frame = *first;
	struct error error;

	served++;
	received = 0;
	while (frame.type == MESSAGE_CONTENT) {
		received += frame.payload.len;
		if ((frame.flags & FRAME_LAST) != 0)
			break;
		if (!conversation_receive(
			conversation, loop_deadline(5), &frame, &error))
			return;
	}
	conversation_send_reply(conversation, &reply);
}

static void
serve_descriptor(struct conversation *conversation, struct frame *first)
{
	char text[6] = "";

	assert_true(first->fd >= 0);
	assert_int_equal(read(first->fd, text, 5), 5);
	assert_string_equal(text, "hello");
	io_close(&first->fd);
	conversation_send(conversation, MESSAGE_COMMIT, 0, SPAN_EMPTY);
}

static void
note(struct peer *peer UNUSED, struct frame *frame UNUSED)
{
	noticed++;
}

static const struct peer_handler handlers[] = {
    {.type = MESSAGE_CONTENT, .serve = serve_content},
    {.type = MESSAGE_GIVE, .takes_fd = true, .serve = serve_descriptor},
    {.type = MESSAGE_PING, .notice = note},
};

static void
lost(struct peer *peer UNUSED, const struct error *error UNUSED)
{
	losses++;
}

static const struct peer_settings settings = {
    .handlers = handlers,
    .handler_count = COUNT_OF(handlers),
    .closed = lost,
};

struct pair {
	struct peer *client;
	struct peer *server;
};

static struct pair
make_pair(const struct peer_identity *as)
{
	int fds[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	losses = noticed = served = 0;
	return (struct pair){
	    peer_connect(fds[0], "server", as, &settings),
	    peer_accept(fds[1], &identity, &settings),
	};
}

static void (*story)(void);

static void
run_story(void *argument UNUSED)
{
	story();
	loop_stop();
}

static void
run(void (*told)(void))
{
	story = told;
	loop_spawn(run_story, NULL);
	loop_run();
}

/* The other side hears of it in a later turn. */
static void
wait_for_loss(void)
{
	while (losses == 0)
		loop_sleep_until(loop_now() + 1);
}

static void
close_pair(struct pair pair)
{
	peer_close(pair.client);
	wait_for_loss();
}

static void
tell_big_content(void)
{
	struct pair pair = make_pair(&identity);
	struct conversation *conversation =
	    conversation_open(pair.client, NULL);
	char *bytes = calloc(1, BIG);
	struct message_reply reply;
	struct frame frame;
	struct error error;

	assert_true(conversation_send_content(
	    conversation, span_of(bytes, BIG), true, loop_deadline(5), &error));
	assert_true(conversation_expect(
	    conversation, MESSAGE_REPLY, loop_deadline(5), &frame, &error));
	assert_true(message_get_reply(frame.payload, &reply));
	assert_int_equal(reply.code, 250);
	assert_int_equal(received, BIG);
	conversation_close(conversation);
	free(bytes);
	close_pair(pair);
}

static void
content_larger_than_the_credit_arrives(void **state UNUSED)
{
	run(tell_big_content);
}

static void
tell_many(void)
{
	enum {
		COUNT = 500
	};
	struct pair pair = make_pair(&identity);
	struct conversation *open[COUNT];
	struct frame frame;
	struct error error;

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < COUNT; i++) {
			open[i] = conversation_open(pair.client, NULL);
			conversation_send(
			    open[i], MESSAGE_CONTENT, FRAME_LAST, SPAN("x"));
		}
		for (int i = 0; i < COUNT; i++) {
			assert_true(conversation_expect(open[i], MESSAGE_REPLY,
			    loop_deadline(5), &frame, &error));
			conversation_close(open[i]);
		}
	}
	assert_int_equal(served, 3 * COUNT);
	assert_int_equal(peer_served(pair.server), 0);
	close_pair(pair);
}

static void
slots_are_used_again(void **state UNUSED)
{
	run(tell_many);
}

static void
tell_descriptor(void)
{
	struct pair pair = make_pair(&identity);
	struct conversation *conversation =
	    conversation_open(pair.client, NULL);
	struct frame frame;
	struct error error;
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(write(fds[1], "hello", 5), 5);
	io_close(&fds[1]);
	peer_notify(pair.client, MESSAGE_PING, SPAN_EMPTY);
	conversation_send_fd(conversation, MESSAGE_GIVE, SPAN("x"), fds[0]);
	assert_true(conversation_expect(
	    conversation, MESSAGE_COMMIT, loop_deadline(5), &frame, &error));
	assert_int_equal(noticed, 1);
	conversation_close(conversation);
	close_pair(pair);
}

static void
a_descriptor_goes_with_its_frame(void **state UNUSED)
{
	run(tell_descriptor);
}

static size_t
count_open_fds(void)
{
	DIR *directory = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(directory);
	while (readdir(directory) != NULL)
		count++;
	closedir(directory);
	return count;
}

static void
tell_unwanted_descriptor(void)
{
	static const enum message_type types[] = {MESSAGE_CONTENT,
	    MESSAGE_CLOSE, MESSAGE_CREDIT, MESSAGE_HELLO, MESSAGE_COMMAND};

	size_t before = count_open_fds();

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		struct pair pair = make_pair(&identity);
		struct conversation *conversation =
		    conversation_open(pair.client, NULL);
		struct frame frame;
		struct error error;

		conversation_send(conversation, MESSAGE_CONTENT, 0, SPAN("x"));
		conversation_send_fd(
		    conversation, types[i], SPAN("x"), dup(STDIN_FILENO));
		assert_false(conversation_receive(
		    conversation, loop_deadline(5), &frame, &error));
		assert_int_equal(error.kind, ERROR_CLOSED);
		assert_int_equal(losses, 2);
		conversation_close(conversation);
		loop_sleep_until(loop_now() + 1);
		assert_int_equal(count_open_fds(), before);
	}
}

/* A broken process cannot fill the table of another. */
static void
descriptors_that_nobody_takes_are_closed(void **state UNUSED)
{
	run(tell_unwanted_descriptor);
}

static void
send_descriptors(int fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(250 * sizeof(int))];
	} control = {.align = {
			 .cmsg_len = CMSG_LEN(250 * sizeof(int)),
			 .cmsg_level = SOL_SOCKET,
			 .cmsg_type = SCM_RIGHTS,
		     }};
	struct iovec byte = {"", 1};
	struct msghdr message = {
	    .msg_iov = &byte,
	    .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = sizeof control.bytes,
	};
	int list[250] = {STDIN_FILENO};

	memcpy(CMSG_DATA(&control.align), list, sizeof list);
	assert_int_equal(sendmsg(fd, &message, MSG_NOSIGNAL), 1);
}

static void
tell_descriptors_without_frames(void)
{
	size_t before = count_open_fds();
	int fds[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	losses = 0;
	(void)peer_accept(fds[1], &identity, &settings);
	for (int i = 0; i < 5; i++)
		send_descriptors(fds[0]);
	wait_for_loss();
	assert_int_equal(losses, 1);
	io_close(&fds[0]);
	assert_int_equal(count_open_fds(), before);
}

static void
descriptors_without_frames_do_not_pile_up(void **state UNUSED)
{
	run(tell_descriptors_without_frames);
}

static void
tell_loss(void)
{
	struct pair pair = make_pair(&identity);
	struct conversation *conversation =
	    conversation_open(pair.client, NULL);
	struct frame frame;
	struct error error;

	conversation_send(conversation, MESSAGE_CONTENT, 0, SPAN("x"));
	loop_sleep_until(loop_now() + 5);
	peer_close(pair.server);
	assert_false(conversation_receive(
	    conversation, loop_deadline(5), &frame, &error));
	assert_int_equal(error.kind, ERROR_CLOSED);
	conversation_close(conversation);
	assert_int_equal(losses, 1);
}

static void
tell_loss_unheard(void)
{
	struct pair pair;
	struct conversation *conversation;
	struct frame frame;
	struct error error;
	int fds[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	pair.client = peer_connect(fds[0], "server", &identity,
	    &(struct peer_settings){.closed = NULL});
	pair.server = peer_accept(fds[1], &identity, &settings);
	conversation = conversation_open(pair.client, NULL);
	peer_close(pair.server);
	assert_false(conversation_receive(
	    conversation, loop_deadline(5), &frame, &error));
	conversation_close(conversation);
	assert_false(peer_is_open(pair.client));
	assert_null(conversation_open(pair.client, &error));
	peer_close(pair.client);
}

static void
an_owner_that_is_not_told_keeps_the_peer(void **state UNUSED)
{
	run(tell_loss_unheard);
}

/* The serving side notices too: its coroutine must not stay. */
static void
a_lost_peer_ends_conversations(void **state UNUSED)
{
	run(tell_loss);
}

static struct conversation *
open_with_content(struct peer *peer)
{
	struct conversation *conversation = conversation_open(peer, NULL);

	conversation_send(conversation, MESSAGE_CONTENT, 0, SPAN("x"));
	return conversation;
}

/* Ends the content: the other side answers, if it serves at all. */
static bool
is_served(struct conversation *conversation)
{
	struct frame frame;
	struct error error;
	bool answered;

	conversation_send(conversation, MESSAGE_CONTENT, FRAME_LAST, SPAN("y"));
	answered = conversation_receive(
	    conversation, loop_deadline(5), &frame, &error);
	assert_true(answered || error.kind == ERROR_CLOSED);
	conversation_close(conversation);
	return answered;
}

static void
tell_too_many(void)
{
	struct peer_settings few = settings;
	struct conversation *conversations[4];
	struct pair pair;
	int fds[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	losses = noticed = served = 0;
	few.served_maximum = 2;
	pair.client = peer_connect(fds[0], "server", &identity, &settings);
	pair.server = peer_accept(fds[1], &identity, &few);
	for (size_t i = 0; i < COUNT_OF(conversations); i++)
		conversations[i] = open_with_content(pair.client);
	loop_sleep_until(loop_now() + 5);
	assert_int_equal(peer_served(pair.server), 2);
	for (size_t i = 0; i < COUNT_OF(conversations); i++)
		assert_int_equal(is_served(conversations[i]), i < 2);
	loop_sleep_until(loop_now() + 5);
	assert_true(is_served(open_with_content(pair.client)));
	assert_int_equal(served, 3);
	assert_int_equal(losses, 0);
	close_pair(pair);
}

static void
one_peer_has_so_many_conversations(void **state UNUSED)
{
	run(tell_too_many);
}

static void
tell_stranger(void)
{
	struct peer_identity stranger = {8, 1, "client"};
	struct pair pair = make_pair(&stranger);
	struct conversation *conversation =
	    conversation_open(pair.client, NULL);
	struct frame frame;
	struct error error;

	conversation_send(conversation, MESSAGE_CONTENT, FRAME_LAST, SPAN("x"));
	assert_false(conversation_receive(
	    conversation, loop_deadline(5), &frame, &error));
	assert_int_equal(error.kind, ERROR_CLOSED);
	conversation_close(conversation);
	assert_int_equal(served, 0);
}

static void
another_instance_is_refused(void **state UNUSED)
{
	run(tell_stranger);
}

static void
tell_nonsense(void)
{
	struct pair pair = make_pair(&identity);
	struct conversation *conversation =
	    conversation_open(pair.client, NULL);
	struct frame frame;
	struct error error;

	conversation_send(conversation, MESSAGE_ARRIVAL, 0, SPAN("x"));
	assert_false(conversation_receive(
	    conversation, loop_deadline(5), &frame, &error));
	conversation_close(conversation);
	assert_true(losses > 0);
}

static void
a_frame_in_no_row_ends_the_connection(void **state UNUSED)
{
	run(tell_nonsense);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(content_larger_than_the_credit_arrives),
	    cmocka_unit_test(slots_are_used_again),
	    cmocka_unit_test(a_descriptor_goes_with_its_frame),
	    cmocka_unit_test(descriptors_that_nobody_takes_are_closed),
	    cmocka_unit_test(descriptors_without_frames_do_not_pile_up),
	    cmocka_unit_test(a_lost_peer_ends_conversations),
	    cmocka_unit_test(an_owner_that_is_not_told_keeps_the_peer),
	    cmocka_unit_test(one_peer_has_so_many_conversations),
	    cmocka_unit_test(another_instance_is_refused),
	    cmocka_unit_test(a_frame_in_no_row_ends_the_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
