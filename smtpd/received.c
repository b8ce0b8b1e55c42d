/* SPDX-License-Identifier: MIT */
#include "smtpd/received.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/daemon/service.h"
#include "lib/mail/date.h"

static void
append_client(const struct session *session, struct buf *out)
{
	bool is_ip6 = session->client.address.any.sa_family == AF_INET6;
	const char *hello =
	    session->hello != NULL ? session->hello : session->client.name;

	buf_append_text(out, "Received: from ");
	/* What the client says of itself must not break out of its place. */
	text_append_printable(out, span_text(hello));
	buf_printf(out, " (%s [%s%s])\r\n\t", session->client.name,
	    is_ip6 ? "IPv6:" : "", session->client.ip);
}

/* "with" as IANA has it; UTF8SMTP is ESMTP too (RFC 6531 4.3). */
void
received_append(const struct session *session, struct buf *out)
{
	const struct transaction *transaction = &session->transaction;
	const struct common_params *common = service_common();
	char date[DATE_TEXT_SIZE];

	append_client(session, out);
	buf_printf(out, "by %s (%s) with %s id %s", common->myhostname,
	    common->mail_name,
	    transaction_is_utf8(transaction) ? "UTF8SMTP"
					     : session_protocol(session),
	    transaction->queue_id);
	if (transaction->first_recipient.len > 0) {
		buf_append_text(out, "\r\n\tfor ");
		mail_address_append_path(out, transaction->first_recipient);
	}
	buf_printf(out, "; %s\r\n", date_format_mail(clock_wall(), date));
}
