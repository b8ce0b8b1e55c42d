# SPDX-License-Identifier: MIT
"""Configurations whose routes are compared with Postfix's, and the addresses
that are asked for in each: (sender, recipient) pairs. {tables} is the directory
of the tables."""

TRANSPORTS = ("smtp", "relay", "local", "virtual", "slow", "other", "gate")

BASE = {
    "compatibility_level": "3.6",
    "myhostname": "mail.example.com",
    "mydestination": "$myhostname, localhost.$mydomain, localhost, here.test",
    "mynetworks": "127.0.0.0/8",
    "inet_interfaces": "127.0.0.1",
    "local_recipient_maps": "",
    "relay_domains": "",
}

SENDERS = ("ann@away.test", "bob@here.test", "")

LOCALS = ("joe", "Joe", "joe+ext", "joe-ext", "owner-list", "list-request",
          "mailer-daemon", "a.b", "=eq", "x_y")
DOMAINS = ("here.test", "HERE.test", "away.test", "sub.away.test",
           "alias.test", "box.test", "relayed.test", "sub.relayed.test",
           "mail.example.com", "[127.0.0.1]", "[192.0.2.7]")


def every(senders, locals_, domains):
    return [(sender, f"{local}@{domain}") for sender in senders
            for local in locals_ for domain in domains]


ODD = [("ann@away.test", recipient) for recipient in (
    "joe", "postmaster", "joe%away.test", "joe%away.test@here.test",
    "away.test!joe", "away.test!joe@here.test", "a%b%c@here.test",
    "joe%here.test@here.test", '"joe@away.test"@here.test',
    '"a b"@away.test', '"joe%away.test"@away.test', "joe@host",
    "joe@away.test.", "joe@localhost", "joe@localhost.example.com",
    "user@1.2.3.4", "joe@xn--bcher-kva.test", "joe%away.test@relayed.test",
    "%@here.test", "joe%@here.test", "!joe@here.test", "x!y!z@here.test",
    "x!y%z@here.test", "joe+@here.test", "+joe@here.test",
    "joe++ext@here.test", "joe+a+b@here.test", "joe+a-b@here.test")]

CLASSES = {
    "relay_domains": "relayed.test",
    "virtual_alias_domains": "alias.test",
    "virtual_mailbox_domains": "box.test",
}

ALIASES = """\
joe@alias.test          joe@here.test
a.b@alias.test          a@away.test, b@box.test
list-request@alias.test @away.test
x_y@alias.test          x_y@alias.test, joe
@relayed.test           @sub.relayed.test
joe                     jo@away.test
joe+ext@away.test       exact@away.test
postmaster@here.test    post@box.test
one@chain.test          two@chain.test
two@chain.test          three@chain.test, four@chain.test
three@chain.test        joe@alias.test
self@chain.test         self@chain.test
both@chain.test         both@chain.test, one@chain.test
quoted@chain.test       "a b"@away.test, Carl <carl@box.test>
bare@chain.test         carl, dora@host
"""

CANONICAL = """\
joe@here.test           Joe.Doe@here.test
joe                     other@here.test
joe+ext@away.test       exact@away.test
@sub.away.test          @away.test
joe@relayed.test        joe-r
x_y@box.test            step@box.test
step@box.test           last@box.test
a.b@away.test           "a b"@away.test
ann@away.test           ann@masked.away.test
"""

TRANSPORT = """\
joe@away.test           slow:[host.test]:26
joe+ext@away.test       other:
sub.away.test           :[next.test]
.relayed.test           gate:
relayed.test            gate:[in.relayed.test]
box.test                other:box
here.test               :
mail.example.com        error:5.7.1 not this one
parent.test             slow:parent
.below.test             slow:[below.test]
[192.0.2.7]             gate:literal
retry.test              retry:4.7.1 later
"""

RELOCATED = """\
joe@here.test           joe@new.test
a.b                     somewhere, far away
@sub.away.test          another place
x_y@box.test            +49 123
"""

CONFIGURATIONS = {
    "plain": ({}, {}, every(SENDERS[:1], LOCALS, DOMAINS) + ODD),
    "classes": (CLASSES, {}, every(SENDERS[:1], LOCALS[:4], DOMAINS)),
    "no_rewriting": ({
        **CLASSES, "append_at_myorigin": "yes", "swap_bangpath": "no",
        "allow_percent_hack": "no", "resolve_dequoted_address": "no",
        "append_dot_mydomain": "yes", "recipient_delimiter": "+-",
    }, {}, ODD),
    "numbers": ({"resolve_numeric_domain": "yes",
                 "append_dot_mydomain": "yes"}, {}, ODD),
    "transports": ({
        **CLASSES, "local_transport": "slow", "virtual_transport": "other:x",
        "relay_transport": "gate:[r.test]:27", "default_transport": "slow:dt",
        "relayhost": "[gw.test]:587"}, {},
        every(SENDERS[:1], LOCALS[:1], DOMAINS)),
    "relayhost": ({**CLASSES, "relayhost": "gw.test:smtp"}, {},
                  every(SENDERS[:1], LOCALS[:1], DOMAINS)),
    "by_sender": ({
        **CLASSES, "relayhost": "[gw.test]",
        "sender_dependent_relayhost_maps":
            "inline:{ann@away.test=[s1.test]:587, @here.test=[s2.test], "
            "<>=[s3.test], dunno@away.test=DUNNO}",
        "sender_dependent_default_transport_maps":
            "inline:{ann@away.test=slow:, @here.test=other:[o.test], "
            "joe@away.test=DUNNO}"}, {},
        every((*SENDERS, "joe@away.test", "dunno@away.test",
               "ann+ext@away.test", "carl@here.test"),
              LOCALS[:1], DOMAINS)),
    "null_sender": ({
        "sender_dependent_relayhost_maps": "inline:{nobody=[s3.test]}",
        "empty_address_relayhost_maps_lookup_key": "nobody",
        "sender_dependent_default_transport_maps": "inline:{none=slow:}",
        "empty_address_default_transport_maps_lookup_key": "none"}, {},
        every(("",), LOCALS[:1], DOMAINS)),
    "transport_maps": ({
        **CLASSES, "transport_maps": "texthash:{tables}/transport",
        "recipient_delimiter": "+", "relayhost": "[gw.test]"},
        {"transport": TRANSPORT},
        every(SENDERS[:1], LOCALS[:4], DOMAINS) +
        every(SENDERS[:1], ("joe",), ("parent.test", "x.parent.test",
                                      "below.test", "x.below.test",
                                      "y.x.below.test", "retry.test"))),
    "transport_parents": ({
        "transport_maps": "texthash:{tables}/transport",
        "parent_domain_matches_subdomains": "transport_maps"},
        {"transport": TRANSPORT},
        every(SENDERS[:1], ("joe",), ("parent.test", "x.parent.test",
                                      "below.test", "x.below.test",
                                      "x.relayed.test", "x.y.parent.test"))),
    "transport_star": ({
        **CLASSES, "transport_maps": "inline:{*=slow:[star.test]}"}, {},
        every(SENDERS[:1], ("joe",), DOMAINS)),
    "relocated": ({
        **CLASSES, "relocated_maps": "texthash:{tables}/relocated",
        "recipient_delimiter": "+"}, {"relocated": RELOCATED},
        every(SENDERS[:1], ("joe", "joe+ext", "a.b", "x_y"), DOMAINS)),
    "aliases": ({
        **CLASSES, "virtual_alias_maps": "texthash:{tables}/aliases",
        "recipient_delimiter": "+"}, {"aliases": ALIASES},
        every(SENDERS[:1], LOCALS, ("here.test", "away.test", "alias.test",
                                    "relayed.test")) +
        every(SENDERS[:1], ("one", "two", "three", "self", "both", "quoted",
                            "bare", "one+ext", "bare+ext"),
              ("chain.test",)) +
        [("ann@away.test", "postmaster")]),
    "no_propagation": ({
        **CLASSES, "virtual_alias_maps": "texthash:{tables}/aliases",
        "recipient_delimiter": "+", "propagate_unmatched_extensions": ""},
        {"aliases": ALIASES},
        every(SENDERS[:1], ("joe", "joe+ext", "one+ext"),
              ("here.test", "away.test", "alias.test", "chain.test"))),
    "canonical": ({
        **CLASSES, "canonical_maps": "texthash:{tables}/canonical",
        "recipient_delimiter": "+"}, {"canonical": CANONICAL},
        every(SENDERS[:1], LOCALS, ("here.test", "away.test", "sub.away.test",
                                    "box.test", "relayed.test"))),
    "masquerade": ({
        "masquerade_domains": "!not.away.test, away.test",
        "masquerade_classes": "envelope_recipient",
        "masquerade_exceptions": "root"}, {},
        every(SENDERS[:1], ("joe", "root"),
              ("away.test", "sub.away.test", "a.sub.away.test",
               "not.away.test", "b.not.away.test", "here.test"))),
    "copies": ({
        **CLASSES, "always_bcc": "all@box.test",
        "sender_bcc_maps": "inline:{ann@away.test=sent@relayed.test}",
        "recipient_bcc_maps": "inline:{@alias.test=got, joe=j@away.test}",
        "virtual_alias_maps": "inline:{joe@alias.test=joe@here.test}"}, {},
        every(SENDERS, ("joe", "a.b"), ("here.test", "away.test",
                                        "alias.test"))),
}
