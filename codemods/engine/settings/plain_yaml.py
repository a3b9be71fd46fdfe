"""YAML as plain data with line numbers; bounded, and without YAML's tags."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

Key = tuple[str | int, ...]
Lines = Mapping[Key, int]
_MOST_NODES = 5_000
_DEEPEST = 30
_PLAIN = "tag:yaml.org,2002:"


class YamlError(Exception):
    """The text can't be read as plain data; ``line`` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def read_yaml(text: str) -> tuple[object, dict[Key, int]]:
    """The data, and the line of every key and item by its path. Raises YamlError."""
    loader = yaml.SafeLoader("")
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(
            mark.line + 1 if mark else 0, f"does not parse: {error.problem or error.context}"
        ) from error
    except yaml.YAMLError as error:
        raise YamlError(0, f"does not parse: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise YamlError(0, "nested too deep") from error
    reader = _Reader(loader)
    data = None if node is None else reader.plain(node, ())
    return data, reader.lines


class _Reader:
    def __init__(self, loader: yaml.SafeLoader) -> None:
        self._loader = loader
        self._seen = 0
        self.lines: dict[Key, int] = {(): 1}

    def plain(self, node: yaml.Node, place: Key) -> object:
        """The node's data. Aliases count each time, so that a few lines can't become millions of values."""
        line = node.start_mark.line + 1
        self._seen += 1
        if self._seen > _MOST_NODES:
            raise YamlError(line, f"more than {_MOST_NODES:,} values")
        if len(place) > _DEEPEST:
            raise YamlError(line, "nested too deep")
        if not isinstance(node, yaml.ScalarNode) and node.tag not in {f"{_PLAIN}map", f"{_PLAIN}seq"}:
            raise YamlError(line, f"the tag {node.tag} is not plain data")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            items = []
            for number, item in enumerate(node.value):
                self.lines[*place, number] = item.start_mark.line + 1
                items.append(self.plain(item, (*place, number)))
            return items
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, place: Key) -> dict[str, object]:
        found: dict[str, object] = {}
        for its_key, value in node.value:
            line = its_key.start_mark.line + 1
            if not isinstance(its_key, yaml.ScalarNode):
                raise YamlError(line, "a key must be a word")
            name = str(its_key.value)
            if name in found:
                raise YamlError(line, f"{name} is given twice")
            self.lines[*place, name] = line
            found[name] = self.plain(value, (*place, name))
        return found

    def _scalar(self, node: yaml.Node) -> object:
        kind = node.tag.removeprefix(_PLAIN)
        if kind in {"timestamp", "str", "value"}:
            return str(node.value)
        if kind not in {"int", "float", "bool", "null"} or kind == node.tag:
            raise YamlError(node.start_mark.line + 1, f"the tag {node.tag} is not plain data")
        try:
            return self._loader.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            raise YamlError(node.start_mark.line + 1, f"not a value: {node.value}") from error
