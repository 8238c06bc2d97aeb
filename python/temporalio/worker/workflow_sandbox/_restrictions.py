"""What a sandbox lets through, and what it refuses."""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import dataclass
from typing import ClassVar

from temporalio.workflow import SandboxImportNotificationPolicy

from ._matcher import SandboxMatcher
from ._members import default_members


@dataclass(frozen=True)
class SandboxRestrictions:
    """How strict a sandbox is. Change it by the methods, each of which returns a new one."""

    passthrough_modules: set[str]
    """Modules that the sandbox does not load for itself but takes from outside, with all below them.

    Their state is shared by all runs."""

    invalid_modules: SandboxMatcher
    """Modules that must not be imported, by full name. It is mostly better to restrict members:
    then what no workflow runs may still import the module."""

    invalid_module_members: SandboxMatcher
    """Members of modules that workflows must not access or use, by full path."""

    import_notification_policy: SandboxImportNotificationPolicy = (
        SandboxImportNotificationPolicy.WARN_ON_DYNAMIC_IMPORT
    )
    """What to do about imports that may surprise."""

    passthrough_all_modules: bool = False
    """Take all modules from outside. Runs then share all state; members stay restricted."""

    disable_lazy_sys_module_passthrough: bool = False
    """Show in ``sys.modules`` only what was imported in the sandbox. Otherwise modules that pass
    through and are loaded outside are found there, too."""

    passthrough_modules_minimum: ClassVar[set[str]]
    """Modules without which no sandbox works."""

    passthrough_modules_with_temporal: ClassVar[set[str]]
    """The minimum, this package, and what it and common libraries need to be passed through."""

    passthrough_modules_maximum: ClassVar[set[str]]
    """All of :py:attr:`passthrough_modules_with_temporal` and the standard library."""

    passthrough_modules_default: ClassVar[set[str]]
    """What :py:attr:`default` passes through: :py:attr:`passthrough_modules_maximum`."""

    invalid_module_members_default: ClassVar[SandboxMatcher]
    """What :py:attr:`default` restricts: members that are known not to be deterministic."""

    default: ClassVar[SandboxRestrictions]
    """The default modules pass through, the default members are restricted, no module is invalid."""

    def with_passthrough_modules(self, *modules: str) -> SandboxRestrictions:
        """Return these restrictions with more modules passed through.

        Args:
            modules: Full names.
        """
        return dataclasses.replace(
            self, passthrough_modules=self.passthrough_modules.union(modules)
        )

    def with_passthrough_all_modules(self) -> SandboxRestrictions:
        """Return these restrictions with all modules passed through."""
        return dataclasses.replace(self, passthrough_all_modules=True)

    def with_import_notification_policy(
        self, policy: SandboxImportNotificationPolicy
    ) -> SandboxRestrictions:
        """Return these restrictions with another policy on imports.

        Args:
            policy: What to do about imports that may surprise.
        """
        return dataclasses.replace(self, import_notification_policy=policy)

    def passes_through(self, module: str) -> bool:
        """Return whether a module comes from outside because it or a parent is listed, or all are.

        Args:
            module: Its full name.
        """
        if self.passthrough_all_modules or module in self.passthrough_modules:
            return True
        dot = module.find(".")
        while dot != -1:
            if module[:dot] in self.passthrough_modules:
                return True
            dot = module.find(".", dot + 1)
        return False


SandboxRestrictions.passthrough_modules_minimum = {
    # Their metaclasses, caches or work at import do not bear being loaded twice.
    "google.protobuf",
    "grpc",
    "importlib",
    "importlib_metadata",
    "pathlib",
    "platform",
    "typing",
    "typing_extensions",
    "zipfile",
    # An extension module is loaded once in a process, and generated modules register themselves.
    "temporalio.api",
    "temporalio.bridge._callboard",
    "temporalio.bridge.proto",
    "temporalio.bridge.temporal_sdk_bridge",
}
SandboxRestrictions.passthrough_modules_with_temporal = (
    SandboxRestrictions.passthrough_modules_minimum
    | {
        "abc",
        "annotated_types",
        "asyncio",
        "nexusrpc",
        "pkg_resources",
        "pydantic",
        "pydantic_core",
        "temporalio",
    }
)
SandboxRestrictions.passthrough_modules_maximum = (
    SandboxRestrictions.passthrough_modules_with_temporal | (sys.stdlib_module_names - {"sys"})
)
SandboxRestrictions.passthrough_modules_default = SandboxRestrictions.passthrough_modules_maximum
SandboxRestrictions.invalid_module_members_default = default_members()
SandboxRestrictions.default = SandboxRestrictions(
    passthrough_modules=SandboxRestrictions.passthrough_modules_default,
    invalid_modules=SandboxMatcher.none,
    invalid_module_members=SandboxRestrictions.invalid_module_members_default,
)
