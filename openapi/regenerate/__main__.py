"""Makes `python openapi/regenerate` work as a path: finds the package, calls the command."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from regenerate.cli import main  # noqa: E402  (needs the line above)

if __name__ == "__main__":
    sys.exit(main())
