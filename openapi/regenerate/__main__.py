"""Makes `python openapi/regenerate` work as a path: finds the package, calls the command."""

import gc
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)
# The validator's format of IRIs compiles 38 grammars as it is imported, two seconds of a bump. What contracts
# have are URLs, which it does not look at; where it is not installed, the validator goes without.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

from regenerate.cli import main  # noqa: E402  (needs the lines above)

if __name__ == "__main__":
    # Trees of a contract are millions of objects and no cycles worth a search: a fifth of a long bump's time.
    gc.disable()
    sys.exit(main())
