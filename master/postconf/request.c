/* SPDX-License-Identifier: MIT */
#include "master/postconf/request.h"

#include <unistd.h>

#include "lib/base/memory.h"

#include "master/postconf/show.h"

#define OPTIONS "aAbc:C:deEfFhHjlmMno:pPqtT:vxX#"

enum {
	/* for modes that show values */
	SHOWN = REQUEST_FOLDED | REQUEST_VALUES | REQUEST_NAMES | REQUEST_JSON |
	    REQUEST_EXPANDED | REQUEST_OVERRIDDEN,
	SET = REQUEST_SET | REQUEST_CHECKED
};

static const struct {
	char letter;
	unsigned flags; /* that go with it */
	size_t most;    /* arguments */
} modes[] = {
    [REQUEST_PARAMETERS] = {'p',
	SHOWN | REQUEST_EDITS | REQUEST_DEFAULTS | REQUEST_SETTINGS |
	    REQUEST_CLASSES,
	SIZE_MAX},
    [REQUEST_SERVICES] = {'M',
	REQUEST_EDITS | REQUEST_FOLDED | REQUEST_JSON | REQUEST_EXPANDED |
	    REQUEST_OVERRIDDEN,
	SIZE_MAX},
    [REQUEST_FIELDS] = {'F', SHOWN | SET, SIZE_MAX},
    [REQUEST_OPTIONS] = {'P', SHOWN | SET | REQUEST_REMOVE, SIZE_MAX},
    [REQUEST_TABLES] = {'m', 0, 0},
    [REQUEST_LOCKS] = {'l', 0, 0},
    [REQUEST_SASL_SERVERS] = {'a', 0, 0},
    [REQUEST_SASL_CLIENTS] = {'A', 0, 0},
    [REQUEST_TLS] = {'T', 0, 0},
    [REQUEST_TEMPLATES] = {'t', 0, 1},
    [REQUEST_TEXTS] = {'b', 0, 1},
};

static const struct {
	char letter;
	enum request_flag flag;
	unsigned excludes; /* what comes later in the table only */
} flags[] = {
    {'e', REQUEST_SET, REQUEST_EDITS | SHOWN},
    {'E', REQUEST_CHECKED, REQUEST_EDITS | SHOWN},
    {'X', REQUEST_REMOVE, REQUEST_EDITS | SHOWN},
    {'#', REQUEST_COMMENT, REQUEST_EDITS | SHOWN},
    {'d', REQUEST_DEFAULTS, REQUEST_SETTINGS | REQUEST_EDITS},
    {'n', REQUEST_SETTINGS, REQUEST_EDITS},
    {'h', REQUEST_VALUES, REQUEST_NAMES | REQUEST_JSON},
    {'f', REQUEST_FOLDED, REQUEST_JSON},
    {'H', REQUEST_NAMES, 0},
    {'j', REQUEST_JSON, 0},
    {'x', REQUEST_EXPANDED, 0},
    {'q', REQUEST_QUIET, 0},
    {'o', REQUEST_OVERRIDDEN, 0},
    {'C', REQUEST_CLASSES, 0},
};

static const struct {
	const char *name;
	unsigned class;
} classes[] = {
    {"builtin", SHOW_BUILT_IN},
    {"service", SHOW_SERVICE},
    {"user", SHOW_USER},
    {"all", SHOW_ALL},
};

static bool
take_classes(struct request *request, const char *list, struct error *error)
{
	struct span rest = span_text(list);
	struct span word;

	while (span_take_word(&rest, ", \t", &word)) {
		size_t i = 0;

		while (i < COUNT_OF(classes) &&
		    !span_equal(word, span_text(classes[i].name)))
			i++;
		if (i == COUNT_OF(classes))
			return error_set(error, ERROR_INVALID,
			    "-C %.*s: expected builtin, service, user or all",
			    SPAN_ARGS(span_head(word, 40)));
		request->classes |= classes[i].class;
	}
	return true;
}

static bool
take_mode(struct request *request, char letter, struct error *error)
{
	for (size_t i = 0; i < COUNT_OF(modes); i++) {
		if (modes[i].letter != letter)
			continue;
		if (request->mode != REQUEST_PARAMETERS &&
		    request->mode != (enum request_mode)i)
			return error_set(error, ERROR_INVALID,
			    "specify one of -%c -%c",
			    modes[request->mode].letter, letter);
		request->mode = (enum request_mode)i;
	}
	return true;
}

/* Options that are no mode. */
static bool
take_flag(struct request *request, char letter, struct error *error)
{
	for (size_t i = 0; i < COUNT_OF(flags); i++)
		if (flags[i].letter == letter)
			request->flags |= flags[i].flag;
	if (letter == 'c')
		request->directory = optarg;
	if (letter == 'T')
		request->tls = optarg;
	if (letter == 'o')
		request->overrides[request->override_count++] = optarg;
	return letter != 'C' || take_classes(request, optarg, error);
}

static bool
check_flags(const struct request *request, struct error *error)
{
	unsigned allowed = modes[request->mode].flags | REQUEST_QUIET;

	for (size_t i = 0; i < COUNT_OF(flags); i++) {
		if ((request->flags & flags[i].flag) == 0)
			continue;
		if ((allowed & flags[i].flag) == 0)
			return error_set(error, ERROR_INVALID,
			    "with option -%c, do not specify -%c",
			    modes[request->mode].letter, flags[i].letter);
		for (size_t k = i + 1; k < COUNT_OF(flags); k++)
			if ((request->flags & flags[k].flag &
				flags[i].excludes) != 0)
				return error_set(error, ERROR_INVALID,
				    "specify one of -%c -%c", flags[i].letter,
				    flags[k].letter);
	}
	return true;
}

static bool
check_arguments(const struct request *request, struct error *error)
{
	if (request->count > modes[request->mode].most)
		return error_set(error, ERROR_INVALID,
		    "unexpected argument: %.60s",
		    request->arguments[modes[request->mode].most]);
	return (request->flags & REQUEST_EDITS) == 0 || request->count > 0 ||
	    error_set(error, ERROR_INVALID, "nothing to change is named");
}

/* "postconf name=value" is an edit, too. */
static void
find_edit(struct request *request)
{
	if (request->count > 0 && (request->flags & REQUEST_EDITS) == 0 &&
	    (modes[request->mode].flags & REQUEST_SET) != 0 &&
	    strchr(request->arguments[0], '=') != NULL)
		request->flags |= REQUEST_SET;
}

bool
request_parse(
    int argc, char **argv, struct request *request, struct error *error)
{
	int option;

	error->text[0] = '\0';
	*request = (struct request){
	    .overrides =
		memory_alloc((size_t)argc * sizeof *request->overrides),
	};
	optind = 1;
	opterr = 0;
	while ((option = getopt(argc, argv, OPTIONS)) != -1)
		if (option == '?' || !take_mode(request, (char)option, error) ||
		    !take_flag(request, (char)option, error))
			return false;
	if (request->classes == 0)
		request->classes = SHOW_ALL;
	request->arguments = argv + optind;
	request->count = (size_t)(argc - optind);
	find_edit(request);
	return check_flags(request, error) && check_arguments(request, error);
}
