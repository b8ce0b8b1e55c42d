/* SPDX-License-Identifier: MIT */
#include "lib/daemon/flight.h"

#include <sys/mman.h>

#include <pthread.h>
#include <unistd.h>

#include "lib/base/io.h"

enum {
	CALL_OFFSET = FLIGHT_SLOTS * sizeof(struct flight_slot),
	RECORDER_SIZE = CALL_OFFSET + sizeof(int32_t)
};

/* Of this process; NULL: no recorder. */
static struct flight_slot *recorder;
static size_t next_slot; /* where to look first for a free one */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of taking one */

int
flight_create(struct error *error)
{
	int fd = memfd_create("flight", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, RECORDER_SIZE) < 0) {
		error_system(error, "flight recorder");
		io_close(&fd);
	}
	return fd;
}

size_t
flight_read(int fd, struct flight_slot *slots, size_t maximum)
{
	size_t count = 0;

	for (int i = 0; i < FLIGHT_SLOTS && count < maximum; i++) {
		struct flight_slot *slot = &slots[count];

		if (!io_pread(fd, slot, sizeof *slot,
			(off_t)i * (off_t)sizeof *slot, NULL))
			break;
		/* The writer may have died in the middle. */
		slot->what[sizeof slot->what - 1] = '\0';
		slot->client[sizeof slot->client - 1] = '\0';
		slot->message[sizeof slot->message - 1] = '\0';
		if (slot->what[0] != '\0')
			count++;
	}
	return count;
}

int
flight_read_call(int fd)
{
	int32_t next;

	if (!io_pread(fd, &next, sizeof next, CALL_OFFSET, NULL))
		return -1;
	return next > 0 ? next - 1 : -1;
}

static bool
describe_one(struct buf *out, const struct flight_slot *slot)
{
	return buf_printf(out, "%s%s%s%s%s%s", out->len > 0 ? ", " : "",
	    slot->what, slot->client[0] != '\0' ? " " : "", slot->client,
	    slot->message[0] != '\0' ? " " : "", slot->message);
}

void
flight_describe(
    const struct flight_slot *slots, size_t count, char *text, size_t size)
{
	struct buf out;

	buf_init(&out, size - 1);
	for (size_t i = 0; i < count && describe_one(&out, &slots[i]); i++)
		;
	snprintf(text, size, "%s", buf_text(&out));
	buf_finish(&out);
}

bool
flight_open(int fd, struct error *error)
{
	void *map = mmap(
	    NULL, RECORDER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	io_close(&fd);
	if (map == MAP_FAILED)
		return error_system(error, "flight recorder");
	recorder = map;
	return true;
}

static void
copy_text(char *to, size_t size, struct span text)
{
	struct span cut = span_head(text, size - 1);

	span_copy(to, cut);
	to[cut.len] = '\0';
}

void
flight_set_message(struct flight_slot *slot, struct span message)
{
	if (slot != NULL)
		copy_text(slot->message, sizeof slot->message, message);
}

static struct flight_slot *
take_slot(const char *what, struct span client, struct span message)
{
	for (size_t i = 0; i < FLIGHT_SLOTS; i++) {
		struct flight_slot *slot =
		    &recorder[(next_slot + i) % FLIGHT_SLOTS];

		if (slot->what[0] != '\0')
			continue;
		next_slot = (next_slot + i + 1) % FLIGHT_SLOTS;
		copy_text(slot->client, sizeof slot->client, client);
		flight_set_message(slot, message);
		copy_text(slot->what, sizeof slot->what, span_text(what));
		return slot;
	}
	return NULL;
}

struct flight_slot *
flight_begin(const char *what, struct span client, struct span message)
{
	struct flight_slot *slot;

	if (recorder == NULL)
		return NULL;
	must(pthread_mutex_lock(&mutex) == 0);
	slot = take_slot(what, client, message);
	must(pthread_mutex_unlock(&mutex) == 0);
	return slot;
}

void
flight_end(struct flight_slot *slot)
{
	if (slot != NULL)
		slot->what[0] = '\0';
}

volatile int32_t *
flight_call(void)
{
	return recorder == NULL ? NULL
				: (int32_t *)(void *)&recorder[FLIGHT_SLOTS];
}
