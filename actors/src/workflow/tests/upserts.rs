//! Search attributes and memo, and what continue-as-new takes over.

use std::collections::HashMap;

use super::*;
use crate::{
    protos::{
        command::v1::{
            ContinueAsNewWorkflowExecutionCommandAttributes as ContinueAsNewAttributes,
            command::Attributes,
        },
        common::v1::{Memo, Payload, RetryPolicy, SearchAttributes},
        history::v1::history_event::Attributes as HistoryAttributes,
    },
    workflow::testing::json_payload,
};

/// Compatibility, commands: order is the order of issue.
#[test]
fn upserts_are_commands_of_their_own() {
    let played = check(&[
        signals(&["upsert A=1 B=2", "remember", "upsert B="]),
        signals(&["finish"]),
    ]);
    assert_eq!(
        kinds(&played.completions[0]),
        [
            "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
            "MODIFY_WORKFLOW_PROPERTIES",
            "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
        ]
    );
}

/// Gives the run search attributes and a memo from its start.
fn started_with_attributes(history: &mut HistoryBuilder) {
    if let Some(HistoryAttributes::WorkflowExecutionStartedEventAttributes(started)) =
        &mut history.events[0].attributes
    {
        started.search_attributes = Some(SearchAttributes {
            indexed_fields: fields(&[("A", "1"), ("B", "2")]),
        });
        started.memo = Some(Memo {
            fields: fields(&[("kept", "0")]),
        });
        started.retry_policy = Some(RetryPolicy {
            maximum_attempts: 3,
            ..RetryPolicy::default()
        });
    }
}

fn fields(pairs: &[(&str, &str)]) -> HashMap<String, Payload> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), json_payload(value)))
        .collect()
}

/// What a run with attributes hands to the next one after these orders.
fn continued(orders: &'static [&'static str]) -> ContinueAsNewAttributes {
    let played = check(&[
        step(|history| {
            started_with_attributes(history);
            history.signal("upsert B= C=3");
        }),
        signals(orders),
    ]);
    match &played.completions[1].commands.last().unwrap().attributes {
        Some(Attributes::ContinueAsNewWorkflowExecutionCommandAttributes(next)) => (**next).clone(),
        other => panic!("no continue-as-new: {other:?}"),
    }
}

/// Compatibility, commands: continue-as-new takes over memo, retry policy and the current search
/// attributes when unset.
#[test]
fn continue_as_new_takes_over_the_current_search_attributes() {
    let next = continued(&["upsert A=9", "remember", "continue"]);
    let attributes = next.search_attributes.unwrap().indexed_fields;
    assert_eq!(attributes, fields(&[("A", "9"), ("C", "3")]));
    // Of the memo it is the one that the run was started with.
    assert_eq!(next.memo.unwrap().fields, fields(&[("kept", "0")]));
    assert_eq!(next.retry_policy.unwrap().maximum_attempts, 3);
}

/// Compatibility, commands: continue-as-new takes over the current search attributes.
#[test]
fn continue_as_new_takes_over_what_is_upserted_after_it() {
    let next = continued(&["continue", "upsert C=4"]);
    let attributes = next.search_attributes.unwrap().indexed_fields;
    assert_eq!(attributes, fields(&[("A", "1"), ("C", "4")]));
}

#[test]
fn continue_as_new_takes_over_nothing_when_all_is_removed() {
    let next = continued(&["upsert A= C=", "continue"]);
    assert_eq!(next.search_attributes, None);
}

/// The official SDK sends such an upsert empty, and carries none of it over.
#[test]
fn an_upsert_of_the_patches_attribute_is_sent_empty() {
    let next = continued(&["upsert TemporalChangeVersion=1 A=9", "continue"]);
    let attributes = next.search_attributes.unwrap().indexed_fields;
    assert_eq!(attributes, fields(&[("A", "1"), ("C", "3")]));

    let played = check(&[signals(&["upsert TemporalChangeVersion=1 A=9"])]);
    let Some(Attributes::UpsertWorkflowSearchAttributesCommandAttributes(upsert)) =
        &played.completions[0].commands[0].attributes
    else {
        panic!("no upsert")
    };
    assert_eq!(
        upsert.search_attributes,
        Some(SearchAttributes::default()),
        "its place among the commands counts"
    );
}
