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


_failures: list[str] | None = None


def load_installed() -> list[str]:
    """Import the layers of installed packages, once; finding them costs some 50 ms.

    Returns:
        What to say of each package that fails, or that has a layer called like another.
    """
    global _failures  # noqa: PLW0603 - a process loads them once, whoever asks
    if _failures is not None:
        return _failures
    _failures = []
    from importlib.metadata import entry_points  # noqa: PLC0415 - see above

    for point in entry_points(group=GROUP):
        try:
            point.load()
        except (Exception, SystemExit) as error:
            _failures.append(
                f"plugin {point.name} ({point.value}): {type(error).__name__}: {error}"
            )
    return _failures


def blame_installed() -> None:
    """Blame a type that nothing known comes near to on the installed packages that fail, if any.

    Raises:
        PluginError: One of them fails, so that the type may be of its layers.
    """
    if failures := load_installed():
        raise PluginError("; ".join(failures))
