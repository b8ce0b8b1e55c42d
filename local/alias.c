/* SPDX-License-Identifier: MIT */
#include "local/alias.h"

#include "lib/base/hash.h"
#include "lib/daemon/lookup_client.h"
#include "lib/mail/address_list.h"
#include "lib/mail/mail_address.h"
#include "lib/table/alias_value.h"

/* An expansion in the making. */
struct expanding {
	struct pool *pool;
	struct span name;
	struct alias_expansion *expansion;
	size_t room;
	struct hash *seen; /* members in lower case */
	struct error *error;
};

static enum alias_result
too_large(struct expanding *expanding)
{
	error_set(expanding->error, ERROR_LIMIT, "alias \"%.*s\" is too large",
	    SPAN_ARGS(span_head(expanding->name, 64)));
	return ALIAS_BAD;
}

static bool
make_room(struct expanding *expanding)
{
	struct alias_expansion *expansion = expanding->expansion;
	struct span *members;

	if (expansion->count == ALIAS_MEMBERS_MAXIMUM)
		return false;
	if (expansion->count < expanding->room)
		return true;
	expanding->room = expanding->room == 0 ? 8 : expanding->room * 2;
	members =
	    pool_alloc(expanding->pool, expanding->room * sizeof *members);
	if (members == NULL)
		return false;
	if (expansion->count > 0)
		memcpy(members, expansion->members,
		    expansion->count * sizeof *members);
	expansion->members = members;
	return true;
}

static bool
add(struct expanding *expanding, struct span address)
{
	struct alias_expansion *expansion = expanding->expansion;
	struct span folded;

	if (!mail_address_fold(expanding->pool, address, &folded) ||
	    !make_room(expanding))
		return false;
	if (hash_put(expanding->seen, folded, expanding) == NULL)
		expansion->members[expansion->count++] = address;
	return true;
}

/* `text` is as written: "Joe <joe@example.org>". */
static enum alias_result
add_addresses(struct expanding *expanding, struct span text, bool is_final)
{
	struct address_list list;
	struct address_list_entry entry;
	enum address_list_result result;

	address_list_init(&list, text, ALIAS_MEMBERS_MAXIMUM);
	while ((result = address_list_next(&list, expanding->pool, &entry,
		    expanding->error)) == ADDRESS_LIST_FOUND) {
		struct span address = entry.address.text;

		if (is_final)
			address = span_text(pool_printf(
			    expanding->pool, "\\%.*s", SPAN_ARGS(address)));
		if (!add(expanding, address))
			return too_large(expanding);
	}
	return result == ADDRESS_LIST_END ? ALIAS_EXPANDED : ALIAS_BAD;
}

static enum alias_result
add_member(struct expanding *expanding, const struct alias_member *member)
{
	static const char *const kinds[] = {
	    [ALIAS_MEMBER_COMMAND] = "a command",
	    [ALIAS_MEMBER_FILE] = "a file",
	    [ALIAS_MEMBER_INCLUDE] = "an :include: list",
	};
	bool is_final = span_starts(member->text, SPAN("\\"));

	if (member->kind == ALIAS_MEMBER_ADDRESS)
		return add_addresses(expanding,
		    span_skip(member->text, is_final ? 1 : 0), is_final);
	error_set(expanding->error, ERROR_INVALID,
	    "alias \"%.*s\" names %s, to which this version cannot deliver",
	    SPAN_ARGS(span_head(expanding->name, 64)), kinds[member->kind]);
	return ALIAS_BAD;
}

static enum alias_result
expand(struct expanding *expanding, struct span rest)
{
	enum alias_result result = ALIAS_EXPANDED;
	struct alias_member member;

	while (result == ALIAS_EXPANDED)
		switch (alias_value_next(
		    expanding->pool, &rest, &member, expanding->error)) {
		case ALIAS_VALUE_MEMBER:
			result = add_member(expanding, &member);
			break;
		case ALIAS_VALUE_END:
			return ALIAS_EXPANDED;
		case ALIAS_VALUE_BAD:
		case ALIAS_VALUE_LIMIT:
			return ALIAS_BAD;
		}
	return result;
}

enum alias_result
alias_parse(struct pool *pool, struct span name, struct span value,
    struct alias_expansion *expansion, struct error *error)
{
	struct expanding expanding = {
	    .pool = pool,
	    .name = name,
	    .expansion = expansion,
	    .seen = hash_create(),
	    .error = error,
	};
	enum alias_result result;

	*expansion = (struct alias_expansion){.count = 0};
	result = expand(&expanding, value);
	hash_destroy(expanding.seen);
	if (result != ALIAS_EXPANDED || expansion->count > 0)
		return result;
	error_set(error, ERROR_INVALID, "alias \"%.*s\" has no members",
	    SPAN_ARGS(span_head(name, 64)));
	return ALIAS_BAD;
}

enum alias_result
alias_find(struct pool *pool, struct span name,
    struct alias_expansion *expansion, struct error *error)
{
	struct span value;

	switch (lookup_client_value(pool, "alias_maps", name, &value, error)) {
	case LOOKUP_FOUND:
		return alias_parse(pool, name, value, expansion, error);
	case LOOKUP_NOT_FOUND:
		return ALIAS_NONE;
	case LOOKUP_TRY_AGAIN:
		break;
	}
	return ALIAS_TRY_AGAIN;
}

enum alias_result
alias_find_owner(struct pool *pool, struct span name, struct span *owner,
    struct error *error)
{
	const char *key = pool_printf(pool, "owner-%.*s", SPAN_ARGS(name));
	struct span value;

	if (key == NULL) {
		error_set(error, ERROR_LIMIT, "no room for an alias");
		return ALIAS_TRY_AGAIN;
	}
	*owner = span_text(key);
	switch (
	    lookup_client_value(pool, "alias_maps", *owner, &value, error)) {
	case LOOKUP_FOUND:
		return ALIAS_EXPANDED;
	case LOOKUP_NOT_FOUND:
		return ALIAS_NONE;
	case LOOKUP_TRY_AGAIN:
		break;
	}
	return ALIAS_TRY_AGAIN;
}
