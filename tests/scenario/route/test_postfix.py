# SPDX-License-Identifier: MIT
"""The same main.cf and tables lead mail the same way as in Postfix: rewritten
recipients, transports and next hops. postfix_facts.json is what Debian's
Postfix said; where it can be had it is asked again."""

import json
import pathlib
import re

import pytest

from tests.scenario.route.configurations import (BASE, CONFIGURATIONS,
                                                 TRANSPORTS)
from tests.support import postfix

FACTS = pathlib.Path(__file__).with_name("postfix_facts.json")

# What our server refuses: numeric names are no domains.
DIFFERENT = {("numbers", "user@1.2.3.4")}


def facts():
    return json.loads(FACTS.read_text())


def settings(name, tables):
    parameters = CONFIGURATIONS[name][0]
    return {key: value.replace("{tables}", str(tables))
            for key, value in {**BASE, **parameters}.items()}


def unquoted(address):
    """The internal form of what Postfix logs."""
    local, at, domain = address.rpartition("@")
    if local.startswith('"'):
        local = re.sub(r"\\(.)", r"\1", local[1:-1])
    return local + at + domain


def normal(recipient, transport, next_hop):
    """A domain in any case is the same; error: and retry: have a status."""
    local, at, domain = recipient.rpartition("@")
    if transport not in ("error", "retry"):
        next_hop = next_hop.lower()
    elif not re.match(r"[245]\.\d+\.\d+ ", next_hop):
        next_hop = f"{'5' if transport == 'error' else '4'}.0.0 {next_hop}"
    return local + at + domain.lower(), transport, next_hop


def explain(instance, questions):
    """As Postfix.route, from `postern explain`."""
    answers = []
    for sender in dict.fromkeys(sender for sender, _ in questions):
        recipients = [recipient for one, recipient in questions
                      if one == sender]
        lines = instance.run("postern", "explain", "--json", "--from", sender,
                             "--", *recipients).stdout.decode().splitlines()
        assert len(lines) == len(recipients)
        answers += [((sender, recipient), sorted({
            normal(delivery["recipient"], delivery["transport"],
                   delivery["next_hop"])
            for delivery in json.loads(line)["deliveries"]}))
            for recipient, line in zip(recipients, lines)]
    return dict(answers)


def test_enough():
    assert sum(len(questions) for _, _, questions
               in CONFIGURATIONS.values()) >= 300


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_same_routes(make_instance, name):
    _, tables, questions = CONFIGURATIONS[name]
    instance = make_instance(start=False)
    for table, text in tables.items():
        (instance.config / table).write_text(text)
    instance.parameters.update(settings(name, instance.config))
    instance.write_main_cf()
    pairs = [(question, fact) for question, fact
             in zip(questions, facts()[name], strict=True)
             if not isinstance(fact, str)   # those its smtpd refuses
             and (name, question[1]) not in DIFFERENT]
    ours = explain(instance, [question for question, _ in pairs])
    wrong = []
    for (sender, recipient), theirs in pairs:
        theirs = sorted({normal(unquoted(to), transport, next_hop)
                         for to, transport, next_hop in theirs})
        if ours[sender, recipient] != theirs:
            wrong.append(f"{sender} -> {recipient}:\n  ours   "
                         f"{ours[sender, recipient]}\n  Postfix {theirs}")
    assert not wrong, "\n".join(wrong)


def ask_postfix(tree, name):
    """What Postfix says, as the file of facts has it."""
    _, tables, questions = CONFIGURATIONS[name]
    server = postfix.Postfix(tree, {}, tables, TRANSPORTS)
    server.configure(settings(name, server.config))
    with server:
        return [answer if isinstance(answer, str) else
                [list(entry) for entry in answer]
                for answer in server.route(questions)]


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    try:
        yield postfix.unpack(tmp_path_factory.mktemp("postfix"))
    except postfix.Unavailable as reason:
        pytest.skip(f"no Postfix to ask: {reason}")


def folded(answers):
    """Postfix remembers a domain in the case of who asked first, which is a
    matter of chance."""
    return [answer if isinstance(answer, str) else
            [[to, transport, next_hop.lower()]
             for to, transport, next_hop in answer] for answer in answers]


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_facts_are_true(tree, name):
    assert folded(ask_postfix(tree, name)) == folded(facts()[name])
