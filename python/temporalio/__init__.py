"""Callboard: durable workflows in Python on a runtime of Rust actors.

The API is that of the Temporal Python SDK. :py:mod:`temporalio.client` connects to a server,
:py:mod:`temporalio.worker` runs workflows and activities.
"""

from pkgutil import extend_path as _extend_path

# Separately installed distributions add packages below this one.
__path__ = _extend_path(__path__, __name__)
