//! What history holds of a local activity: one marker with its outcome.
//!
//! Compatibility, formats: the marker is named `core_local_activity`. Its detail `data` is JSON; its
//! outcome is the detail `result` or the marker's failure, of which the failure wins. Neither is an
//! empty success.

use std::{collections::HashMap, time::Duration};

use bytes::Bytes;
use prost_types::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    protos::{
        command::v1::RecordMarkerCommandAttributes,
        common::v1::{Payload, Payloads},
        failure::v1::Failure,
        history::v1::{HistoryEvent, MarkerRecordedEventAttributes, history_event::Attributes},
    },
    workflow::{exchange::LocalActivityEnded, failure::TaskError},
};

pub(super) const MARKER_NAME: &str = "core_local_activity";
const DATA: &str = "data";
const RESULT: &str = "result";

/// A time or a duration as the marker has it.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
struct Span {
    #[serde(default)]
    seconds: i64,
    #[serde(default)]
    nanos: i32,
}

/// The JSON of the detail `data`. The order of the fields is that of the bytes.
#[derive(Debug, Deserialize, Serialize)]
struct Data {
    seq: u32,
    #[serde(default)]
    attempt: u32,
    #[serde(default)]
    activity_id: String,
    #[serde(default)]
    activity_type: String,
    #[serde(default)]
    complete_time: Option<Span>,
    #[serde(default)]
    backoff: Option<Span>,
    #[serde(default)]
    original_schedule_time: Option<Span>,
    /// Since 1.34.
    #[serde(default)]
    activation_index: Option<u32>,
}

/// The outcome of a local activity that a history tells, for those who play the history as if it were
/// happening now; with the activation index.
pub(crate) fn recorded_outcome(event: &HistoryEvent) -> Option<(LocalActivityEnded, Option<u32>)> {
    let Some(Attributes::MarkerRecordedEventAttributes(recorded)) = &event.attributes else {
        return None;
    };
    if recorded.marker_name != MARKER_NAME {
        return None;
    }
    let marker = LocalActivityMarker::read(event.event_id, recorded).ok()?;
    let ended = LocalActivityEnded {
        sequence: marker.sequence,
        attempt: marker.attempt,
        outcome: marker.outcome,
        backoff: marker.backoff,
        run_time: Duration::ZERO,
        complete_time: marker.complete_time,
        original_schedule_time: marker.original_schedule_time,
    };
    Some((ended, marker.activation_index))
}

/// The outcome of a local activity with all that replay needs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LocalActivityMarker {
    pub(super) sequence: u32,
    /// 0 when it was cancelled before its outcome was known.
    pub(super) attempt: u32,
    pub(super) activity_id: String,
    pub(super) activity_type: String,
    /// In workflow time.
    pub(super) complete_time: Option<Timestamp>,
    /// Set when the next attempt is the workflow's to schedule.
    pub(super) backoff: Option<Duration>,
    pub(super) original_schedule_time: Option<Timestamp>,
    /// Activations of the workflow task that came before the outcome.
    pub(super) activation_index: Option<u32>,
    pub(super) outcome: Result<Option<Payload>, Box<Failure>>,
}

impl LocalActivityMarker {
    /// Reads a marker of any version. `event_id` is for the error.
    pub(super) fn read(
        event_id: i64,
        recorded: &MarkerRecordedEventAttributes,
    ) -> Result<Self, TaskError> {
        let data = payload(&recorded.details, DATA).ok_or_else(|| {
            TaskError::invalid(format!(
                "event {event_id} (MARKER_RECORDED) is about a local activity but has no detail '{DATA}'"
            ))
        })?;
        let data: Data = serde_json::from_slice(&data.data).map_err(|error| {
            TaskError::invalid(format!(
                "event {event_id} (MARKER_RECORDED) is about a local activity, but its detail '{DATA}' \
                 cannot be read: {error}"
            ))
        })?;
        let outcome = match &recorded.failure {
            Some(failure) => Err(Box::new(failure.clone())),
            None => Ok(payload(&recorded.details, RESULT).cloned()),
        };
        Ok(Self {
            sequence: data.seq,
            attempt: data.attempt,
            activity_id: data.activity_id,
            activity_type: data.activity_type,
            complete_time: data.complete_time.map(timestamp),
            backoff: data.backoff.map(duration),
            original_schedule_time: data.original_schedule_time.map(timestamp),
            activation_index: data.activation_index,
            outcome,
        })
    }

    /// The attributes of the command that records it.
    pub(super) fn write(self) -> RecordMarkerCommandAttributes {
        let span = |time: Timestamp| Span {
            seconds: time.seconds,
            nanos: time.nanos,
        };
        let data = Data {
            seq: self.sequence,
            attempt: self.attempt,
            activity_id: self.activity_id,
            activity_type: self.activity_type,
            complete_time: self.complete_time.map(span),
            backoff: self.backoff.map(|backoff| Span {
                seconds: i64::try_from(backoff.as_secs()).unwrap_or(i64::MAX),
                nanos: backoff.subsec_nanos().cast_signed(),
            }),
            original_schedule_time: self.original_schedule_time.map(span),
            activation_index: self.activation_index,
        };
        let mut details = HashMap::from([(DATA.to_owned(), payloads(json(&data)))]);
        let failure = match self.outcome {
            Ok(result) => {
                if let Some(result) = result {
                    details.insert(RESULT.to_owned(), payloads(result));
                }
                None
            }
            Err(failure) => Some(*failure),
        };
        RecordMarkerCommandAttributes {
            marker_name: MARKER_NAME.to_owned(),
            details,
            header: None,
            failure,
        }
    }
}

fn payload<'a>(details: &'a HashMap<String, Payloads>, key: &str) -> Option<&'a Payload> {
    details.get(key)?.payloads.first()
}

fn payloads(payload: Payload) -> Payloads {
    Payloads {
        payloads: vec![payload],
    }
}

fn json(data: &Data) -> Payload {
    let json = serde_json::to_vec(data).expect("numbers and strings can be written as JSON");
    Payload {
        metadata: HashMap::from([("encoding".to_owned(), Bytes::from_static(b"json/plain"))]),
        data: json.into(),
        ..Payload::default()
    }
}

fn timestamp(span: Span) -> Timestamp {
    Timestamp {
        seconds: span.seconds,
        nanos: span.nanos,
    }
}

/// A negative backoff is none.
fn duration(span: Span) -> Duration {
    let seconds = u64::try_from(span.seconds).unwrap_or(0);
    let nanos = u32::try_from(span.nanos).unwrap_or(0).min(999_999_999);
    Duration::new(seconds, nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = "{\"seq\":1,\"attempt\":2,\"activity_id\":\"1\",\"activity_type\":\"flaky\",\
        \"complete_time\":{\"seconds\":1795243178,\"nanos\":913188036},\
        \"backoff\":{\"seconds\":1,\"nanos\":0},\
        \"original_schedule_time\":{\"seconds\":1795243178,\"nanos\":915341668},\
        \"activation_index\":1}";

    fn recorded(json: &str, failure: Option<Failure>) -> MarkerRecordedEventAttributes {
        let data = Payload {
            data: Bytes::copy_from_slice(json.as_bytes()),
            ..Payload::default()
        };
        MarkerRecordedEventAttributes {
            marker_name: MARKER_NAME.into(),
            details: HashMap::from([(DATA.to_owned(), payloads(data))]),
            failure,
            ..MarkerRecordedEventAttributes::default()
        }
    }

    /// Compatibility, formats: what 1.35.0 wrote comes out of our hands byte for byte.
    #[test]
    fn a_marker_is_written_as_it_was_read() {
        let failure = Failure {
            message: "attempt 2".into(),
            ..Failure::default()
        };
        let read = LocalActivityMarker::read(5, &recorded(WRITTEN, Some(failure.clone())))
            .expect("1.35.0 wrote it");
        assert_eq!(read.backoff, Some(Duration::from_secs(1)));
        assert_eq!(read.outcome, Err(Box::new(failure.clone())));
        let written = read.write();
        assert_eq!(written.marker_name, MARKER_NAME);
        assert_eq!(written.failure, Some(failure));
        let data = payload(&written.details, DATA).expect("it has data");
        assert_eq!(data.data, WRITTEN.as_bytes());
        assert_eq!(&data.metadata["encoding"][..], b"json/plain");
        assert!(!written.details.contains_key(RESULT));
    }

    /// Compatibility, formats: the failure wins over the result; an `input` is passed over.
    #[test]
    fn a_failure_wins_over_a_result() {
        let failure = Failure::default();
        let mut both = recorded(WRITTEN, Some(failure.clone()));
        let result = Payload::default();
        for detail in [RESULT, "input"] {
            both.details
                .insert(detail.to_owned(), payloads(result.clone()));
        }
        let read = LocalActivityMarker::read(5, &both).expect("it is whole");
        assert_eq!(read.outcome, Err(Box::new(failure)));
        both.failure = None;
        let read = LocalActivityMarker::read(5, &both).expect("it is whole");
        assert_eq!(read.outcome, Ok(Some(result)));
    }

    /// Compatibility, formats: old markers lack what came later; neither outcome is a success.
    #[test]
    fn an_old_marker_is_read() {
        let json = "{\"seq\":7,\"attempt\":1,\"activity_id\":\"7\",\"activity_type\":\"work\",\
            \"complete_time\":null,\"backoff\":null,\"original_schedule_time\":null}";
        let read = LocalActivityMarker::read(5, &recorded(json, None)).expect("it is whole");
        assert_eq!((read.sequence, read.activation_index), (7, None));
        assert_eq!(read.outcome, Ok(None));
        assert!(LocalActivityMarker::read(5, &recorded("{}", None)).is_err());
    }
}
