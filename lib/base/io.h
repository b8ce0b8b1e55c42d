/* SPDX-License-Identifier: MIT */
/* Whole reads and writes on blocking descriptors (files, pipes of commands).
 * EINTR is retried; a short write is an error. */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <sys/types.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"

bool io_write(int fd, struct span bytes, struct error *error) MUST_USE;
bool io_pwrite(
    int fd, struct span bytes, off_t offset, struct error *error) MUST_USE;
/* Exactly `count` bytes; an early end is ERROR_CLOSED. */
bool io_pread(int fd, void *bytes, size_t count, off_t offset,
    struct error *error) MUST_USE;
/* Appends all up to the end of file; more than buf's maximum is ERROR_LIMIT. */
bool io_read_all(int fd, struct buf *buf, struct error *error) MUST_USE;
/* Opens relative to `directory_fd` (AT_FDCWD) and reads all. */
bool io_read_file(int directory_fd, const char *path, struct buf *buf,
    struct error *error) MUST_USE;

/* openat for root that may lack CAP_DAC_OVERRIDE: as the owner of what is
 * there, or as its group when the owner may not read it. For others, plain
 * openat. */
int io_open_as_owner(int directory_fd, const char *path, int flags) MUST_USE;

/* Ends the process: the system has refused what it cannot live without, and
 * errno says why. */
_Noreturn void io_give_up(const char *what);

/* Closes unless negative and sets *fd to -1; errno is kept. */
void io_close(int *fd);

#endif
