"""Layers of the user's own: modules named on the command line, and installed packages."""

from __future__ import annotations

from collections.abc import Iterable

GROUP = "dense_shapes.layers"
"""The entry-point group that installed packages use; each entry point is a module or a layer."""


class PluginError(RuntimeError):
    """A plugin module that cannot be loaded."""


def load_plugins(names: Iterable[str]) -> None:
    """Import the modules that define further layers.

    Raises:
        PluginError: A module is not found or fails, or a layer of its is called like another.
    """
    for name in names:
        import sys  # noqa: PLC0415 - only users of plugins pay for these
        from importlib import import_module  # noqa: PLC0415

        if "" not in sys.path:
            # An installed command does not look where the user is, as `python -m` does.
            sys.path.append("")
        try:
            import_module(name)
        except (Exception, SystemExit) as error:
            raise PluginError(f"plugin {name}: {type(error).__name__}: {error}") from error


_loaded = False


def load_installed() -> None:
    """Import the layers of installed packages, once; finding them costs some 50 ms.

    Raises:
        PluginError: One of them fails, or a layer of its is called like another.
    """
    global _loaded  # noqa: PLW0603 - a process loads them once, whoever asks
    if _loaded:
        return
    _loaded = True
    from importlib.metadata import entry_points  # noqa: PLC0415 - see above

    for point in entry_points(group=GROUP):
        try:
            point.load()
        except (Exception, SystemExit) as error:
            raise PluginError(
                f"plugin {point.name} ({point.value}): {type(error).__name__}: {error}"
            ) from error
