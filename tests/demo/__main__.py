"""``python -m tests.demo [CHECKOUT]``: see ``make demo``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.demo.run import DemoFailed, run


def main() -> int:
    """Runs the demo; its exit code."""
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    try:
        run(source, keep=bool(os.environ.get("KEEP")))
    except DemoFailed as reason:
        sys.stderr.write(f"demo: {reason}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
