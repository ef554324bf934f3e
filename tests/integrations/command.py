"""The command `dense-shapes` as an installed one, for other programs to call."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

SCRIPT = f"""#!{sys.executable}
import sys
sys.path.insert(0, {str(ROOT)!r})
from dense_shapes.cli import main
main()
"""


def path_with_command(folder):
    """Write the command into a new folder, and return a PATH that begins there."""
    folder.mkdir()
    command = folder / "dense-shapes"
    command.write_text(SCRIPT)
    command.chmod(0o755)
    (folder / "python").symlink_to(sys.executable)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"
