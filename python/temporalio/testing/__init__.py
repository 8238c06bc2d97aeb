"""Environments in which workflows are tested."""

from __future__ import annotations

from ._workflow_environment import WorkflowEnvironment

__all__ = ["WorkflowEnvironment"]
