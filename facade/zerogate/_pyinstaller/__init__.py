"""Hooks for PyInstaller, which by itself finds no module that is imported by name."""


def hook_dirs() -> list[str]:
    """Return the folder of the hooks; PyInstaller asks for it by the distribution's entry point."""
    return list(__path__)
