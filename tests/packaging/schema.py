"""Writes docs/patchwright.schema.json, which editors may use by its address: ``make schema``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from codemods.engine.settings.config_schema import json_schema

FILE = Path(__file__).parents[2] / "docs" / "patchwright.schema.json"


def published() -> dict[str, Any]:
    """What `patchwright schema` prints, but that a rule it does not know is let pass: an operator may add some."""
    schema = json_schema()
    properties = schema["properties"]
    for rules in (properties["rules"], properties["per-path"]["additionalProperties"]):
        rules["additionalProperties"] = next(iter(rules["properties"].values()))
    return {"title": "Patchwright's configuration of a repository", **schema}


if __name__ == "__main__":
    FILE.write_text(json.dumps(published(), indent=2) + "\n", encoding="utf-8")
