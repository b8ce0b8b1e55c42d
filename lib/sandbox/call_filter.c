/* SPDX-License-Identifier: MIT */
#include "lib/sandbox/call_filter.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <unistd.h>

#include "lib/base/refusal.h"
#include "lib/base/span.h"
#include "lib/sandbox/call_sets.h"

enum {
	NAME_SIZE = 40,
	TREE = 2 /* search among the calls, not one comparison after another */
};

/* A filter that is being made. */
struct builder {
	scmp_filter_ctx context;
	struct error *error;
};

static bool
fail(struct builder *builder, int failure, const char *what)
{
	errno = -failure;
	return error_system(builder->error, "system call filter: %s", what);
}

static bool
add_call(struct builder *builder, struct span call, uint32_t action,
    const struct call_condition *conditions, size_t count)
{
	struct scmp_arg_cmp comparisons[CALL_CONDITIONS];
	unsigned used = 0;
	char name[NAME_SIZE];
	int number;
	int failure;

	snprintf(name, sizeof name, "%.*s", SPAN_ARGS(call));
	number = seccomp_syscall_resolve_name(name);
	/* Other machines have not all of them. */
	if (number < 0)
		return true;
	for (size_t i = 0; i < count; i++)
		if (conditions[i].mask != 0)
			comparisons[used++] = (struct scmp_arg_cmp){
			    .arg = conditions[i].argument,
			    .op = SCMP_CMP_MASKED_EQ,
			    .datum_a = conditions[i].mask,
			    .datum_b = conditions[i].value,
			};
	failure = seccomp_rule_add_array(
	    builder->context, action, number, used, comparisons);
	/* A call with conditions that is also allowed without. */
	if (failure < 0 && failure != -EEXIST)
		return fail(builder, failure, name);
	return true;
}

static bool
add_rule(struct builder *builder, const struct call_rule *rule)
{
	uint32_t action = rule->failure == 0
	    ? SCMP_ACT_ALLOW
	    : SCMP_ACT_ERRNO((uint32_t)rule->failure);
	struct span rest = span_text(rule->calls);
	struct span call;

	while (span_take_word(&rest, " ", &call))
		if (!add_call(builder, call, action, rule->conditions,
			CALL_CONDITIONS))
			return false;
	return true;
}

static bool
add_sets(struct builder *builder, unsigned sets)
{
	size_t count;
	const struct call_rule *rules = call_sets_rules(&count);

	for (size_t i = 0; i < count; i++)
		if ((rules[i].sets & sets) != 0 &&
		    !add_rule(builder, &rules[i]))
			return false;
	return true;
}

static bool
add_only(struct builder *builder, const char *calls)
{
	struct call_rule rule = {.calls = calls};

	return add_rule(builder, &rule);
}

/* Nobody takes refused_call.c's handler away. */
static bool
add_signals(struct builder *builder)
{
	const struct scmp_arg_cmp is_ours = SCMP_A0_32(SCMP_CMP_EQ, SIGSYS);
	const struct scmp_arg_cmp is_other = SCMP_A0_32(SCMP_CMP_NE, SIGSYS);
	int failure = seccomp_rule_add(builder->context, SCMP_ACT_KILL_PROCESS,
	    SCMP_SYS(rt_sigaction), 1, is_ours);

	if (failure == 0)
		failure = seccomp_rule_add(builder->context, SCMP_ACT_ALLOW,
		    SCMP_SYS(rt_sigaction), 1, is_other);
	if (failure == 0)
		failure = seccomp_rule_add(builder->context, SCMP_ACT_ALLOW,
		    SCMP_SYS(rt_sigreturn), 0);
	return failure == 0 || failure == -EEXIST ||
	    fail(builder, failure, "signals");
}

/* What a build for tests does besides. */
static bool
add_instruments(struct builder *builder UNUSED)
{
#ifdef POSTERN_FAULTS
	for (int number = REFUSAL_OF_MEMORY; number <= REFUSAL_OF_POOL;
	     number++) {
		int failure = seccomp_rule_add(
		    builder->context, SCMP_ACT_ALLOW, number, 0);

		if (failure != 0)
			return fail(builder, failure, "refusals");
	}
#endif
	return true;
}

static bool
build(struct builder *builder, const struct call_filter_request *request)
{
	(void)seccomp_attr_set(
	    builder->context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	(void)seccomp_attr_set(
	    builder->context, SCMP_FLTATR_CTL_OPTIMIZE, TREE);
	return (request->only != NULL ? add_only(builder, request->only)
				      : add_sets(builder, request->sets)) &&
	    add_signals(builder) && add_instruments(builder);
}

bool
call_filter_is_known(void)
{
	const unsigned action = SECCOMP_RET_TRAP;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

bool
call_filter_enter(
    const struct call_filter_request *request, struct error *error)
{
	struct builder builder = {seccomp_init(SCMP_ACT_TRAP), error};
	bool entered;
	int failure;

	if (builder.context == NULL)
		return error_set(
		    error, ERROR_LIMIT, "system call filter: no memory");
	entered = build(&builder, request);
	if (entered) {
		failure = seccomp_load(builder.context);
		entered = failure == 0 || fail(&builder, failure, "load");
	}
	seccomp_release(builder.context);
	return entered;
}

void
call_filter_name(int number, char *name, size_t size)
{
	char *found =
	    seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);

	snprintf(name, size, "%s", found == NULL ? "?" : found);
	free(found);
}
