//! The commands of a run, in the order of issue, until history confirms them.

use std::{collections::VecDeque, fmt};

use crate::protos::{
    command::v1::{Command as ApiCommand, command::Attributes},
    enums::v1::CommandType,
    protocol::v1::Message,
    sdk::v1::UserMetadata,
};

/// Which state machine issued a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Issuer {
    Timer(u32),
    TimerCancel(u32),
    Activity(u32),
    ActivityCancel(u32),
    LocalActivity(u32),
    /// With the patch's id.
    Patch(String),
    SearchAttributesUpsert,
    ChildWorkflow(u32),
    ChildWorkflowCancel(u32),
    ExternalSignal(u32),
    ExternalCancel(u32),
    MemoUpsert,
    /// With the update's protocol instance id.
    UpdateAcceptance(String),
    /// With the update's id.
    UpdateCompletion(String),
    WorkflowEnd(CommandType),
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timer(sequence) => write!(f, "START_TIMER (timer {sequence})"),
            Self::TimerCancel(sequence) => write!(f, "CANCEL_TIMER (timer {sequence})"),
            Self::Activity(sequence) => write!(f, "SCHEDULE_ACTIVITY_TASK (activity {sequence})"),
            Self::ActivityCancel(sequence) => {
                write!(f, "REQUEST_CANCEL_ACTIVITY_TASK (activity {sequence})")
            }
            Self::Patch(id) => write!(f, "RECORD_MARKER (patch '{id}')"),
            Self::SearchAttributesUpsert => f.write_str("UPSERT_WORKFLOW_SEARCH_ATTRIBUTES"),
            Self::ChildWorkflow(sequence) => {
                write!(
                    f,
                    "START_CHILD_WORKFLOW_EXECUTION (child workflow {sequence})"
                )
            }
            Self::ChildWorkflowCancel(sequence) => write!(
                f,
                "REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION (child workflow {sequence})"
            ),
            Self::ExternalSignal(sequence) => write!(
                f,
                "SIGNAL_EXTERNAL_WORKFLOW_EXECUTION (external signal {sequence})"
            ),
            Self::ExternalCancel(sequence) => write!(
                f,
                "REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION (external cancel {sequence})"
            ),
            Self::MemoUpsert => f.write_str("MODIFY_WORKFLOW_PROPERTIES"),
            Self::LocalActivity(sequence) => {
                write!(f, "RECORD_MARKER (local activity {sequence})")
            }
            Self::UpdateAcceptance(id) => write!(f, "PROTOCOL_MESSAGE (acceptance of update {id})"),
            Self::UpdateCompletion(id) => write!(f, "PROTOCOL_MESSAGE (completion of update {id})"),
            Self::WorkflowEnd(kind) => {
                f.write_str(kind.as_str_name().trim_start_matches("COMMAND_TYPE_"))
            }
        }
    }
}

/// A command as a state machine issues it.
pub(super) struct Issue {
    pub(super) issuer: Issuer,
    pub(super) kind: CommandType,
    pub(super) attributes: Attributes,
    pub(super) user_metadata: Option<UserMetadata>,
    pub(super) message: Option<Message>,
}

/// Names a queued command for as long as it can be withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket(u64);

#[derive(Debug)]
struct Queued {
    issuer: Issuer,
    /// None once it is sent or withdrawn. Boxed: an idle run's queue should cost little.
    unsent: Option<Box<Unsent>>,
    withdrawn: bool,
}

#[derive(Debug)]
struct Unsent {
    command: ApiCommand,
    message: Option<Message>,
}

/// The queue that each command event is matched with.
#[derive(Debug, Default)]
pub(super) struct CommandQueue {
    queued: VecDeque<Queued>,
    /// Ticket of the first in the queue.
    first: u64,
    /// Position of the first that was never sent.
    unsent_from: usize,
    /// The command that ends the workflow; it comes after all others.
    end: Option<Queued>,
    /// Rejections of updates, which need no command; each with the ticket of the command that was
    /// issued next, for messages keep the order of issue.
    messages: VecDeque<(Ticket, Message)>,
}

impl CommandQueue {
    pub(super) fn issue(&mut self, issue: Issue) -> Ticket {
        self.queued.push_back(Queued::new(issue));
        Ticket(self.first + self.queued.len() as u64 - 1)
    }

    /// Keeps the first command that ends the workflow, and ignores others.
    pub(super) fn issue_end(&mut self, issue: Issue) {
        self.end.get_or_insert_with(|| Queued::new(issue));
    }

    pub(super) fn send_message(&mut self, message: Message) {
        let next = Ticket(self.first + self.queued.len() as u64);
        self.messages.push_back((next, message));
    }

    pub(super) fn has_end(&self) -> bool {
        self.end.is_some()
    }

    /// How many commands are in the queue, less those withdrawn and the one that ends the workflow.
    pub(super) fn issued(&self) -> usize {
        self.queued
            .iter()
            .filter(|queued| !queued.withdrawn)
            .count()
    }

    /// Takes back a command that was not sent. False if it is too late for that.
    pub(super) fn withdraw(&mut self, ticket: Ticket) -> bool {
        let queued = ticket
            .0
            .checked_sub(self.first)
            .and_then(|position| self.queued.get_mut(usize::try_from(position).ok()?));
        match queued {
            Some(queued) if queued.unsent.is_some() => {
                queued.unsent = None;
                queued.withdrawn = true;
                true
            }
            _ => false,
        }
    }

    /// The command that the next command event must be about.
    pub(super) fn peek_next(&self) -> Option<&Issuer> {
        self.queued
            .iter()
            .find(|queued| !queued.withdrawn)
            .or(self.end.as_ref())
            .map(|queued| &queued.issuer)
    }

    /// Takes the command that the next command event must be about.
    pub(super) fn take_next(&mut self) -> Option<Issuer> {
        while let Some(queued) = self.queued.pop_front() {
            self.first += 1;
            self.unsent_from = self.unsent_from.saturating_sub(1);
            if !queued.withdrawn {
                return Some(queued.issuer);
            }
        }
        self.end.take().map(|queued| queued.issuer)
    }

    /// Hands out all that was not sent yet. It stays in the queue until history confirms it.
    pub(super) fn collect(&mut self) -> (Vec<ApiCommand>, Vec<Message>) {
        let mut commands = Vec::with_capacity(self.queued.len() - self.unsent_from + 1);
        let mut messages = Vec::new();
        let unsent = self
            .queued
            .iter_mut()
            .chain(&mut self.end)
            .zip(self.first..)
            .skip(self.unsent_from);
        for (queued, ticket) in unsent {
            while let Some((next, _)) = self.messages.front()
                && next.0 <= ticket
            {
                messages.extend(self.messages.pop_front().map(|(_, message)| message));
            }
            if let Some(unsent) = queued.unsent.take() {
                commands.push(unsent.command);
                messages.extend(unsent.message);
            }
        }
        messages.extend(self.messages.drain(..).map(|(_, message)| message));
        self.unsent_from = self.queued.len();
        (commands, messages)
    }
}

impl Queued {
    fn new(issue: Issue) -> Self {
        let command = ApiCommand {
            command_type: issue.kind.into(),
            user_metadata: issue.user_metadata,
            attributes: Some(issue.attributes),
            ..ApiCommand::default()
        };
        Self {
            issuer: issue.issuer,
            unsent: Some(Box::new(Unsent {
                command,
                message: issue.message,
            })),
            withdrawn: false,
        }
    }
}
