"""Tests that last: memory over many workflows, kills, restarts, heartbeats in great number.

``CALLBOARD_LONG_TESTS=1`` runs the long form of each. What they measure goes to ``target/soak/``.
"""
