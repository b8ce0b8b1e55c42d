/* SPDX-License-Identifier: MIT */
#include "lib/tls/cipher_list.h"

#include "../../unit.h"

static const struct {
	const char *name;
	int grade; /* -1 = refused */
} grades[] = {
    {"high", CIPHER_GRADE_HIGH},
    {"High", CIPHER_GRADE_HIGH},
    {"medium", CIPHER_GRADE_MEDIUM},
    {"low", CIPHER_GRADE_MEDIUM},
    {"export", CIPHER_GRADE_MEDIUM},
    {"null", CIPHER_GRADE_NULL},
    {"", -1},
    {"highest", -1},
    {"HIGH:!aNULL", -1},
};

static void
test_grades(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(grades); i++) {
		enum cipher_grade grade = CIPHER_GRADE_COUNT;
		bool good =
		    cipher_grade_parse(span_text(grades[i].name), &grade, NULL);

		assert_int_equal(good, grades[i].grade >= 0);
		if (good)
			assert_int_equal(grade, grades[i].grade);
	}
}

static const struct {
	const char *exclusions;
	const char *list; /* behind "HIGH"; NULL = refused */
} cases[] = {
    {"", "HIGH"},
    {"MD5", "HIGH:!MD5"},
    {"MD5, RC4 aNULL:DES", "HIGH:!MD5:!RC4:!aNULL:!DES"},
    {"aNULL+kDH", "HIGH:!aNULL+kDH"},
    {"ECDHE-RSA-AES128-SHA", "HIGH:!ECDHE-RSA-AES128-SHA"},
    {"!MD5", NULL},
    {"-MD5", NULL},
    {"+RC4", NULL},
    {"@STRENGTH", NULL},
    {"MD5;RC4", NULL},
    {"0123456789012345678901234567890123456789012345678901234567890", NULL},
};

static void
test_exclusions(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf list;
		struct error error;
		bool good;

		buf_init(&list, 50);
		buf_append_text(&list, "HIGH");
		good = cipher_list_exclude(
		    &list, span_text(cases[i].exclusions), &error);
		assert_int_equal(good, cases[i].list != NULL);
		if (good)
			assert_span(buf_span(&list), cases[i].list);
		buf_finish(&list);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_grades),
	    cmocka_unit_test(test_exclusions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
