/* SPDX-License-Identifier: MIT */
/* Queue files: read as they are, and once more with all checks made good, so
 * that what lies behind the checks is reached. */
#include <sys/mman.h>

#include <unistd.h>

#include "lib/base/crc32c.h"
#include "lib/base/io.h"
#include "lib/queue/dissect.h"
#include "lib/queue/little.h"
#include "lib/queue/own_report.h"
#include "lib/queue/stored_private.h"

enum {
	SIZE_MAXIMUM = 65536,
	POOL_MAXIMUM = 1024 * 1024
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static uint32_t
check_of(uint32_t before, const char *bytes, struct extent extent)
{
	return crc32c(before, span_of(bytes + extent.offset, extent.length));
}

/* Journal records as far as their lengths go. */
static void
repair_journal(char *at, size_t count)
{
	uint32_t number = 0;

	while (count >= 16) {
		uint32_t length = little_get32(at);

		if (length < 16 || length > count)
			return;
		little_put(at + 8, 4, number++);
		little_put(at + 12, 4,
		    crc32c(crc32c(0, span_of(at, 12)),
			span_of(at + 16, length - 16)));
		at += length;
		count -= length;
	}
}

/* False when not even the head can be made good. */
static bool
repair(char *bytes, size_t count)
{
	struct format_head head;
	struct format_end end;
	char *at;

	if (count < FORMAT_HEAD_SIZE)
		return false;
	little_put(bytes + 508, 4, crc32c(0, span_of(bytes, 508)));
	if (format_head_decode(span_of(bytes, count), count, &head) !=
	    FORMAT_COMPLETE)
		return false;
	end.length = head.length;
	end.arrival = head.arrival;
	end.recipient_count = head.recipient_count;
	end.envelope_check = check_of(0, bytes, head.recipients);
	end.envelope_check = check_of(end.envelope_check, bytes, head.added);
	head.attributes.length = head.states.offset - head.attributes.offset;
	end.envelope_check =
	    check_of(end.envelope_check, bytes, head.attributes);
	end.content_check = check_of(0, bytes, head.body_area);
	end.content_check =
	    check_of(end.content_check, bytes, head.header.extent);
	format_end_encode(&end, bytes + head.length - FORMAT_END_SIZE);
	at = bytes + head.states.offset;
	for (uint32_t i = 0; i < head.recipient_count; i++, at += 8)
		memcpy(at, format_state_word((unsigned char)*at % 4), 8);
	repair_journal(bytes + head.length, count - head.length);
	return true;
}

static void
read_part(const struct stored *stored, const struct part *part)
{
	char bytes[512];
	uint64_t length = part->extent.length < sizeof bytes
	    ? part->extent.length
	    : sizeof bytes;

	must(stored_read_part(stored, part,
	    (struct extent){part->extent.length - length, length}, bytes,
	    NULL));
}

static void
read_all(struct pool *pool, const struct stored *stored)
{
	static struct stored_reason reasons[STORED_SLICE_MAXIMUM];
	struct stored_cursor cursor = {0};
	struct span rest = stored->attributes, name, value;
	struct stored_slice slice;
	struct error error;
	uint32_t seen = 0, outstanding = 0;

	do {
		if (!stored_read_recipients(
			pool, stored, &cursor, &slice, &error) ||
		    !stored_read_reasons(
			pool, stored, &slice, reasons, &error)) {
			must(error.kind == ERROR_LIMIT);
			return;
		}
		for (size_t i = 0; i < slice.count; i++, seen++) {
			must(slice.recipients[i].number == seen);
			outstanding +=
			    slice.recipients[i].state == RECIPIENT_TODO;
		}
	} while (slice.count > 0);
	must(seen == stored->recipient_count);
	must(outstanding == stored->outstanding);
	while (stored_next_attribute(&rest, &name, &value))
		must(name.len > 0);
	must(rest.len == 0);
	read_part(stored, &stored->header);
	read_part(stored, &stored->body);
	(void)!stored_verify_content(stored, &error);
}

/* A report on a sound file leaves a sound file that knows one attempt more. */
static void
report_on(int fd, const struct stored *before)
{
	struct journal_entry entry = {
	    .type = JOURNAL_ATTEMPT, .time = 1, .next = 2};
	struct store_mark mark = {0, RECIPIENT_DONE};
	struct store_report report = {
	    &mark, before->recipient_count > 0, &entry, 1};
	struct pool *pool = pool_create(NULL, "fuzz", POOL_MAXIMUM);
	enum stored_result result;
	struct stored *after;
	struct error error;
	bool written;

	/* As store_adopt does. */
	must(ftruncate(fd,
		 (off_t)(before->private->journal.offset +
		     before->private->journal.length)) == 0);
	must(own_report_write(fd, &report, &written, &error));
	after =
	    stored_open_fd(pool, &before->locator, dup(fd), &result, &error);
	must(after != NULL);
	must(after->attempts == before->attempts + 1);
	must(after->next_attempt == 2);
	pool_destroy(pool);
}

/* ---- taken apart ---- */

struct seen {
	uint64_t content;
	uint32_t recipients;
	uint32_t damages;
};

static void
see_head(void *owner UNUSED, const struct format_head *head UNUSED)
{
}

static void
see_recipient(void *owner, uint64_t offset,
    const struct stored_recipient *recipient UNUSED)
{
	struct seen *seen = owner;

	must(offset >= FORMAT_HEAD_SIZE);
	seen->recipients++;
}

static void
see_attribute(void *owner UNUSED, uint64_t offset, struct span name,
    struct span value UNUSED)
{
	must(offset > 0 && name.len > 0);
}

static void
see_journal(void *owner UNUSED, uint64_t offset,
    const struct journal_entry *entry UNUSED)
{
	must(offset > FORMAT_HEAD_SIZE);
}

static void
see_content(void *owner, enum dissect_part part UNUSED, uint64_t offset UNUSED,
    struct span bytes)
{
	struct seen *seen = owner;

	seen->content += bytes.len;
}

static void
see_damage(void *owner, uint64_t offset UNUSED, uint64_t length UNUSED,
    const char *what UNUSED)
{
	struct seen *seen = owner;

	seen->damages++;
}

/* Anything can be taken apart, and what is sound shows no damage. */
static void
dissect(struct span bytes, const struct stored *stored)
{
	static const struct dissect_events events = {see_head, see_recipient,
	    see_attribute, see_journal, see_content, see_damage};
	struct source source = {.fd = -1, .memory = bytes};
	struct seen seen = {0};
	struct error error;

	must(dissect_envelope(&source, &events, &seen, &error));
	for (int part = DISSECT_HEADER; part <= DISSECT_UNKNOWN; part++)
		must(dissect_content(
		    &source, (enum dissect_part)part, &events, &seen, &error));
	if (stored == NULL)
		return;
	must(seen.recipients == stored->recipient_count);
	must(seen.content == stored_size(stored));
	must(seen.damages ==
	    (uint32_t)!stored_verify_content(stored, &error) +
		stored->private->journal_is_torn);
}

static void
try_file(const char *bytes, size_t count)
{
	static const struct locator locator = {.place = PLACE_INCOMING};
	struct pool *pool = pool_create(NULL, "fuzz", POOL_MAXIMUM);
	int fd = memfd_create("queue file", MFD_CLOEXEC);
	enum stored_result result;
	struct stored *stored;
	struct error error;

	must(fd >= 0 && io_write(fd, span_of(bytes, count), NULL));
	stored = stored_open_fd(pool, &locator, dup(fd), &result, &error);
	must((stored != NULL) == (result == STORED_COMPLETE));
	if (stored != NULL) {
		read_all(pool, stored);
		dissect(span_of(bytes, count), stored);
		report_on(fd, stored);
	}
	dissect(span_of(bytes, count), NULL);
	pool_destroy(pool);
	io_close(&fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	static char copy[SIZE_MAXIMUM];

	if (count > sizeof copy)
		return 0;
	memcpy(copy, bytes, count);
	try_file(copy, count);
	if (repair(copy, count))
		try_file(copy, count);
	return 0;
}
