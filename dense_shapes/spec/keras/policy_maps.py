"""Keras's maps of dtype policies, which have one for each path of a layer."""

from __future__ import annotations

import re
from typing import Any


def own_policy(value: dict[str, Any], name: Any, *, inside: bool) -> tuple[Any, list[str]]:
    """Return the policy of a layer, and the paths in the map under which there may be another.

    Keras looks for the layer's path, which is its name where it stands in a model, then for a
    pattern that the path fits, and takes the default where there is none. Patterns are not
    followed, nor are paths of the parts that a layer is made of.

    Args:
        value: The map.
        name: The layer's name.
        inside: Whether the layer stands in another one's option, with that one's path in front.
    """
    config = value.get("config")
    config = config if isinstance(config, dict) else {}
    policies = config.get("policy_map")
    policies = policies if isinstance(policies, dict) else {}
    own, name = config.get("default_policy"), str(name)
    if not inside and name in policies:
        own = policies[name]
    return own, [
        path
        for path in policies
        if _may_concern(path, name, inside) and _name(policies[path]) != _name(own)
    ]


def _may_concern(path: str, name: str, inside: bool) -> bool:
    """Tell whether a path or a pattern may be that of a layer, or of its parts."""
    literal = re.split(r"[.^$*+?{}\[\]\\|()]", path, maxsplit=1)[0]
    if inside:
        return literal != path or "/" in path
    begins = literal.startswith(f"{name}/")
    return begins or (literal != path and f"{name}/".startswith(literal) and path != name)


def _name(policy: Any) -> Any:
    """Return what tells a policy, which may be written by its name."""
    config = policy.get("config") if isinstance(policy, dict) else None
    return config.get("name", config) if isinstance(config, dict) else policy
