//! Heartbeats of activities on their way to the server, and cancellations on their way back.
//!
//! One deadline per activity stands behind one alarm, for the pace of heartbeats as for the timeouts
//! that the worker watches itself.

use std::{collections::HashMap, time::Duration};

use bytes::Bytes;
use futures::FutureExt;
use tokio::time::Instant;
use tonic::Status;

use crate::{
    connection::Call,
    host::{ActivityCancel, HeartbeatRecorded},
    kit::{Actor, Alarm, Clock, Deadlines, Handle, Mailbox, Sender},
    protos::{common::v1::Payloads, failure::v1::Failure, workflowservice::v1 as api},
};

use super::{
    calls::{Calls, is_not_found},
    payload_limits,
    throttle::{self, Throttle},
};

/// The server times an activity out before the worker does, so that its verdict comes first.
const TIMEOUT_BUFFER: Duration = Duration::from_secs(5);

/// An activity has started.
#[derive(Clone, Debug)]
pub(super) struct TrackHeartbeats {
    pub task_token: Bytes,
    pub heartbeat_timeout: Option<Duration>,
    pub start_to_close_timeout: Option<Duration>,
}

/// An activity has ended: give back what has not reached the server.
#[derive(Clone, Debug)]
pub(super) struct FinishHeartbeats(pub Bytes);

/// The answer to [`FinishHeartbeats`]; comes always.
#[derive(Clone, Debug)]
pub(super) struct HeartbeatsFinished {
    pub task_token: Bytes,
    pub unsent: Option<Payloads>,
}

/// An activity is to be cancelled; sent once at most per activity.
#[derive(Clone, Debug)]
pub(super) struct CancelActivity {
    pub task_token: Bytes,
    pub cancel: ActivityCancel,
}

/// A heartbeat call is over.
#[derive(Debug)]
pub(super) struct HeartbeatSent {
    task_token: Bytes,
    result: Result<api::RecordActivityTaskHeartbeatResponse, Status>,
}

/// The earliest deadline has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct DeadlinesDue;

#[derive(Clone)]
pub(super) struct HeartbeatConfig {
    pub calls: Calls,
    pub clock: Clock,
    pub default_interval: Duration,
    pub max_interval: Duration,
    pub cancels: Sender<CancelActivity>,
    pub finished: Sender<HeartbeatsFinished>,
    pub sent: Sender<HeartbeatSent>,
    pub due: Sender<DeadlinesDue>,
}

struct Beat {
    throttle: Throttle<Payloads>,
    in_flight: Option<Payloads>,
    heartbeat_timeout: Option<Duration>,
    /// When the worker itself gives the activity up.
    heartbeat_limit: Option<Instant>,
    start_to_close_limit: Option<Instant>,
    is_cancelled: bool,
    /// Where this activity stands among the deadlines.
    wakes_at: Option<Instant>,
}

pub(super) struct Heartbeats {
    config: HeartbeatConfig,
    beats: HashMap<Bytes, Beat>,
    deadlines: Deadlines<Bytes>,
    alarm: Option<Alarm>,
}

impl Actor for Heartbeats {
    const NAME: &'static str = "heartbeat";
    /// User code may heartbeat faster than the pace; each message only replaces the last details.
    const MAILBOX: Mailbox = Mailbox::lossless(16 * 1024);
    /// Activities tracked.
    type Snapshot = usize;

    fn snapshot(&self) -> usize {
        self.beats.len()
    }
}

impl Heartbeats {
    pub(super) fn new(config: HeartbeatConfig) -> Self {
        Self {
            config,
            beats: HashMap::new(),
            deadlines: Deadlines::default(),
            alarm: None,
        }
    }

    /// Sends what is due and puts the activity where it belongs among the deadlines.
    fn advance(&mut self, task_token: &[u8]) {
        let now = self.config.clock.now();
        let Some((task_token, _)) = self.beats.get_key_value(task_token) else {
            return;
        };
        let task_token = task_token.clone();
        if let Some(beat) = self.beats.get_mut(&task_token)
            && let Some(details) = beat.throttle.take_due(now)
        {
            beat.in_flight = Some(details.clone());
            send(&self.config, &task_token, details);
        }
        self.reschedule(&task_token);
    }

    fn reschedule(&mut self, task_token: &Bytes) {
        let Some(beat) = self.beats.get_mut(task_token) else {
            return;
        };
        let wakes_at = beat.next_deadline();
        if wakes_at != beat.wakes_at {
            if let Some(old) = beat.wakes_at {
                self.deadlines.remove(old, task_token.clone());
            }
            if let Some(new) = wakes_at {
                self.deadlines.insert(new, task_token.clone());
            }
            beat.wakes_at = wakes_at;
        }
        self.arm();
    }

    fn arm(&mut self) {
        let Some(earliest) = self.deadlines.earliest() else {
            return;
        };
        if self
            .alarm
            .as_ref()
            .is_some_and(|alarm| alarm.due() <= earliest)
        {
            return;
        }
        let due = self.config.due.clone();
        self.alarm = Some(self.config.clock.at(earliest, due, DeadlinesDue));
    }

    fn cancel(&mut self, task_token: &Bytes, cancel: ActivityCancel) {
        let Some(beat) = self.beats.get_mut(task_token) else {
            return;
        };
        if cancel == ActivityCancel::default() || std::mem::replace(&mut beat.is_cancelled, true) {
            return;
        }
        // Without an executor the worker has ended.
        let _ = self.config.cancels.send(CancelActivity {
            task_token: task_token.clone(),
            cancel,
        });
    }
}

impl Beat {
    fn next_deadline(&self) -> Option<Instant> {
        let limits = if self.is_cancelled {
            [None, None]
        } else {
            [self.heartbeat_limit, self.start_to_close_limit]
        };
        limits
            .into_iter()
            .chain([self.throttle.due_at()])
            .flatten()
            .min()
    }

    fn is_overdue(&self, now: Instant) -> bool {
        [self.heartbeat_limit, self.start_to_close_limit]
            .into_iter()
            .flatten()
            .any(|limit| limit <= now)
    }
}

fn send(config: &HeartbeatConfig, task_token: &Bytes, details: Payloads) {
    let calls = &config.calls;
    let too_large = payload_limits::failure_for("heartbeat details", &details, &calls.namespace);
    let call = match too_large {
        Some(failure) => fail_instead(calls, task_token.clone(), failure),
        None => {
            let request = calls.requests.heartbeat(task_token.clone(), details);
            calls.service.get().heartbeat_activity(request)
        }
    };
    let task_token = task_token.clone();
    calls.send(call, config.sent.clone(), move |result| HeartbeatSent {
        task_token,
        result,
    });
}

/// Fails an attempt whose heartbeat the server would not take. There is nothing left for it to do.
fn fail_instead(
    calls: &Calls,
    task_token: Bytes,
    failure: Failure,
) -> Call<api::RecordActivityTaskHeartbeatResponse> {
    let request = calls.requests.fail_activity(task_token, failure, None);
    let failed = calls.service.get().fail_activity(request);
    async move {
        if let Err(status) = failed.await {
            tracing::warn!(%status, "an activity with a heartbeat that is too large could not be failed");
        }
        Ok(api::RecordActivityTaskHeartbeatResponse {
            cancel_requested: true,
            ..Default::default()
        })
    }
    .boxed()
}

fn limit(now: Instant, timeout: Option<Duration>) -> Option<Instant> {
    let timeout = timeout.filter(|timeout| !timeout.is_zero())?;
    now.checked_add(timeout + TIMEOUT_BUFFER)
}

/// Cancellation goes before reset, and reset before pause.
fn cancel_in(response: &api::RecordActivityTaskHeartbeatResponse) -> ActivityCancel {
    let mut cancel = ActivityCancel::default();
    if response.cancel_requested {
        cancel.cancel_requested = true;
    } else if response.activity_reset {
        cancel.reset = true;
    } else if response.activity_paused {
        cancel.paused = true;
    }
    cancel
}

impl Handle<TrackHeartbeats> for Heartbeats {
    fn handle(&mut self, track: TrackHeartbeats) {
        let now = self.config.clock.now();
        let interval = throttle::interval(
            track.heartbeat_timeout,
            self.config.default_interval,
            self.config.max_interval,
        );
        let beat = Beat {
            throttle: Throttle::new(interval),
            in_flight: None,
            heartbeat_timeout: track.heartbeat_timeout,
            heartbeat_limit: limit(now, track.heartbeat_timeout),
            start_to_close_limit: limit(now, track.start_to_close_timeout),
            is_cancelled: false,
            wakes_at: None,
        };
        self.beats.insert(track.task_token.clone(), beat);
        self.reschedule(&track.task_token);
    }
}

impl Handle<HeartbeatRecorded> for Heartbeats {
    fn handle(&mut self, recorded: HeartbeatRecorded) {
        let Some(beat) = self.beats.get_mut(&recorded.task_token[..]) else {
            tracing::debug!("a heartbeat of an activity that has ended is dropped");
            return;
        };
        beat.throttle.record(recorded.details);
        self.advance(&recorded.task_token);
    }
}

impl Handle<HeartbeatSent> for Heartbeats {
    fn handle(&mut self, HeartbeatSent { task_token, result }: HeartbeatSent) {
        let now = self.config.clock.now();
        let Some(beat) = self.beats.get_mut(&task_token) else {
            return;
        };
        let details = beat.in_flight.take();
        let cancel = match result {
            Ok(response) => {
                beat.throttle.sent(None);
                beat.heartbeat_limit = limit(now, beat.heartbeat_timeout);
                cancel_in(&response)
            }
            Err(status) => {
                tracing::warn!(%status, "a heartbeat was refused");
                let not_found = is_not_found(&status);
                // A server that has forgotten the activity has no use for its details.
                beat.throttle.sent(details.filter(|_| !not_found));
                ActivityCancel {
                    not_found,
                    ..ActivityCancel::default()
                }
            }
        };
        self.cancel(&task_token, cancel);
        self.advance(&task_token);
    }
}

impl Handle<DeadlinesDue> for Heartbeats {
    fn handle(&mut self, DeadlinesDue: DeadlinesDue) {
        self.alarm = None;
        let now = self.config.clock.now();
        while let Some(task_token) = self.deadlines.pop_due(now) {
            let mut timed_out = ActivityCancel::default();
            if let Some(beat) = self.beats.get_mut(&task_token) {
                beat.wakes_at = None;
                timed_out.timed_out = beat.is_overdue(now);
            }
            self.cancel(&task_token, timed_out);
            self.advance(&task_token);
        }
        self.arm();
    }
}

impl Handle<FinishHeartbeats> for Heartbeats {
    fn handle(&mut self, FinishHeartbeats(task_token): FinishHeartbeats) {
        let unsent = self.beats.remove(&task_token).and_then(|beat| {
            if let Some(wakes_at) = beat.wakes_at {
                self.deadlines.remove(wakes_at, task_token.clone());
            }
            // What a call under way carries may not arrive. It is not broken off: servers end
            // connections on which that happens often.
            beat.throttle.into_unsent(beat.in_flight)
        });
        let _ = self
            .config
            .finished
            .send(HeartbeatsFinished { task_token, unsent });
    }
}
