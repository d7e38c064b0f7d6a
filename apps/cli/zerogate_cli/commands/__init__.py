"""One module per command, each with `main(argv) -> int`; what it needs is imported when it runs."""
