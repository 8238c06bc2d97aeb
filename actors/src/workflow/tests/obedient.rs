//! The workflow code of the scenarios.

mod others;

use std::time::Duration;

use bytes::Bytes;

use crate::{
    protos::{common::v1::Payload, failure::v1::Failure, sdk::v1::UserMetadata},
    workflow::{
        Activation, ActivityCancellationType, ActivityResolution, Command, ContinueAsNew,
        ScheduleActivity, UpdateResponse,
        activation::Job,
        testing::{WorkflowCode, json_payload},
    },
};

use super::patches::PatchMemory;
use others::Others;

/// Workflow code that does what signals and updates say, and logs each job that it gets.
#[derive(Default)]
pub(crate) struct Obedient {
    log: Vec<String>,
    timers: u32,
    activities: u32,
    others: Others,
    open_updates: Vec<String>,
    patches: PatchMemory,
}

pub(super) fn obedient() -> WorkflowCode {
    let mut state = Obedient::default();
    Box::new(move |activation| state.answer(activation))
}

impl Obedient {
    pub(crate) fn answer(&mut self, activation: &Activation) -> Vec<Command> {
        let mut commands = Vec::new();
        self.patches.learn(activation);
        for job in &activation.jobs {
            self.obey(job, activation, &mut commands);
        }
        commands
    }

    fn obey(&mut self, job: &Job, activation: &Activation, commands: &mut Vec<Command>) {
        match job {
            Job::Initialize(start) => {
                self.note(activation, &format!("init {}", start.randomness_seed))
            }
            Job::UpdateRandomSeed { seed } => self.note(activation, &format!("seed {seed}")),
            Job::SignalWorkflow { name, .. } => {
                self.note(activation, &format!("signal {name}"));
                match name.split_once(": ") {
                    Some((how @ ("patched" | "deprecated"), id)) => {
                        let deprecated = how == "deprecated";
                        let replaying = activation.is_replaying;
                        let answer = self.patches.ask(id, deprecated, replaying, commands);
                        self.note(activation, &format!("{id} is {answer}"));
                    }
                    _ => self.do_as_told(name, commands),
                }
            }
            Job::DoUpdate {
                protocol_instance_id,
                name,
                run_validator,
                ..
            } => {
                if name != "refuse" {
                    self.note(activation, &format!("update {protocol_instance_id} {name}"));
                }
                self.answer_update(protocol_instance_id, name, *run_validator, commands);
            }
            Job::FireTimer { sequence } => self.note(activation, &format!("timer {sequence}")),
            Job::ResolveActivity {
                sequence,
                resolution,
                ..
            } => {
                let how = match resolution {
                    ActivityResolution::Completed(_) => "completed",
                    ActivityResolution::Failed(failure) => &failure.message,
                    ActivityResolution::Cancelled(failure) => &failure.message,
                    ActivityResolution::Backoff(_) => "backs off",
                };
                self.note(activation, &format!("activity {sequence} {how}"));
            }
            Job::CancelWorkflow { reason } => {
                self.note(activation, &format!("cancel {reason}"));
                commands.push(Command::CancelWorkflow);
            }
            Job::QueryWorkflow { query_id, .. } => commands.push(Command::RespondToQuery {
                query_id: query_id.clone(),
                result: Ok(Some(Payload {
                    data: Bytes::from(self.log.join("\n")),
                    ..Payload::default()
                })),
            }),
            Job::NotifyHasPatch { .. } | Job::RemoveFromCache { .. } => {}
            other => {
                let what = others::happened(other);
                self.note(activation, &what);
            }
        }
    }

    fn note(&mut self, activation: &Activation, what: &str) {
        let time = activation.timestamp.map_or(0, |time| time.seconds);
        self.log
            .push(format!("{time} {} {what}", activation.history_length));
    }

    fn do_as_told(&mut self, name: &str, commands: &mut Vec<Command>) {
        // What stands before a colon is for the activity.
        match name.rsplit(':').next().unwrap_or_default() {
            "timer" => commands.push(self.timer()),
            "activity try" => commands.push(self.activity(ActivityCancellationType::TryCancel)),
            "activity wait" => {
                commands.push(self.activity(ActivityCancellationType::WaitCancellationCompleted))
            }
            "activity abandon" => commands.push(self.activity(ActivityCancellationType::Abandon)),
            "cancel timer" => commands.push(Command::CancelTimer {
                sequence: self.timers,
            }),
            "cancel activity" => commands.push(Command::RequestCancelActivity {
                sequence: self.activities,
            }),
            "timer and cancel" => {
                commands.push(self.timer());
                commands.push(Command::CancelTimer {
                    sequence: self.timers,
                });
            }
            "activity and cancel" => {
                commands.push(self.activity(ActivityCancellationType::Abandon));
                commands.push(Command::RequestCancelActivity {
                    sequence: self.activities,
                });
            }
            "finish" => commands.push(Command::CompleteWorkflow { result: None }),
            "fail" => commands.push(Command::FailWorkflow {
                failure: Box::default(),
            }),
            "finish, then timer" => {
                commands.push(Command::CompleteWorkflow { result: None });
                commands.push(Command::FailWorkflow {
                    failure: Box::default(),
                });
                commands.push(self.timer());
            }
            "continue" => commands.push(Command::ContinueAsNew(Box::<ContinueAsNew>::default())),
            "answer updates" => {
                for update in self.open_updates.drain(..) {
                    commands.push(respond(&update, UpdateResponse::Completed(None)));
                }
            }
            other => self.others.do_as_told(other, commands),
        }
    }

    fn answer_update(
        &mut self,
        id: &str,
        name: &str,
        run_validator: bool,
        commands: &mut Vec<Command>,
    ) {
        if name == "refuse" {
            assert!(
                run_validator,
                "a refused update must not come back in replay"
            );
            let failure = Failure {
                message: "no".into(),
                ..Failure::default()
            };
            commands.push(respond(id, UpdateResponse::Rejected(Box::new(failure))));
            return;
        }
        commands.push(respond(id, UpdateResponse::Accepted));
        match name {
            "later" => self.open_updates.push(id.to_owned()),
            "timer" => {
                commands.push(self.timer());
                commands.push(respond(id, UpdateResponse::Completed(None)));
            }
            _ => commands.push(respond(id, UpdateResponse::Completed(None))),
        }
    }

    fn timer(&mut self) -> Command {
        self.timers += 1;
        Command::StartTimer {
            sequence: self.timers,
            duration: Duration::from_secs(1),
            user_metadata: summary("a timer"),
        }
    }

    fn activity(&mut self, cancellation_type: ActivityCancellationType) -> Command {
        self.activities += 1;
        Command::ScheduleActivity(Box::new(ScheduleActivity {
            sequence: self.activities,
            activity_type: "work".into(),
            cancellation_type,
            user_metadata: summary("an activity"),
            ..ScheduleActivity::default()
        }))
    }
}

pub(super) fn summary(text: &str) -> Option<UserMetadata> {
    Some(UserMetadata {
        summary: Some(json_payload(&format!("\"{text}\""))),
        details: None,
    })
}

pub(super) fn respond(id: &str, response: UpdateResponse) -> Command {
    Command::RespondToUpdate {
        protocol_instance_id: id.to_owned(),
        response,
    }
}
