/* SPDX-License-Identifier: MIT */
/* What a TLS client asks for: a name, and a list of protocols. */
#include "lib/base/text.h"
#include "lib/tls/server_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span text = span_of(bytes, count);
	char name[SERVER_NAME_SIZE];
	struct span key;
	struct span smtp;
	size_t steps = 0;

	if (server_name_parse(text, name, &key)) {
		must(key.len == count && strlen(name) == count);
		must(text_is_ascii(key) && span_find(key, '/') == key.len);
		while (server_name_widen(&key)) {
			must(key.at[0] == '.' && key.len < count);
			steps++;
		}
		must(steps < SERVER_NAME_SIZE / 2);
	}
	if (server_name_offers_smtp(text, &smtp))
		must(span_equal(smtp, SPAN("smtp")));
	return 0;
}
