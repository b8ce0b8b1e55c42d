/* SPDX-License-Identifier: MIT */
#include "lib/mail/mail_address.h"

#include "cleanup/lookup/explain/explanation.h"

static void
append_steps(struct buf *out, const struct list *steps)
{
	list_foreach (node, steps) {
		const struct explained_step *step =
		    list_element(node, struct explained_step, node);

		if (step->table != NULL)
			buf_printf(out, "  %-28s %s: \"%.*s\" has \"%.*s\"\n",
			    step->parameter, step->table, SPAN_ARGS(step->key),
			    SPAN_ARGS(step->value));
		else
			buf_printf(out, "  %-28s -> %.*s\n", step->parameter,
			    SPAN_ARGS(step->value));
	}
}

static void
append_address(struct buf *out, const char *what, struct span address)
{
	buf_printf(out, "%s ", what);
	mail_address_append_path(out, address);
	buf_append_byte(out, '\n');
}

static void
append_access(struct buf *out, const struct explained_access *access)
{
	const char *verdict = "accepted";

	if (access->is_asked_for && !access->may_relay &&
	    !access->is_destination)
		verdict = "refused: relay access denied";
	else if (access->known == TABLE_NOT_FOUND)
		verdict = "refused: recipient unknown";
	buf_printf(out, "access\n");
	if (access->is_asked_for)
		buf_printf(out, "  %-28s %s\n", "mynetworks",
		    access->may_relay ? "has the client"
				      : "does not have the client");
	buf_printf(out, "  %-28s %s", "verdict", verdict);
	if (access->why.len > 0)
		buf_printf(out, " (%.*s)", SPAN_ARGS(access->why));
	buf_append_byte(out, '\n');
}

static void
append_delivery(struct buf *out, const struct explained_delivery *delivery)
{
	const struct route_answer *answer = &delivery->answer;

	append_address(out, "delivery to", answer->recipient);
	if (delivery->reason != EXPLAINED_RECIPIENT)
		buf_printf(out, "  %-28s %s\n", "copy because of",
		    explanation_reason(delivery->reason));
	append_steps(out, &delivery->steps);
	buf_printf(
	    out, "  %-28s %s\n", "class", explanation_class(answer->class));
	buf_printf(
	    out, "  %-28s %.*s\n", "transport", SPAN_ARGS(answer->transport));
	buf_printf(
	    out, "  %-28s %.*s\n", "next hop", SPAN_ARGS(answer->next_hop));
	for (size_t i = 0; i < EXPLAINED_LIMITS; i++)
		if (delivery->limits[i].name != NULL)
			buf_printf(out, "  %s = %.*s\n",
			    delivery->limits[i].name,
			    SPAN_ARGS(delivery->limits[i].value));
}

void
explain_text(const struct explanation *explanation, struct buf *out)
{
	append_address(out, "sender", explanation->sender);
	append_steps(out, &explanation->sender_steps);
	append_address(out, "recipient", explanation->address);
	append_steps(out, &explanation->steps);
	if (explanation->error.kind != ERROR_NONE) {
		buf_printf(
		    out, "  try again later: %s\n", explanation->error.text);
		return;
	}
	append_access(out, &explanation->access);
	list_foreach (node, &explanation->deliveries)
		append_delivery(
		    out, list_element(node, struct explained_delivery, node));
}
