/* SPDX-License-Identifier: MIT */
#include "lib/base/list.h"

#include "../../unit.h"

struct item {
	char name;
	struct list node;
};

static struct item items[] = {{.name = 'a'}, {.name = 'b'}, {.name = 'c'}};

static void
assert_names(const struct list *list, const char *want)
{
	char names[8] = "";
	size_t count = 0;

	list_foreach (node, list)
		names[count++] = list_element(node, struct item, node)->name;
	assert_string_equal(names, want);
}

static void
test_order(void **state UNUSED)
{
	struct list list;

	list_init(&list);
	assert_true(list_is_empty(&list));
	assert_null(list_first(&list));
	list_add_last(&list, &items[1].node);
	list_add_last(&list, &items[2].node);
	list_add_first(&list, &items[0].node);
	assert_names(&list, "abc");
	assert_ptr_equal(list_first(&list), &items[0].node);
	list_remove(&items[1].node);
	list_remove(&items[1].node);
	assert_names(&list, "ac");
	list_add_last(&list, &items[1].node);
	assert_names(&list, "acb");
}

static void
test_remove_while_walking(void **state UNUSED)
{
	struct list list;

	list_init(&list);
	for (size_t i = 0; i < COUNT_OF(items); i++)
		list_add_last(&list, &items[i].node);
	list_foreach_safe (node, &list)
		if (list_element(node, struct item, node)->name != 'b')
			list_remove(node);
	assert_names(&list, "b");
	list_foreach_safe (node, &list)
		list_remove(node);
	assert_true(list_is_empty(&list));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_remove_while_walking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
