/* SPDX-License-Identifier: MIT */
/* Concurrency feedback: what is accepted is in range, and white space around
 * it makes no difference. */
#include "lib/base/buf.h"
#include "lib/param/feedback.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span text = span_of(bytes, count);
	struct feedback feedback;
	struct feedback again;
	struct buf spaced;
	bool good = feedback_parse(text, &feedback);

	buf_init(&spaced, count + 2);
	must(buf_printf(&spaced, " %.*s\t", SPAN_ARGS(text)) ||
	    span_find(text, '\0') < count);
	if (good) {
		must(feedback.number >= 0 && feedback.number <= 1);
		must(feedback.divisor <= FEEDBACK_BY_ROOT);
		must(feedback_parse(buf_span(&spaced), &again));
		must(again.number == feedback.number &&
		    again.divisor == feedback.divisor);
	}
	buf_finish(&spaced);
	return 0;
}
