/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "qmgr/assign.h"

static void
pass(struct message *message UNUSED)
{
}

static struct message *
make_message(struct recipient **recipient)
{
	static const struct locator locator = {.id = {"4jXRJQ3HHZz1d0Hr"}};
	struct message *message =
	    message_create(&locator, SPAN("a@example.com"), AGE_FRESH);
	struct batch *batch = message_add_batch(message, 1);

	*recipient = batch_add(batch, 0, SPAN("b@example.org"));
	batch_filled(batch);
	return message;
}

/* An administrator's order, or master's, that comes while lookup is asked for
 * the route: nothing is begun any more. */
static void
test_order_while_routing(void **state UNUSED)
{
	static const enum message_order orders[] = {ORDER_HOLD, ORDER_REQUEUE,
	    ORDER_EXPIRE, ORDER_DELETE, ORDER_SET_ASIDE};
	static const struct message_events events = {pass, pass};

	message_open(&events);
	for (size_t i = 0; i < COUNT_OF(orders); i++) {
		struct recipient *recipient;
		struct message *message = make_message(&recipient);

		assert_int_equal(message->open, 1);
		message->order = orders[i];
		assign(recipient, SPAN("smtp"), SPAN("example.org"));
		assert_int_equal(message->open, 0);
		assert_true(list_is_empty(&message->entries));
		assert_true(list_is_empty(&message->decided));
		message_destroy(message);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_order_while_routing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
