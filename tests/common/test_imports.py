"""What importing the package brings along, and what it leaves for later."""

from __future__ import annotations

import subprocess
import sys

import pytest

_IMPORT = "import sys, threading, temporalio.client, temporalio.worker\n"


def run(code: str) -> str:
    """Run code in an interpreter of its own that has imported client and worker."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT + code], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_protobuf_modules_and_debugger_are_left_for_later() -> None:
    late = "[name for name in sys.modules if name.endswith(('_pb2', '_pb2_grpc')) or name == 'pdb']"
    assert run(f"print({late})") == "[]"


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("temporalio.client._inputs", "temporalio.client.StartWorkflowInput"),
        ("temporalio.worker._replayer", "temporalio.worker.Replayer"),
        ("temporalio.worker._snapshot", "temporalio.worker.WorkerSnapshot"),
    ],
)
def test_what_few_programs_use_is_left_for_later(module: str, name: str) -> None:
    loaded = f"print({module!r} in sys.modules)\n"
    assert run(f"{loaded}assert {name}.__name__\n{loaded}") == "False\nTrue"


def test_no_thread_is_started() -> None:
    assert run("print(threading.active_count())") == "1"


@pytest.mark.parametrize(
    "expression",
    [
        "temporalio.api.common.v1.Payload",
        "temporalio.api.common.v1.message_pb2.Payload",
        "temporalio.api.workflowservice.v1.StartWorkflowExecutionRequest",
        "'Payload' in dir(temporalio.api.common.v1)",
        "pickle.loads(pickle.dumps(temporalio.common.RawValue(temporalio.api.common.v1.Payload())))",
        "typing.get_type_hints(temporalio.common.RawValue)['payload'].DESCRIPTOR",
    ],
)
def test_their_names_are_there_all_the_same(expression: str) -> None:
    assert run(f"import pickle, typing\nassert {expression}\nprint('there')") == "there"


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        run("temporalio.api.common.v1.Nothing")
    assert "has no attribute 'Nothing'" in caught.value.stderr


def test_nexus_is_left_for_the_first_failure() -> None:
    assert run("print('nexusrpc' in sys.modules)") == "False"
    converted = (
        "converter = temporalio.converter.DataConverter.default\n"
        "failure = temporalio.api.failure.v1.Failure()\n"
        "failure.nexus_handler_failure_info.type = 'NOT_FOUND'\n"
        "read = converter.failure_converter.from_failure(failure, converter.payload_converter)\n"
        "import nexusrpc\n"
        "print(type(read) is nexusrpc.HandlerError, read.type.name)"
    )
    assert run(converted) == "True NOT_FOUND"
