/* SPDX-License-Identifier: MIT */
#include "smtpd/directory.h"

#include "lib/ipc/switchboard.h"
#include "lib/loop/loop.h"

#include "smtpd/session.h"

enum {
	LOOKUP_PATIENCE = 30 /* seconds */
};

struct directory_entry
directory_check(
    struct session *session, struct span sender, struct span recipient)
{
	struct directory_entry entry = {
	    .class = DIRECTORY_DEFAULT, .result = DIRECTORY_TRY_AGAIN};
	struct message_check_recipient check = {sender, recipient};
	int64_t deadline = loop_deadline(LOOKUP_PATIENCE);
	struct message_recipient_known known;
	struct conversation *conversation;
	struct error error;
	struct frame frame;

	conversation = switchboard_converse("lookup", deadline, &error);
	if (conversation == NULL) {
		log_warning(&session->log, "%s", error.text);
		return entry;
	}
	conversation_send_check_recipient(conversation, &check);
	if (!conversation_expect(conversation, MESSAGE_RECIPIENT_KNOWN,
		deadline, &frame, &error))
		log_warning(&session->log, "lookup: %s", error.text);
	else if (message_get_recipient_known(frame.payload, &known)) {
		entry.class = (enum directory_class)known.class;
		entry.result = (enum directory_result)known.result;
		if (known.result == LOOKUP_TRY_AGAIN)
			log_warning(
			    &session->log, "%.*s", SPAN_ARGS(known.text));
		else if (!pool_copy_span(
			     session->scratch, known.text, &entry.text))
			entry.text = SPAN_EMPTY;
	}
	conversation_close(conversation);
	return entry;
}
