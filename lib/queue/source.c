/* SPDX-License-Identifier: MIT */
#include "lib/queue/source.h"

#include <sys/stat.h>

#include "lib/base/io.h"

bool
source_size(const struct source *source, uint64_t *size, struct error *error)
{
	struct stat status;

	if (source->fd < 0) {
		*size = source->memory.len;
		return true;
	}
	if (fstat(source->fd, &status) < 0)
		return error_system(error, "stat");
	*size = (uint64_t)status.st_size;
	return true;
}

bool
source_read(const struct source *source, void *bytes, size_t count,
    uint64_t offset, struct error *error)
{
	if (source->fd >= 0)
		return io_pread(source->fd, bytes, count, (off_t)offset, error);
	if (offset > source->memory.len || count > source->memory.len - offset)
		return error_set(error, ERROR_CLOSED, "unexpected end of file");
	memcpy(bytes, source->memory.at + offset, count);
	return true;
}
