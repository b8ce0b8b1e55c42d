/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target over the files of the directory named on the command line:
 * what ctest does, also in builds without libFuzzer. */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <sysexits.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"

enum {
	FILE_MAXIMUM = 1 << 20
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

/* In memory of their own and without a NUL behind them, so that a target which
 * reads too far is caught. */
static void
run_bytes(struct span bytes)
{
	uint8_t *copy = memory_alloc(bytes.len > 0 ? bytes.len : 1);

	memcpy(copy, bytes.at, bytes.len);
	LLVMFuzzerTestOneInput(copy, bytes.len);
	free(copy);
}

static void
run_file(int directory_fd, const char *name)
{
	struct error error;
	struct buf bytes;

	buf_init(&bytes, FILE_MAXIMUM);
	if (!io_read_file(directory_fd, name, &bytes, &error))
		errx(EX_NOINPUT, "%s: %s", name, error.text);
	run_bytes(buf_span(&bytes));
	buf_finish(&bytes);
}

int
main(int argc, char **argv)
{
	const struct dirent *entry;
	unsigned count = 0;
	DIR *directory;

	if (argc != 2)
		errx(EX_USAGE, "usage: %s corpus-directory", argv[0]);
	directory = opendir(argv[1]);
	if (directory == NULL)
		err(EX_NOINPUT, "%s", argv[1]);
	run_bytes(SPAN_EMPTY);
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		run_file(dirfd(directory), entry->d_name);
		count++;
	}
	closedir(directory);
	if (count == 0)
		errx(EX_NOINPUT, "%s: no files", argv[1]);
	printf("%u files\n", count);
	return 0;
}
