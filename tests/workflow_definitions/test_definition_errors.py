"""What is wrong with a workflow class is said at its definition, in words that users search for."""

from __future__ import annotations

import re

import pytest

from .definition_source import execute

# Source, and the whole message of the ValueError.
BAD_CLASSES = {
    "no run method": (
        """
        @workflow.defn
        class Case: ...
        """,
        "Invalid workflow class: Missing @workflow.run method",
    ),
    "undecorated run method": (
        """
        @workflow.defn
        class Case:
            async def run(self) -> None: ...
        """,
        "Invalid workflow class: Missing @workflow.run method",
    ),
    "two run methods": (
        """
        @workflow.defn
        class Case:
            @workflow.run
            async def one(self) -> None: ...
            @workflow.run
            async def two(self) -> None: ...
        """,
        "Invalid workflow class: Multiple @workflow.run methods found (at least on two and one)",
    ),
    "run method only on a base": (
        """
        class Base:
            @workflow.run
            async def run(self) -> None: ...
        @workflow.defn
        class Case(Base): ...
        """,
        (
            "Invalid workflow class for 2 reasons: "
            "@workflow.run method run must be defined on Case, "
            "@workflow.run defined on Base.run but not on the override"
        ),
    ),
    "run method overridden without a decorator": (
        """
        class Base:
            @workflow.run
            async def run(self) -> None: ...
        @workflow.defn
        class Case(Base):
            async def run(self) -> None: ...
        """,
        "Invalid workflow class: @workflow.run defined on Base.run but not on the override",
    ),
    "run method overridden under another name": (
        """
        class Base:
            @workflow.run
            async def run(self) -> None: ...
        @workflow.defn
        class Case(Base):
            @workflow.run
            async def walk(self) -> None: ...
        """,
        (
            "Invalid workflow class for 2 reasons: "
            "@workflow.run method run must be defined on Case, "
            "@workflow.run defined on Base.run but not on the override"
        ),
    ),
    "nested class": (
        """
        class Outer:
            @workflow.defn
            class Case:
                @workflow.run
                async def run(self) -> None: ...
        """,
        "Invalid workflow class: @workflow.run method run must be defined on Outer.Case",
    ),
    "two handlers of a signal": (
        """
        @workflow.defn
        class Case:
            @workflow.run
            async def run(self) -> None: ...
            @workflow.signal
            def one(self) -> None: ...
            @workflow.signal(name="one")
            def two(self) -> None: ...
        """,
        "Invalid workflow class: Multiple signal methods found for one (at least on two and one)",
    ),
    "one handler under two names": (
        """
        @workflow.defn
        class Case:
            @workflow.run
            async def run(self) -> None: ...
            @workflow.query
            def one(self) -> int: ...
            alias = one
        """,
        "Invalid workflow class: Multiple query methods found for one (at least on one and one)",
    ),
    "two dynamic handlers of each kind": (
        """
        @workflow.defn
        class Case:
            @workflow.run
            async def run(self) -> None: ...
            @workflow.signal(dynamic=True)
            def signal_one(self, name: str, args: Sequence[RawValue]) -> None: ...
            @workflow.signal(dynamic=True)
            def signal_two(self, name: str, args: Sequence[RawValue]) -> None: ...
            @workflow.query(dynamic=True)
            def query_one(self, name: str, args: Sequence[RawValue]) -> int: ...
            @workflow.query(dynamic=True)
            def query_two(self, name: str, args: Sequence[RawValue]) -> int: ...
            @workflow.update(dynamic=True)
            def update_one(self, name: str, args: Sequence[RawValue]) -> int: ...
            @workflow.update(dynamic=True)
            def update_two(self, name: str, args: Sequence[RawValue]) -> int: ...
        """,
        (
            "Invalid workflow class for 3 reasons: "
            "Multiple query methods found for <dynamic> (at least on query_two and query_one), "
            "Multiple signal methods found for <dynamic> (at least on signal_two and signal_one), "
            "Multiple update methods found for <dynamic> (at least on update_two and update_one)"
        ),
    ),
    "handlers overridden without a decorator": (
        """
        class Base:
            @workflow.signal
            def on_signal(self) -> None: ...
            @workflow.query
            def on_query(self) -> int: ...
            @workflow.update
            def on_update(self) -> int: ...
        @workflow.defn
        class Case(Base):
            @workflow.run
            async def run(self) -> None: ...
            def on_signal(self) -> None: ...
            def on_query(self) -> int: ...
            def on_update(self) -> int: ...
        """,
        (
            "Invalid workflow class for 3 reasons: "
            "@workflow.query defined on Base.on_query but not on the override, "
            "@workflow.signal defined on Base.on_signal but not on the override, "
            "@workflow.update defined on Base.on_update but not on the override"
        ),
    ),
    "handler overridden under another signal name": (
        """
        class Base:
            @workflow.signal(name="first")
            def handler(self) -> None: ...
        @workflow.defn
        class Case(Base):
            @workflow.run
            async def run(self) -> None: ...
            @workflow.signal(name="second")
            def handler(self) -> None: ...
        """,
        "Invalid workflow class: @workflow.signal defined on Base.handler but not on the override",
    ),
    "init with other parameters": (
        """
        @workflow.defn
        class Case:
            @workflow.init
            def __init__(self, order: str) -> None: ...
            @workflow.run
            async def run(self, order: int) -> None: ...
        """,
        "Invalid workflow class: @workflow.init and @workflow.run method parameters do not match",
    ),
    "init with fewer parameters": (
        """
        @workflow.defn
        class Case:
            @workflow.init
            def __init__(self) -> None: ...
            @workflow.run
            async def run(self, order: int) -> None: ...
        """,
        "Invalid workflow class: @workflow.init and @workflow.run method parameters do not match",
    ),
    "validator with other parameters": (
        """
        @workflow.defn
        class Case:
            @workflow.run
            async def run(self) -> None: ...
            @workflow.update
            def change(self, to: int) -> None: ...
            @change.validator
            def check(self, to: str) -> None: ...
        """,
        (
            "Invalid workflow class: Update validator method check parameters "
            "do not match update method change parameters"
        ),
    ),
    "dynamic_config without dynamic": (
        """
        @workflow.defn
        class Case:
            @workflow.run
            async def run(self) -> None: ...
            @workflow.dynamic_config
            def config(self) -> workflow.DynamicWorkflowConfig: ...
        """,
        (
            "Invalid workflow class: @workflow.dynamic_config can only be used in dynamic workflows, "
            "but workflow class Case (Case) is not dynamic"
        ),
    ),
    "two dynamic_config": (
        """
        @workflow.defn(dynamic=True)
        class Case:
            @workflow.run
            async def run(self, args: Sequence[RawValue]) -> None: ...
            @workflow.dynamic_config
            def one(self) -> workflow.DynamicWorkflowConfig: ...
            @workflow.dynamic_config
            def two(self) -> workflow.DynamicWorkflowConfig: ...
        """,
        "Invalid workflow class: @workflow.dynamic_config can only be defined once per workflow",
    ),
    "everything at once": (
        """
        class Base:
            @workflow.signal
            def on_signal(self) -> None: ...
        @workflow.defn
        class Case(Base):
            @workflow.init
            def __init__(self, order: str) -> None: ...
            @workflow.run
            async def one(self) -> None: ...
            @workflow.run
            async def two(self) -> None: ...
            @workflow.query
            def asked(self) -> int: ...
            @workflow.query(name="asked")
            def asked_too(self) -> int: ...
            def on_signal(self) -> None: ...
        """,
        (
            "Invalid workflow class for 4 reasons: "
            "Multiple query methods found for asked (at least on asked_too and asked), "
            "Multiple @workflow.run methods found (at least on two and one), "
            "@workflow.signal defined on Base.on_signal but not on the override, "
            "@workflow.init and @workflow.run method parameters do not match"
        ),
    ),
    "decorated twice": (
        """
        @workflow.defn
        @workflow.defn
        class Case:
            @workflow.run
            async def run(self) -> None: ...
        """,
        "Class already contains workflow definition",
    ),
    "plain run method": (
        """
        class Case:
            @workflow.run
            def run(self) -> None: ...
        """,
        "Workflow run method must be an async function",
    ),
    "local class": (
        """
        def function() -> None:
            class Case:
                @workflow.run
                async def run(self) -> None: ...
        function()
        """,
        "Local classes unsupported, @workflow.run cannot be on a local class",
    ),
    "init on another method": (
        """
        class Case:
            @workflow.init
            def setup(self) -> None: ...
        """,
        "@workflow.init may only be used on the __init__ method",
    ),
    "async dynamic_config": (
        """
        class Case:
            @workflow.dynamic_config
            async def config(self) -> workflow.DynamicWorkflowConfig: ...
        """,
        "Workflow dynamic_config method must be synchronous",
    ),
    "dynamic_config with a parameter": (
        """
        class Case:
            @workflow.dynamic_config
            def config(self, more: int) -> workflow.DynamicWorkflowConfig: ...
        """,
        "Workflow dynamic_config method must only take self parameter",
    ),
    "async validator": (
        """
        class Case:
            @workflow.update
            def change(self) -> None: ...
            @change.validator
            async def check(self) -> None: ...
        """,
        "Update validator must not be an async function",
    ),
}

_HANDLER_PARAMETERS = "Dynamic handler must have 3 arguments: self, str, and Sequence[RawValue]"
_NAME_AND_DYNAMIC = "Cannot provide name and dynamic boolean"

# Source, and the whole message of the RuntimeError.
BAD_HANDLERS = {
    "signal with name and dynamic": (
        'workflow.signal(name="a", dynamic=True)',
        _NAME_AND_DYNAMIC,
    ),
    "query with name and dynamic": ('workflow.query(name="a", dynamic=True)', _NAME_AND_DYNAMIC),
    "update with name and dynamic": ('workflow.update(name="a", dynamic=True)', _NAME_AND_DYNAMIC),
    "query with nothing": (
        "workflow.query()",
        "Cannot create query without function or name or dynamic",
    ),
    "dynamic signal without a name": (
        """
        @workflow.signal(dynamic=True)
        def handler(self, args: Sequence[RawValue]) -> None: ...
        """,
        _HANDLER_PARAMETERS,
    ),
    "dynamic query without annotations": (
        """
        @workflow.query(dynamic=True)
        def handler(self, name, args) -> int: ...
        """,
        _HANDLER_PARAMETERS,
    ),
    "dynamic update of other values": (
        """
        @workflow.update(dynamic=True)
        def handler(self, name: str, args: Sequence[str]) -> None: ...
        """,
        _HANDLER_PARAMETERS,
    ),
    "dynamic signal with one more parameter": (
        """
        @workflow.signal(dynamic=True)
        def handler(self, name: str, args: Sequence[RawValue], more: int) -> None: ...
        """,
        _HANDLER_PARAMETERS,
    ),
    "dynamic update with varargs": (
        """
        @workflow.update(dynamic=True)
        def handler(self, name: str, *args: RawValue) -> None: ...
        """,
        "Dynamic updates do not support a vararg third param, use Sequence[RawValue]",
    ),
    "second validator": (
        """
        class Case:
            @workflow.update(name="change it")
            def change(self) -> None: ...
            @change.validator
            def one(self) -> None: ...
            @change.validator
            def two(self) -> None: ...
        """,
        "Validator already set for update change it",
    ),
}

_RAW_VALUES_ONLY = "Dynamic workflow must accept a single Sequence[temporalio.common.RawValue]"

# Source; the message of the TypeError is the same for all.
BAD_DYNAMIC_WORKFLOWS = {
    "no parameter": "async def run(self) -> None: ...",
    "no annotation": "async def run(self, args) -> None: ...",
    "other values": "async def run(self, args: Sequence[str]) -> None: ...",
    "one parameter more": "async def run(self, args: Sequence[RawValue], more: int) -> None: ...",
}


@pytest.mark.parametrize("case", BAD_CLASSES)
def test_bad_class(case: str) -> None:
    source, message = BAD_CLASSES[case]
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        execute(source)


@pytest.mark.parametrize("case", BAD_HANDLERS)
def test_bad_handler(case: str) -> None:
    source, message = BAD_HANDLERS[case]
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}$"):
        execute(source)


@pytest.mark.parametrize("case", BAD_DYNAMIC_WORKFLOWS)
def test_bad_dynamic_workflow(case: str) -> None:
    source = f"""
@workflow.defn(dynamic=True)
class Case:
    @workflow.run
    {BAD_DYNAMIC_WORKFLOWS[case]}
"""
    with pytest.raises(TypeError, match=f"^{re.escape(_RAW_VALUES_ONLY)}$"):
        execute(source)


# Source, and the start of the DeprecationWarning.
DEPRECATED = {
    "async query": (
        """
        @workflow.query
        async def handler(self) -> int: ...
        """,
        "Queries as async def functions are deprecated",
    ),
    "async query with a name": (
        """
        @workflow.query(name="other")
        async def handler(self) -> int: ...
        """,
        "Queries as async def functions are deprecated",
    ),
    "dynamic signal with varargs": (
        """
        @workflow.signal(dynamic=True)
        def handler(self, name: str, *args: object) -> None: ...
        """,
        "Dynamic signals with vararg third param is deprecated, use Sequence[RawValue]",
    ),
    "dynamic query with varargs": (
        """
        @workflow.query(dynamic=True)
        def handler(self, name: str, *args: object) -> int: ...
        """,
        "Dynamic queries with vararg third param is deprecated, use Sequence[RawValue]",
    ),
}


@pytest.mark.parametrize("case", DEPRECATED)
def test_deprecated_form_warns_at_the_users_line(case: str) -> None:
    source, message = DEPRECATED[case]
    with pytest.warns(DeprecationWarning, match=f"^{re.escape(message)}$") as warned:
        execute(source)
    assert [warning.filename for warning in warned] == ["<case>"]
