//! Flags that tell which behaviour of the SDK a workflow task was run with.
//!
//! What counts is what history says. A flag is written on the first live completion that used it,
//! and taken for recorded once the completion's event comes back.

use std::collections::BTreeSet;

use crate::protos::sdk::v1::WorkflowTaskCompletedMetadata;

use super::exchange::RunSettings;

/// Compare the id and type of activities, local activities and children with history.
const IDS_AND_TYPES_MATTER: u32 = 1;
/// Each patch also upserts a search attribute.
const PATCHES_UPSERT_ATTRIBUTE: u32 = 2;
/// The first command that ends the workflow moves to the end; others that follow it stay.
const END_COMES_LAST: u32 = 3;
/// Compare the service and operation of Nexus operations with history.
const NEXUS_NAMES_MATTER: u32 = 4;

const KNOWN: [u32; 4] = [
    IDS_AND_TYPES_MATTER,
    PATCHES_UPSERT_ATTRIBUTE,
    END_COMES_LAST,
    NEXUS_NAMES_MATTER,
];

/// The flags of one run.
#[derive(Debug, Default)]
pub(super) struct Flags {
    core: BTreeSet<u32>,
    lang: BTreeSet<u32>,
    /// Used outside replay, and not in history yet.
    used_lang: BTreeSet<u32>,
    sdk_name: String,
    sdk_version: String,
}

impl Flags {
    /// Takes over what a completed task recorded.
    pub(super) fn record(&mut self, metadata: &WorkflowTaskCompletedMetadata) {
        self.core.extend(&metadata.core_used_flags);
        self.lang.extend(&metadata.lang_used_flags);
        if !metadata.sdk_name.is_empty() {
            self.sdk_name.clone_from(&metadata.sdk_name);
        }
        if !metadata.sdk_version.is_empty() {
            self.sdk_version.clone_from(&metadata.sdk_version);
        }
    }

    pub(super) fn use_lang(&mut self, flags: Vec<u32>) {
        self.used_lang.extend(flags);
    }

    /// The language flags that hold for the current task.
    pub(super) fn available_lang(&self) -> Vec<u32> {
        self.lang.union(&self.used_lang).copied().collect()
    }

    /// The last task of a history is compared without the flag too.
    pub(super) fn compares_ids_and_types(&self, is_last_task: bool) -> bool {
        is_last_task || self.core.contains(&IDS_AND_TYPES_MATTER)
    }

    pub(super) fn patches_upsert_attribute(&self, replaying: bool, settings: &RunSettings) -> bool {
        self.holds(PATCHES_UPSERT_ATTRIBUTE, replaying, settings)
    }

    pub(super) fn end_comes_last(&self, replaying: bool, settings: &RunSettings) -> bool {
        self.holds(END_COMES_LAST, replaying, settings)
    }

    /// A flag counts when it is recorded, or is about to be.
    fn holds(&self, flag: u32, replaying: bool, settings: &RunSettings) -> bool {
        let will_be_recorded = !replaying && settings.server_capabilities.sdk_metadata;
        will_be_recorded || self.core.contains(&flag)
    }

    /// What a live completion records: flags that history does not hold, and who we are if the
    /// last one was someone else.
    pub(super) fn for_completion(
        &self,
        settings: &RunSettings,
    ) -> Option<WorkflowTaskCompletedMetadata> {
        settings
            .server_capabilities
            .sdk_metadata
            .then(|| WorkflowTaskCompletedMetadata {
                core_used_flags: KNOWN
                    .into_iter()
                    .filter(|flag| !self.core.contains(flag))
                    .collect(),
                lang_used_flags: self.used_lang.difference(&self.lang).copied().collect(),
                sdk_name: unless_same(&settings.sdk_name, &self.sdk_name),
                sdk_version: unless_same(&settings.sdk_version, &self.sdk_version),
            })
    }
}

fn unless_same(ours: &str, recorded: &str) -> String {
    if ours == recorded {
        String::new()
    } else {
        ours.to_owned()
    }
}
