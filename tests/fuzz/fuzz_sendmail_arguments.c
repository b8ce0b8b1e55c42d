/* SPDX-License-Identifier: MIT */
/* The command line of sendmail: words that end in NUL. */
#include "lib/base/memory.h"

#include "pickup/sendmail/arguments.h"

enum {
	WORDS_MAXIMUM = 64
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text = memory_copy(span_of(bytes, size));
	char *argv[WORDS_MAXIMUM + 1] = {NULL};
	struct arguments arguments;
	struct error error = {.kind = ERROR_NONE};
	size_t words = 0;

	for (size_t at = 0; at < size && words < WORDS_MAXIMUM;
	     at += strlen(text + at) + 1)
		argv[words++] = text + at;
	if (arguments_parse(&arguments, argv, &error)) {
		must(arguments.recipients >= argv);
		must(arguments.recipients + arguments.recipient_count ==
		    argv + words);
	} else {
		must(error.kind == ERROR_INVALID);
	}
	free(text);
	return 0;
}
