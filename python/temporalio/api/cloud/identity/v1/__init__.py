from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .message_pb2 import (
        Access,
        AccountAccess,
        ApiKey,
        ApiKeySpec,
        CloudGroupSpec,
        CustomRole,
        CustomRoleSpec,
        GoogleGroupSpec,
        Invitation,
        NamespaceAccess,
        NamespaceScopedAccess,
        OwnerType,
        SCIMGroupSpec,
        ServiceAccount,
        ServiceAccountNamespaceAssignment,
        ServiceAccountSpec,
        User,
        UserGroup,
        UserGroupMember,
        UserGroupMemberId,
        UserGroupNamespaceAssignment,
        UserGroupSpec,
        UserNamespaceAssignment,
        UserSpec,
    )

__all__ = [
    "Access",
    "AccountAccess",
    "ApiKey",
    "ApiKeySpec",
    "CloudGroupSpec",
    "CustomRole",
    "CustomRoleSpec",
    "GoogleGroupSpec",
    "Invitation",
    "NamespaceAccess",
    "NamespaceScopedAccess",
    "OwnerType",
    "SCIMGroupSpec",
    "ServiceAccount",
    "ServiceAccountNamespaceAssignment",
    "ServiceAccountSpec",
    "User",
    "UserGroup",
    "UserGroupMember",
    "UserGroupMemberId",
    "UserGroupNamespaceAssignment",
    "UserGroupSpec",
    "UserNamespaceAssignment",
    "UserSpec",
]

_modules = {
    "message_pb2": "Access AccountAccess ApiKey ApiKeySpec CloudGroupSpec CustomRole CustomRoleSpec GoogleGroupSpec Invitation NamespaceAccess NamespaceScopedAccess OwnerType SCIMGroupSpec ServiceAccount ServiceAccountNamespaceAssignment ServiceAccountSpec User UserGroup UserGroupMember UserGroupMemberId UserGroupNamespaceAssignment UserGroupSpec UserNamespaceAssignment UserSpec".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
