"""Tests of the sandbox: what runs share, and what they must not."""
