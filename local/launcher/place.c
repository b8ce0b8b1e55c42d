/* SPDX-License-Identifier: MIT */
#include "local/launcher/place.h"

#include <sys/stat.h>

#include <unistd.h>

#include "lib/daemon/lookup_client.h"
#include "lib/daemon/service.h"

#include "local/launcher/params.h"

/* Not a mailbox: the daemons' own users. */
static bool
is_ours(struct span name)
{
	return span_starts(name, SPAN("postern-")) ||
	    span_equal(name, span_text(service_common()->mail_owner));
}

static bool
refuse_unknown(struct span name, struct reply *reply)
{
	reply_set(
	    reply, 550, "5.1.1", "unknown user: \"%.*s\"", SPAN_ARGS(name));
	return false;
}

static bool
refuse_place(struct reply *reply, const char *why)
{
	reply_set(reply, 451, "4.3.5", "%s", why);
	return false;
}

/* Copies a text to an array; false when it does not fit or has a NUL. */
static bool
put(struct span text, char *to, size_t size)
{
	if (text.len >= size || span_find(text, '\0') < text.len)
		return false;
	if (text.len > 0)
		memcpy(to, text.at, text.len);
	to[text.len] = '\0';
	return true;
}

/* "/var/mail/joe" or "/var/mail/joe/" of user joe. */
static bool
is_in_spool(struct span path, struct span user)
{
	struct span spool = span_text(service_common()->mail_spool_directory);

	while (span_ends(spool, SPAN("/")))
		spool.len--;
	if (!span_starts(path, spool))
		return false;
	path = span_skip(path, spool.len);
	if (!span_starts(path, SPAN("/")))
		return false;
	path = span_skip(path, 1);
	if (span_ends(path, SPAN("/")))
		path.len--;
	return span_equal(path, user);
}

/* New mailboxes need the group of a spool directory that its group may write
 * to. */
static void
take_spool_group(struct identity *identity)
{
	struct stat status;

	if (identity->changes &&
	    stat(service_common()->mail_spool_directory, &status) == 0 &&
	    (status.st_mode & S_IWGRP) != 0)
		identity->gid = status.st_gid;
}

static bool
place_user(struct place *place, const struct message_launch *launch,
    const struct message_user *user, struct reply *reply)
{
	struct span base = user->home;
	struct span path = launch->path;

	place->identity.uid = user->uid;
	place->identity.gid = user->gid;
	if (span_starts(path, SPAN("/"))) {
		if (!is_in_spool(path, user->name))
			return refuse_place(
			    reply, "mailbox outside mail_spool_directory");
		base = span_text(service_common()->mail_spool_directory);
		path = user->name;
		take_spool_group(&place->identity);
	}
	if (!put(base, place->job.base, sizeof place->job.base) ||
	    !put(path, place->job.path, sizeof place->job.path) ||
	    !put(user->name, place->job.user, sizeof place->job.user))
		return refuse_place(reply, "bad mailbox path");
	return true;
}

static bool
find_user(struct pool *pool, const struct message_launch *launch,
    struct place *place, struct reply *reply)
{
	struct message_lookup_user question = {.name = launch->user};
	struct message_user user;
	struct error error;

	switch (lookup_client_user(pool, &question, &user, &error)) {
	case LOOKUP_FOUND:
		if (is_ours(user.name))
			break;
		return place_user(place, launch, &user, reply);
	case LOOKUP_NOT_FOUND:
		break;
	case LOOKUP_TRY_AGAIN:
		reply_set(reply, 451, "4.3.0", "%s", error.text);
		return false;
	}
	return refuse_unknown(launch->user, reply);
}

/* Whether the configuration may name this uid. */
static bool
check_uid(
    struct pool *pool, const struct message_launch *launch, struct reply *reply)
{
	struct message_lookup_user question = {.uid = launch->uid};
	struct message_user user;
	struct error error;

	if (service_common()->virtual_mailbox_maps[0] == '\0' ||
	    launch->uid < service_common()->virtual_minimum_uid ||
	    launch->gid == 0)
		return refuse_place(reply, "mail system configuration error");
	switch (lookup_client_user(pool, &question, &user, &error)) {
	case LOOKUP_FOUND:
		return !is_ours(user.name) ||
		    refuse_place(reply, "mail system configuration error");
	case LOOKUP_NOT_FOUND:
		return true;
	case LOOKUP_TRY_AGAIN:
		break;
	}
	reply_set(reply, 451, "4.3.0", "%s", error.text);
	return false;
}

/* A mailbox of virtual: the configuration names the user id. */
static bool
find_virtual(struct pool *pool, const struct message_launch *launch,
    struct place *place, struct reply *reply)
{
	struct span base = span_text(launcher_params.virtual_mailbox_base);

	place->identity.uid = launch->uid;
	place->identity.gid = launch->gid;
	if (!check_uid(pool, launch, reply))
		return false;
	if (base.len == 0)
		base = SPAN("/");
	if (!put(base, place->job.base, sizeof place->job.base) ||
	    !put(launch->path, place->job.path, sizeof place->job.path))
		return refuse_place(reply, "bad mailbox path");
	snprintf(place->job.user, sizeof place->job.user, "%u",
	    (unsigned)launch->uid);
	return true;
}

bool
place_find(struct pool *pool, const struct message_launch *launch,
    struct place *place, struct reply *reply)
{
	memset(place, 0, sizeof *place);
	place->identity.changes = geteuid() == 0;
	place->job.kind =
	    launch->kind == LAUNCH_MAILDIR ? JOB_MAILDIR : JOB_MAILBOX;
	place->job.size = launch->size;
	place->job.limit = launch->limit;
	if (!put(launch->sender, place->job.sender, sizeof place->job.sender))
		return refuse_place(reply, "bad sender");
	if (launch->user.len > 0)
		return find_user(pool, launch, place, reply);
	return find_virtual(pool, launch, place, reply);
}
