"""Cuts what the tests need of GitHub's descriptions: see README.md.

    python -m tests.github.description.cut DIRECTORY...

Each DIRECTORY is one unpacked npm package (`npm pack NAME`, then `tar xf`): `@octokit/openapi`,
`@octokit/openapi-webhooks`, `@octokit/graphql-schema`, in any order.
The same packages give the same bytes.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

from tests.github.description import corrections, cut_graphql, cut_rest, cut_webhooks
from tests.github.description.graphql_exchange import SCHEMA
from tests.github.description.operations import REST
from tests.github.description.webhooks import WEBHOOKS
from tests.payloads import examples

DESCRIPTION = "generated/api.github.com.json"


def main(arguments: list[str]) -> None:
    """Cut again what is in the given packages."""
    packages: dict[str, Path] = {}
    for argument in arguments:
        manifest = Path(argument) / "package.json"
        if not manifest.is_file():
            raise SystemExit(f"{argument} is no unpacked npm package: there is no package.json in it")
        packages[json.loads(manifest.read_text())["name"]] = manifest.parent
    if "@octokit/openapi" in packages:
        source = json.loads((packages["@octokit/openapi"] / DESCRIPTION).read_text())
        corrections.correct_rest(source)
        store(REST, cut_rest.cut(source))
    if "@octokit/openapi-webhooks" in packages:
        source = json.loads((packages["@octokit/openapi-webhooks"] / DESCRIPTION).read_text())
        corrections.correct_webhooks(source)
        store(WEBHOOKS, cut_webhooks.cut(source, examples()))
    if "@octokit/graphql-schema" in packages:
        store_text(
            SCHEMA, cut_graphql.cut((packages["@octokit/graphql-schema"] / "schema.graphql").read_text())
        )
    if not packages:
        raise SystemExit(__doc__)


def store(path: Path, value: Any) -> None:
    """Write a value as compressed JSON, always the same bytes for the same value."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    store_text(path, text)


def store_text(path: Path, text: str) -> None:
    """Write a compressed text without a time in it."""
    data = gzip.compress(text.encode(), compresslevel=9, mtime=0)
    path.write_bytes(data)
    print(f"{path.name}: {len(text):,} characters, {len(data):,} bytes stored")


if __name__ == "__main__":
    main(sys.argv[1:])
