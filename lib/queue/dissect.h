/* SPDX-License-Identifier: MIT */
/* Takes a message apart for people, as far as that goes: nothing has to be
 * sound. What is damaged is told, and what is sound behind it is shown all the
 * same. For everybody else there is stored.h, which believes all or nothing. */
#ifndef QUEUE_DISSECT_H
#define QUEUE_DISSECT_H

#include "lib/queue/source.h"
#include "lib/queue/store.h"

enum dissect_part {
	DISSECT_HEADER,
	DISSECT_BODY,
	DISSECT_UNKNOWN /* without a head nobody knows what it is */
};

/* Offsets count from the start of the file (of its image, in a segment). None
 * is NULL. */
struct dissect_events {
	void (*head)(void *owner, const struct format_head *head);
	void (*recipient)(void *owner, uint64_t offset,
	    const struct stored_recipient *recipient);
	void (*attribute)(
	    void *owner, uint64_t offset, struct span name, struct span value);
	void (*journal)(
	    void *owner, uint64_t offset, const struct journal_entry *entry);
	void (*content)(void *owner, enum dissect_part part, uint64_t offset,
	    struct span bytes);
	void (*damage)(
	    void *owner, uint64_t offset, uint64_t length, const char *what);
};

/* The bytes of a message, open as long as `pool`; a message in a segment has to
 * be sound. */
bool dissect_open(struct pool *pool, struct store *store,
    const struct locator *locator, struct source *source,
    struct error *error) MUST_USE;

/* The head, the attributes, the recipients, the journal; then the content. One
 * after the other; false when the file cannot be read at all. */
bool dissect_envelope(const struct source *source,
    const struct dissect_events *events, void *owner,
    struct error *error) MUST_USE;
bool dissect_content(const struct source *source, enum dissect_part part,
    const struct dissect_events *events, void *owner,
    struct error *error) MUST_USE;

#endif
