/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#define BUECHER     \
	"b\xc3\xbc" \
	"cher"

static const char *const class_names[] = {
    [ROUTE_LOCAL] = "local",
    [ROUTE_VIRTUAL_ALIAS] = "alias",
    [ROUTE_VIRTUAL_MAILBOX] = "mailbox",
    [ROUTE_RELAY] = "relay",
    [ROUTE_DEFAULT] = "default",
};

/* Addresses as "class transport:next hop recipient", with a '!' at the end when
 * the sender says the way. */
static const struct {
	const char *settings;
	const char *sender;
	const char *recipient;
	const char *want;
} routes[] = {
    /* classes */
    {"", "", "ann@example.com", "local local:mx.example.com ann@example.com"},
    {"", "", "Ann@EXAMPLE.com", "local local:mx.example.com Ann@EXAMPLE.com"},
    {"", "", "ann", "local local:mx.example.com ann@mx.example.com"},
    {"", "", "ann@Other.Example",
	"default smtp:other.example ann@Other.Example"},
    {"", "",
	"ann@B\xc3\x9c"
	"CHER.example",
	"default smtp:xn--bcher-kva.example ann@B\xc3\x9c"
	"CHER.example"},
    {"", "", "ann@[192.0.2.1]", "local local:mx.example.com ann@[192.0.2.1]"},
    {"", "", "ann@[127.0.0.1]", "local local:mx.example.com ann@[127.0.0.1]"},
    {"", "", "ann@[IPv6:2001:db8::1]",
	"local local:mx.example.com ann@[IPv6:2001:db8::1]"},
    {"", "", "ann@[192.0.2.9]", "default smtp:[192.0.2.9] ann@[192.0.2.9]"},
    {"inet_interfaces = 192.0.2.9\n", "", "ann@[192.0.2.9]",
	"local local:mx.example.com ann@[192.0.2.9]"},
    {"inet_interfaces = loopback-only\n", "", "ann@[192.0.2.1]",
	"default smtp:[192.0.2.1] ann@[192.0.2.1]"},
    {"proxy_interfaces = 198.51.100.1\n", "", "ann@[198.51.100.1]",
	"local local:mx.example.com ann@[198.51.100.1]"},
    {"virtual_alias_domains = v.example\n", "", "ann@v.example",
	"alias error:5.1.1 User unknown in virtual alias table "
	"ann@v.example"},
    {"virtual_alias_maps = inline:{v.example=x}\n", "", "ann@v.example",
	"alias error:5.1.1 User unknown in virtual alias table "
	"ann@v.example"},
    {"virtual_mailbox_domains = m.example\n", "", "ann@m.example",
	"mailbox virtual:m.example ann@m.example"},
    {"relay_domains = r.example\n", "", "ann@r.example",
	"relay relay:r.example ann@r.example"},
    {"relay_domains = r.example\n", "", "ann@sub.r.example",
	"relay relay:sub.r.example ann@sub.r.example"},
    {"relay_domains = .r.example\nparent_domain_matches_subdomains =\n", "",
	"ann@sub.r.example", "relay relay:sub.r.example ann@sub.r.example"},
    {"relay_domains = r.example\nparent_domain_matches_subdomains =\n", "",
	"ann@sub.r.example", "default smtp:sub.r.example ann@sub.r.example"},
    {"relay_domains = example.com\n", "", "ann@example.com",
	"local local:mx.example.com ann@example.com"},
    {"", "", "", "local local:mx.example.com MAILER-DAEMON@mx.example.com"},
    /* transports */
    {"local_transport = lmtp:unix:/run/lmtp\n", "", "ann@example.com",
	"local lmtp:unix:/run/lmtp ann@example.com"},
    {"local_transport = local\n", "", "ann@example.com",
	"local local:example.com ann@example.com"},
    {"relayhost = [gw.example]:587\n", "", "ann@x.example",
	"default smtp:[gw.example]:587 ann@x.example"},
    {"relayhost = gw.example\nrelay_domains = r.example\n", "", "ann@r.example",
	"relay relay:gw.example ann@r.example"},
    {"relayhost = gw.example\ndefault_transport = smtp:[x]\n", "",
	"ann@x.example", "default smtp:[x] ann@x.example"},
    {"relayhost = gw.example\n", "", "ann@example.com",
	"local local:mx.example.com ann@example.com"},
    /* what depends on the sender */
    {"sender_dependent_relayhost_maps = inline:{s@s.example=[gw1], "
     "@s.example=[gw2], <>=[gw3], d@s.example=DUNNO}\nrelayhost = [gw4]\n",
	"s@s.example", "ann@x.example", "default smtp:[gw1] ann@x.example"},
    {"sender_dependent_relayhost_maps = inline:{s@s.example=[gw1], "
     "@s.example=[gw2], <>=[gw3]}\n",
	"t@s.example", "ann@x.example", "default smtp:[gw2] ann@x.example"},
    {"sender_dependent_relayhost_maps = inline:{<>=[gw3]}\n", "",
	"ann@x.example", "default smtp:[gw3] ann@x.example"},
    {"sender_dependent_relayhost_maps = inline:{d@s.example=DUNNO}\n"
     "relayhost = [gw4]\n",
	"d@s.example", "ann@x.example", "default smtp:[gw4] ann@x.example"},
    {"sender_dependent_default_transport_maps = "
     "inline:{@s.example=slow:[gw]}\n",
	"t@s.example", "ann@x.example", "default slow:[gw] ann@x.example"},
    {"sender_dependent_default_transport_maps = "
     "inline:{@s.example=slow:}\nrelayhost = [gw4]\n",
	"t@s.example", "ann@x.example", "default slow:[gw4] ann@x.example"},
    /* transport_maps */
    {"transport_maps = inline:{ann@x.example=a:, x.example=b:}\n", "",
	"ann@x.example", "default a:x.example ann@x.example"},
    {"transport_maps = inline:{ann@x.example=a:, x.example=b:[h]:26}\n", "",
	"bob@x.example", "default b:[h]:26 bob@x.example"},
    {"transport_maps = inline:{x.example=:[h]}\n", "", "bob@x.example",
	"default smtp:[h] bob@x.example"},
    {"transport_maps = inline:{x.example=:}\nrelayhost = [gw]\n", "",
	"bob@x.example", "default smtp:[gw] bob@x.example"},
    {"transport_maps = inline:{x.example=smtp:}\nrelayhost = [gw]\n", "",
	"bob@x.example", "default smtp:x.example bob@x.example"},
    {"transport_maps = inline:{.example=a:[h]}\n", "", "bob@y.x.example",
	"default a:[h] bob@y.x.example"},
    {"transport_maps = inline:{example=a:[h]}\n", "", "bob@y.x.example",
	"default smtp:y.x.example bob@y.x.example"},
    {"transport_maps = inline:{example=a:[h]}\n"
     "parent_domain_matches_subdomains = transport_maps\n",
	"", "bob@y.x.example", "default a:[h] bob@y.x.example"},
    {"transport_maps = inline:{*=a:[h]}\n", "", "bob@x.example",
	"default a:[h] bob@x.example"},
    {"transport_maps = inline:{ann@x.example=a:[h]}\n"
     "recipient_delimiter = +\n",
	"", "ann+ext@x.example", "default a:[h] ann+ext@x.example"},
    {"transport_maps = inline:{v.example=a:, *=b:}\n"
     "virtual_alias_domains = v.example\n",
	"", "ann@v.example",
	"alias error:5.1.1 User unknown in virtual alias table "
	"ann@v.example"},
    /* who has moved, whatever the class or the transport */
    {"relocated_maps = inline:{ann@x.example=ann@y.example}\n", "",
	"ann@x.example",
	"default error:5.1.6 User has moved to ann@y.example ann@x.example"},
    {"relocated_maps = inline:{ann=ann@y.example}\n"
     "transport_maps = inline:{example.com=a:[h]}\n",
	"", "ann@example.com",
	"local error:5.1.6 User has moved to ann@y.example ann@example.com"},
    {"relocated_maps = inline:{{@x.example=5.1.9 gone}}\n"
     "relocated_prefix_enable = no\n",
	"", "bob@x.example", "default error:5.1.9 gone bob@x.example"},
    {"relocated_maps = inline:{bob@x.example=y}\n"
     "transport_maps = inline:{x.example=a:[h]}\n",
	"", "ann@x.example", "default a:[h] ann@x.example"},
    /* the null sender by other names */
    {"sender_dependent_relayhost_maps = inline:{null=[gw3]}\n"
     "empty_address_relayhost_maps_lookup_key = null\n",
	"", "ann@x.example", "default smtp:[gw3] ann@x.example"},
    {"sender_dependent_default_transport_maps = inline:{null=slow:}\n"
     "empty_address_default_transport_maps_lookup_key = null\n",
	"", "ann@x.example", "default slow:x.example ann@x.example"},
    {"show_user_unknown_table_name = no\nvirtual_alias_domains = v.example\n",
	"", "ann@v.example", "alias error:5.1.1 User unknown ann@v.example"},
    {"transport_maps = inline:{{x.example=error:5.7.1 go away}}\n", "",
	"bob@x.example", "default error:5.7.1 go away bob@x.example"},
    {"transport_maps = inline:{" BUECHER ".example=a:[h]}\n", "",
	"bob@xn--bcher-kva.example", "default a:[h] bob@xn--bcher-kva.example"},
    {"transport_maps = inline:{xn--bcher-kva.example=a:[h],.example=b:}\n", "",
	"bob@" BUECHER ".example", "default a:[h] bob@" BUECHER ".example"},
    {"transport_maps = inline:{.xn--bcher-kva.example=a:[h]}\n", "",
	"bob@x." BUECHER ".example", "default a:[h] bob@x." BUECHER ".example"},
    /* ways given by the sender */
    {"", "", "ann%x.example@example.com",
	"default smtp:x.example ann@x.example!"},
    {"", "", "x.example!ann@example.com",
	"default smtp:x.example ann@x.example!"},
    {"", "", "ann@x.example@example.com",
	"default smtp:x.example ann@x.example!"},
    {"", "", "ann%a.example%b.example@example.com",
	"default smtp:b.example ann%a.example@b.example!"},
    {"", "", "ann%bob%example.com@example.com", "default smtp:bob ann@bob!"},
    {"", "", "ann%x.example@y.example",
	"default smtp:y.example ann%x.example@y.example!"},
    {"allow_percent_hack = no\n", "", "ann%x.example@example.com",
	"local local:mx.example.com ann%x.example@example.com"},
    {"", "", "ann%@example.com",
	"local local:mx.example.com ann%@example.com!"},
    {"", "", "!ann@example.com",
	"local local:mx.example.com !ann@example.com!"},
    /* nothing to send to */
    {"", "", "ann@", "default error:5.1.3 Bad recipient address syntax ann@"},
    {"", "", "@x.example",
	"default error:5.1.3 Bad recipient address syntax @x.example"},
    {"", "", "ann@a..b",
	"default error:5.1.3 Bad recipient address syntax ann@a..b"},
    {"", "", "ann@1.2.3.4",
	"default error:5.1.3 Bad recipient address syntax ann@1.2.3.4"},
    {"", "", "ann@[1.2.3]",
	"default error:5.1.3 Bad recipient address syntax ann@[1.2.3]"},
    {"resolve_numeric_domain = yes\n", "", "ann@1.2.3.4",
	"default smtp:[1.2.3.4] ann@[1.2.3.4]"},
    {"resolve_null_domain = yes\n", "", "ann@",
	"local local:mx.example.com ann@mx.example.com"},
};

static void
test_resolve(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(routes); i++) {
		struct fixture fixture;
		struct error error;
		struct route_answer answer;
		struct route_query query = {span_text(routes[i].sender),
		    span_text(routes[i].recipient)};
		const char *text;

		fixture_open(&fixture, routes[i].settings);
		if (!route_resolve(
			fixture.route, fixture.pool, &query, &answer, &error))
			fail_msg("%s: %s", routes[i].recipient, error.text);
		text = pool_printf(fixture.pool, "%s %.*s:%.*s %.*s%s",
		    class_names[answer.class], SPAN_ARGS(answer.transport),
		    SPAN_ARGS(answer.next_hop), SPAN_ARGS(answer.recipient),
		    answer.is_routed ? "!" : "");
		assert_string_equal(text, routes[i].want);
		assert_false(route_has_changed(fixture.route, NULL));
		fixture_close(&fixture);
	}
}

static const char *const failing_settings[] = {
    "mydestination = fail:x\n",
    "virtual_alias_domains = fail:x\n",
    "virtual_mailbox_domains = fail:x\n",
    "relay_domains = fail:x\n",
    "transport_maps = fail:x\n",
    "sender_dependent_relayhost_maps = fail:x\n",
    "sender_dependent_default_transport_maps = fail:x\n",
};

static void
test_resolve_tries_again(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(failing_settings); i++) {
		struct fixture fixture;
		struct error error;
		struct route_answer answer;
		struct route_query query = {
		    SPAN("s@s.example"), SPAN("ann@x.example")};

		fixture_open(&fixture, failing_settings[i]);
		assert_false(route_resolve(
		    fixture.route, fixture.pool, &query, &answer, &error));
		assert_int_equal(error.kind, ERROR_TEMPORARY);
		fixture_close(&fixture);
	}
}

static const struct {
	const char *settings;
	const char *recipient;
	enum table_result want;
} recipients[] = {
    {"", "ann@example.com", TABLE_FOUND},
    {"", "ANN", TABLE_FOUND},
    {"", "list@mx.example.com", TABLE_FOUND},
    {"", "postmaster", TABLE_FOUND},
    {"", "nobody@example.com", TABLE_NOT_FOUND},
    {"", "ann+x@example.com", TABLE_NOT_FOUND},
    {"recipient_delimiter = +\n", "ann+x@example.com", TABLE_FOUND},
    {"recipient_delimiter = +\n", "bob+ext@example.com", TABLE_FOUND},
    {"recipient_delimiter = +\n", "bob@example.com", TABLE_NOT_FOUND},
    {"local_recipient_maps =\n", "nobody@example.com", TABLE_FOUND},
    {"local_recipient_maps = fail:x\n", "ann@example.com", TABLE_TRY_AGAIN},
    {"local_recipient_maps = inline:{@example.com=x}\n", "zoe@example.com",
	TABLE_FOUND},
    {"", "any@x.example", TABLE_FOUND},
    {"relay_domains = r.example\n", "any@r.example", TABLE_FOUND},
    {"relay_domains = r.example\n"
     "relay_recipient_maps = inline:{ann@r.example=x}\n",
	"ann@r.example", TABLE_FOUND},
    {"relay_domains = r.example\n"
     "relay_recipient_maps = inline:{ann@r.example=x, bob=x}\n",
	"bob@r.example", TABLE_NOT_FOUND},
    {"relay_domains = r.example\n"
     "relay_recipient_maps = inline:{@r.example=x}\n",
	"bob@r.example", TABLE_FOUND},
    {"virtual_mailbox_domains = m.example\n"
     "virtual_mailbox_maps = inline:{ann@m.example=x}\n",
	"ann@m.example", TABLE_FOUND},
    {"virtual_mailbox_domains = m.example\n"
     "virtual_mailbox_maps = inline:{ann@m.example=x}\n",
	"bob@m.example", TABLE_NOT_FOUND},
    {"virtual_mailbox_domains = m.example\n", "bob@m.example", TABLE_FOUND},
    {"virtual_alias_domains = v.example\n"
     "virtual_alias_maps = inline:{ann@v.example=x}\n",
	"ann@v.example", TABLE_FOUND},
    {"virtual_alias_domains = v.example\n"
     "virtual_alias_maps = inline:{ann@v.example=x}\n",
	"bob@v.example", TABLE_NOT_FOUND},
    {"virtual_alias_maps = inline:{zoe@example.com=x}\n", "zoe@example.com",
	TABLE_FOUND},
    {"virtual_alias_maps = fail:x\nvirtual_alias_domains =\n",
	"ann@example.com", TABLE_TRY_AGAIN},
};

static void
test_recipient_known(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(recipients); i++) {
		struct fixture fixture;
		struct error error;
		struct route_answer answer;
		struct route_query query = {
		    SPAN_EMPTY, span_text(recipients[i].recipient)};

		fixture_open(&fixture, recipients[i].settings);
		assert_true(route_resolve(
		    fixture.route, fixture.pool, &query, &answer, &error));
		assert_int_equal(
		    route_recipient_known(fixture.route, &answer, &error),
		    recipients[i].want);
		fixture_close(&fixture);
	}
}

static const struct {
	const char *settings;
	const char *names; /* words that the error has */
} bad_settings[] = {
    {"mydestination = nonsense:x\n", "mydestination"},
    {"transport_maps = hash:/nonexistent/file\n", "transport_maps"},
    {"sender_dependent_relayhost_maps = x:y\n",
	"sender_dependent_relayhost_maps"},
    {"relay_domains = /nonexistent/file\n", "/nonexistent/file"},
};

static void
test_open_fails(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(bad_settings); i++) {
		struct fixture fixture;
		struct error error;

		fixture_load(&fixture, bad_settings[i].settings);
		assert_null(route_open(
		    &(struct route_source){
			.common = &fixture.common,
			.params = &fixture.params,
			.host = &fixture_host,
		    },
		    &error));
		assert_non_null(strstr(error.text, bad_settings[i].names));
		pool_destroy(fixture.pool);
	}
	route_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_resolve),
	    cmocka_unit_test(test_resolve_tries_again),
	    cmocka_unit_test(test_recipient_known),
	    cmocka_unit_test(test_open_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
