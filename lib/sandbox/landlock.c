/* SPDX-License-Identifier: MIT */
#include "lib/sandbox/landlock.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"

/* Debian 12's <linux/landlock.h> ends with the second version. */
enum {
	CREATE_VERSION = 1,
	RULE_PATH_BENEATH = 1,
	LEAST = 2 /* the first could not rename between directories at all */
};

#define RIGHT(number) (UINT64_C(1) << (number))

#define EXECUTE     RIGHT(0)
#define WRITE_FILE  RIGHT(1)
#define READ_FILE   RIGHT(2)
#define READ_DIR    RIGHT(3)
#define REMOVE_DIR  RIGHT(4)
#define REMOVE_FILE RIGHT(5)
#define MAKE_CHAR   RIGHT(6)
#define MAKE_DIR    RIGHT(7)
#define MAKE_REG    RIGHT(8)
#define MAKE_SOCK   RIGHT(9)
#define MAKE_FIFO   RIGHT(10)
#define MAKE_BLOCK  RIGHT(11)
#define MAKE_SYM    RIGHT(12)
#define REFER       RIGHT(13) /* rename and link between directories */
#define TRUNCATE    RIGHT(14)
#define IOCTL_DEV   RIGHT(15)

#define SPECIALS                                                               \
	(EXECUTE | MAKE_CHAR | MAKE_SOCK | MAKE_FIFO | MAKE_BLOCK | MAKE_SYM | \
	    IOCTL_DEV)
#define WRITES                                                                 \
	(WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER | \
	    TRUNCATE)
#define ON_FILES (EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV)

#define BIND_TCP       RIGHT(0)
#define CONNECT_TCP    RIGHT(1)
#define SCOPE_ABSTRACT RIGHT(0)
#define SCOPE_SIGNAL   RIGHT(1)

struct ruleset_attributes {
	uint64_t files;
	uint64_t network;
	uint64_t scoped;
};

struct path_attributes {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

/* What came with which version. */
static const struct {
	int abi;
	uint64_t files;
	uint64_t network;
	uint64_t scoped;
} versions[] = {
    {1, REFER - 1, 0, 0},
    {LEAST, REFER, 0, 0},
    {3, TRUNCATE, 0, 0},
    {4, 0, BIND_TCP | CONNECT_TCP, 0},
    {5, IOCTL_DEV, 0, 0},
    {6, 0, 0, SCOPE_ABSTRACT | SCOPE_SIGNAL},
};

int
landlock_abi(void)
{
	long abi = syscall(
	    SYS_landlock_create_ruleset, NULL, (size_t)0, CREATE_VERSION);

	return abi < LEAST ? 0 : (int)abi;
}

static struct ruleset_attributes
known_to(int abi)
{
	struct ruleset_attributes known = {0, 0, 0};

	for (size_t i = 0; i < COUNT_OF(versions); i++) {
		if (versions[i].abi > abi)
			continue;
		known.files |= versions[i].files;
		known.network |= versions[i].network;
		known.scoped |= versions[i].scoped;
	}
	return known;
}

static struct ruleset_attributes
wanted_by(unsigned subjects)
{
	struct ruleset_attributes wanted = {0, 0, 0};

	if ((subjects & LANDLOCK_FILES) != 0)
		wanted.files |= UINT64_MAX;
	if ((subjects & LANDLOCK_SPECIALS) != 0)
		/* Every ruleset refuses what it does not allow of REFER. */
		wanted.files |= (SPECIALS & ~MAKE_SYM) | REFER;
	if ((subjects & LANDLOCK_BIND) != 0)
		wanted.network |= BIND_TCP;
	if ((subjects & LANDLOCK_CONNECT) != 0)
		wanted.network |= CONNECT_TCP;
	if ((subjects & LANDLOCK_SIGNALS) != 0)
		wanted.scoped |= SCOPE_SIGNAL | SCOPE_ABSTRACT;
	return wanted;
}

/* A kernel takes no longer struct than it knows. */
static size_t
size_for(int abi)
{
	if (abi < 4)
		return offsetof(struct ruleset_attributes, network);
	if (abi < 6)
		return offsetof(struct ruleset_attributes, scoped);
	return sizeof(struct ruleset_attributes);
}

bool
landlock_open(struct landlock *landlock, unsigned subjects, struct error *error)
{
	struct ruleset_attributes attributes = wanted_by(subjects);
	struct ruleset_attributes known;

	*landlock = (struct landlock){.abi = landlock_abi(), .ruleset = -1};
	if (landlock->abi == 0)
		return true;
	known = known_to(landlock->abi);
	attributes.files &= known.files;
	attributes.network &= known.network;
	attributes.scoped &= known.scoped;
	landlock->handled = attributes.files;
	landlock->ruleset = (int)syscall(SYS_landlock_create_ruleset,
	    &attributes, size_for(landlock->abi), 0);
	return landlock->ruleset >= 0 || error_system(error, "landlock");
}

static uint64_t
rights_of(unsigned access)
{
	uint64_t rights = 0;

	if ((access & LANDLOCK_READ) != 0)
		rights |= READ_FILE;
	if ((access & LANDLOCK_LIST) != 0)
		rights |= READ_DIR;
	if ((access & LANDLOCK_WRITE) != 0)
		rights |= WRITES;
	if ((access & LANDLOCK_MOVE) != 0)
		rights |= MAKE_SYM | MAKE_FIFO | MAKE_SOCK;
	if ((access & LANDLOCK_MAP) != 0)
		rights |= EXECUTE;
	return rights;
}

bool
landlock_allow_fd(
    struct landlock *landlock, int fd, unsigned access, struct error *error)
{
	struct path_attributes attributes = {
	    .allowed = rights_of(access) & landlock->handled, .parent = fd};
	struct stat status;

	if (fstat(fd, &status) < 0)
		return error_system(error, "stat");
	if (!S_ISDIR(status.st_mode))
		attributes.allowed &= ON_FILES;
	if (landlock->ruleset < 0 || attributes.allowed == 0)
		return true;
	return syscall(SYS_landlock_add_rule, landlock->ruleset,
		   RULE_PATH_BENEATH, &attributes, 0) == 0 ||
	    error_system(error, "landlock");
}

bool
landlock_allow(struct landlock *landlock, const char *path, unsigned access,
    struct error *error)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	bool allowed;

	if (fd < 0)
		return error_system(error, "%s", path);
	allowed = landlock_allow_fd(landlock, fd, access, error) ||
	    error_prefix(error, "%s", path);
	io_close(&fd);
	return allowed;
}

bool
landlock_enter(struct landlock *landlock, struct error *error)
{
	bool entered = landlock->ruleset < 0 ||
	    syscall(SYS_landlock_restrict_self, landlock->ruleset, 0) == 0 ||
	    error_system(error, "landlock");

	landlock_close(landlock);
	return entered;
}

void
landlock_close(struct landlock *landlock)
{
	io_close(&landlock->ruleset);
}
