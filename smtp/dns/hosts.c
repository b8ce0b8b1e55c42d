/* SPDX-License-Identifier: MIT */
#include "smtp/dns/hosts.h"

#include "lib/base/text.h"
#include "lib/ipc/messages.h"
#include "lib/net/address.h"

enum {
	REVERSE_NAME_SIZE = 80
};

/* One line that gives a name an address. */
struct host_address {
	struct host_address *next;
	struct span bytes; /* 4 or 16 */
};

static struct span
reverse_name(struct span bytes, char *name, size_t size)
{
	size_t len = 0;

	for (size_t i = bytes.len; i-- > 0;) {
		unsigned byte = (unsigned char)bytes.at[i];

		len += bytes.len == 4
		    ? (size_t)snprintf(name + len, size - len, "%u.", byte)
		    : (size_t)snprintf(name + len, size - len, "%x.%x.",
			  byte & 15, byte >> 4);
	}
	len += (size_t)snprintf(name + len, size - len, "%s",
	    bytes.len == 4 ? "in-addr.arpa" : "ip6.arpa");
	return span_of(name, len);
}

static void
add_name(struct hosts *hosts, struct span name, struct span bytes)
{
	struct host_address *added = pool_alloc(hosts->pool, sizeof *added);
	struct host_address *last = hash_get(hosts->by_name, name);

	must(added != NULL);
	added->bytes = bytes;
	while (last != NULL && last->next != NULL)
		last = last->next;
	if (last == NULL)
		hash_put(hosts->by_name, name, added);
	else
		last->next = added;
}

static void
add_reverse(struct hosts *hosts, struct span bytes, char *name)
{
	char text[REVERSE_NAME_SIZE];
	struct span key = reverse_name(bytes, text, sizeof text);

	if (hash_get(hosts->by_reverse, key) == NULL)
		hash_put(hosts->by_reverse, key, name);
}

static void
take_line(struct hosts *hosts, struct span line)
{
	struct address address;
	struct span bytes;
	struct span word;
	bool is_first = true;

	line = span_head(line, span_find(line, '#'));
	if (!span_take_word(&line, " \t\r", &word) ||
	    !address_parse_ip(word, 0, &address))
		return;
	must(pool_copy_span(hosts->pool, address_bytes(&address), &bytes));
	while (span_take_word(&line, " \t\r", &word)) {
		char *name = pool_copy(hosts->pool, word);

		must(name != NULL);
		text_fold(name, word.len);
		add_name(hosts, span_text(name), bytes);
		if (is_first)
			add_reverse(hosts, bytes, name);
		is_first = false;
	}
}

static void
forget(struct hosts *hosts)
{
	hash_destroy(hosts->by_name);
	hash_destroy(hosts->by_reverse);
	pool_clear(hosts->pool);
	hosts->by_name = hash_create();
	hosts->by_reverse = hash_create();
}

void
hosts_parse(struct hosts *hosts, struct span text)
{
	struct span line;

	forget(hosts);
	while (text.len > 0) {
		span_split(text, '\n', &line, &text);
		take_line(hosts, line);
	}
}

void
hosts_refresh(struct hosts *hosts)
{
	struct buf text;

	if (watched_file_read(&hosts->file, &text))
		hosts_parse(hosts, buf_span(&text));
	buf_finish(&text);
}

void
hosts_open(struct hosts *hosts, const char *path)
{
	*hosts = (struct hosts){
	    .pool = pool_create(NULL, "hosts", POOL_NO_MAXIMUM),
	    .by_name = hash_create(),
	    .by_reverse = hash_create(),
	};
	watched_file_init(&hosts->file, path);
	hosts_refresh(hosts);
}

void
hosts_close(struct hosts *hosts)
{
	hash_destroy(hosts->by_name);
	hash_destroy(hosts->by_reverse);
	pool_destroy(hosts->pool);
}

static void
put(struct buf *list, enum dns_type type, struct span data)
{
	struct message_dns_record record = {.type = type, .data = data};

	message_put_dns_record(list, &record);
}

bool
hosts_find(const struct hosts *hosts, struct span name, enum dns_type type,
    struct buf *list)
{
	size_t wanted = type == DNS_A ? 4 : type == DNS_AAAA ? 16 : 0;
	const struct host_address *address = NULL;
	const char *host = NULL;
	size_t before = list->len;

	if (type == DNS_PTR)
		host = hash_get(hosts->by_reverse, name);
	else if (wanted > 0)
		address = hash_get(hosts->by_name, name);
	if (host != NULL)
		put(list, type, span_text(host));
	for (; address != NULL; address = address->next)
		if (address->bytes.len == wanted)
			put(list, type, address->bytes);
	return list->len > before;
}
