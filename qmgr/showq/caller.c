/* SPDX-License-Identifier: MIT */
#include "qmgr/showq/caller.h"

#include <sys/socket.h>

#include "lib/base/hash.h"
#include "lib/base/memory.h"
#include "lib/daemon/service.h"
#include "lib/loop/loop.h"
#include "lib/param/word_list.h"

#include "qmgr/showq/params.h"

enum {
	LOOKUP_PATIENCE = 30, /* seconds */
	NAME_SIZE = 256
};

/* uid -> number of sessions, of users that have any. */
static struct hash *sessions;

static bool
means_anyone(struct span word)
{
	return span_starts(word, SPAN("static:"));
}

bool
caller_check_list(const char *name, struct span users, struct error *error)
{
	struct span word;

	while (word_list_next(&users, &word))
		if (!means_anyone(word) &&
		    (span_find(word, ':') < word.len ||
			span_find(word, '/') < word.len))
			return error_set(error, ERROR_INVALID,
			    "%s: %.*s: only names and static:anyone are "
			    "supported here, no tables and files",
			    name, SPAN_ARGS(word));
	return true;
}

static struct span
key_of(const struct caller *caller)
{
	return span_of(&caller->uid, sizeof caller->uid);
}

bool
caller_enter(struct caller *caller, int fd, struct error *error)
{
	struct ucred credentials;
	socklen_t len = sizeof credentials;
	int64_t *count;

	*caller = (struct caller){.is_counted = false};
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &len) < 0)
		return error_system(error, "SO_PEERCRED");
	caller->uid = credentials.uid;
	if (sessions == NULL)
		sessions = hash_create();
	count = hash_get(sessions, key_of(caller));
	if (count == NULL) {
		count = memory_zero(sizeof *count);
		hash_put(sessions, key_of(caller), count);
	}
	if (*count >= showq_params.queue_sessions_per_user)
		return error_set(error, ERROR_LIMIT,
		    "too many sessions of user %u", (unsigned)caller->uid);
	++*count;
	caller->is_counted = true;
	return true;
}

void
caller_leave(struct caller *caller)
{
	int64_t *count;

	if (!caller->is_counted)
		return;
	caller->is_counted = false;
	count = hash_get(sessions, key_of(caller));
	if (--*count == 0)
		free(hash_remove(sessions, key_of(caller)));
}

/* The caller's login name, "unknown" when nobody has the uid. */
static bool
find_name(
    const struct caller *caller, char name[NAME_SIZE], struct error *error)
{
	int64_t deadline = loop_deadline(LOOKUP_PATIENCE);
	struct conversation *conversation =
	    switchboard_converse("lookup", deadline, error);
	struct message_lookup_user question = {.uid = caller->uid};
	struct message_user user;
	struct frame frame;
	bool good;

	if (conversation == NULL)
		return false;
	conversation_send_lookup_user(conversation, &question);
	good = conversation_expect(
	    conversation, MESSAGE_USER, deadline, &frame, error);
	if (good &&
	    (!message_get_user(frame.payload, &user) ||
		user.result == LOOKUP_TRY_AGAIN))
		good = error_set(error, ERROR_TEMPORARY,
		    "no answer about user %u", (unsigned)caller->uid);
	if (good && user.result == LOOKUP_FOUND)
		snprintf(name, NAME_SIZE, "%.*s", SPAN_ARGS(user.name));
	else
		snprintf(name, NAME_SIZE, "unknown");
	conversation_close(conversation);
	return good;
}

bool
caller_is_listed(
    const struct caller *caller, struct span users, struct error *error)
{
	char name[NAME_SIZE] = "";
	struct span word;

	while (word_list_next(&users, &word)) {
		bool negated = span_starts(word, SPAN("!"));

		if (negated)
			word = span_skip(word, 1);
		if (means_anyone(word))
			return !negated ||
			    error_set(error, ERROR_INVALID, "excluded");
		if (name[0] == '\0' && !find_name(caller, name, error))
			return false;
		if (span_equal_fold(word, span_text(name)))
			return !negated ||
			    error_set(error, ERROR_INVALID, "excluded");
	}
	return error_set(error, ERROR_INVALID, "not listed");
}
