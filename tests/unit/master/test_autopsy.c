/* SPDX-License-Identifier: MIT */
#include "lib/loop/loop.h"

#include "../unit.h"
#include "master/autopsy.h"

enum {
	MINUTE = 60 * 1000,
	CRASHES = 3
};

/* So long ago there were crashes with the client; whether it is an outcast
 * still. */
static bool
is_outcast_after(int64_t time)
{
	static struct autopsy autopsy;
	static struct crew crew;
	struct span client = SPAN("192.0.2.1");
	bool is_outcast;

	autopsy_init(&autopsy);
	for (int i = 0; i < CRASHES; i++)
		suspects_note(&autopsy.clients, &client, 1, loop_now() - time);
	assert_true(suspects_find(&autopsy.clients, client)->is_guilty);
	autopsy_sweep(&autopsy, &crew);
	is_outcast = suspects_find(&autopsy.clients, client) != NULL;
	suspects_forget(&autopsy.clients, client);
	return is_outcast;
}

/* A client is not kept apart for ever. */
static void
test_clients_return(void **state UNUSED)
{
	assert_true(is_outcast_after(9 * MINUTE));
	assert_false(is_outcast_after(11 * MINUTE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_clients_return),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
