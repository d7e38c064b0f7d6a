"""The shops of examples/, in a real browser, against the sandbox's checkout page."""
