#!/usr/bin/env python3
"""Write the methods of the raw gRPC services from the descriptors in `python/temporalio/api`.

    python protos/service_methods.py

Replaces `python/temporalio/service/_methods.py`, which is committed. Run it after
`protos/python_modules.py`; needs nothing but protobuf.
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType

from google.protobuf.descriptor import Descriptor, MethodDescriptor, ServiceDescriptor

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "python" / "temporalio" / "service" / "_methods.py"

SERVICES = [
    ("temporalio.api.workflowservice.v1.service_pb2", "WorkflowService"),
    ("temporalio.api.operatorservice.v1.service_pb2", "OperatorService"),
    ("temporalio.api.cloud.cloudservice.v1.service_pb2", "CloudService"),
    ("temporalio.api.testservice.v1.service_pb2", "TestService"),
    ("temporalio.bridge.proto.health.v1.health_pb2", "Health"),
]

HEAD = '''\
"""The calls of each gRPC service. Written by ``protos/service_methods.py``: do not edit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

{imports}

from ._base import ServiceBase
'''

CLASS = '''

class {name}Methods(ServiceBase):
    """The calls of ``{full_name}``."""

    _path = "/{full_name}/"
'''

METHOD = '''
    async def {python_name}(
        self,
        req: {request},
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {{}},
        timeout: timedelta | None = None,
    ) -> {response}:
        """Call ``{rpc}``."""
        return await self._call(
            "{rpc}", req, {response}, retry, metadata, timeout
        )
'''


def snake_case(name: str) -> str:
    """`GetDLQMessages` as `get_dlq_messages`."""
    words = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", words).lower()


def python_type(message: Descriptor) -> str:
    """The dotted name under which the package offers a message."""
    path = Path(message.file.name)
    if path.parts[0] == "google":
        return f"temporalio.service._well_known.{message.name}"
    package = ".".join([*path.parts[:-1], message.name])
    if path.parts[0] == "temporal":
        return package.replace("temporal.", "temporalio.", 1)
    return f"temporalio.bridge.proto.{package}"


def is_unary(method: MethodDescriptor) -> bool:
    return not (method.client_streaming or method.server_streaming)


def write_service(service: ServiceDescriptor, name: str) -> str:
    """The class of one service, its methods in alphabetical order."""
    text = CLASS.format(name=name, full_name=service.full_name)
    for method in sorted(filter(is_unary, service.methods), key=lambda each: each.name):
        text += METHOD.format(
            python_name=snake_case(method.name),
            request=python_type(method.input_type),
            response=python_type(method.output_type),
            rpc=method.name,
        )
    return text


def main() -> None:
    sys.path.insert(0, str(ROOT / "python"))
    body = ""
    for module_name, name in SERVICES:
        module: ModuleType = importlib.import_module(module_name)
        service = module.DESCRIPTOR.services_by_name[name]
        body += write_service(service, name.removesuffix("Service"))
    used = sorted(set(re.findall(r"\b(temporalio\.[\w.]+)\.[A-Z]\w+", body)))
    imports = "\n".join(f"import {each}" for each in used)
    TARGET.write_text(HEAD.format(imports=imports) + body)


if __name__ == "__main__":
    main()
