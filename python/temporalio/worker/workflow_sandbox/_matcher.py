"""Which names are restricted, as a tree."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

_ANY = "*"


class RestrictionContext:
    """What an environment is doing now. Restrictions may depend on it."""

    def __init__(self) -> None:
        """Start with loading modules."""
        self.is_runtime = False
        """Whether a workflow runs. False while its modules are loaded."""
        self.in_activation = False
        """Whether a workflow handles an activation. False while it is made as well."""


@dataclass(frozen=True)
class SandboxMatcher:
    """Matches paths of names, level by level. Never changed once it is made.

    In sets of names and as a child's name, ``*`` stands for all names.
    """

    access: set[str] = frozenset()  # type: ignore[assignment]
    """Names that must not even be accessed."""

    use: set[str] = frozenset()  # type: ignore[assignment]
    """Names that may be accessed, as an import does, but not used, as a call does."""

    children: Mapping[str, SandboxMatcher] = field(default_factory=dict)
    """Matchers of the next level by name."""

    match_self: bool = False
    """Whether this matcher matches whatever path led to it, and all below."""

    only_runtime: bool = False
    """Whether nothing matches here while modules are loaded."""

    leaf_message: str | None = None
    """What to say in place of the usual message. Demands :py:attr:`match_self`."""

    leaf_warning: type[Warning] | None = None
    """Category of a warning to issue in place of the error. Demands :py:attr:`match_self`."""

    exclude: set[str] = frozenset()  # type: ignore[assignment]
    """Names that never match, whatever else says so."""

    all: ClassVar[SandboxMatcher]
    """Matches everything."""

    all_runtime: ClassVar[SandboxMatcher]
    """Matches everything while a workflow runs."""

    none: ClassVar[SandboxMatcher]
    """Matches nothing."""

    all_uses: ClassVar[SandboxMatcher]
    """Matches each use."""

    all_uses_runtime: ClassVar[SandboxMatcher]
    """Matches each use while a workflow runs."""

    def __post_init__(self) -> None:
        """Check the combination.

        Raises:
            ValueError: There is a message or a warning without ``match_self``.
        """
        for name in ("leaf_message", "leaf_warning"):
            if getattr(self, name) and not self.match_self:
                raise ValueError(f"Cannot set {name} without match_self")

    @classmethod
    def nested_child(cls, path: Sequence[str], child: SandboxMatcher) -> SandboxMatcher:
        """Return a matcher with ``child`` at the end of a path.

        Args:
            path: Names that lead to the child, the outermost first.
            child: What to put there.
        """
        nested = child
        for name in reversed(path):
            nested = cls(children={name: nested})
        return nested

    def access_matcher(
        self, context: RestrictionContext, *child_path: str, include_use: bool = False
    ) -> SandboxMatcher | None:
        """Return the matcher that forbids access to a path, if any.

        Args:
            context: What the environment is doing.
            child_path: Names that lead to what is accessed.
            include_use: Count :py:attr:`use` as well.
        """
        matcher = self
        for name in child_path:
            if name in matcher.exclude or matcher._sleeps(context):
                return None
            if matcher.match_self or _has(matcher.access, name):
                return matcher
            if include_use and _has(matcher.use, name):
                return matcher
            below = matcher._child(name)
            if below is None:
                return None
            matcher = below
        return matcher if matcher.match_self and not matcher._sleeps(context) else None

    def match_access(
        self, context: RestrictionContext, *child_path: str, include_use: bool = False
    ) -> bool:
        """Return whether access to a path is forbidden. See :py:meth:`access_matcher`.

        Args:
            context: What the environment is doing.
            child_path: Names that lead to what is accessed.
            include_use: Count :py:attr:`use` as well.
        """
        return self.access_matcher(context, *child_path, include_use=include_use) is not None

    def child_matcher(self, *child_path: str) -> SandboxMatcher | None:
        """Return the matcher for what lies below a path, if anything there is restricted.

        Other than for an access, a name in :py:attr:`use` restricts all below it.

        Args:
            child_path: Names that lead to the child.
        """
        matcher = self
        only_runtime = self.only_runtime
        for name in child_path:
            if name in matcher.exclude:
                return None
            if matcher.match_self or _has(matcher.access, name) or _has(matcher.use, name):
                return SandboxMatcher.all_runtime if only_runtime else SandboxMatcher.all
            below = matcher._child(name)
            if below is None:
                return None
            matcher = below
            only_runtime = only_runtime or matcher.only_runtime
        return matcher

    def with_child_unrestricted(self, *child_path: str) -> SandboxMatcher:
        """Return this matcher without what restricts a path.

        Names that are restricted by ``*`` only stay so.

        Args:
            child_path: Names that lead to what shall be free.
        """
        assert child_path, "a path of at least one name is needed"
        name, *rest = child_path
        changed: dict[str, Any] = {}
        if name in self.children:
            changed["children"] = children = dict(self.children)
            freed = children.pop(name)
            if rest:
                changed["children"] = {
                    key: freed.with_child_unrestricted(*rest) if key == name else child
                    for key, child in self.children.items()
                }
        if not rest:
            for kind in ("access", "use"):
                names: set[str] = getattr(self, kind)
                if name in names:
                    changed[kind] = set(names) - {name}
        return dataclasses.replace(self, **changed) if changed else self

    def __or__(self, other: SandboxMatcher) -> SandboxMatcher:
        """Return a matcher of what either matches.

        Raises:
            ValueError: They differ in what holds for a matcher as a whole.
        """
        for name, what in _COMMON.items():
            if getattr(self, name) != getattr(other, name):
                raise ValueError(f"Cannot combine {what}")
        if self.match_self or other.match_self:
            return SandboxMatcher.all
        children = dict(self.children)
        for name, child in other.children.items():
            children[name] = children[name] | child if name in children else child
        return SandboxMatcher(
            access=self.access | other.access,
            use=self.use | other.use,
            children=children,
            only_runtime=self.only_runtime,
            leaf_message=self.leaf_message,
            leaf_warning=self.leaf_warning,
        )

    def _sleeps(self, context: RestrictionContext) -> bool:
        return self.only_runtime and not context.is_runtime

    def _child(self, name: str) -> SandboxMatcher | None:
        return self.children.get(name) or self.children.get(_ANY)


def _has(names: set[str], name: str) -> bool:
    return name in names or _ANY in names


_COMMON = {
    "only_runtime": "only-runtime and non-only-runtime",
    "leaf_message": "different messages",
    "leaf_warning": "different warning values",
}

SandboxMatcher.all = SandboxMatcher(match_self=True)
SandboxMatcher.all_runtime = SandboxMatcher(match_self=True, only_runtime=True)
SandboxMatcher.none = SandboxMatcher()
SandboxMatcher.all_uses = SandboxMatcher(use={_ANY})
SandboxMatcher.all_uses_runtime = SandboxMatcher(use={_ANY}, only_runtime=True)
