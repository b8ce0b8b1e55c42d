# SPDX-License-Identifier: MIT
"""attacks.tsv is complete, and names tests that exist."""

import pathlib
import re

HERE = pathlib.Path(__file__).parent
TESTS = HERE.parents[1]
NEED_TLS = {25, 26, 27}


def rows():
    for line in (HERE / "attacks.tsv").read_text().splitlines():
        if not line.startswith("#"):
            number, attack, tests = line.split("\t")
            yield int(number), attack, tests.split()


def exists(test):
    name, _, function = test.partition("::")
    path = TESTS / name if name.startswith("unit/") else HERE.parent / name
    pattern = rf"^(def )?{function}\("
    return path.is_file() and re.search(pattern, path.read_text(), re.M)


def test_every_attack_has_a_test():
    assert [number for number, _, _ in rows()] == [*range(1, 32),
                                                   *range(50, 59)]
    for number, attack, tests in rows():
        assert tests, attack
        if tests == ["-"]:
            assert number in NEED_TLS, (number, attack)


def test_the_tests_exist():
    missing = [(number, test) for number, _, tests in rows()
               for test in tests if test != "-" and not exists(test)]
    assert not missing
