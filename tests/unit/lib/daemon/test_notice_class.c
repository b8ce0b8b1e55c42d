/* SPDX-License-Identifier: MIT */
#include "lib/daemon/notice_class.h"

#include "../../unit.h"

static const struct {
	const char *text;
	bool good;
	unsigned classes;
} lists[] = {
    {"", true, 0},
    {"resource, software", true, NOTICE_CLASS_RESOURCE | NOTICE_CLASS_SOFTWARE},
    {"bounce 2bounce,data\tdelay", true,
	NOTICE_CLASS_BOUNCE | NOTICE_CLASS_2BOUNCE | NOTICE_CLASS_DATA |
	    NOTICE_CLASS_DELAY},
    {"Policy,PROTOCOL", true, NOTICE_CLASS_POLICY | NOTICE_CLASS_PROTOCOL},
    {"bounce, bouncy", false, 0},
};

static void
test_lists(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		struct error error;
		unsigned classes;

		assert_int_equal(notice_class_parse(span_text(lists[i].text),
				     &classes, &error),
		    lists[i].good);
		if (lists[i].good)
			assert_int_equal(classes, lists[i].classes);
		else
			assert_non_null(strstr(error.text, "not \"bouncy\""));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
