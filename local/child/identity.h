/* SPDX-License-Identifier: MIT */
/* Whom a child of launcher acts as. A value. */
#ifndef LOCAL_CHILD_IDENTITY_H
#define LOCAL_CHILD_IDENTITY_H

#include <sys/types.h>

#include "lib/base/error.h"

struct identity {
	bool changes; /* false: the user who runs the whole instance */
	uid_t uid;
	gid_t gid;
};

static inline bool
identity_equal(const struct identity *a, const struct identity *b)
{
	return a->changes == b->changes && a->uid == b->uid && a->gid == b->gid;
}

/* Becomes it for good: no other groups, no capability (not even as uid 0), no
 * new privileges. No signal comes when the parent dies: the end of file on its
 * socket lets a child undo what it has begun. */
bool identity_assume(
    const struct identity *identity, struct error *error) MUST_USE;

#endif
