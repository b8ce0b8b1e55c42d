/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <openssl/crypto.h>

#include "lib/base/io.h"

#include "../../unit.h"
#include "smtpd/keyd/vault.h"

static bool
is_zero(const char *at, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (at[i] != '\0')
			return false;
	return true;
}

static void
gives_zeroed_memory_of_any_size(void **state UNUSED)
{
	for (size_t size = 1; size < 700000; size = size * 3 / 2 + 1) {
		char *one = vault_alloc(size);
		char *other = vault_alloc(size);

		assert_int_equal((uintptr_t)one % 16, 0);
		assert_true(is_zero(one, size) && is_zero(other, size));
		memset(one, 1, size);
		assert_true(is_zero(other, size));
		memset(other, 2, size);
		assert_int_equal(one[size - 1], 1);
		vault_free(one);
		vault_free(other);
	}
	vault_free(NULL);
}

/* What was freed is used again, and does not show what was in it. */
static void
wipes_and_reuses(void **state UNUSED)
{
	char *first = vault_alloc(100);
	size_t used;
	char *again;

	memset(first, 'k', 100);
	vault_free(first);
	used = vault_used();
	for (int i = 0; i < 10000; i++) {
		again = vault_alloc(100);
		assert_ptr_equal(again, first);
		assert_true(is_zero(again, 100));
		vault_free(again);
	}
	assert_int_equal(vault_used(), used);
}

/* OpenSSL's blocks move without losing bytes. */
static void
serves_openssl(void **state UNUSED)
{
	char *text = OPENSSL_malloc(10);

	assert_non_null(text);
	snprintf(text, 10, "%s", "123456789");
	text = OPENSSL_realloc(text, 400000);
	assert_non_null(text);
	assert_string_equal(text, "123456789");
	assert_true(vault_used() >= 400000);
	OPENSSL_free(text);
	assert_null(OPENSSL_malloc(3 << 20));
	text = OPENSSL_realloc(NULL, 5);
	assert_non_null(text);
	assert_null(OPENSSL_realloc(text, 0));
}

/* The kernel says how it treats the memory at `wanted`. */
static bool
has_flags(const void *wanted, const char *const *flags)
{
	struct buf maps;
	struct span rest;
	struct span line;
	bool is_inside = false;
	bool has_all = false;

	buf_init(&maps, 4 << 20);
	assert_true(io_read_file(AT_FDCWD, "/proc/self/smaps", &maps, NULL));
	rest = buf_span(&maps);
	while (span_split(rest, '\n', &line, &rest)) {
		uintptr_t from = strtoul(line.at, NULL, 16);
		size_t dash = span_find(line, '-');

		if (dash < line.len && dash < 17 &&
		    dash == strspn(line.at, "0123456789abcdef"))
			is_inside = (uintptr_t)wanted >= from &&
			    (uintptr_t)wanted <
				strtoul(line.at + dash + 1, NULL, 16);
		if (!is_inside || !span_starts(line, SPAN("VmFlags:")))
			continue;
		has_all = true;
		for (; *flags != NULL; flags++)
			has_all = has_all &&
			    span_find_span(line, span_text(*flags)) < line.len;
		break;
	}
	buf_finish(&maps);
	return has_all;
}

static void
is_in_no_dump_and_locked(void **state UNUSED)
{
	static const char *const no_dump[] = {" dd", NULL};
	static const char *const locked[] = {" lo", NULL};
	char *memory = vault_alloc(1000);
	struct error error;
	int on_stack;

	assert_true(has_flags(memory, no_dump));
	assert_false(has_flags(&on_stack, no_dump));
	if (vault_is_locked(&error))
		assert_true(has_flags(memory, locked));
	else
		assert_int_equal(error.kind, ERROR_SYSTEM);
	vault_free(memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_zeroed_memory_of_any_size),
	    cmocka_unit_test(wipes_and_reuses),
	    cmocka_unit_test(serves_openssl),
	    cmocka_unit_test(is_in_no_dump_and_locked),
	};

	vault_open();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
