/* SPDX-License-Identifier: MIT */
#include "qmgr/bounce/told.h"

#include "lib/base/list.h"
#include "lib/base/memory.h"
#include "lib/daemon/cleanup_answer.h"

struct notice {
	struct list node;
	uint32_t kind;
	size_t id_len;
	char id[CLEANUP_ID_SIZE];
	size_t count;
	uint32_t recipients[];
};

/* The process has one qmgr. */
static struct {
	struct list notices; /* the oldest first */
	size_t count;        /* recipients in all of them */
} told = {.notices = {&told.notices, &told.notices}};

static void
forget_oldest(void)
{
	struct notice *notice =
	    list_element(list_first(&told.notices), struct notice, node);

	told.count -= notice->count;
	list_remove(&notice->node);
	free(notice);
}

void
told_note(const struct request *request)
{
	struct span id = span_head(request->notify.queue_id, CLEANUP_ID_SIZE);
	struct notice *notice = memory_alloc(
	    sizeof *notice + request->count * sizeof notice->recipients[0]);

	notice->kind = request->notify.kind;
	notice->id_len = id.len;
	span_copy(notice->id, id);
	notice->count = request->count;
	for (size_t i = 0; i < request->count; i++)
		notice->recipients[i] = request->recipients[i].number;
	list_add_last(&told.notices, &notice->node);
	told.count += notice->count;
	while (told.count > TOLD_MAXIMUM && told.count > notice->count)
		forget_oldest();
}

static void
send_notice(struct peer *qmgr, const struct notice *notice)
{
	struct buf list;

	buf_init(&list, FRAME_PAYLOAD_MAXIMUM);
	for (size_t i = 0; i < notice->count; i++)
		must(message_put_told_recipient(&list,
		    &(struct message_told_recipient){notice->recipients[i]}));
	peer_notify_told(qmgr,
	    &(struct message_told){
		.kind = notice->kind,
		.queue_id = span_of(notice->id, notice->id_len),
		.list = buf_span(&list),
	    });
	buf_finish(&list);
}

void
told_send(struct peer *qmgr)
{
	list_foreach (node, &told.notices)
		send_notice(qmgr, list_element(node, struct notice, node));
}
