/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fenv.h>

#include "lib/loop/coroutine.h"

#include "../../unit.h"

struct trace {
	char text[64];
	size_t len;
};

static void
trace_add(struct trace *trace, char mark)
{
	assert_true(trace->len < sizeof trace->text - 1);
	trace->text[trace->len++] = mark;
	trace->text[trace->len] = '\0';
}

static void
three_steps(void *argument)
{
	struct trace *trace = argument;

	for (char mark = 'a'; mark <= 'c'; mark++) {
		assert_non_null(coroutine_current());
		trace_add(trace, mark);
		coroutine_yield();
	}
	trace_add(trace, '.');
}

static void
runs_in_steps(void **state UNUSED)
{
	struct trace trace = {0};
	struct coroutine *coroutine = coroutine_create(three_steps, &trace);

	assert_int_equal(coroutine_count(), 1);
	for (char mark = '1'; mark <= '4'; mark++) {
		trace_add(&trace, mark);
		coroutine_resume(coroutine);
		assert_null(coroutine_current());
	}
	assert_string_equal(trace.text, "1a2b3c4.");
	assert_int_equal(coroutine_count(), 0);
}

static void
interleave(void **state UNUSED)
{
	struct trace trace = {0};
	struct coroutine *first = coroutine_create(three_steps, &trace);
	struct coroutine *second = coroutine_create(three_steps, &trace);

	for (int i = 0; i < 4; i++) {
		coroutine_resume(second);
		coroutine_resume(first);
	}
	assert_string_equal(trace.text, "aabbcc..");
}

/* Many values live across a yield, so that some are in every register that the
 * ABI keeps. */
static void
keep_registers(void *argument)
{
	uint64_t *sum = argument;
	uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8;
	double x = 0.5, y = 0.25, z = 0.125;

	for (uint64_t i = 0; i < 100; i++) {
		a += i, b += a, c += b, d += c, e += d, f += e, g += f, h += g;
		x += (double)i, y += x, z += y;
		errno = (int)i;
		if (coroutine_current() != NULL)
			coroutine_yield();
		assert_int_equal(errno, i);
	}
	*sum += a + b + c + d + e + f + g + h + (uint64_t)(x + y + z);
}

static void
registers_survive(void **state UNUSED)
{
	enum {
		COROUTINES = 20
	};

	uint64_t sums[COROUTINES] = {0};
	uint64_t want = 0;
	struct coroutine *coroutines[COROUTINES];

	for (size_t i = 0; i < COROUTINES; i++)
		coroutines[i] = coroutine_create(keep_registers, &sums[i]);
	for (int round = 0; round <= 100; round++) {
		for (size_t i = 0; i < COROUTINES; i++)
			coroutine_resume(coroutines[i]);
	}
	keep_registers(&want);
	for (size_t i = 0; i < COROUTINES; i++)
		assert_int_equal(sums[i], want);
	assert_int_equal(coroutine_count(), 0);
}

static void
round_upwards(void *argument UNUSED)
{
	assert_int_equal(fesetround(FE_UPWARD), 0);
	coroutine_yield();
	assert_int_equal(fegetround(), FE_UPWARD);
}

/* The rounding mode belongs to the coroutine that set it. */
static void
rounding_is_private(void **state UNUSED)
{
	struct coroutine *coroutine = coroutine_create(round_upwards, NULL);

	coroutine_resume(coroutine);
	assert_int_equal(fegetround(), FE_TONEAREST);
	coroutine_resume(coroutine);
	assert_int_equal(fegetround(), FE_TONEAREST);
}

static void
jump_within(void *argument)
{
	volatile int *turns = argument;
	jmp_buf place;

	if (setjmp(place) < 3) {
		(*turns)++;
		coroutine_yield();
		longjmp(place, *turns);
	}
}

static void
jumps_inside(void **state UNUSED)
{
	volatile int turns = 0;
	struct coroutine *coroutine =
	    coroutine_create(jump_within, (void *)&turns);

	for (int i = 0; i < 4; i++)
		coroutine_resume(coroutine);
	assert_int_equal(turns, 3);
	assert_int_equal(coroutine_count(), 0);
}

static void
use_much_stack(void *argument)
{
	volatile char deep[3000];
	int depth = *(int *)argument - 1;

	deep[0] = deep[sizeof deep - 1] = (char)depth;
	if (depth > 0)
		use_much_stack(&depth);
	else
		coroutine_yield();
	assert_int_equal(deep[0], (char)(*(int *)argument - 1));
}

/* More than are kept for reuse, each deep, twice over. */
static void
stacks_are_reused(void **state UNUSED)
{
	enum {
		COROUTINES = 300
	};
	struct coroutine *coroutines[COROUTINES];
	int depth = 12;

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < COROUTINES; i++) {
			coroutines[i] =
			    coroutine_create(use_much_stack, &depth);
			coroutine_resume(coroutines[i]);
		}
		assert_int_equal(coroutine_count(), COROUTINES);
		for (int i = 0; i < COROUTINES; i++)
			coroutine_resume(coroutines[i]);
		assert_int_equal(coroutine_count(), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(runs_in_steps),
	    cmocka_unit_test(interleave),
	    cmocka_unit_test(registers_survive),
	    cmocka_unit_test(rounding_is_private),
	    cmocka_unit_test(jumps_inside),
	    cmocka_unit_test(stacks_are_reused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
