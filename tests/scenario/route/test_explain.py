# SPDX-License-Identifier: MIT
"""postern explain: what would become of mail, and why."""

import json

import pytest

PARAMETERS = {
    "canonical_maps": "texthash:{config}/canonical",
    "virtual_alias_maps": "inline:{joe@here.example=ann@mail.example}",
    "always_bcc": "all@copy.example",
    "transport_maps": "inline:{copy.example=smtp:[127.0.0.1]:1}",
    "smtp_destination_recipient_limit": "7",
    "mynetworks": "192.0.2.0/24",
}


@pytest.fixture
def instance(make_instance):
    made = make_instance(start=False)
    (made.config / "canonical").write_text("jo@here.example joe\n"
                                           "joe joe@here.example\n")
    made.parameters.update({
        name: value.format(config=made.config) if "{config}" in value
        else value for name, value in PARAMETERS.items()})
    made.write_main_cf()
    return made


def explain(instance, *arguments, check=True):
    return instance.run("postern", "explain", *arguments,
                        check=check).stdout.decode()


def test_text(instance):
    text = explain(instance, "--from", "bob", "jo@here.example")
    table = f"texthash:{instance.config}/canonical"
    for line in (
            'sender <bob@mail.example>',
            'recipient <jo@here.example>',
            f'canonical_maps {table}: "jo@here.example" has "joe"',
            'canonical_maps -> joe@here.example',
            'virtual_alias_maps inline:{joe@here.example=ann@mail.example}: '
            '"joe@here.example" has "ann@mail.example"',
            'delivery to <ann@mail.example>',
            'mydestination -> mail.example',
            'class local', 'transport local', 'next hop mail.example',
            'delivery to <all@copy.example>', 'copy because of always_bcc',
            'transport_maps -> smtp:[127.0.0.1]:1',
            'class default', 'transport smtp', 'next hop [127.0.0.1]:1',
            'smtp_destination_recipient_limit = 7'):
        assert line in [" ".join(one.split()) for one in text.splitlines()], \
            f"{line}\n{text}"


def test_nothing_is_sent(instance):
    explain(instance, "jo@here.example")
    assert not instance.queue.exists() or instance.queue_is_empty()


def test_json(instance):
    answer, = map(json.loads, explain(
        instance, "--json", "--client", "192.0.2.1", "jo@here.example")
        .splitlines())
    assert answer["sender"] == ""
    assert answer["recipient"] == "joe@here.example"
    assert answer["steps"][0] == {
        "parameter": "canonical_maps",
        "table": f"texthash:{instance.config}/canonical",
        "key": "jo@here.example", "value": "joe"}
    assert answer["access"] == {"in_mynetworks": True, "destination": False,
                                "known": True, "refusal": ""}
    assert [(one["recipient"], one["reason"], one["class"], one["transport"],
             one["next_hop"]) for one in answer["deliveries"]] == [
        ("ann@mail.example", "recipient", "local", "local", "mail.example"),
        ("all@copy.example", "always_bcc", "default", "smtp",
         "[127.0.0.1]:1")]
    assert answer["deliveries"][1]["limits"][
        "smtp_destination_recipient_limit"] == "7"


@pytest.mark.parametrize("address,client,verdict", [
    ("alice@mail.example", "198.51.100.1", "accepted"),
    ("nosuchuser@mail.example", "198.51.100.1",
     "refused: recipient unknown"),
    ("x@far.example", "198.51.100.1", "refused: relay access denied"),
    ("x@far.example", "192.0.2.77", "accepted"),
])
def test_access(instance, address, client, verdict):
    text = explain(instance, "--client", client, address)
    assert f"{'verdict':28} {verdict}\n" in text


def test_no_answer(make_instance):
    instance = make_instance(start=False, parameters={
        "virtual_alias_maps": "fail:x", "virtual_alias_domains": ""})
    result = instance.run("postern", "explain", "a@b.example", check=False)
    assert result.returncode == 75
    assert b"try again later: " in result.stdout
    answer = json.loads(instance.run("postern", "explain", "--json",
                                     "a@b.example", check=False).stdout)
    assert answer["try_again"] and answer["deliveries"] == []


@pytest.mark.parametrize("arguments,status,words", [
    ([], 64, "usage: postern "),
    (["--nosuch", "a@b"], 64, "usage: postern "),
    (["a@@"], 65, "is no address"),
    (["--client", "host", "a@b"], 65, "--client needs an IP address"),
])
def test_bad_arguments(instance, arguments, status, words):
    result = instance.run("postern", "explain", *arguments, check=False)
    assert result.returncode == status
    assert words in result.stderr.decode()
