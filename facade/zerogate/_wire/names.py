"""The table of names: what the contract calls otherwise than every table of ours does."""

from collections.abc import Mapping
from typing import Final

#: A model or enum as the contract calls it → as we do, where that is another name. With the builders of
#: `operations.py` and the imports of `types.py` it is all that a renaming contract touches.
RENAMED: Final[Mapping[str, str]] = {}
