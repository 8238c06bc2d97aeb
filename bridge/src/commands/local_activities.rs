//! Commands about activities that run in this process.

use std::{collections::HashMap, time::Duration};

use callboard_actors::{
    protos::common::v1::RetryPolicy,
    workflow::{Command, ScheduleLocalActivity},
};
use pyo3::prelude::*;

use crate::{
    activation::to_timestamp,
    raw_payload::{self, Carried},
    wire::Wire,
};

use super::{Commands, to_cancellation_type, to_metadata};

#[pymethods]
impl Commands {
    /// `first_scheduled_ns` is when the first attempt was scheduled, for one that comes after a
    /// backoff.
    #[pyo3(signature = (*, sequence, activity_id, activity_type, attempt, first_scheduled_ns,
        headers, arguments, schedule_to_close_timeout, schedule_to_start_timeout,
        start_to_close_timeout, retry_policy, local_retry_threshold, cancellation_type, summary))]
    #[allow(clippy::too_many_arguments)]
    fn schedule_local_activity(
        &mut self,
        py: Python<'_>,
        sequence: u32,
        activity_id: String,
        activity_type: String,
        attempt: u32,
        first_scheduled_ns: Option<i64>,
        headers: HashMap<String, Carried>,
        arguments: Vec<Carried>,
        schedule_to_close_timeout: Option<Duration>,
        schedule_to_start_timeout: Option<Duration>,
        start_to_close_timeout: Option<Duration>,
        retry_policy: Option<Wire<RetryPolicy>>,
        local_retry_threshold: Option<Duration>,
        cancellation_type: i32,
        summary: Option<Carried>,
    ) -> PyResult<()> {
        let activity = ScheduleLocalActivity {
            sequence,
            activity_id,
            activity_type,
            attempt,
            original_schedule_time: first_scheduled_ns.map(to_timestamp),
            headers: raw_payload::unwrap_values(headers),
            arguments: raw_payload::unwrap(arguments),
            schedule_to_close_timeout,
            schedule_to_start_timeout,
            start_to_close_timeout,
            retry_policy: retry_policy.map(|policy| policy.0),
            local_retry_threshold,
            cancellation_type: to_cancellation_type(cancellation_type)?,
            user_metadata: to_metadata(summary, None),
        };
        self.issue(py, Command::ScheduleLocalActivity(Box::new(activity)))
    }
}
