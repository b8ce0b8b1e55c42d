/* SPDX-License-Identifier: MIT */
#include "lib/base/crc32c.h"

#include "../../unit.h"

static const char zeros[32];
static const char ones[32] = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
			     "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
			     "\xff\xff\xff\xff\xff\xff\xff\xff";

/* RFC 3720 appendix B.4, and the customary check value. */
static const struct {
	struct span bytes;
	uint32_t want;
} vectors[] = {
    {{"123456789", 9}, 0xe3069283},
    {{zeros, 32}, 0x8a9136aa},
    {{ones, 32}, 0x62a8ab43},
    {{"", 0}, 0},
};

static void
test_vectors(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(vectors); i++)
		assert_int_equal(crc32c(0, vectors[i].bytes), vectors[i].want);
	assert_int_equal(crc32c(0, (struct span){0}), 0);
}

static void
test_parts_equal_the_whole(void **state UNUSED)
{
	struct span text = SPAN("The quick brown fox jumps over the lazy dog.");
	uint32_t whole = crc32c(0, text);

	for (size_t cut = 0; cut <= text.len; cut++)
		assert_int_equal(crc32c(crc32c(0, span_head(text, cut)),
				     span_skip(text, cut)),
		    whole);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_vectors),
	    cmocka_unit_test(test_parts_equal_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
