/* SPDX-License-Identifier: MIT */
/* Lists of networks and of domains, as mynetworks and mydestination have them:
 * the first line is the list, the second what is looked for in it. */
#include "lib/route/domain_list.h"
#include "lib/route/network_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

/* What a list names of the file system is not to be opened here: a slash is
 * that of a network, behind its address. */
static bool
names_a_file(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] == '/' &&
		    (i == 0 ||
			memchr("0123456789abcdefABCDEF]", text.at[i - 1],
			    sizeof "0123456789abcdefABCDEF]" - 1) == NULL))
			return true;
	return false;
}

static void
look_in_networks(struct span text, struct span wanted)
{
	struct network_list *list;
	struct address address;
	struct error error;

	list = network_list_open(text, NULL, &error);
	if (list == NULL) {
		must(error.text[0] != '\0');
		return;
	}
	if (address_parse_ip(wanted, 25, &address))
		(void)!network_list_match(list, &address, &error);
	network_list_close(list);
}

static void
look_in_domains(
    struct span text, enum domain_list_reach reach, struct span wanted)
{
	struct domain_list *list;
	struct error error;

	list = domain_list_open(text, reach, NULL, &error);
	if (list == NULL) {
		must(error.text[0] != '\0');
		return;
	}
	(void)!domain_list_match(list, wanted, &error);
	domain_list_close(list);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span wanted;
	struct span text;

	span_split(span_of(bytes, count), '\n', &text, &wanted);
	if (names_a_file(text))
		return 0;
	look_in_networks(text, wanted);
	look_in_domains(text, DOMAIN_LIST_EXACT, wanted);
	look_in_domains(text, DOMAIN_LIST_DOTTED, wanted);
	look_in_domains(text, DOMAIN_LIST_PARENT, wanted);
	return 0;
}
