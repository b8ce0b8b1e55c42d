/* SPDX-License-Identifier: MIT */
#include "lib/route/check_verdict.h"

static const struct {
	const char *name;
	enum check_action action;
} names[] = {
    {"REJECT", CHECK_REJECT},
    {"DISCARD", CHECK_DISCARD},
    {"HOLD", CHECK_HOLD},
    {"REDIRECT", CHECK_REDIRECT},
    {"BCC", CHECK_BCC},
    {"FILTER", CHECK_FILTER},
    {"PREPEND", CHECK_PREPEND},
    {"REPLACE", CHECK_REPLACE},
    {"IGNORE", CHECK_IGNORE},
    {"STRIP", CHECK_STRIP},
    {"WARN", CHECK_WARN},
    {"INFO", CHECK_INFO},
    {"PASS", CHECK_PASS},
    {"DUNNO", CHECK_DUNNO},
    {"OK", CHECK_DUNNO},
};

struct check_verdict
check_verdict_parse(struct span value)
{
	struct span rest = value;
	struct span word = SPAN_EMPTY;

	(void)span_take_word(&rest, " \t\r\n", &word);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (span_equal_fold(word, span_text(names[i].name)))
			return (struct check_verdict){
			    names[i].action, span_trim(rest)};
	return (struct check_verdict){CHECK_UNKNOWN, value};
}

const char *
check_verdict_word(enum check_action action)
{
	static const char *const words[CHECK_ACTIONS] = {
	    [CHECK_DUNNO] = "",
	    [CHECK_REJECT] = "reject",
	    [CHECK_DISCARD] = "discard",
	    [CHECK_HOLD] = "hold",
	    [CHECK_REDIRECT] = "redirect",
	    [CHECK_BCC] = "bcc",
	    [CHECK_FILTER] = "filter",
	    [CHECK_PREPEND] = "prepend",
	    [CHECK_REPLACE] = "replace",
	    [CHECK_IGNORE] = "",
	    [CHECK_STRIP] = "strip",
	    [CHECK_WARN] = "warning",
	    [CHECK_INFO] = "info",
	    [CHECK_PASS] = "pass",
	    [CHECK_UNKNOWN] = "",
	};

	return words[action];
}
