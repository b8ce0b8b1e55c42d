/* SPDX-License-Identifier: MIT */
/* Every pattern is also given to the C library, which must agree on what
 * matches and on all groups. */
#include <regex.h>

#include "lib/table/posix_pattern.h"
#include "lib/table/regex.h"

#include "../../unit.h"

enum {
	GROUPS = 9
};

static const char *const extended[] = {"", "a", "ab", "a.c", "a*", "a+b", "a?b",
    "^a", "a$", "^$", "^a*$", "a|b", "^(a|b)+$", "(a)(b)", "(a(b))c", "(a)|(b)",
    "()", "(a|)b", "[abc]+", "[^abc]+", "[]a]+", "[^]a]+", "[a-c]", "[a\\]+",
    "[[:digit:]]+", "[[:alpha:][:digit:]]+", "[[=a=]b]+", "[[.-.]x]", "[a-]+",
    "[-a]+", "a{2}", "a{2,}", "a{1,2}b", "a{,2}b", "(ab){2}", "a**", "a*?",
    "a*+b", "a+?b", "a??b", "\\.", "a\\.b", "\\(a\\)", "a\\|b", "\\<b", "a\\>",
    "\\bb\\b", "\\Bb", "\\w+", "\\W", "\\s", "\\S+b", "\\`a", "b\\'", "(a)\\1",
    "(a|b)\\1", "a#b", "a b", "a-b", "a/b", "x{0}a", "((((a))))", "(a|b|c)d$",
    "^(.*)-(.*)$", "a$b", "a^b", "($)", "(^a)", "(^|b)a", "a($|b)", "]", "}",
    "a}", "\\{", "\\*a", "@", "^[^@]+@[^.]+\\.example$", "\303\244",
    "[\303\244]+"};

/* These match the same, but their groups are others. */
static const char *const ambiguous[] = {
    "(a*)+", "(a*)*b", "(a|ab)(c|bcd)*", "a*(ab)?", "(a|ab)(b*)"};

static const char *const basic[] = {"a*", "*a", "a\\{2\\}", "\\(a\\)\\(b\\)",
    "\\(*a\\)", "a\\|b", "a|b", "a+", "a\\+b", "a\\?b", "(a)", "a{2}", "^a",
    "a^", "\\(^a\\)", "a$", "a$b", "\\(a$\\)", "^*a", "\\(a\\)\\1", "[a*]+",
    "a.b"};

static const char *const bad[] = {"a\\", "(", ")", "a)", "[", "[a", "[[:x:]]",
    "[[:alpha:]", "{1}", "a{", "a{x}", "a{2,1}", "a{1", "(a)\\2", "[[.xx.]]",
    "[b-a]", "^{1}", "*a", "+a", "(*a)", "(?a)", "(+a)b", "^*a", "a|*b"};

static const char *const subjects[] = {"", "a", "b", "ab", "ba", "aab", "abc",
    "aabb", "xab y", "a b", "a.b", "a-b", "*a", "+a", "a+", "aa", "aaa", "a|b",
    "(a)", "a{2}", "a\nb", "b\na", "\n", "a\n", "a\\]", "]a", "x@y.example",
    "AB", "Ab1", "12 34", "a-b-c", "a#b", "a/b", "Qa", "d", "E", "^a", "a^b",
    "a$b", "a]", "a}b", "{", "@", "_b", "abcd", "acd", "\303\244", "bb",
    "abab"};

static struct regex *
translate(const char *text, bool is_extended, bool lines)
{
	const struct posix_pattern pattern = {
	    .text = span_text(text),
	    .is_extended = is_extended,
	    .has_lines = lines,
	};
	unsigned options = REGEX_CASELESS | REGEX_DOLLAR_ENDONLY;
	struct regex *regex = NULL;
	struct error error;
	struct buf out;

	options |= lines ? REGEX_MULTILINE | REGEX_LAST_LINE : REGEX_DOT_ALL;
	buf_init(&out, POSIX_PATTERN_MAXIMUM);
	if (posix_pattern_translate(&pattern, &out, &error))
		regex = regex_compile(buf_span(&out), options, &error);
	buf_finish(&out);
	return regex;
}

static void
compare(struct regex *ours, const regex_t *theirs, const char *pattern,
    bool with_groups, const char *subject)
{
	regmatch_t want[GROUPS + 1];
	struct span groups[GROUPS];
	struct error error;
	bool matches = regexec(theirs, subject, GROUPS + 1, want, 0) == 0;
	enum regex_result result =
	    regex_match(ours, span_text(subject), groups, GROUPS, &error);

	if (result != (matches ? REGEX_MATCH : REGEX_NO_MATCH))
		fail_msg("/%s/ and \"%s\": %d", pattern, subject, result);
	for (size_t i = 0; matches && with_groups && i < theirs->re_nsub; i++) {
		size_t len = want[i + 1].rm_so < 0
		    ? 0
		    : (size_t)(want[i + 1].rm_eo - want[i + 1].rm_so);

		if (len != groups[i].len ||
		    (len > 0 && groups[i].at != subject + want[i + 1].rm_so))
			fail_msg("/%s/ and \"%s\": group %zu is \"%.*s\"",
			    pattern, subject, i + 1, SPAN_ARGS(groups[i]));
	}
}

static void
check(const char *pattern, bool is_extended, bool lines, bool with_groups)
{
	int flags = REG_ICASE | (is_extended ? REG_EXTENDED : 0) |
	    (lines ? REG_NEWLINE : 0);
	struct regex *ours = translate(pattern, is_extended, lines);
	regex_t theirs;

	if (regcomp(&theirs, pattern, flags) != 0)
		fail_msg("/%s/ is not for the library", pattern);
	if (ours == NULL)
		fail_msg("/%s/ is not translated", pattern);
	assert_int_equal(regex_group_count(ours), theirs.re_nsub);
	for (size_t i = 0; i < COUNT_OF(subjects); i++)
		compare(ours, &theirs, pattern, with_groups, subjects[i]);
	regfree(&theirs);
	regex_destroy(ours);
}

static void
test_extended(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(extended); i++) {
		check(extended[i], true, false, true);
		check(extended[i], true, true, true);
	}
}

static void
test_basic(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(basic); i++) {
		check(basic[i], false, false, true);
		check(basic[i], false, true, true);
	}
}

static void
test_ambiguous(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(ambiguous); i++)
		check(ambiguous[i], true, false, false);
}

static void
test_bad(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (translate(bad[i], true, false) != NULL)
			fail_msg("/%s/ is accepted", bad[i]);
	assert_null(translate("\\(a", false, false));
	assert_null(translate("a\\{1}", false, false));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_extended),
	    cmocka_unit_test(test_basic),
	    cmocka_unit_test(test_ambiguous),
	    cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
