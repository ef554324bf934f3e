"""`dense-shapes layers`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from dense_shapes.cli.models import Plugins
from dense_shapes.cli.output import fail, has_color, is_ascii_only, warn, width_of, write


def _complete(incomplete: str) -> list[str]:
    """Return the layers whose names begin so, for the shell to offer."""
    from dense_shapes.layers import REGISTRY  # noqa: PLC0415 - only completion asks

    return [name for name in REGISTRY if name.lower().startswith(incomplete.lower())]


def layers(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", help="A layer; all families by default.", autocompletion=_complete
        ),
    ] = None,
    plugin: Plugins = None,
) -> None:
    """List all layers by family, or show one layer's options with types, defaults and docs.

    Examples: dense-shapes layers; dense-shapes layers Conv2D
    """
    from dense_shapes.layers import find_layer  # noqa: PLC0415 - after parsing
    from dense_shapes.plugins import PluginError, load_installed, load_plugins  # noqa: PLC0415
    from dense_shapes.render.language import PAGES, render_entry  # noqa: PLC0415
    from dense_shapes.render.pages import render_families, render_page  # noqa: PLC0415

    try:
        load_plugins(plugin or ())
    except PluginError as error:
        fail(str(error))
        raise typer.Exit(2) from None
    stream = sys.stdout
    look = {
        "width": width_of(stream),
        "ascii_only": is_ascii_only(stream),
        "bold": has_color(stream),
    }
    found = find_layer(name) if name is not None else None
    failures = load_installed() if found is None else []
    if name is None:
        write(render_families(**look))  # type: ignore[arg-type]
        for failure in failures:
            warn(failure)
        return
    found = found or find_layer(name)
    if found is None and name.lower() in PAGES:
        write(render_entry(name.lower(), **look))  # type: ignore[arg-type]
        return
    if found is None:
        fail(f"no layer {name!r}: {_guess(name)}")
        for failure in failures:
            warn(failure)
        raise typer.Exit(2)
    write(render_page(found, **look))  # type: ignore[arg-type]


def _guess(name: str) -> str:
    """Say which layers may have been meant."""
    from dense_shapes.layers import REGISTRY, operations  # noqa: PLC0415 - a right name needs none
    from dense_shapes.spec.kinds import type_guess  # noqa: PLC0415

    within = [known for known in REGISTRY | operations() if name.lower() in known.lower()]
    if len(name) > 2 and len(within) > 1:
        return f"those with it in their names are {', '.join(within)}"
    return type_guess(name) or "`dense-shapes layers` lists them all"
