"""Recorded histories, and the gate that replays them (Compatibility, the gate)."""
