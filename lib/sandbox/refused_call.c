/* SPDX-License-Identifier: MIT */
#include "lib/sandbox/refused_call.h"

#include <errno.h>
#include <signal.h>
#include <ucontext.h>

enum {
	NUMBERS_MAXIMUM = 16
};

/* A handler gets no argument to find this by. Threads that note a number at the
 * same time may note one of them only. */
static struct {
	struct refused_call_settings settings;
	volatile sig_atomic_t numbers[NUMBERS_MAXIMUM];
	volatile sig_atomic_t count;
	int taken;
} refused;

static void
set_result(ucontext_t *context, long long result)
{
#if defined(__x86_64__)
	context->uc_mcontext.gregs[REG_RAX] = result;
#elif defined(__aarch64__)
	context->uc_mcontext.regs[0] = (unsigned long long)result;
#else
	/* The kernel leaves the number in place of the result: no success. */
	(void)context;
	(void)result;
#endif
}

static bool
note(int number)
{
	int count = refused.count;

	for (int i = 0; i < count; i++)
		if (refused.numbers[i] == number)
			return false;
	if (count == NUMBERS_MAXIMUM)
		return false;
	refused.numbers[count] = number;
	refused.count = count + 1;
	return true;
}

static void
refuse(int signal_number, siginfo_t *info, void *context)
{
	const struct sigaction standard = {.sa_handler = SIG_DFL};
	bool is_new = note(info->si_syscall);

	if (refused.settings.place != NULL)
		*refused.settings.place = info->si_syscall + 1;
	/* The one call for which the filter itself kills. */
	if (refused.settings.kills)
		(void)sigaction(signal_number, &standard, NULL);
	set_result(context, -EPERM);
	if (is_new && refused.settings.noticed != NULL)
		refused.settings.noticed();
}

void
refused_call_set(const struct refused_call_settings *settings)
{
	refused.settings = *settings;
}

void
refused_call_catch(const struct refused_call_settings *settings)
{
	struct sigaction catching = {
	    .sa_sigaction = refuse, .sa_flags = SA_SIGINFO};

	refused_call_set(settings);
	sigfillset(&catching.sa_mask);
	must(sigaction(SIGSYS, &catching, NULL) == 0);
}

bool
refused_call_take(int *number)
{
	if (refused.taken == refused.count)
		return false;
	*number = refused.numbers[refused.taken++];
	return true;
}
