"""OpenAPI's dialects of JSON Schema, made JSON Schema 2020-12: only what validates is kept."""

from __future__ import annotations

from typing import Any

Json = Any

#: Every `$ref` is absolute, so that a schema compiles alone against a registry that holds this one document.
COMPONENTS = "#/components/schemas/"
EMAIL = r"^[^@\s]+@[^@\s]+$"
_PLAIN = (
    "type", "format", "pattern", "enum", "const", "required", "minimum", "maximum", "minLength", "maxLength",
    "minItems", "maxItems", "minProperties", "maxProperties", "uniqueItems", "multipleOf",
)  # fmt: skip
_LISTS = ("oneOf", "anyOf", "allOf")  # oneOf in the source only


def schema(source: Json, document: str) -> Json:
    """A converted schema whose references go to `<document>#/$defs/<component>`.

    OpenAPI 3.0's `nullable` becomes a second type, or a null beside `oneOf`, `anyOf` and `allOf`, and its
    boolean `exclusiveMinimum` a number. `oneOf` becomes `anyOf`: GitHub writes it for forms of which several fit
    the same answer (a file's content and a submodule's).
    """
    if isinstance(source, bool):
        return source
    if "$ref" in source:
        return {"$ref": f"{document}#/$defs/{source['$ref'].removeprefix(COMPONENTS)}"}
    made: dict[str, Json] = {key: source[key] for key in _PLAIN if key in source}
    if made.get("format") == "email":
        # A bot's address, 1+name[bot]@users.noreply.github.com, is none by the standard.
        del made["format"]
        made["pattern"] = EMAIL
    if "properties" in source:
        made["properties"] = {name: schema(of, document) for name, of in source["properties"].items()}
    for key in ("items", "not", "additionalProperties"):
        if key in source:
            made[key] = schema(source[key], document)
    for key in _LISTS:
        if key in source:
            made.setdefault("anyOf" if key == "oneOf" else key, []).extend(
                schema(branch, document) for branch in source[key]
            )
    if "oneOf" in source and "anyOf" in source:
        raise ValueError(f"oneOf beside anyOf, of which one would be lost: {source}")
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if source.get(exclusive) is True:
            made[exclusive] = made.pop(bound)
        elif exclusive in source and source[exclusive] is not False:
            made[exclusive] = source[exclusive]
    return _nullable(made) if source.get("nullable") is True else made


def _nullable(made: dict[str, Json]) -> Json:
    if any(key in made for key in _LISTS):
        return {"anyOf": [made, {"type": "null"}]}
    if "type" in made:
        types = made["type"] if isinstance(made["type"], list) else [made["type"]]
        made["type"] = [*types, "null"] if "null" not in types else types
    if "enum" in made and None not in made["enum"]:
        made["enum"] = [*made["enum"], None]
    return made


def schema_of_request(source: Json, components: dict[str, Json]) -> Json:
    """A request body's schema, standing alone, in which unknown keys of described objects are errors.

    GitHub ignores keys that it does not know, even where its description allows them: a misspelled option has no
    effect and no error. References are written out, because the same component may be a lax part of an answer.
    """
    return _strict(_written_out(schema(source, ""), components, ()))


def _strict(source: Json, inside: bool = False) -> Json:
    """`inside`: it describes the same object as the schema around it (a branch of `anyOf`), which closes it."""
    if isinstance(source, bool):
        return source
    made = dict(source)
    if _described(made) and made.get("additionalProperties") in (True, {}):
        del made["additionalProperties"]
    if "properties" in made:
        made["properties"] = {name: _strict(of) for name, of in made["properties"].items()}
    for key in ("items", "additionalProperties"):
        if key in made:
            made[key] = _strict(made[key])
    for key in _LISTS:
        if key in made:
            made[key] = [_strict(branch, inside=True) for branch in made[key]]
    if not inside and _described(made):
        made["unevaluatedProperties"] = False
    return made


def _described(made: Json) -> bool:
    if isinstance(made, bool):
        return False
    return bool(made.get("properties")) or any(
        _described(branch) for key in _LISTS for branch in made.get(key, ())
    )


def references(source: Json) -> set[str]:
    """The names of the components that an OpenAPI or converted schema refers to, directly."""
    if isinstance(source, dict):
        found = {source["$ref"].rpartition("/")[2]} if isinstance(source.get("$ref"), str) else set()
        return found.union(*map(references, source.values()))
    if isinstance(source, list):
        return set().union(*map(references, source))
    return set()


def _written_out(converted: Json, components: dict[str, Json], seen: tuple[str, ...]) -> Json:
    if isinstance(converted, list):
        return [_written_out(each, components, seen) for each in converted]
    if not isinstance(converted, dict):
        return converted
    if isinstance(reference := converted.get("$ref"), str):
        name = reference.rpartition("/")[2]
        if name in seen:
            raise ValueError(f"the schema {name} of a request body holds itself: it cannot be written out")
        return _written_out(schema(components[name], ""), components, (*seen, name))
    return {key: _written_out(value, components, seen) for key, value in converted.items()}
