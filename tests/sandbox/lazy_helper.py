"""A module that is first imported by a running workflow."""

from temporalio import workflow

value = 1
in_sandbox = workflow.unsafe.in_sandbox()
