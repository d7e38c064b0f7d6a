"""Changes one module in small ways, one at a time, and counts which of them no test notices."""
