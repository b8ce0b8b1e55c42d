/* SPDX-License-Identifier: MIT */
/* Lists of TLS versions and of excluded ciphers, grades and fingerprints; the
 * first line is the one, the rest the others. */
#include "lib/tls/cipher_list.h"
#include "lib/tls/fingerprint.h"
#include "lib/tls/protocols.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void
check_protocols(struct span text)
{
	struct error error = {.text = ""};
	unsigned set = 0;

	if (protocols_parse(text, &set, &error)) {
		must(set != 0 && (set & ~PROTOCOLS_ALL) == 0);
		must(protocols_oldest(set) <= protocols_newest(set));
	} else {
		must(error.text[0] != '\0');
	}
}

/* What comes out has no operator but our own. */
static void
check_ciphers(struct span text)
{
	enum cipher_grade grade;
	struct error error;
	struct buf list;

	buf_init(&list, 4096);
	buf_append_text(&list, "HIGH");
	if (cipher_list_exclude(&list, text, &error))
		for (size_t i = 0; i < list.len; i++)
			must(list.at[i] != '@' && list.at[i] != '\n' &&
			    (list.at[i] != '!' || list.at[i - 1] == ':'));
	buf_finish(&list);
	(void)!cipher_grade_parse(text, &grade, &error);
	must(!fingerprint_equal("", text));
	(void)fingerprint_equal("00:AF", text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span rest;
	struct span first;

	span_split(span_of(bytes, count), '\n', &first, &rest);
	check_protocols(first);
	check_ciphers(rest);
	return 0;
}
