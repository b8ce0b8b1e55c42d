/* SPDX-License-Identifier: MIT */
#include "lib/daemon/notice_class.h"

#include "lib/daemon/service.h"

static const struct {
	const char *word;
	enum notice_class class;
} classes_by_word[] = {
    {"bounce", NOTICE_CLASS_BOUNCE},
    {"2bounce", NOTICE_CLASS_2BOUNCE},
    {"data", NOTICE_CLASS_DATA},
    {"delay", NOTICE_CLASS_DELAY},
    {"policy", NOTICE_CLASS_POLICY},
    {"protocol", NOTICE_CLASS_PROTOCOL},
    {"resource", NOTICE_CLASS_RESOURCE},
    {"software", NOTICE_CLASS_SOFTWARE},
};

static bool
add(struct span word, unsigned *classes)
{
	for (size_t i = 0; i < COUNT_OF(classes_by_word); i++) {
		if (span_equal_fold(word, span_text(classes_by_word[i].word))) {
			*classes |= classes_by_word[i].class;
			return true;
		}
	}
	return false;
}

bool
notice_class_parse(struct span text, unsigned *classes, struct error *error)
{
	struct span word;

	*classes = 0;
	while (span_take_word(&text, ", \t\r\n", &word))
		if (!add(word, classes))
			return error_set(error, ERROR_INVALID,
			    "notify_classes: expected bounce, 2bounce, data, "
			    "delay, policy, protocol, resource or software, "
			    "not \"%.*s\"",
			    SPAN_ARGS(span_head(word, 40)));
	return true;
}

bool notice_class_is_wanted(enum notice_class class)
{
	unsigned classes;

	return notice_class_parse(span_text(service_common()->notify_classes),
		   &classes, NULL) &&
	    (classes & class) != 0;
}

bool
notice_class_select(unsigned possible, unsigned *selected, struct error *error)
{
	if (!notice_class_parse(
		span_text(service_common()->notify_classes), selected, error))
		return false;
	*selected &= possible;
	return true;
}

bool
notice_class_is_notice(const struct mail_address *sender)
{
	return mail_address_is_null(sender) ||
	    span_equal_fold(sender->local,
		span_text(service_common()->double_bounce_sender));
}
