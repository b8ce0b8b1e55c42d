/* SPDX-License-Identifier: MIT */
#include "smtpd/received.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/daemon/service.h"
#include "lib/mail/date.h"
#include "lib/tls/summary.h"

#include "smtpd/tls_server.h"

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

/* Names in certificates must not end the comment that they are put in. */
static void
append_quoted(struct buf *out, char *name)
{
	for (char *at = name; at != NULL && *at != '\0'; at++)
		if (strchr("\"\\()", *at) != NULL)
			*at = '?';
	buf_printf(out, "\"%s\"", name != NULL ? name : "");
	free(name);
}

static void
append_peer(const struct secure *secure, struct buf *out)
{
	if (secure->trust == SECURE_ANONYMOUS) {
		buf_printf(out, "(%s)\r\n\t",
		    tls_server()->asks ? "Client did not present a certificate"
				       : "No client certificate requested");
		return;
	}
	buf_append_text(out, "(Client CN ");
	append_quoted(out, summary_subject(secure));
	buf_append_text(out, ", Issuer ");
	append_quoted(out, summary_issuer(secure));
	buf_printf(out, " (%s))\r\n\t",
	    secure->trust == SECURE_TRUSTED ? "verified OK" : "not verified");
}

/* Each part in a line of its own, if it is there. */
static void
append_tls(const struct secure *secure, struct buf *out)
{
	size_t before;

	buf_append_text(out, "(using ");
	summary_append_cipher(out, secure);
	buf_append_text(out, "\r\n\t ");
	before = out->len;
	summary_append_exchange(out, secure);
	if (out->len > before)
		buf_append_byte(out, ' ');
	summary_append_server(out, secure);
	while (out->at[out->len - 1] <= ' ')
		buf_shorten(out, 1);
	before = out->len;
	buf_append_text(out, "\r\n\t ");
	summary_append_client(out, secure);
	if (out->at[out->len - 1] == ' ')
		buf_shorten(out, out->len - before);
	buf_append_text(out, ")\r\n\t");
	append_peer(secure, out);
}

/* "with" as IANA has it; UTF8SMTP is ESMTP too (RFC 6531 4.3). */
void
received_append(const struct session *session, struct buf *out)
{
	const struct transaction *transaction = &session->transaction;
	const struct common_params *common = service_common();
	char date[DATE_TEXT_SIZE];

	append_client(session, out);
	if (session->secure != NULL &&
	    session->params->smtpd_tls_received_header)
		append_tls(session->secure, out);
	buf_printf(out, "by %s (%s) with %s%s id %s", common->myhostname,
	    common->mail_name,
	    transaction_is_utf8(transaction) ? "UTF8SMTP"
					     : session_protocol(session),
	    session->secure != NULL ? "S" : "", transaction->queue_id);
	if (transaction->first_recipient.len > 0) {
		buf_append_text(out, "\r\n\tfor ");
		mail_address_append_path(out, transaction->first_recipient);
	}
	buf_printf(out, "; %s\r\n", date_format_mail(clock_wall(), date));
}
