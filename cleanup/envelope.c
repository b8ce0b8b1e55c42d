/* SPDX-License-Identifier: MIT */
#include "cleanup/envelope.h"

#include "lib/base/text.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/mail/mail_address.h"
#include "lib/mail/xtext.h"

#include "cleanup/params.h"

enum {
	KEY_MAXIMUM = 4 * RECORD_TEXT_MAXIMUM /* of the duplicate filter */
};

void
envelope_init(
    struct envelope *envelope, struct pool *pool, struct writer *writer)
{
	*envelope = (struct envelope){.pool = pool, .writer = writer};
	buf_init(&envelope->list, ENVELOPE_LIST_MAXIMUM);
}

void
envelope_finish(struct envelope *envelope)
{
	hash_destroy(envelope->seen);
	buf_finish(&envelope->list);
}

static void
note_encoding(struct envelope *envelope, struct span address)
{
	if (!text_is_ascii(address) && text_is_utf8(address))
		envelope->has_utf8 = true;
}

bool
envelope_set_sender(
    struct envelope *envelope, struct span sender, struct error *error)
{
	struct span complete;

	if (!routing_complete(envelope->pool, sender, &complete))
		return error_set(error, ERROR_LIMIT, "the sender is too long");
	if (!routing_rewrite(envelope->pool, ROUTE_ENVELOPE_SENDER, complete,
		&envelope->sender, error))
		return false;
	note_encoding(envelope, envelope->sender);
	return true;
}

/* Two recipients are the same when the mail, the notices about it and what the
 * recipient is told about his address would be the same. */
static bool
make_key(const struct stored_recipient *recipient, struct buf *key)
{
	if ((recipient->flags & RECIPIENT_EXPANDED) != 0)
		buf_append_text(key, "expanded\n");
	if (service_common()->enable_original_recipient) {
		buf_printf(key, "%u\n", recipient->flags);
		buf_append_span(key, recipient->orcpt);
		buf_append_byte(key, '\n');
		buf_append_span(key, recipient->original);
		buf_append_byte(key, '\n');
	}
	buf_append_span(key, recipient->address);
	if (key->at != NULL)
		text_fold(key->at, key->len);
	return !key->overflowed;
}

/* Notes `key` and says whether it was there before. Most messages have one
 * recipient and need no table. */
static bool
is_known_key(struct envelope *envelope, struct span key)
{
	int64_t limit = cleanup_params.duplicate_filter_limit;

	if (envelope->count == 0) {
		if (!pool_copy_span(envelope->pool, key, &envelope->first))
			envelope->first = SPAN_EMPTY;
		return false;
	}
	if (envelope->seen == NULL) {
		envelope->seen = hash_create();
		hash_put(envelope->seen, envelope->first, envelope);
	}
	if (hash_get(envelope->seen, key) != NULL)
		return true;
	if (limit == 0 || (int64_t)hash_count(envelope->seen) < limit)
		hash_put(envelope->seen, key, envelope);
	return false;
}

static bool
is_duplicate(
    struct envelope *envelope, const struct stored_recipient *recipient)
{
	struct buf key;
	bool known;

	buf_init(&key, KEY_MAXIMUM);
	known =
	    make_key(recipient, &key) && is_known_key(envelope, buf_span(&key));
	buf_finish(&key);
	return known;
}

/* A route that cannot be found now is left to qmgr, which asks lookup. */
static void
list_recipient(struct envelope *envelope, uint32_t number,
    const struct stored_recipient *recipient)
{
	struct route_query query = {envelope->sender, recipient->address};
	struct route_answer answer = {.transport = SPAN_EMPTY};
	struct message_arrival_recipient record = {
	    .number = number,
	    .notify = recipient->flags,
	    .address = recipient->address,
	};
	size_t before = envelope->list.len;

	if (envelope->list_is_full)
		return;
	if (routing_resolve(envelope->pool, &query, &answer, NULL)) {
		record.transport = answer.transport;
		record.next_hop = answer.next_hop;
	}
	if (message_put_arrival_recipient(&envelope->list, &record))
		return;
	envelope->list_is_full = true;
	buf_shorten(&envelope->list, envelope->list.len - before);
}

static bool
write_recipient(struct envelope *envelope,
    const struct stored_recipient *recipient, struct error *error)
{
	uint32_t number;

	if (is_duplicate(envelope, recipient))
		return true;
	if (!writer_recipient(envelope->writer, recipient, &number, error))
		return false;
	note_encoding(envelope, recipient->address);
	list_recipient(envelope, number, recipient);
	envelope->count++;
	return true;
}

/* ORCPT arrives as "type;address" and is stored as type;xtext. */
static bool
encode_orcpt(struct pool *pool, struct span original, struct span *orcpt)
{
	size_t type_len = span_find(original, ';');
	struct buf text;
	bool fits;

	*orcpt = SPAN_EMPTY;
	if (type_len == original.len)
		return true;
	buf_init(&text, RECORD_TEXT_MAXIMUM);
	buf_append_span(&text, span_head(original, type_len + 1));
	fits = xtext_encode(&text, span_skip(original, type_len + 1)) &&
	    pool_copy_span(pool, buf_span(&text), orcpt);
	buf_finish(&text);
	return fits;
}

/* What is known of a recipient before its aliases are. */
struct origin {
	struct span typed;    /* the address as it came, first of all */
	struct span complete; /* the same as user@domain, rewritten */
	struct span orcpt;
	uint32_t notify;
};

static bool
take_origin(struct envelope *envelope,
    const struct message_recipient *recipient, struct origin *origin)
{
	origin->typed = recipient->address.len > 0
	    ? recipient->address
	    : span_text(service_common()->empty_address_recipient);
	origin->notify = recipient->notify;
	if (!routing_complete(envelope->pool, origin->typed, &origin->complete))
		return false;
	envelope->last = origin->complete;
	if (recipient->original_recipient.len > 0)
		origin->typed = recipient->original_recipient;
	return encode_orcpt(
	    envelope->pool, recipient->original, &origin->orcpt);
}

static bool
write_one(struct envelope *envelope, const struct origin *origin,
    struct span address, uint32_t flags, struct error *error)
{
	bool keep = service_common()->enable_original_recipient;
	struct stored_recipient stored = {
	    .state = RECIPIENT_TODO,
	    .flags = flags,
	    .address = address,
	    .original = keep && !span_equal(address, origin->typed)
		? origin->typed
		: SPAN_EMPTY,
	    .orcpt = origin->orcpt,
	};

	return write_recipient(envelope, &stored, error);
}

/* The wish to hear of success ends where one recipient becomes several: what
 * is reported then is that (RFC 3461 5.2.7.3 b). One that becomes another
 * keeps it (5.2.7.2). */
static bool
write_all(struct envelope *envelope, const struct origin *origin,
    const struct route_expansion *expansion, struct error *error)
{
	uint32_t flags = origin->notify;

	if (expansion->count > 1 && (flags & NOTIFY_SUCCESS) != 0) {
		if (!write_one(envelope, origin, origin->complete,
			flags | NOTIFY_EXPANDED, error))
			return false;
		flags &= ~(uint32_t)NOTIFY_SUCCESS;
		if (flags == 0)
			flags = NOTIFY_NEVER;
	}
	for (size_t i = 0; i < expansion->count; i++)
		if (!write_one(envelope, origin, expansion->recipients[i],
			flags, error))
			return false;
	return true;
}

/* An address that is to have a copy. */
struct copy {
	struct span address;
	struct copy *older;
};

static bool
note_copy(struct envelope *envelope, enum route_copy whose, struct span address,
    struct error *error)
{
	struct copy *copy;
	struct span to;

	if (!routing_find_copy(envelope->pool, whose, address, &to, error))
		return false;
	if (to.len == 0)
		return true;
	copy = pool_alloc(envelope->pool, sizeof *copy);
	if (copy == NULL)
		return error_set(error, ERROR_LIMIT, "too many copies");
	*copy = (struct copy){to, envelope->copies};
	envelope->copies = copy;
	return true;
}

static void
refuse_for_now(struct reply *reply, const struct error *error)
{
	log_warning(NULL, "%s", error->text);
	if (error->kind == ERROR_LIMIT)
		reply_set(reply, 451, "4.6.0", "Alias expansion error");
	else
		reply_set(reply, 451, "4.3.0", "Temporary lookup failure");
}

/* Rewrites the recipient, and finds what it stands for. */
static bool
follow(struct envelope *envelope, struct origin *origin,
    struct route_expansion *expansion, struct error *error)
{
	return routing_rewrite(envelope->pool, ROUTE_ENVELOPE_RECIPIENT,
		   origin->complete, &origin->complete, error) &&
	    (!envelope->wants_copies ||
		note_copy(
		    envelope, ROUTE_COPY_RECIPIENT, origin->complete, error)) &&
	    routing_expand(envelope->pool, origin->complete, expansion, error);
}

bool
envelope_add(struct envelope *envelope,
    const struct message_recipient *recipient, struct reply *reply,
    struct error *error)
{
	struct route_expansion expansion;
	struct origin origin;

	reply_set(reply, 250, "2.1.5", "Ok");
	if (recipient->address.len > MAIL_ADDRESS_MAXIMUM)
		reply_set(reply, 501, "5.1.3", "Bad recipient address syntax");
	else if (!take_origin(envelope, recipient, &origin))
		reply_set(reply, 452, "4.5.3", "Error: too many recipients");
	else if ((origin.notify & NOTIFY_EXPANDED) != 0)
		return write_one(
		    envelope, &origin, origin.complete, origin.notify, error);
	else if (!follow(envelope, &origin, &expansion, error))
		refuse_for_now(reply, error);
	else
		return write_all(envelope, &origin, &expansion, error);
	return true;
}

bool
envelope_add_copy(struct envelope *envelope, struct span address,
    struct reply *reply, struct error *error)
{
	struct route_expansion expansion;
	struct origin origin = {.typed = address, .notify = NOTIFY_NEVER};

	if (!routing_complete(envelope->pool, address, &origin.complete))
		reply_set(reply, 452, "4.5.3", "Error: too many recipients");
	else if (!routing_rewrite(envelope->pool, ROUTE_ENVELOPE_RECIPIENT,
		     origin.complete, &origin.complete, error) ||
	    !routing_expand(envelope->pool, origin.complete, &expansion, error))
		refuse_for_now(reply, error);
	else
		return write_all(envelope, &origin, &expansion, error);
	return true;
}

bool
envelope_add_copies(
    struct envelope *envelope, struct reply *reply, struct error *error)
{
	struct span always = span_text(cleanup_params.always_bcc);

	reply_set(reply, 250, "2.1.5", "Ok");
	if (!envelope->wants_copies)
		return true;
	if (!note_copy(envelope, ROUTE_COPY_SENDER, envelope->sender, error)) {
		refuse_for_now(reply, error);
		return true;
	}
	if (always.len > 0 &&
	    !envelope_add_copy(envelope, always, reply, error))
		return false;
	for (const struct copy *copy = envelope->copies;
	     copy != NULL && reply_is_positive(reply); copy = copy->older)
		if (!envelope_add_copy(envelope, copy->address, reply, error))
			return false;
	return true;
}

/* What qmgr is told of the recipients ends here: it reads the file. */
bool
envelope_redirect(struct envelope *envelope, struct span address,
    struct reply *reply, struct error *error)
{
	struct origin origin = {.typed = address};

	for (uint32_t i = 0; i < envelope->count; i++)
		if (!put_cancel_recipient(envelope->writer->put, i))
			return error_set(
			    error, ERROR_LIMIT, "too many recipients");
	hash_destroy(envelope->seen);
	envelope->seen = NULL;
	envelope->count = 0;
	buf_clear(&envelope->list);
	envelope->list_is_full = true;
	reply_set(reply, 250, "2.1.5", "Ok");
	if (routing_complete(envelope->pool, address, &origin.complete))
		return write_one(envelope, &origin, origin.complete, 0, error);
	reply_set(reply, 452, "4.5.3", "Error: too many recipients");
	return true;
}
