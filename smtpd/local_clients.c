/* SPDX-License-Identifier: MIT */
#include "smtpd/local_clients.h"

#include "lib/param/word_list.h"

enum {
	TABLES_MAXIMUM = 65536 /* bytes of their names */
};

/* Who is authenticated has no such right until there is authentication. */
static const char *const not_granted[] = {
    "permit_sasl_authenticated",
    "permit_tls_clientcerts",
    "permit_tls_all_clientcerts",
};

static bool
is_not_granted(struct span word)
{
	for (size_t i = 0; i < COUNT_OF(not_granted); i++)
		if (span_equal_fold(word, span_text(not_granted[i])))
			return true;
	return false;
}

static bool
take_word(struct local_clients *clients, struct span word, struct buf *tables,
    struct error *error)
{
	if (span_equal_fold(word, SPAN("permit_inet_interfaces"))) {
		clients->inet_interfaces = true;
		return true;
	}
	if (span_equal_fold(word, SPAN("permit_mynetworks"))) {
		clients->mynetworks = true;
		return true;
	}
	if (is_not_granted(word) ||
	    span_equal_fold(word, SPAN("check_address_map")))
		return true;
	if (span_find(word, ':') == word.len)
		return error_set(error, ERROR_INVALID,
		    "%.*s is no table and no permission", SPAN_ARGS(word));
	return (buf_append_span(tables, word) &&
		   buf_append_byte(tables, ' ')) ||
	    error_set(error, ERROR_LIMIT, "too long");
}

bool
local_clients_open(
    struct local_clients *clients, struct span text, struct error *error)
{
	struct buf tables;
	struct span word;
	bool good = true;

	*clients = (struct local_clients){.tables = NULL};
	buf_init(&tables, TABLES_MAXIMUM);
	while (good && word_list_next(&text, &word))
		good = take_word(clients, word, &tables, error);
	if (good) {
		clients->tables =
		    network_list_open(buf_span(&tables), NULL, error);
		good = clients->tables != NULL;
	}
	buf_finish(&tables);
	return good || error_prefix(error, "local_header_rewrite_clients");
}

enum table_result
local_clients_match(const struct local_clients *clients,
    const struct local_client *client, struct error *error)
{
	if (clients->mynetworks && client->is_in_mynetworks)
		return TABLE_FOUND;
	if (clients->inet_interfaces &&
	    address_same_ip(client->here, client->address))
		return TABLE_FOUND;
	return network_list_match(clients->tables, client->address, error);
}
