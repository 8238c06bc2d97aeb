#!/usr/bin/env python3
"""Write the protobuf modules of the Python package from the descriptors that `protos` is built from.

    pip install -r protos/python_modules.txt
    python protos/python_modules.py

Runs `cargo build` for the descriptor set, then protoc on it, and replaces everything below
`python/temporalio/api` and `python/temporalio/bridge/proto`. The output is committed, so that
installing the package needs none of these tools.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from google.protobuf import any_pb2, descriptor_pb2
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "python" / "temporalio"

# Where a proto's modules live in Python, by the beginning of its path.
PLACES = [
    ("temporal/api/", "temporalio/api/"),
    ("temporal/sdk/core/", "temporalio/bridge/proto/"),
    ("health/", "temporalio/bridge/proto/health/"),
]
# Protos that the crate carries as text but leaves out of its descriptor set: nothing else uses them.
NOT_DESCRIBED = ["temporal/api/sdk/v1/enhanced_stack_trace.proto"]
# Annotations for HTTP gateways and code generators. No caller needs them, and without them the
# modules import nothing beyond protobuf itself.
ANNOTATIONS = (
    "google/api/",
    "nexusannotations/",
    "protoc-gen-openapiv2/",
    "temporal/api/protometa/",
)


def read_descriptors() -> descriptor_pb2.FileDescriptorSet:
    """Build the `protos` crate and read the descriptor set its build script left."""
    build = subprocess.run(
        ["cargo", "build", "--package", "callboard-protos", "--message-format", "json"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    for line in build.stdout.splitlines():
        message = json.loads(line)
        if message["reason"] == "build-script-executed" and "/protos#" in message["package_id"]:
            data = Path(message["out_dir"], "descriptors.bin").read_bytes()
            return descriptor_pb2.FileDescriptorSet.FromString(data)
    raise SystemExit("cargo reported no build script output for callboard-protos")


def not_described() -> list[descriptor_pb2.FileDescriptorProto]:
    """Compile the protos that the descriptor set lacks, from the sources of the crate."""
    metadata = subprocess.run(
        ["cargo", "metadata", "--format-version", "1"], cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    packages = json.loads(metadata.stdout)["packages"]
    [crate] = [package for package in packages if package["name"] == "temporalio-protos"]
    sources = Path(crate["manifest_path"]).parent / "protos" / "api_upstream"
    with tempfile.NamedTemporaryFile() as out:
        options = [f"-I{sources}", f"--descriptor_set_out={out.name}", "--include_source_info"]
        if protoc.main(["protoc", *options, *NOT_DESCRIBED]) != 0:
            raise SystemExit("protoc failed")
        return list(descriptor_pb2.FileDescriptorSet.FromString(out.read()).file)


def without_annotations(descriptors: descriptor_pb2.FileDescriptorSet) -> None:
    """Drop the gateway annotations, and the imports that only they need."""
    kept = [file for file in descriptors.file if not file.name.startswith(ANNOTATIONS)]
    for file in kept:
        imports = [name for name in file.dependency if not name.startswith(ANNOTATIONS)]
        del file.dependency[:]
        file.dependency.extend(imports)
        for service in file.service:
            for method in service.method:
                # The annotations are extensions that this process knows nothing of.
                method.options.DiscardUnknownFields()
    del descriptors.file[:]
    descriptors.file.extend(kept)


def grpc_status() -> descriptor_pb2.FileDescriptorProto:
    """The status that gRPC sends in `grpc-status-details-bin`, under the name Temporal's API gives it."""
    file = descriptor_pb2.FileDescriptorProto(
        name="temporal/api/common/v1/grpc_status.proto",
        package="temporal.api.common.v1",
        dependency=[any_pb2.DESCRIPTOR.name],
        syntax="proto3",
    )
    message = file.message_type.add(name="GrpcStatus")
    field = descriptor_pb2.FieldDescriptorProto
    message.field.add(name="code", number=1, type=field.TYPE_INT32, label=field.LABEL_OPTIONAL)
    message.field.add(name="message", number=2, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL)
    message.field.add(
        name="details",
        number=3,
        type=field.TYPE_MESSAGE,
        label=field.LABEL_REPEATED,
        type_name=".google.protobuf.Any",
    )
    return file


def place_of(name: str) -> str | None:
    """Path below `python/` for a proto, or None where the package has no module for it."""
    for prefix, place in PLACES:
        if name.startswith(prefix):
            return place + name.removeprefix(prefix)
    return None


def run_protoc(descriptors: descriptor_pb2.FileDescriptorSet, out: Path) -> None:
    source = out / "descriptors.bin"
    source.write_bytes(descriptors.SerializeToString())
    ours = [file for file in descriptors.file if place_of(file.name)]
    services = [file.name for file in ours if file.service]
    base = ["protoc", f"--descriptor_set_in={source}"]
    for arguments in (
        [f"--python_out={out}", f"--mypy_out=quiet:{out}", *(file.name for file in ours)],
        [f"--grpc_python_out={out}", f"--mypy_grpc_out=quiet:{out}", *services],
    ):
        if protoc.main(base + arguments) != 0:
            raise SystemExit("protoc failed")
    source.unlink()


def relocated(text: str) -> str:
    """Python source with the names of our package in place of those that follow the proto paths."""
    text = re.sub(r"\btemporal\.api\.(?=[\w.]*_pb2)", "temporalio.api.", text)
    text = re.sub(r"\btemporal\.sdk\.core\.(?=[\w.]*_pb2)", "temporalio.bridge.proto.", text)
    text = re.sub(r"\bfrom temporal\.api\b", "from temporalio.api", text)
    text = re.sub(r"\bfrom temporal\.sdk\.core import", "from temporalio.bridge.proto import", text)
    text = re.sub(r"\bfrom temporal\.sdk\.core\b", "from temporalio.bridge.proto", text)
    return re.sub(
        r"(?<![\w.])health\.v1\.health_pb2", "temporalio.bridge.proto.health.v1.health_pb2", text
    )


def move_modules(out: Path) -> None:
    """Put the generated files where the package wants them."""
    for path in sorted([*out.rglob("*.py"), *out.rglob("*.pyi")]):
        place = place_of(path.relative_to(out).as_posix())
        assert place is not None, f"protoc wrote {path} from a proto that was not asked for"
        target = PACKAGE.parent / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(relocated(path.read_text()))


def write_packages(descriptors: descriptor_pb2.FileDescriptorSet) -> None:
    """One `__init__.py` a folder, naming every message, enum and (with grpcio) service in it."""
    names: dict[Path, dict[str, list[str]]] = defaultdict(dict)
    services: dict[Path, dict[str, list[str]]] = defaultdict(dict)
    for file in descriptors.file:
        place = place_of(file.name)
        if place is None:
            continue
        path = PACKAGE.parent / place
        defined = [*(m.name for m in file.message_type), *(e.name for e in file.enum_type)]
        if defined:
            names[path.parent][path.stem] = sorted(defined)
        if file.service:
            services[path.parent][path.stem] = [s.name for s in file.service]
    folders = {*names, *services}
    for folder in list(folders):
        while folder.parent != PACKAGE and folder.name != "proto":
            folder = folder.parent
            folders.add(folder)
    for folder in folders:
        if folder in names or folder in services:
            text = init_source(names.get(folder, {}), services.get(folder, {}))
        else:
            text = outer_source(sorted(inner.name for inner in folders if inner.parent == folder))
        (folder / "__init__.py").write_text(text)


def init_source(names: dict[str, list[str]], services: dict[str, list[str]]) -> str:
    """The source of a package that imports its modules when their names are first used."""
    messages = {f"{module}_pb2": defined for module, defined in sorted(names.items())}
    stubs = {
        f"{module}_pb2_grpc": [
            part
            for service in defined
            for part in (
                f"{service}Servicer",
                f"{service}Stub",
                f"add_{service}Servicer_to_server",
            )
        ]
        for module, defined in sorted(services.items())
    }
    every = sorted(name for defined in messages.values() for name in defined)
    lines = [
        "from typing import TYPE_CHECKING",
        "",
        "from temporalio._lazy import names_of as _names_of",
    ]
    if stubs:
        lines.insert(0, "from importlib.util import find_spec as _find_spec")
    lines += ["", "if TYPE_CHECKING:"]
    for module, defined in {**messages, **stubs}.items():
        lines += [
            f"    from .{module} import (",
            *(f"        {name}," for name in defined),
            "    )",
        ]
    lines += ["", "__all__ = [", *(f'    "{name}",' for name in every), "]"]
    lines += ["", "_modules = {", *entries(messages, 4), "}"]
    if stubs:
        lines += ["", "# The stubs need grpcio, which is optional.", 'if _find_spec("grpc"):']
        for defined in stubs.values():
            lines += ["    __all__ += [", *(f'        "{name}",' for name in defined), "    ]"]
        lines += ["    _modules |= {", *entries(stubs, 8), "    }"]
    return "\n".join([*lines, "", "__getattr__, __dir__ = _names_of(__name__, _modules)", ""])


def outer_source(packages: list[str]) -> str:
    """The source of a package that imports the packages in it when they are first used."""
    lines = [
        "from typing import TYPE_CHECKING",
        "",
        "from temporalio._lazy import names_of as _names_of",
        "",
        "if TYPE_CHECKING:",
        *(f"    from . import {package} as {package}" for package in packages),
        "",
        "__getattr__, __dir__ = _names_of(",
        "    __name__,",
        "    {",
        *(f'        "{package}": (),' for package in packages),
        "    },",
        ")",
        "",
    ]
    return "\n".join(lines)


def entries(modules: dict[str, list[str]], indent: int) -> list[str]:
    """The entries of a dictionary from module to names, one line each."""
    margin = " " * indent
    return [
        f"{margin}{module!r}: {' '.join(defined)!r}.split(),".replace("'", '"')
        for module, defined in modules.items()
    ]


def main() -> int:
    descriptors = read_descriptors()
    without_annotations(descriptors)
    descriptors.file.append(grpc_status())
    descriptors.file.extend(not_described())
    for folder in (PACKAGE / "api", PACKAGE / "bridge" / "proto"):
        shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as out:
        run_protoc(descriptors, Path(out))
        move_modules(Path(out))
    write_packages(descriptors)
    return 0


if __name__ == "__main__":
    sys.exit(main())
