"""The receivers of examples/, each in its own framework, with events that the sandbox sent."""
