/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/route/domain_list.h"

#include "../../unit.h"

#define BUECHER     \
	"b\xc3\xbc" \
	"cher"

static const struct {
	const char *list;
	enum domain_list_reach reach;
	const char *domain;
	enum table_result want;
} matches[] = {
    {"", DOMAIN_LIST_EXACT, "a.example", TABLE_NOT_FOUND},
    {"a.example", DOMAIN_LIST_EXACT, "A.Example", TABLE_FOUND},
    {"b, a.example c", DOMAIN_LIST_EXACT, "a.example", TABLE_FOUND},
    {"example", DOMAIN_LIST_EXACT, "a.example", TABLE_NOT_FOUND},
    {".example", DOMAIN_LIST_EXACT, "a.example", TABLE_NOT_FOUND},
    {"example", DOMAIN_LIST_DOTTED, "a.example", TABLE_NOT_FOUND},
    {".example", DOMAIN_LIST_DOTTED, "b.a.example", TABLE_FOUND},
    {".example", DOMAIN_LIST_DOTTED, "example", TABLE_NOT_FOUND},
    {"example", DOMAIN_LIST_PARENT, "b.a.example", TABLE_FOUND},
    {"example", DOMAIN_LIST_PARENT, "anexample", TABLE_NOT_FOUND},
    {"example", DOMAIN_LIST_PARENT, "example", TABLE_FOUND},
    {"!a.example, example", DOMAIN_LIST_PARENT, "a.example", TABLE_NOT_FOUND},
    {"!a.example, example", DOMAIN_LIST_PARENT, "b.example", TABLE_FOUND},
    {"example, !a.example", DOMAIN_LIST_PARENT, "a.example", TABLE_FOUND},
    {"{a.example}", DOMAIN_LIST_EXACT, "a.example", TABLE_FOUND},
    {"inline:{a.example=x}", DOMAIN_LIST_EXACT, "a.example", TABLE_FOUND},
    {"inline:{example=x}", DOMAIN_LIST_EXACT, "a.example", TABLE_NOT_FOUND},
    {"inline:{example=x}", DOMAIN_LIST_PARENT, "b.a.example", TABLE_FOUND},
    {"inline:{.example=x}", DOMAIN_LIST_DOTTED, "b.a.example", TABLE_FOUND},
    {"inline:{example=x}", DOMAIN_LIST_DOTTED, "a.example", TABLE_NOT_FOUND},
    {"!inline:{a=x} static:y", DOMAIN_LIST_EXACT, "a", TABLE_NOT_FOUND},
    {"!inline:{a=x} static:y", DOMAIN_LIST_EXACT, "b", TABLE_FOUND},
    {"fail:x a", DOMAIN_LIST_EXACT, "a", TABLE_TRY_AGAIN},
    {"a fail:x", DOMAIN_LIST_EXACT, "a", TABLE_FOUND},
    {BUECHER ".example", DOMAIN_LIST_EXACT, "xn--bcher-kva.example",
	TABLE_FOUND},
    {"xn--BCHER-kva.example", DOMAIN_LIST_EXACT, BUECHER ".example",
	TABLE_FOUND},
    {"." BUECHER ".example", DOMAIN_LIST_DOTTED, "a.xn--bcher-kva.example",
	TABLE_FOUND},
    {BUECHER ".example", DOMAIN_LIST_PARENT, "a." BUECHER ".example",
	TABLE_FOUND},
    {"!" BUECHER ".example, static:x", DOMAIN_LIST_EXACT,
	"xn--bcher-kva.example", TABLE_NOT_FOUND},
    {"inline:{" BUECHER ".example=x}", DOMAIN_LIST_EXACT,
	"xn--bcher-kva.example", TABLE_FOUND},
    {"inline:{.xn--bcher-kva.example=x}", DOMAIN_LIST_DOTTED,
	"a." BUECHER ".example", TABLE_FOUND},
    {BUECHER ".example", DOMAIN_LIST_EXACT, "bucher.example", TABLE_NOT_FOUND},
    {"a. ..", DOMAIN_LIST_PARENT, ".", TABLE_NOT_FOUND},
};

static void
test_matches(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(matches); i++) {
		struct error error;
		struct domain_list *list = domain_list_open(
		    span_text(matches[i].list), matches[i].reach, NULL, &error);

		assert_non_null(list);
		assert_int_equal(domain_list_match(list,
				     span_text(matches[i].domain), &error),
		    matches[i].want);
		assert_false(domain_list_has_changed(list, NULL));
		domain_list_close(list);
	}
	domain_list_close(NULL);
}

static const char *const bad_lists[] = {
    "!", "a, !", "! a", "no-type:x", "/nonexistent/file", "a static:"};

static void
test_bad_lists(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(bad_lists); i++) {
		struct error error = {.text = ""};

		assert_null(domain_list_open(
		    span_text(bad_lists[i]), DOMAIN_LIST_EXACT, NULL, &error));
		assert_true(error.text[0] != '\0');
	}
}

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct error error;

	assert_true(fd >= 0);
	assert_true(io_write(fd, span_text(text), &error));
	io_close(&fd);
}

static void
test_file(void **state UNUSED)
{
	char path[] = "/tmp/postern-domains-XXXXXX";
	int fd = mkstemp(path);
	char text[100];
	const char *name = NULL;
	struct error error;
	struct domain_list *list;

	io_close(&fd);
	write_file(path,
	    "# comment, with words\na.example b.example,\n\n  # x\n"
	    " !c.example d.example");
	list =
	    domain_list_open(span_text(path), DOMAIN_LIST_EXACT, NULL, &error);
	assert_non_null(list);
	assert_int_equal(
	    domain_list_match(list, SPAN("b.example"), &error), TABLE_FOUND);
	assert_int_equal(
	    domain_list_match(list, SPAN("d.example"), &error), TABLE_FOUND);
	assert_int_equal(domain_list_match(list, SPAN("c.example"), &error),
	    TABLE_NOT_FOUND);
	assert_int_equal(
	    domain_list_match(list, SPAN("comment"), &error), TABLE_NOT_FOUND);
	assert_false(domain_list_has_changed(list, &name));
	write_file(path, "other.example");
	assert_true(domain_list_has_changed(list, &name));
	assert_string_equal(name, path);
	domain_list_close(list);

	snprintf(text, sizeof text, "!%s static:all", path);
	list =
	    domain_list_open(span_text(text), DOMAIN_LIST_EXACT, NULL, &error);
	assert_int_equal(domain_list_match(list, SPAN("other.example"), &error),
	    TABLE_NOT_FOUND);
	assert_int_equal(
	    domain_list_match(list, SPAN("another"), &error), TABLE_FOUND);
	domain_list_close(list);

	write_file(path, path);
	assert_null(
	    domain_list_open(span_text(path), DOMAIN_LIST_EXACT, NULL, &error));
	assert_int_equal(error.kind, ERROR_INVALID);
	assert_int_equal(unlink(path), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_matches),
	    cmocka_unit_test(test_bad_lists),
	    cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
