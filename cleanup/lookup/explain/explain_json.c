/* SPDX-License-Identifier: MIT */
#include "lib/base/text.h"

#include "cleanup/lookup/explain/explanation.h"

static void
append_name(struct buf *out, const char *name)
{
	if (out->len > 0 && out->at[out->len - 1] != '{')
		buf_append_text(out, ", ");
	text_append_json(out, span_text(name));
	buf_append_text(out, ": ");
}

static void
append_text(struct buf *out, const char *name, struct span value)
{
	append_name(out, name);
	text_append_json(out, value);
}

static void
append_boolean(struct buf *out, const char *name, bool value)
{
	append_name(out, name);
	buf_append_text(out, value ? "true" : "false");
}

static void
begin_element(struct buf *out)
{
	if (out->at[out->len - 1] != '[')
		buf_append_text(out, ", ");
	buf_append_byte(out, '{');
}

static void
append_steps(struct buf *out, const char *name, const struct list *steps)
{
	append_name(out, name);
	buf_append_byte(out, '[');
	list_foreach (node, steps) {
		const struct explained_step *step =
		    list_element(node, struct explained_step, node);

		begin_element(out);
		append_text(out, "parameter", span_text(step->parameter));
		if (step->table != NULL) {
			append_text(out, "table", span_text(step->table));
			append_text(out, "key", step->key);
			append_text(out, "value", step->value);
		} else {
			append_text(out, "result", step->value);
		}
		buf_append_byte(out, '}');
	}
	buf_append_byte(out, ']');
}

static void
append_access(struct buf *out, const struct explained_access *access)
{
	append_name(out, "access");
	buf_append_byte(out, '{');
	if (access->is_asked_for)
		append_boolean(out, "in_mynetworks", access->may_relay);
	append_boolean(out, "destination", access->is_destination);
	append_boolean(out, "known", access->known == TABLE_FOUND);
	append_text(out, "refusal", access->why);
	buf_append_byte(out, '}');
}

static void
append_limits(struct buf *out, const struct explained_delivery *delivery)
{
	append_name(out, "limits");
	buf_append_byte(out, '{');
	for (size_t i = 0; i < EXPLAINED_LIMITS; i++)
		if (delivery->limits[i].name != NULL)
			append_text(out, delivery->limits[i].name,
			    delivery->limits[i].value);
	buf_append_byte(out, '}');
}

static void
append_delivery(struct buf *out, const struct explained_delivery *delivery)
{
	const struct route_answer *answer = &delivery->answer;

	begin_element(out);
	append_text(out, "recipient", answer->recipient);
	append_text(
	    out, "reason", span_text(explanation_reason(delivery->reason)));
	append_text(out, "class", span_text(explanation_class(answer->class)));
	append_text(out, "transport", answer->transport);
	append_text(out, "next_hop", answer->next_hop);
	append_steps(out, "steps", &delivery->steps);
	append_limits(out, delivery);
	buf_append_byte(out, '}');
}

void
explain_json(const struct explanation *explanation, struct buf *out)
{
	buf_append_byte(out, '{');
	append_text(out, "address", explanation->address);
	append_text(out, "sender", explanation->sender);
	append_steps(out, "sender_steps", &explanation->sender_steps);
	append_text(out, "recipient", explanation->recipient);
	append_steps(out, "steps", &explanation->steps);
	if (explanation->error.kind != ERROR_NONE)
		append_text(
		    out, "try_again", span_text(explanation->error.text));
	append_access(out, &explanation->access);
	append_name(out, "deliveries");
	buf_append_byte(out, '[');
	list_foreach (node, &explanation->deliveries)
		append_delivery(
		    out, list_element(node, struct explained_delivery, node));
	buf_append_text(out, "]}\n");
}
