/* SPDX-License-Identifier: MIT */
#include "qmgr/bounce/notify.h"

#include "lib/daemon/flight.h"
#include "lib/daemon/notice_class.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/param/param.h"

#include "qmgr/bounce/params.h"
#include "qmgr/bounce/submit.h"
#include "qmgr/bounce/told.h"

enum {
	VALUE_MAXIMUM = 1024
};

/* Who is told besides the sender, if notify_classes has the class. */
static const struct {
	const char *words;     /* in the log */
	unsigned class;        /* enum notice_class; 0: nobody */
	const char *recipient; /* parameter */
	bool only_header;
} copies[] = {
    [NOTICE_FAILURE] = {"non-delivery", NOTICE_CLASS_BOUNCE,
	"bounce_notice_recipient", true},
    [NOTICE_DELAY] = {"delay", NOTICE_CLASS_DELAY, "delay_notice_recipient",
	true},
    [NOTICE_SUCCESS] = {"delivery status", 0, NULL, false},
};

/* A parameter's value in `pool`; one of these names begins with a digit and has
 * no field. */
static struct span
value_of(struct pool *pool, const char *name)
{
	const struct param_source *source = service_param_source();
	struct span value = SPAN_EMPTY;
	struct span text;
	struct buf expanded;

	buf_init(&expanded, VALUE_MAXIMUM);
	if (!param_get(source, pool, span_text(name), &text) ||
	    !param_expand(source, text, &expanded, NULL) ||
	    !pool_copy_span(pool, buf_span(&expanded), &value))
		value = SPAN("postmaster");
	buf_finish(&expanded);
	return value;
}

static bool
send_notice(const struct submission *submission, struct error *error)
{
	const struct message_notify *notify = &submission->request->notify;
	struct log_context context = {.queue_id = notify->queue_id};
	char id[CLEANUP_ID_SIZE];
	char kind[64];

	if (!submit(submission, id, error))
		return false;
	snprintf(kind, sizeof kind, "%s %s",
	    submission->for_postmaster ? "postmaster" : "sender",
	    copies[notify->kind].words);
	log_event(&context, LOG_NOTICE_SENT, log_text("kind", span_text(kind)),
	    log_text("queue_id", span_text(id)));
	return true;
}

/* A notice that failed: its own notice would go nowhere, so postmaster is told.
 */
static bool
send_double_bounce(const struct request *request, struct error *error)
{
	struct submission submission = {
	    .request = request,
	    .from = span_text(service_common()->double_bounce_sender),
	    .for_postmaster = true,
	};

	if (!notice_class_is_wanted(NOTICE_CLASS_2BOUNCE))
		return true;
	submission.to = value_of(request->pool, "2bounce_notice_recipient");
	return send_notice(&submission, error);
}

/* A copy is a courtesy: that it failed changes nothing for the sender. */
static void
send_copy(const struct request *request)
{
	uint32_t kind = request->notify.kind;
	struct log_context context = {.queue_id = request->notify.queue_id};
	struct submission submission = {
	    .request = request,
	    .from = span_text(service_common()->double_bounce_sender),
	    .for_postmaster = true,
	    .only_header = copies[kind].only_header,
	};
	struct error error;

	if (copies[kind].class == 0 ||
	    !notice_class_is_wanted((enum notice_class)copies[kind].class))
		return;
	submission.to = value_of(request->pool, copies[kind].recipient);
	if (!send_notice(&submission, &error))
		log_warning(
		    &context, "copy for postmaster not sent: %s", error.text);
}

static bool
send_all(const struct request *request, struct error *error)
{
	struct submission submission = {
	    .request = request, .to = request->notify.sender};

	if (request->notify.sender.len == 0)
		return send_double_bounce(request, error);
	if (!send_notice(&submission, error))
		return false;
	send_copy(request);
	return true;
}

static void
serve(struct conversation *conversation, struct request *request,
    struct frame *first)
{
	struct message_reply reply = {
	    .code = 250, .status = SPAN("2.0.0"), .text = SPAN("Ok")};
	struct error error;

	if (!request_receive(request, conversation, first, &error) ||
	    !send_all(request, &error))
		reply = (struct message_reply){
		    .code = error.kind == ERROR_LIMIT ? 452 : 451,
		    .status = error.kind == ERROR_LIMIT ? SPAN("4.3.1")
							: SPAN("4.3.0"),
		    .text = span_text(error.text),
		};
	else
		told_note(request);
	log_flush();
	conversation_send_reply(conversation, &reply);
}

static unsigned serving;

unsigned
notify_count(void)
{
	return serving;
}

void
notify_serve(struct conversation *conversation, struct frame *first)
{
	struct message_notify notify;
	struct flight_slot *slot;
	struct request request;

	service_session_begin();
	slot = flight_begin("notice", SPAN_EMPTY,
	    message_get_notify(first->payload, &notify) ? notify.queue_id
							: SPAN_EMPTY);
	serving++;
	serve(conversation, &request, first);
	serving--;
	request_finish(&request);
	flight_end(slot);
	service_session_end();
}
