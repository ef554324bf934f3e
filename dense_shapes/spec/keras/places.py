"""Where the parts of a config stand: a path in JSON, lines in YAML."""

from __future__ import annotations

from typing import Any

from dense_shapes.model import Origin
from dense_shapes.source import Source, Span
from dense_shapes.spec.nodes import Mapping, Node, Sequence, path_text

Path = tuple[str | int, ...]


class Places:
    """Finds the places of one file.

    Attributes:
        source: The file; None for data that was never a text.
        root: The tree of a YAML file, whose nodes know their lines.
    """

    __slots__ = ("root", "source")

    def __init__(self, source: Source | None, root: Node | None = None) -> None:
        self.source = source
        self.root = root

    def span(self, path: Path) -> Span | None:
        """Return where the value at a path stands, or what is around it, in a file of lines."""
        node: Node | None = self.root
        found = node
        for key in path:
            if isinstance(node, Mapping) and isinstance(key, str):
                node = node.get(key)
            elif isinstance(node, Sequence) and type(key) is int and key < len(node.items):
                node = node.items[key]
            else:
                node = None
            if node is None:
                break
            found = node
        return found.span if found is not None else None

    def at(self, path: Path) -> dict[str, Any]:
        """Return a place as a Diagnostic takes it: `span`, `source` and `where`."""
        if self.root is not None:
            return {"span": self.span(path), "source": self.source}
        return {"where": self.where(path), "source": self.source}

    def where(self, path: Path) -> str | None:
        """Return a place as a path, such as `layers[3].config.strides`."""
        for outer in ("modelTopology", "model_config", "config"):
            if path[:1] == (outer,):
                path = path[1:]
        if path and type(path[0]) is int:
            # In Keras 1, the config of a Sequential is the list of its layers.
            path = ("layers", *path)
        return path_text(path) or None


class LayerOrigin(Origin):
    """Where a layer of a config was described.

    Attributes:
        path: Where its mapping stands.
        names: What the file calls options that have another name today.
    """

    __slots__ = ("names", "path", "places")

    def __init__(self, places: Places, path: Path) -> None:
        self.places = places
        self.path = path
        self.names: dict[str, str] = {}

    def full(self, field: str | None, path: tuple[int, ...] = ()) -> Path:
        """Return the path of an option, or of the layer."""
        if field is None:
            return self.path
        return (*self.path, "config", self.names.get(field, field), *path)

    def span(self, field: str | None = None, path: tuple[int, ...] = ()) -> Span | None:
        """See `Origin.span`."""
        return self.places.span(self.full(field, path))

    def at(self, field: str | None = None, path: tuple[int, ...] = ()) -> dict[str, Any]:
        """See `Origin.at`."""
        return self.places.at(self.full(field, path))

    def where(self, field: str | None = None) -> str | None:
        """See `Origin.where`."""
        return None if self.places.root is not None else self.places.where(self.full(field))

    @property
    def line(self) -> int | None:
        """See `Origin.line`."""
        if self.places.root is None:
            return None
        span = self.span()
        return span.line if span else None
