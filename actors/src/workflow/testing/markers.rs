//! Events of markers and of search attributes.

use std::collections::HashMap;

use crate::protos::{
    common::v1::{Payload, Payloads, SearchAttributes},
    enums::v1::EventType,
    history::v1::{
        MarkerRecordedEventAttributes, UpsertWorkflowSearchAttributesEventAttributes,
        history_event::Attributes,
    },
};

use super::{HistoryBuilder, json_payload};

impl HistoryBuilder {
    pub fn record_marker(&mut self, marker: MarkerRecordedEventAttributes) -> i64 {
        self.add(
            EventType::MarkerRecorded,
            Attributes::MarkerRecordedEventAttributes(Box::new(marker)),
        )
    }

    /// The marker of a patch. With core flag 2 an upsert follows it.
    pub fn record_patch(&mut self, patch_id: &str, deprecated: bool) -> i64 {
        let data = json_payload(&format!(
            "{{\"id\":\"{patch_id}\",\"deprecated\":{deprecated}}}"
        ));
        let payloads = vec![data];
        self.record_marker(MarkerRecordedEventAttributes {
            marker_name: "core_patch".into(),
            details: HashMap::from([("patch-data".into(), Payloads { payloads })]),
            ..MarkerRecordedEventAttributes::default()
        })
    }

    /// The upsert that follows a patch's marker, with its list of ids in JSON.
    pub fn upsert_change_version(&mut self, ids: &str) -> i64 {
        let mut payload = json_payload(ids);
        payload.metadata.insert("type".into(), "KeywordList".into());
        self.upsert("TemporalChangeVersion", payload)
    }

    pub fn upsert(&mut self, key: &str, value: Payload) -> i64 {
        self.upsert_search_attributes(SearchAttributes {
            indexed_fields: HashMap::from([(key.to_owned(), value)]),
        })
    }

    pub fn upsert_search_attributes(&mut self, attributes: SearchAttributes) -> i64 {
        self.add(
            EventType::UpsertWorkflowSearchAttributes,
            Attributes::UpsertWorkflowSearchAttributesEventAttributes(Box::new(
                UpsertWorkflowSearchAttributesEventAttributes {
                    search_attributes: Some(attributes),
                    ..UpsertWorkflowSearchAttributesEventAttributes::default()
                },
            )),
        )
    }
}
