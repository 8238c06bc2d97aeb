"""A module that cannot be loaded."""

raise ValueError("not today")
