//! Events about activities on task queues.

use crate::protos::{
    common::v1::{ActivityType, Payload, Payloads},
    enums::v1::{EventType, TimeoutType},
    failure::v1::{Failure, TimeoutFailureInfo, failure::FailureInfo},
    history::v1::{history_event::Attributes, *},
};

use super::HistoryBuilder;

impl HistoryBuilder {
    pub fn schedule_activity(&mut self, activity_id: &str, activity_type: &str) -> i64 {
        let event_id = self.add(
            EventType::ActivityTaskScheduled,
            Attributes::ActivityTaskScheduledEventAttributes(Box::new(
                ActivityTaskScheduledEventAttributes {
                    activity_id: activity_id.to_owned(),
                    activity_type: Some(ActivityType {
                        name: activity_type.to_owned(),
                    }),
                    ..ActivityTaskScheduledEventAttributes::default()
                },
            )),
        );
        self.open_activities
            .insert(activity_id.to_owned(), event_id);
        event_id
    }

    fn start_activity(&mut self, activity_id: &str) -> (i64, i64) {
        let scheduled_event_id = self.open_activities.remove(activity_id).unwrap_or_default();
        let started_event_id = self.add(
            EventType::ActivityTaskStarted,
            Attributes::ActivityTaskStartedEventAttributes(Box::new(
                ActivityTaskStartedEventAttributes {
                    scheduled_event_id,
                    ..ActivityTaskStartedEventAttributes::default()
                },
            )),
        );
        (scheduled_event_id, started_event_id)
    }

    /// Started and completed.
    pub fn complete_activity(&mut self, activity_id: &str, result: Payload) -> i64 {
        let (scheduled_event_id, started_event_id) = self.start_activity(activity_id);
        self.add(
            EventType::ActivityTaskCompleted,
            Attributes::ActivityTaskCompletedEventAttributes(Box::new(
                ActivityTaskCompletedEventAttributes {
                    result: Some(Payloads {
                        payloads: vec![result],
                    }),
                    scheduled_event_id,
                    started_event_id,
                    ..ActivityTaskCompletedEventAttributes::default()
                },
            )),
        )
    }

    /// Started and failed.
    pub fn fail_activity(&mut self, activity_id: &str, message: &str) -> i64 {
        let (scheduled_event_id, started_event_id) = self.start_activity(activity_id);
        self.add(
            EventType::ActivityTaskFailed,
            Attributes::ActivityTaskFailedEventAttributes(Box::new(
                ActivityTaskFailedEventAttributes {
                    failure: Some(Failure {
                        message: message.to_owned(),
                        ..Failure::default()
                    }),
                    scheduled_event_id,
                    started_event_id,
                    identity: "an activity worker".into(),
                    ..ActivityTaskFailedEventAttributes::default()
                },
            )),
        )
    }

    /// Started and timed out.
    pub fn time_activity_out(&mut self, activity_id: &str, kind: TimeoutType) -> i64 {
        let (scheduled_event_id, started_event_id) = self.start_activity(activity_id);
        self.add(
            EventType::ActivityTaskTimedOut,
            Attributes::ActivityTaskTimedOutEventAttributes(Box::new(
                ActivityTaskTimedOutEventAttributes {
                    failure: Some(Failure {
                        message: "timed out".into(),
                        failure_info: Some(FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo {
                            timeout_type: kind.into(),
                            ..TimeoutFailureInfo::default()
                        })),
                        ..Failure::default()
                    }),
                    scheduled_event_id,
                    started_event_id,
                    ..ActivityTaskTimedOutEventAttributes::default()
                },
            )),
        )
    }

    /// Started and cancelled.
    pub fn cancel_activity(&mut self, activity_id: &str) -> i64 {
        let (scheduled_event_id, started_event_id) = self.start_activity(activity_id);
        self.add(
            EventType::ActivityTaskCanceled,
            Attributes::ActivityTaskCanceledEventAttributes(Box::new(
                ActivityTaskCanceledEventAttributes {
                    scheduled_event_id,
                    started_event_id,
                    identity: "an activity worker".into(),
                    ..ActivityTaskCanceledEventAttributes::default()
                },
            )),
        )
    }
}
