/* SPDX-License-Identifier: MIT */
#include "lib/queue/locator.h"

const char *
locator_queue(const struct locator *locator)
{
	static const char *const names[PLACE_COUNT] = {
	    [PLACE_INCOMING] = "incoming",
	    [PLACE_DEFERRED] = "deferred",
	    [PLACE_HOLD] = "hold",
	    [PLACE_CORRUPT] = "corrupt",
	};

	must(locator->place < PLACE_COUNT);
	return names[locator->place];
}
