/* SPDX-License-Identifier: MIT */
#include "qmgr/wish.h"

#include "qmgr/disk.h"

/* disk_sync knows of states that were written, not of entries alone. */
bool
wish_record(struct message *message, const struct journal_entry *entry,
    struct error *error)
{
	struct store_report report = {.entries = entry, .entry_count = 1};
	bool written;

	if (!disk_record(message, &report, &written, error))
		return false;
	disk_touched(message);
	return disk_sync(message, error);
}
