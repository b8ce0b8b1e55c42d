/* SPDX-License-Identifier: MIT */
#include "../../unit.h"
#include "master/postconf/request.h"
#include "master/postconf/show.h"

#define ARGUMENTS 6

static const struct {
	const char *arguments[ARGUMENTS];
	enum request_mode mode;
	unsigned flags;
	const char *error; /* NULL: it is good; "": the usage */
} cases[] = {
    {{NULL}, REQUEST_PARAMETERS, 0, NULL},
    {{"-nfx"}, REQUEST_PARAMETERS,
	REQUEST_SETTINGS | REQUEST_FOLDED | REQUEST_EXPANDED, NULL},
    {{"a=b"}, REQUEST_PARAMETERS, REQUEST_SET, NULL},
    {{"-M", "a/unix=b"}, REQUEST_SERVICES, REQUEST_SET, NULL},
    {{"-P", "-X", "a/unix/b=c"}, REQUEST_OPTIONS, REQUEST_REMOVE, NULL},
    {{"-#", "a"}, REQUEST_PARAMETERS, REQUEST_COMMENT, NULL},
    {{"-E", "a=b"}, REQUEST_PARAMETERS, REQUEST_CHECKED, NULL},
    {{"-b", "file"}, REQUEST_TEXTS, 0, NULL},
    {{"-T", "run-version"}, REQUEST_TLS, 0, NULL},
    {{"-o", "a=b", "-Fj"}, REQUEST_FIELDS, REQUEST_OVERRIDDEN | REQUEST_JSON,
	NULL},
    {{"-v", "-q"}, REQUEST_PARAMETERS, REQUEST_QUIET, NULL},
    {{"-nd"}, 0, 0, "specify one of -d -n"},
    {{"-hH"}, 0, 0, "specify one of -h -H"},
    {{"-MP"}, 0, 0, "specify one of -M -P"},
    {{"-eX", "a"}, 0, 0, "specify one of -e -X"},
    {{"-ex", "a=b"}, 0, 0, "specify one of -e -x"},
    {{"-Mh"}, 0, 0, "with option -M, do not specify -h"},
    {{"-mn"}, 0, 0, "with option -m, do not specify -n"},
    {{"-F", "-X", "a"}, 0, 0, "with option -F, do not specify -X"},
    {{"-e"}, 0, 0, "nothing to change is named"},
    {{"-m", "x"}, 0, 0, "unexpected argument: x"},
    {{"-C", "mine"}, 0, 0, "-C mine: expected builtin, service, user or all"},
    {{"-Z"}, 0, 0, ""},
    {{"-T"}, 0, 0, ""},
};

static void
test_parse(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *argv[ARGUMENTS + 2] = {(char *)(uintptr_t) "postconf"};
		struct request request;
		struct error error;
		bool good;
		int argc = 1;

		for (; cases[i].arguments[argc - 1] != NULL; argc++)
			argv[argc] =
			    (char *)(uintptr_t)cases[i].arguments[argc - 1];
		good = request_parse(argc, argv, &request, &error);
		assert_int_equal(good, cases[i].error == NULL);
		if (good) {
			assert_int_equal(request.mode, cases[i].mode);
			assert_int_equal(request.flags, cases[i].flags);
		} else {
			assert_string_equal(error.text, cases[i].error);
		}
		free(request.overrides);
	}
}

static void
test_classes(void **state UNUSED)
{
	char *argv[] = {(char *)(uintptr_t) "postconf",
	    (char *)(uintptr_t) "-Cuser,service", NULL};
	struct request request;
	struct error error;

	assert_true(request_parse(2, argv, &request, &error));
	assert_int_equal(request.classes, SHOW_USER | SHOW_SERVICE);
	free(request.overrides);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
