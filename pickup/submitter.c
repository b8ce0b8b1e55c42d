/* SPDX-License-Identifier: MIT */
#include "pickup/submitter.h"

#include <sys/socket.h>

#include "lib/base/hash.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/daemon/service.h"
#include "lib/loop/loop.h"
#include "lib/param/word_list.h"

#include "pickup/params.h"

enum {
	LOOKUP_PATIENCE = 30,   /* seconds */
	FULL_NAME_MAXIMUM = 256 /* bytes */
};

/* uid -> number of submissions under way, of users that have any. */
static struct hash *under_way;

static bool
is_anyone(struct span word)
{
	return span_starts(word, SPAN("static:"));
}

bool
submitter_check_list(struct span users, struct error *error)
{
	struct span word;

	while (word_list_next(&users, &word))
		if (!is_anyone(word) && span_find(word, ':') < word.len)
			return error_set(error, ERROR_INVALID,
			    "authorized_submit_users: %.*s: tables are not "
			    "supported here, only names and static:anyone",
			    SPAN_ARGS(word));
		else if (span_find(word, '/') < word.len)
			return error_set(error, ERROR_INVALID,
			    "authorized_submit_users: %.*s: files are not "
			    "supported here, only names and static:anyone",
			    SPAN_ARGS(word));
	return true;
}

bool
submitter_is_listed(struct span users, struct span name)
{
	struct span word;

	while (word_list_next(&users, &word)) {
		bool negated = span_starts(word, SPAN("!"));

		if (negated)
			word = span_skip(word, 1);
		if (is_anyone(word) || span_equal_fold(word, name))
			return !negated;
	}
	return false;
}

/* The first part of a comment field of passwd(5); `&` stands for the login
 * name with a capital. */
static bool
expand_full_name(
    struct pool *pool, const struct message_user *user, struct span *full_name)
{
	struct span comment =
	    span_head(user->full_name, span_find(user->full_name, ','));
	struct buf text;
	bool kept;

	buf_init(&text, FULL_NAME_MAXIMUM);
	for (size_t i = 0; i < comment.len; i++) {
		if (comment.at[i] != '&') {
			buf_append_byte(&text, comment.at[i]);
			continue;
		}
		buf_append_span(&text, user->name);
		if (user->name.len > 0 && !text.overflowed &&
		    text_is_letter(user->name.at[0]))
			text.at[text.len - user->name.len] &= (char)~0x20;
	}
	kept = pool_copy_span(
	    pool, text.overflowed ? SPAN_EMPTY : buf_span(&text), full_name);
	buf_finish(&text);
	return kept;
}

static bool
take_user(struct submitter *submitter, struct pool *pool,
    const struct message_user *user)
{
	submitter->name = SPAN("unknown");
	submitter->full_name = SPAN_EMPTY;
	if (user->result == LOOKUP_NOT_FOUND)
		return true;
	submitter->has_name = true;
	return user->result == LOOKUP_FOUND &&
	    pool_copy_span(pool, user->name, &submitter->name) &&
	    expand_full_name(pool, user, &submitter->full_name);
}

static bool
ask_lookup(struct submitter *submitter, struct pool *pool, struct error *error)
{
	int64_t deadline = loop_deadline(LOOKUP_PATIENCE);
	struct conversation *conversation =
	    switchboard_converse("lookup", deadline, error);
	struct message_lookup_user question = {.uid = submitter->uid};
	struct message_user user;
	struct frame frame;
	bool answered;

	if (conversation == NULL)
		return false;
	conversation_send_lookup_user(conversation, &question);
	answered = conversation_expect(
	    conversation, MESSAGE_USER, deadline, &frame, error);
	if (answered &&
	    (!message_get_user(frame.payload, &user) ||
		!take_user(submitter, pool, &user)))
		answered = error_set(error, ERROR_TEMPORARY,
		    "no answer about user %u", (unsigned)submitter->uid);
	conversation_close(conversation);
	return answered;
}

bool
submitter_identify(
    struct submitter *submitter, struct pool *pool, int fd, struct error *error)
{
	struct ucred credentials;
	socklen_t len = sizeof credentials;

	*submitter = (struct submitter){.name = SPAN("unknown")};
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &len) < 0)
		return error_system(error, "SO_PEERCRED");
	submitter->uid = credentials.uid;
	return ask_lookup(submitter, pool, error);
}

static struct span
key_of(const struct submitter *submitter)
{
	return span_of(&submitter->uid, sizeof submitter->uid);
}

bool
submitter_enter(struct submitter *submitter)
{
	int64_t *count;

	if (under_way == NULL)
		under_way = hash_create();
	count = hash_get(under_way, key_of(submitter));
	if (count == NULL) {
		count = memory_zero(sizeof *count);
		hash_put(under_way, key_of(submitter), count);
	}
	if (*count >= pickup_params.submit_sessions_per_user)
		return false;
	++*count;
	submitter->is_counted = true;
	return true;
}

void
submitter_leave(struct submitter *submitter)
{
	int64_t *count;

	if (!submitter->is_counted)
		return;
	submitter->is_counted = false;
	count = hash_get(under_way, key_of(submitter));
	if (--*count == 0)
		free(hash_remove(under_way, key_of(submitter)));
}
