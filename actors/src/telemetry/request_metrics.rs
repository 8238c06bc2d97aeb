//! What is counted of calls to the server.

use std::{error::Error, sync::Arc, time::Duration};

use dashmap::DashMap;
use tonic::Status;

use super::{
    labels::Labels,
    meter::{Instrument, Kind, Meter, Value},
};

/// The metrics of one connection.
pub(crate) struct RequestMetrics {
    meter: Meter,
    short: Instruments,
    long: Instruments,
    /// Labels by what they are of.
    labels: DashMap<CallLabels, Labels>,
}

struct Instruments {
    requests: Arc<dyn Instrument>,
    failures: Arc<dyn Instrument>,
    latency: Arc<dyn Instrument>,
}

/// What tells calls apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CallLabels {
    pub(crate) operation: String,
    pub(crate) namespace: Option<String>,
    pub(crate) task_queue: Option<String>,
}

impl RequestMetrics {
    pub(crate) fn new(meter: Meter) -> Self {
        let own = |kind, name, description| meter.own(kind, name, description);
        Self {
            short: Instruments {
                requests: own(Kind::Counter, "request", "Calls that were made"),
                failures: own(Kind::Counter, "request_failure", "Calls that failed"),
                latency: own(
                    Kind::HistogramDuration,
                    "request_latency",
                    "Time that calls take",
                ),
            },
            long: Instruments {
                requests: own(Kind::Counter, "long_request", "Long polls that were made"),
                failures: own(
                    Kind::Counter,
                    "long_request_failure",
                    "Long polls that failed",
                ),
                latency: own(
                    Kind::HistogramDuration,
                    "long_request_latency",
                    "Time that long polls take",
                ),
            },
            labels: DashMap::new(),
            meter,
        }
    }

    /// One try of a call is about to be made. Its end is counted with the same labels.
    pub(crate) fn begins(&self, call: CallLabels, is_long: bool) -> Labels {
        let labels = self.labels_of(call);
        self.of(is_long)
            .requests
            .series(&labels)
            .record(Value::Whole(1));
        labels
    }

    pub(crate) fn ended(
        &self,
        labels: &Labels,
        is_long: bool,
        failure: Option<&Status>,
        took: Duration,
    ) {
        let instruments = self.of(is_long);
        instruments.latency.series(labels).record(Value::Time(took));
        if let Some(status) = failure {
            let labels = labels.with([("status_code", &*code_name(status))]);
            instruments.failures.series(&labels).record(Value::Whole(1));
        }
    }

    fn of(&self, is_long: bool) -> &Instruments {
        if is_long { &self.long } else { &self.short }
    }

    fn labels_of(&self, call: CallLabels) -> Labels {
        if let Some(known) = self.labels.get(&call) {
            return known.clone();
        }
        let optional = [
            ("namespace", &call.namespace),
            ("task_queue", &call.task_queue),
        ];
        let named = optional
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_deref()?)));
        let labels = self.meter.labels().with([("operation", &*call.operation)]);
        let labels = labels.with(named);
        self.labels.entry(call).or_insert(labels).clone()
    }
}

/// The server's code, as gRPC spells it; what failed on the way there or back has none.
fn code_name(status: &Status) -> String {
    if status.source().is_some() {
        return "TRANSPORT_ERROR".into();
    }
    let mut spelled = String::new();
    for letter in format!("{:?}", status.code()).chars() {
        if letter.is_ascii_uppercase() && !spelled.is_empty() {
            spelled.push('_');
        }
        spelled.push(letter.to_ascii_uppercase());
    }
    spelled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_spelled_as_grpc_does() {
        for (status, spelled) in [
            (Status::not_found(""), "NOT_FOUND"),
            (Status::deadline_exceeded(""), "DEADLINE_EXCEEDED"),
            (Status::cancelled(""), "CANCELLED"),
            (Status::unknown(""), "UNKNOWN"),
            (
                Status::from_error(Box::new(std::io::Error::other("lost"))),
                "TRANSPORT_ERROR",
            ),
        ] {
            assert_eq!(code_name(&status), spelled);
        }
    }
}
