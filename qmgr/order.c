/* SPDX-License-Identifier: MIT */
#include "qmgr/order.h"

void
order_give(struct message *message, enum message_order order)
{
	struct list recipients;
	struct list *node;

	message->order = order;
	list_init(&recipients);
	while ((node = list_first(&message->entries)) != NULL)
		schedule_take(
		    list_element(node, struct entry, of_message), &recipients);
	message_close_recipients(message, &recipients);
	if (order == ORDER_DELETE)
		message_close_recipients(message, &message->held);
}
