/* SPDX-License-Identifier: MIT */
/* The flight recorder of a process that died: it may have written anything. */
#include <sys/mman.h>

#include <unistd.h>

#include "lib/base/io.h"
#include "lib/daemon/flight.h"

enum {
	SLOTS = 16,
	TEXT_SIZE = 300
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void
check_text(const char *text, size_t size)
{
	must(memchr(text, '\0', size) != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct flight_slot slots[SLOTS];
	char text[TEXT_SIZE];
	struct error error;
	size_t used;
	int fd;

	if (count > FLIGHT_SLOTS * sizeof(struct flight_slot))
		return 0;
	fd = flight_create(&error);
	must(fd >= 0);
	must(pwrite(fd, bytes, count, 0) == (ssize_t)count);
	used = flight_read(fd, slots, COUNT_OF(slots));
	must(used <= COUNT_OF(slots));
	for (size_t i = 0; i < used; i++) {
		check_text(slots[i].what, sizeof slots[i].what);
		check_text(slots[i].client, sizeof slots[i].client);
		check_text(slots[i].message, sizeof slots[i].message);
	}
	flight_describe(slots, used, text, sizeof text);
	check_text(text, sizeof text);
	io_close(&fd);
	return 0;
}
