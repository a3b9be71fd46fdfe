"""Cuts GitHub's GraphQL schema down to the fields in graphql_fields.json."""

from __future__ import annotations

import json

import graphql
from graphql.language import ast

from tests.github.description.operations import HERE

#: Fields to keep, by the object type or interface that has them: add one there and cut again.
FIELDS: dict[str, set[str]] = {
    name: set(fields.split())
    for name, fields in json.loads((HERE / "graphql_fields.json").read_text()).items()
}
#: What may be left out of a definition without changing what it means.
_EMPTY = {"description": None, "directives": ()}

type_of = graphql.get_named_type


def cut(text: str) -> str:
    """The slice in GraphQL's schema language, valid by itself."""
    whole = graphql.build_schema(text, assume_valid=True)
    kept = _kept_types(whole)
    fields = {name: _fields(whole, name, kept) for name in sorted(kept) if _has_fields(whole, name)}
    leaves = _reached(whole, fields)
    definitions = []
    for name in sorted({*kept, *leaves}):
        definition = whole.type_map[name].ast_node
        if definition is not None:
            definitions.append(_pruned(definition, whole, kept, fields))
    schema = graphql.print_ast(ast.DocumentNode(definitions=tuple(definitions)))
    if errors := graphql.validate_schema(graphql.build_schema(schema)):
        raise SystemExit("the slice is no valid schema: " + "; ".join(each.message for each in errors))
    return schema


def _has_fields(whole: graphql.GraphQLSchema, name: str) -> bool:
    return isinstance(whole.type_map[name], graphql.GraphQLObjectType | graphql.GraphQLInterfaceType)


def _kept_types(whole: graphql.GraphQLSchema) -> set[str]:
    """The listed types, their lists, the answers of the listed mutations, and unions of kept types."""
    kept = set(FIELDS)
    if missing := kept - whole.type_map.keys():
        raise SystemExit(f"not in this schema: {', '.join(sorted(missing))}")
    mutations = whole.type_map["Mutation"].fields
    kept |= {type_of(mutations[name].type).name for name in FIELDS["Mutation"] if name in mutations}
    for owner, names in FIELDS.items():
        for name in names:
            field = whole.type_map[owner].fields.get(name)
            if field is None:
                raise SystemExit(f"not in this schema: {owner}.{name}")
            reached = type_of(field.type)
            if reached.name.endswith("Connection"):
                kept.add(reached.name)
                kept.add(type_of(reached.fields["edges"].type).name)
            elif isinstance(reached, graphql.GraphQLUnionType):
                kept.add(reached.name)
            elif not graphql.is_leaf_type(reached) and reached.name not in kept:
                raise SystemExit(f"{owner}.{name} is a {reached.name}, which is not listed")
    return kept


def _fields(whole: graphql.GraphQLSchema, name: str, kept: set[str]) -> set[str]:
    """The fields to keep of a type: the listed ones and its interfaces'; of an answer all that lead to kept types."""
    of = whole.type_map[name]
    if name in FIELDS:
        return FIELDS[name].union(*(FIELDS[each.name] for each in of.interfaces if each.name in FIELDS))
    return {
        each
        for each, field in of.fields.items()
        if type_of(field.type).name in kept or graphql.is_leaf_type(type_of(field.type))
    }


def _reached(whole: graphql.GraphQLSchema, fields: dict[str, set[str]]) -> set[str]:
    """Scalars, enums and inputs that the kept fields and their arguments need."""
    waiting = []
    for owner, names in fields.items():
        for name in names:
            field = whole.type_map[owner].fields[name]
            waiting += [type_of(field.type), *(type_of(each.type) for each in field.args.values())]
    found: set[str] = set()
    while waiting:
        each = waiting.pop()
        if each.name in found or not (graphql.is_leaf_type(each) or graphql.is_input_type(each)):
            continue
        found.add(each.name)
        if isinstance(each, graphql.GraphQLInputObjectType):
            waiting += [type_of(field.type) for field in each.fields.values()]
    return found


def _pruned(
    node: ast.Node, whole: graphql.GraphQLSchema, kept: set[str], fields: dict[str, set[str]]
) -> ast.TypeDefinitionNode:
    changes = dict(_EMPTY)
    name = node.name.value
    if name in fields:
        changes["fields"] = tuple(_bare(each) for each in node.fields if each.name.value in fields[name])
        changes["interfaces"] = tuple(each for each in node.interfaces or () if each.name.value in kept)
    elif isinstance(node, ast.InputObjectTypeDefinitionNode):
        changes["fields"] = tuple(_bare(each) for each in node.fields)
    elif isinstance(node, ast.EnumTypeDefinitionNode):
        changes["values"] = tuple(_bare(each) for each in node.values)
    elif isinstance(node, ast.UnionTypeDefinitionNode):
        changes["types"] = tuple(each for each in node.types if each.name.value in kept)
    return _with(node, changes)


def _bare(node: ast.Node) -> ast.Node:
    changes = dict(_EMPTY)
    if isinstance(node, ast.FieldDefinitionNode):
        changes["arguments"] = tuple(_bare(each) for each in node.arguments or ())
    return _with(node, changes)


def _with(node: ast.Node, changes: dict) -> ast.Node:
    return type(node)(**{key: changes.get(key, getattr(node, key, None)) for key in node.keys})
