/* SPDX-License-Identifier: MIT */
#include <openssl/err.h>

#include "lib/base/span.h"
#include "lib/tls/error_queue.h"

#include "../../unit.h"

static void
keeps_reasons_and_texts(void **state UNUSED)
{
	struct error_queue queue;
	const char *text;
	int flags;

	ERR_clear_error();
	ERR_raise_data(ERR_LIB_USER, 7, "%s", "first");
	ERR_raise(ERR_LIB_SSL, 9);
	error_queue_save(&queue);
	assert_int_equal(ERR_peek_error(), 0);
	ERR_raise(ERR_LIB_USER, 99);
	error_queue_restore(&queue);
	assert_int_equal(ERR_get_error_all(NULL, NULL, NULL, &text, &flags),
	    ERR_PACK(ERR_LIB_USER, 0, 7));
	assert_string_equal(text, "first");
	assert_int_equal(ERR_get_error(), ERR_PACK(ERR_LIB_SSL, 0, 9));
	assert_int_equal(ERR_get_error(), 0);
}

static void
keeps_an_empty_one(void **state UNUSED)
{
	struct error_queue queue;

	ERR_clear_error();
	error_queue_save(&queue);
	for (int i = 0; i < 3 * ERROR_QUEUE_SIZE; i++)
		ERR_raise(ERR_LIB_USER, 99);
	error_queue_restore(&queue);
	assert_int_equal(ERR_peek_error(), 0);
}

/* OpenSSL drops the oldest. */
static void
keeps_a_full_one(void **state UNUSED)
{
	struct error_queue queue;
	int count = 0;
	int before;

	ERR_clear_error();
	for (int i = 1; i <= 3 * ERROR_QUEUE_SIZE; i++)
		ERR_raise(ERR_LIB_USER, i);
	before = ERR_GET_REASON(ERR_peek_error());
	error_queue_save(&queue);
	error_queue_restore(&queue);
	assert_int_equal(ERR_GET_REASON(ERR_peek_error()), before);
	assert_int_equal(
	    ERR_GET_REASON(ERR_peek_last_error()), 3 * ERROR_QUEUE_SIZE);
	while (ERR_get_error() != 0)
		count++;
	assert_int_equal(count, 3 * ERROR_QUEUE_SIZE - before + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_reasons_and_texts),
	    cmocka_unit_test(keeps_an_empty_one),
	    cmocka_unit_test(keeps_a_full_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
