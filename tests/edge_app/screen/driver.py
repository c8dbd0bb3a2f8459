"""``otak screen`` with workers that some files end."""

from __future__ import annotations

import sys
from functools import partial

from edge_app import cli
from edge_app.commands import screen
from edge_app.screen.local import LocalEngine
from tests.edge_app.screen.poisoned import MODULE

if __name__ == "__main__":
    setattr(screen, "LocalEngine", partial(LocalEngine, module=MODULE))  # noqa: B010 (not for mypy to know)
    sys.exit(cli.main())
