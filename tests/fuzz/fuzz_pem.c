/* SPDX-License-Identifier: MIT */
/* Files of PEM blocks: each block lies in the text, behind the one before. */
#include "lib/tls/pem.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span rest = span_of(bytes, count);
	const char *end = rest.at + rest.len;
	const char *last = rest.at;
	struct pem_block block;

	while (pem_next(&rest, &block) == PEM_STEP_BLOCK) {
		must(block.text.at >= last && block.label.len > 0);
		last = block.text.at + block.text.len;
		must(last <= end);
		must(!pem_is_key(&block) || !pem_is_certificate(&block));
	}
	return 0;
}
