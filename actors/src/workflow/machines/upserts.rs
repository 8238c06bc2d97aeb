//! Changes of the workflow's search attributes.

use crate::{
    protos::{
        command::v1::{UpsertWorkflowSearchAttributesCommandAttributes, command},
        common::v1::SearchAttributes,
        enums::v1::CommandType,
        history::v1::UpsertWorkflowSearchAttributesEventAttributes,
    },
    workflow::commands::{Issue, Issuer},
};

/// The search attribute that lists the patches of a run. It belongs to the SDK.
pub(super) const CHANGE_VERSION_KEY: &str = "TemporalChangeVersion";

pub(super) fn upsert_search_attributes(attributes: SearchAttributes) -> Issue {
    Issue {
        issuer: Issuer::SearchAttributesUpsert,
        kind: CommandType::UpsertWorkflowSearchAttributes,
        attributes: command::Attributes::UpsertWorkflowSearchAttributesCommandAttributes(
            UpsertWorkflowSearchAttributesCommandAttributes {
                search_attributes: Some(attributes),
            },
        ),
        user_metadata: None,
        message: None,
    }
}

/// True when the upsert in history is one that a patch has made.
pub(super) fn lists_patches(upserted: &UpsertWorkflowSearchAttributesEventAttributes) -> bool {
    upserted
        .search_attributes
        .as_ref()
        .is_some_and(|attributes| attributes.indexed_fields.contains_key(CHANGE_VERSION_KEY))
}
