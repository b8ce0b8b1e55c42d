/* SPDX-License-Identifier: MIT */
#include "lib/queue/own_file.h"

#include <unistd.h>

#include "lib/base/io.h"
#include "lib/queue/put_image.h"
#include "lib/queue/put_private.h"
#include "lib/queue/store_private.h"

bool
own_file_write(struct put *put, struct error *error)
{
	if (put->fd < 0) {
		if (put->hold)
			put->locator.place = PLACE_HOLD;
		if (!spool_create(
			&put->store->spool, &put->locator, &put->fd, error))
			return false;
	}
	if (!io_pwrite(
		put->fd, buf_span(&put->pending), (off_t)put->written, error))
		return false;
	put->written += put->pending.len;
	buf_clear(&put->pending);
	return true;
}

/* All but the head first and with one write if the message is small, then the
 * head with one more: a writer killed between the two, or inside the first,
 * leaves a file that says "never accepted" and not one that looks damaged. */
static bool
write_all(struct put *put, struct error *error)
{
	char head[FORMAT_HEAD_SIZE];

	if (!put_image_finish(put, own_file_write, error) ||
	    !own_file_write(put, error))
		return false;
	format_head_encode(&put->head, head);
	return io_pwrite(put->fd, span_of(head, sizeof head), 0, error);
}

/* A message that is to be held and was spilled into incoming/ before that was
 * known. It is locked, so no scan can meet it under its old name. */
static bool
move_to_hold(struct put *put, struct error *error)
{
	struct spool *spool = &put->store->spool;

	if (!put->hold || put->locator.place == PLACE_HOLD)
		return true;
	return spool_move(spool, &put->locator, PLACE_HOLD, 0, error) &&
	    spool_sync(spool, PLACE_INCOMING, error);
}

bool
own_file_commit(struct put *put, struct error *error)
{
	struct spool *spool = &put->store->spool;

	return write_all(put, error) &&
	    spool_sync_file(
		spool, put->fd, false, put->locator.id.text, error) &&
	    move_to_hold(put, error) &&
	    spool_sync(spool, put->locator.place, error);
}

void
own_file_abandon(struct put *put)
{
	if (put->fd >= 0)
		/* What cannot be removed is a matter for the next scan. */
		(void)!spool_remove(&put->store->spool, &put->locator, NULL);
	io_close(&put->fd);
}
