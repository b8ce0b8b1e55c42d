/* SPDX-License-Identifier: MIT */
#include "lib/tls/error_queue.h"

#include <openssl/err.h>

void
error_queue_save(struct error_queue *queue)
{
	const char *text;
	unsigned long code;
	int flags;

	queue->count = 0;
	while (queue->count < ERROR_QUEUE_SIZE &&
	    (code = ERR_get_error_all(NULL, NULL, NULL, &text, &flags)) != 0) {
		size_t i = queue->count++;

		queue->entries[i].code = code;
		snprintf(queue->entries[i].text, sizeof queue->entries[i].text,
		    "%s", (flags & ERR_TXT_STRING) != 0 ? text : "");
	}
	ERR_clear_error();
}

void
error_queue_restore(const struct error_queue *queue)
{
	ERR_clear_error();
	for (size_t i = 0; i < queue->count; i++)
		ERR_raise_data(ERR_GET_LIB(queue->entries[i].code),
		    ERR_GET_REASON(queue->entries[i].code), "%s",
		    queue->entries[i].text);
}
