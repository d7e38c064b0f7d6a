"""Calls and objects that cannot be right: refused where they are made, with what to write instead."""
