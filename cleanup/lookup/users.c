/* SPDX-License-Identifier: MIT */
#include "cleanup/lookup/users.h"

#include "lib/log/log.h"
#include "lib/loop/offload.h"
#include "lib/table/user_database.h"

#include "cleanup/lookup/readers.h"

enum {
	USER_POOL = 16384 /* bytes: the texts of one entry */
};

/* One question. */
struct search {
	struct message_lookup_user question;
	struct pool *pool;
	const char *path;
	enum table_result result;
	struct user user;
	struct error error;
};

static void
search_run(void *argument)
{
	struct search *search = argument;

	if (search->question.name.len > 0)
		search->result = user_database_find(search->path, search->pool,
		    search->question.name, &search->user, &search->error);
	else
		search->result =
		    user_database_find_uid(search->path, search->pool,
			search->question.uid, &search->user, &search->error);
}

static void
send_user(struct conversation *conversation, const struct search *search)
{
	const struct user *user = &search->user;
	struct message_user answer = {.result = search->result};

	if (search->result == TABLE_FOUND)
		answer = (struct message_user){
		    .result = search->result,
		    .name = span_text(user->name),
		    .uid = user->uid,
		    .gid = user->gid,
		    .full_name = span_text(user->full_name),
		    .home = span_text(user->home),
		    .shell = span_text(user->shell),
		};
	else if (search->result == TABLE_TRY_AGAIN)
		log_warning(NULL, "%s", search->error.text);
	conversation_send_user(conversation, &answer);
}

void
users_serve(struct conversation *conversation, struct frame *first)
{
	struct search search = {.path = readers_passwd_path()};

	if (!message_get_lookup_user(first->payload, &search.question))
		return;
	search.pool = pool_create(NULL, "user", USER_POOL);
	offload_run(search_run, &search);
	send_user(conversation, &search);
	pool_destroy(search.pool);
}
