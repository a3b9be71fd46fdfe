"""SARIF as its own schema has it, with fixes that can be applied."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

jsonschema_rs = pytest.importorskip("jsonschema_rs")
SCHEMA = Path(__file__).parent / "sarif" / "sarif-2.1.0-rtm.4.json"


@pytest.fixture(scope="module")
def validator():
    text = SCHEMA.read_text()
    # The schema's own mistake: a bracket that closes nothing, which strict engines refuse.
    schema = json.loads(text.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$"))
    return jsonschema_rs.validator_for(schema)


def sarif(patchwright, validator, *more):
    done = patchwright("check", "--select", "old-call", "--format", "sarif", *more)
    assert [error.message for error in validator.iter_errors(done.json)] == []
    (run,) = done.json["runs"]
    return run


def test_a_report_with_everything(patchwright, validator):
    patchwright.write("a.py", "x = '😀', old(1)\nold('show')\nold(2)  # patchwright: ignore[old-call]\n")
    patchwright.write("sub dir/ä.py", "old('unsafe')\n")
    patchwright.write("broken.py", "def (\n")
    run = sarif(patchwright, validator)
    driver = run["tool"]["driver"]
    (rule,) = driver["rules"]
    assert rule["id"] == "old-call"
    assert rule["shortDescription"]["text"] == "Calls of `old` where `new` is meant."
    assert rule["help"]["markdown"].startswith("# old-call")
    results = {
        (
            r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            r["level"],
            "fixes" in r,
            "suppressions" in r,
        )
        for r in run["results"]
    }
    assert results == {
        ("a.py", "warning", True, False),
        ("a.py", "note", False, False),
        ("a.py", "warning", False, True),
        ("sub%20dir/%C3%A4.py", "warning", False, False),
    }
    assert len({r["partialFingerprints"]["patchwright/v1"] for r in run["results"]}) == 4
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith("skipped broken.py: ")


def test_columns_count_utf16_units(patchwright, validator):
    patchwright.write("a.py", "x = '😀', old(1)\n")
    run = sarif(patchwright, validator)
    assert run["columnKind"] == "utf16CodeUnits"
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"]["startColumn"] == 11


def test_a_report_with_nothing(patchwright, validator):
    patchwright.write("a.py", "x = 1\n")
    assert sarif(patchwright, validator)["results"] == []


@pytest.mark.parametrize(
    "before",
    [
        "old(1)\n",
        "x = 1\nold(1)",
        "x = '😀'\r\nold(1)\r\n",
        "from lib import new\nold(1)",
        "\ufeffold(1)\n",
        "x = 1\rold(1)\r",
    ],
)
def test_fixes_can_be_applied(patchwright, validator, before):
    place = patchwright.write("a.py", before)
    run = sarif(patchwright, validator)
    (change,) = run["results"][0]["fixes"][0]["artifactChanges"]
    patchwright("fix", "--select", "old-call")
    expected = place.read_bytes().decode()
    assert applied(before.removeprefix("\ufeff"), change["replacements"]) == expected.removeprefix("\ufeff")


def applied(text: str, replacements: list[dict]) -> str:
    """``text`` with SARIF replacements carried out, in UTF-16 code units."""
    data = text.encode("utf-16-le")
    starts = [0]
    position = 0
    while position < len(data):
        unit = data[position : position + 2].decode("utf-16-le", "replace")
        position += 2
        if unit == "\r" and data[position : position + 2] == "\n".encode("utf-16-le"):
            position += 2
        if unit in "\r\n":
            starts.append(position)
    for replacement in reversed(replacements):
        region = replacement["deletedRegion"]
        start = starts[region["startLine"] - 1] + 2 * (region["startColumn"] - 1)
        end = starts[region["endLine"] - 1] + 2 * (region["endColumn"] - 1)
        data = data[:start] + replacement["insertedContent"]["text"].encode("utf-16-le") + data[end:]
    return data.decode("utf-16-le")
