/* SPDX-License-Identifier: MIT */
#include "cleanup/detect_utf8.h"

#include "lib/base/text.h"
#include "lib/ipc/messages.h"
#include "lib/param/word_list.h"

static bool
is_in_class(struct span classes, uint32_t origin)
{
	static const char *const names[] = {
	    [ORIGIN_SENDMAIL] = "sendmail",
	    [ORIGIN_SMTPD] = "smtpd",
	    [ORIGIN_FORWARD] = "forward",
	    [ORIGIN_BOUNCE] = "bounce",
	};

	return origin != ORIGIN_OTHER && origin < COUNT_OF(names) &&
	    (word_list_has(classes, SPAN("all")) ||
		word_list_has(classes, span_text(names[origin])));
}

bool
detect_utf8(struct span classes, uint32_t origin, bool has_utf8_address,
    struct span header)
{
	if (!is_in_class(classes, origin))
		return false;
	return has_utf8_address ||
	    (!text_is_ascii(header) && text_is_utf8(header));
}
