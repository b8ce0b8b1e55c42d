/* SPDX-License-Identifier: MIT */
#include "lib/daemon/notice_class.h"

#include "../unit.h"
#include "smtp/postmaster.h"

static const struct {
	uint16_t code;
	unsigned class;
} replies[] = {
    {220, NOTICE_CLASS_PROTOCOL}, /* where it is not the good one */
    {354, NOTICE_CLASS_PROTOCOL},
    {421, 0},
    {450, 0},
    {452, 0},
    {500, NOTICE_CLASS_PROTOCOL},
    {503, NOTICE_CLASS_PROTOCOL},
    {509, NOTICE_CLASS_PROTOCOL},
    {510, 0},
    {521, 0},
    {550, 0},
    {554, 0},
    {555, NOTICE_CLASS_PROTOCOL},
    {599, 0},
};

static void
test_replies(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(replies); i++)
		assert_int_equal(postmaster_class_of_reply(
				     &(struct reply){.code = replies[i].code}),
		    replies[i].class);
}

static const struct {
	enum error_kind kind;
	unsigned in_mail;
	unsigned before;
} errors[] = {
    {ERROR_INVALID, NOTICE_CLASS_PROTOCOL, NOTICE_CLASS_PROTOCOL},
    {ERROR_LIMIT, NOTICE_CLASS_PROTOCOL, NOTICE_CLASS_PROTOCOL},
    {ERROR_CLOSED, NOTICE_CLASS_PROTOCOL, 0},
    {ERROR_SYSTEM, NOTICE_CLASS_PROTOCOL, 0},
    {ERROR_TIMEOUT, 0, 0},
    {ERROR_TEMPORARY, NOTICE_CLASS_DATA, NOTICE_CLASS_DATA},
};

static void
test_errors(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(errors); i++) {
		assert_int_equal(
		    postmaster_class_of_error(errors[i].kind, true),
		    errors[i].in_mail);
		assert_int_equal(
		    postmaster_class_of_error(errors[i].kind, false),
		    errors[i].before);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_replies),
	    cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
