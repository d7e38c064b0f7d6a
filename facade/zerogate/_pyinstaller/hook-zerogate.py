"""The modules that a frozen program takes along: an operation is imported when it is first called."""

from PyInstaller.utils.hooks import collect_submodules

hiddenimports = ["zerogate.types", *collect_submodules("zerogate_api")]
