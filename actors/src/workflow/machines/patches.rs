//! Patches: markers that tell which version of workflow code a run began with.
//!
//! | marker in history | code says | in replay |
//! |---|---|---|
//! | none | patched | told no (by its own memory of markers), and issues nothing |
//! | none | deprecate_patch | issues nothing |
//! | none | nothing | nothing |
//! | present | patched, deprecate_patch | told yes; its command meets the marker |
//! | present | nothing | nondeterminism: this code is too new or too old for the run |
//! | deprecated | patched, deprecate_patch | told yes; its command meets the marker |
//! | deprecated | nothing | the marker is skipped, with the upsert that follows it |
//!
//! Live, patched issues a marker, deprecate_patch a deprecated one, each once per id. With core
//! flag 2 an upsert follows that lists the ids of all markers of the run. A command that meets an
//! event which is no patch's is dropped: such a marker was never written.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{
    protos::{
        command::v1::{RecordMarkerCommandAttributes, command},
        common::v1::{Payload, Payloads, SearchAttributes},
        enums::v1::CommandType,
        history::v1::{HistoryEvent, MarkerRecordedEventAttributes, history_event::Attributes},
    },
    workflow::{
        commands::{CommandQueue, Issue, Issuer},
        failure::{Described, TaskError},
    },
};

use super::upserts::{CHANGE_VERSION_KEY, lists_patches, upsert_search_attributes};

const MARKER_NAME: &str = "core_patch";
const DETAIL: &str = "patch-data";
/// A search attribute of this many bytes and more is refused by servers.
const ATTRIBUTE_LIMIT: usize = 2048;

/// What a patch marker in history says.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct PatchMarker {
    #[serde(rename = "id")]
    pub(super) patch_id: String,
    pub(super) deprecated: bool,
}

impl PatchMarker {
    /// Returns None for a marker that is no patch's, or that cannot be read.
    pub(super) fn read(marker: &MarkerRecordedEventAttributes) -> Option<Self> {
        if marker.marker_name != MARKER_NAME {
            return None;
        }
        if let Some(data) = detail(marker, DETAIL) {
            return serde_json::from_slice(data).ok();
        }
        // The form of before `patch-data`.
        Some(Self {
            patch_id: std::str::from_utf8(detail(marker, "patch_id")?)
                .ok()?
                .into(),
            deprecated: *detail(marker, "deprecated")?.first()? != 0,
        })
    }

    fn of_event(event: &HistoryEvent) -> Option<Self> {
        match &event.attributes {
            Some(Attributes::MarkerRecordedEventAttributes(marker)) => Self::read(marker),
            _ => None,
        }
    }
}

fn detail<'a>(marker: &'a MarkerRecordedEventAttributes, name: &str) -> Option<&'a [u8]> {
    let payload = marker.details.get(name)?.payloads.first()?;
    Some(&payload.data)
}

/// How the task in progress treats a new patch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Treatment {
    pub(super) replaying: bool,
    /// Core flag 2 holds.
    pub(super) upserts: bool,
}

/// What the next event is to the patches, before it is matched with a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Matching {
    /// An event like any other.
    AsUsual,
    /// It is about a patch that the code has left behind.
    SkipEvent,
    /// The patch's command in front has no marker in history.
    SkipCommand,
}

#[derive(Clone, Copy, Debug, Default)]
struct Patch {
    /// History has its marker.
    announced: bool,
    issued: bool,
}

/// The patches of a run.
#[derive(Debug, Default)]
pub(crate) struct Patches {
    known: BTreeMap<String, Patch>,
    /// The event before was a marker that was skipped.
    skipped_marker: bool,
}

impl Patches {
    /// History has the patch's marker a little further on.
    pub(super) fn announce(&mut self, patch_id: &str) {
        self.known.entry(patch_id.into()).or_default().announced = true;
    }

    /// Workflow code has asked for the patch, and was told yes. `queue` is None when the workflow
    /// has ended and takes no more commands.
    pub(super) fn set(
        &mut self,
        patch_id: String,
        deprecated: bool,
        treatment: Treatment,
        queue: Option<&mut CommandQueue>,
    ) {
        let patch = self.known.entry(patch_id.clone()).or_default();
        if std::mem::replace(&mut patch.issued, true) {
            return;
        }
        let in_history = patch.announced;
        let Some(queue) = queue else {
            return;
        };
        let marker = PatchMarker {
            patch_id,
            deprecated,
        };
        queue.issue(marker_command(&marker));
        if treatment.upserts && (in_history || !treatment.replaying) {
            self.upsert(&marker.patch_id, queue);
        }
    }

    fn upsert(&self, newest: &str, queue: &mut CommandQueue) {
        let issued = self.known.iter().filter(|(_, patch)| patch.issued);
        let ids: Vec<&str> = issued.map(|(id, _)| id.as_str()).collect();
        let mut payload = json_payload(&ids);
        if payload.data.len() >= ATTRIBUTE_LIMIT {
            tracing::warn!(
                patch_id = newest,
                bytes = payload.data.len(),
                limit = ATTRIBUTE_LIMIT,
                "the search attribute {CHANGE_VERSION_KEY} would be too large, so it is not \
                 updated: visibility will not show this patch"
            );
            return;
        }
        let kind = Bytes::from_static(b"KeywordList");
        payload.metadata.insert("type".into(), kind);
        queue.issue(upsert_search_attributes(SearchAttributes {
            indexed_fields: HashMap::from([(CHANGE_VERSION_KEY.into(), payload)]),
        }));
    }

    /// Looks at an event that a command has caused, and at the command in front of the queue.
    pub(super) fn look_at(
        &mut self,
        event: &HistoryEvent,
        front: Option<&Issuer>,
    ) -> Result<Matching, TaskError> {
        let after_skipped = std::mem::take(&mut self.skipped_marker);
        if let Some(marker) = PatchMarker::of_event(event) {
            return self.look_at_marker(event, &marker, front);
        }
        if after_skipped
            && let Some(Attributes::UpsertWorkflowSearchAttributesEventAttributes(upserted)) =
                &event.attributes
            && lists_patches(upserted)
        {
            return Ok(Matching::SkipEvent);
        }
        Ok(match front {
            Some(Issuer::Patch(_)) => Matching::SkipCommand,
            _ => Matching::AsUsual,
        })
    }

    fn look_at_marker(
        &mut self,
        event: &HistoryEvent,
        marker: &PatchMarker,
        front: Option<&Issuer>,
    ) -> Result<Matching, TaskError> {
        match front {
            Some(Issuer::Patch(patch_id)) if *patch_id == marker.patch_id => Ok(Matching::AsUsual),
            _ if marker.deprecated => {
                self.skipped_marker = true;
                Ok(Matching::SkipEvent)
            }
            Some(issued) => Err(TaskError::nondeterminism(format!(
                "{} is of the patch '{}', which is not deprecated, but does not match the command \
                 {issued}",
                Described(event),
                marker.patch_id
            ))),
            None => Err(TaskError::nondeterminism(format!(
                "{} is of the patch '{}', which is not deprecated, but the workflow issued no \
                 command for it",
                Described(event),
                marker.patch_id
            ))),
        }
    }
}

fn marker_command(marker: &PatchMarker) -> Issue {
    let details = Payloads {
        payloads: vec![json_payload(marker)],
    };
    Issue {
        issuer: Issuer::Patch(marker.patch_id.clone()),
        kind: CommandType::RecordMarker,
        attributes: command::Attributes::RecordMarkerCommandAttributes(Box::new(
            RecordMarkerCommandAttributes {
                marker_name: MARKER_NAME.into(),
                details: HashMap::from([(DETAIL.into(), details)]),
                ..RecordMarkerCommandAttributes::default()
            },
        )),
        user_metadata: None,
        message: None,
    }
}

fn json_payload(value: &impl Serialize) -> Payload {
    Payload {
        metadata: HashMap::from([("encoding".into(), Bytes::from_static(b"json/plain"))]),
        data: serde_json::to_vec(value)
            .expect("strings and truth values have a JSON form")
            .into(),
        ..Payload::default()
    }
}
