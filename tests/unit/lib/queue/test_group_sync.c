/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/queue/group_sync.h"

#include "../../unit.h"

struct waiter {
	struct group_sync *group;
	int fd;
	bool synced;
	struct error error;
};

static void *
wait_for_sync(void *argument)
{
	struct waiter *waiter = argument;

	for (int i = 0; i < 50; i++) {
		waiter->synced =
		    group_sync_run(waiter->group, waiter->fd, &waiter->error);
		if (!waiter->synced)
			break;
	}
	return NULL;
}

static void
run_threads(int fd, bool want)
{
	struct group_sync group;
	struct waiter waiters[8];
	pthread_t threads[COUNT_OF(waiters)];

	group_sync_init(&group);
	for (size_t i = 0; i < COUNT_OF(waiters); i++) {
		waiters[i] = (struct waiter){.group = &group, .fd = fd};
		assert_int_equal(pthread_create(&threads[i], NULL,
				     wait_for_sync, &waiters[i]),
		    0);
	}
	for (size_t i = 0; i < COUNT_OF(waiters); i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(waiters[i].synced, want);
		if (!want)
			assert_int_equal(waiters[i].error.saved_errno, EINVAL);
	}
	group_sync_finish(&group);
}

static void
test_rel03_all_get_the_result(void **state UNUSED)
{
	int fd = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	run_threads(fd, true);
	io_close(&fd);
}

/* REL-04: a failure reaches each of them. */
static void
test_rel04_all_get_the_failure(void **state UNUSED)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	run_threads(ends[0], false); /* no pipe can be synced */
	io_close(&ends[0]);
	io_close(&ends[1]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rel03_all_get_the_result),
	    cmocka_unit_test(test_rel04_all_get_the_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
