"""The command line: `zerogate …`."""
