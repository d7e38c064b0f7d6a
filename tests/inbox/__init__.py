"""The inbox: kept once, handled once, nothing missed."""
