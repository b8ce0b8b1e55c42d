/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "lib/base/error.h"

#include "../../unit.h"

static void
test_set_and_prefix(void **state UNUSED)
{
	struct error error;

	assert_false(error_set(&error, ERROR_INVALID, "bad %s", "word"));
	assert_int_equal(error.kind, ERROR_INVALID);
	assert_int_equal(error.saved_errno, 0);
	assert_false(error_prefix(&error, "line %d", 3));
	assert_string_equal(error.text, "line 3: bad word");
	assert_int_equal(error.kind, ERROR_INVALID);
}

static void
test_system(void **state UNUSED)
{
	struct error error;

	errno = ENOENT;
	assert_false(error_system(&error, "open %s", "/x"));
	assert_int_equal(error.kind, ERROR_SYSTEM);
	assert_int_equal(error.saved_errno, ENOENT);
	assert_int_equal(errno, ENOENT);
	assert_string_equal(error.text, "open /x: No such file or directory");
}

static void
test_long_text_is_cut(void **state UNUSED)
{
	struct error error;

	error_set(&error, ERROR_LIMIT, "%0300d", 7);
	assert_int_equal(strlen(error.text), sizeof error.text - 1);
	error_prefix(&error, "%0150d", 7);
	assert_int_equal(strlen(error.text), sizeof error.text - 1);
	error_prefix(&error, "%0300d", 7);
	assert_int_equal(strlen(error.text), sizeof error.text - 1);
	errno = EIO;
	error_system(&error, "%0300d", 7);
	assert_int_equal(strlen(error.text), sizeof error.text - 1);
}

static void
test_nobody_wants_the_words(void **state UNUSED)
{
	assert_false(error_set(NULL, ERROR_LIMIT, "x"));
	assert_false(error_system(NULL, "x"));
	assert_false(error_prefix(NULL, "x"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_set_and_prefix),
	    cmocka_unit_test(test_system),
	    cmocka_unit_test(test_long_text_is_cut),
	    cmocka_unit_test(test_nobody_wants_the_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
