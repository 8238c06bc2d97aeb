//! Changes of the workflow's search attributes and memo.
//!
//! | state | event | next state |
//! |---|---|---|
//! | issued | UpsertWorkflowSearchAttributes or WorkflowPropertiesModified | gone |
//!
//! What the event says is not compared: the server writes values in its own form.

use std::collections::HashMap;

use crate::{
    protos::{
        command::v1::{
            ModifyWorkflowPropertiesCommandAttributes,
            UpsertWorkflowSearchAttributesCommandAttributes, command,
        },
        common::v1::{Memo, SearchAttributes},
        enums::v1::CommandType,
        history::v1::UpsertWorkflowSearchAttributesEventAttributes,
    },
    workflow::{
        command::Command,
        commands::{Issue, Issuer},
    },
};

use super::Machines;

/// The search attribute that lists the patches of a run. It belongs to the SDK.
pub(super) const CHANGE_VERSION_KEY: &str = "TemporalChangeVersion";

impl Machines {
    /// Takes an upsert of workflow code.
    pub(super) fn issue_upsert(&mut self, command: Command, takes_commands: bool) {
        if !takes_commands {
            return;
        }
        match command {
            Command::UpsertSearchAttributes(attributes) => {
                let attributes = permitted(attributes, &self.run_id);
                self.workflow.upsert_search_attributes(&attributes);
                self.commands.issue(upsert_search_attributes(attributes));
            }
            Command::UpsertMemo(memo) => {
                self.commands.issue(upsert_memo(memo));
            }
            _ => {}
        }
    }
}

/// What is left of an upsert of workflow code.
///
/// One that touches [`CHANGE_VERSION_KEY`] goes out without content, as the official SDK sends it:
/// its place in history counts on replay.
fn permitted(mut attributes: SearchAttributes, run_id: &str) -> SearchAttributes {
    if attributes.indexed_fields.contains_key(CHANGE_VERSION_KEY) {
        tracing::warn!(
            run_id,
            "workflow code may not upsert the search attribute {CHANGE_VERSION_KEY}: the whole \
             upsert has no effect"
        );
        attributes.indexed_fields = HashMap::new();
    }
    attributes
}

pub(super) fn upsert_search_attributes(attributes: SearchAttributes) -> Issue {
    Issue {
        issuer: Issuer::SearchAttributesUpsert,
        kind: CommandType::UpsertWorkflowSearchAttributes,
        attributes: command::Attributes::UpsertWorkflowSearchAttributesCommandAttributes(Box::new(
            UpsertWorkflowSearchAttributesCommandAttributes {
                search_attributes: Some(attributes),
            },
        )),
        user_metadata: None,
        message: None,
    }
}

fn upsert_memo(memo: Memo) -> Issue {
    Issue {
        issuer: Issuer::MemoUpsert,
        kind: CommandType::ModifyWorkflowProperties,
        attributes: command::Attributes::ModifyWorkflowPropertiesCommandAttributes(Box::new(
            ModifyWorkflowPropertiesCommandAttributes {
                upserted_memo: Some(memo),
            },
        )),
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
