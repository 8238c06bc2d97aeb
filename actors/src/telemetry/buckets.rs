//! The bounds of histograms.

use std::collections::BTreeMap;

/// In milliseconds, by the end of a metric's name. The same bounds as the Temporal SDKs have, so that
/// what was recorded by different workers adds up.
const BOUNDS: [(&str, &[f64]); 5] = [
    (
        "workflow_endtoend_latency",
        &[
            100.0,
            500.0,
            1_000.0,
            1_500.0,
            2_000.0,
            5_000.0,
            10_000.0,
            30_000.0,
            60_000.0,
            120_000.0,
            300_000.0,
            600_000.0,
            1_800_000.0,
            3_600_000.0,
            30_600_000.0,
            86_400_000.0,
        ],
    ),
    ("workflow_task_execution_latency", WORKFLOW_TASK),
    ("workflow_task_replay_latency", WORKFLOW_TASK),
    (
        "schedule_to_start_latency",
        &[
            100.0,
            500.0,
            1_000.0,
            5_000.0,
            10_000.0,
            100_000.0,
            1_000_000.0,
        ],
    ),
    (
        "_activity_execution_latency",
        &[50.0, 100.0, 500.0, 1_000.0, 5_000.0, 10_000.0, 60_000.0],
    ),
];

const WORKFLOW_TASK: &[f64] = &[1.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0];
const OTHERS: &[f64] = &[50.0, 100.0, 500.0, 1_000.0, 2_500.0, 10_000.0];

/// The bounds of a histogram: those that the user wants for names with this part, or ours.
pub(super) fn of(name: &str, in_seconds: bool, overrides: &BTreeMap<String, Vec<f64>>) -> Vec<f64> {
    if let Some((_, bounds)) = overrides.iter().find(|(part, _)| name.contains(*part)) {
        return bounds.clone();
    }
    let is_local = name.ends_with("local_activity_execution_latency");
    let known = BOUNDS.iter().find(|(end, _)| name.ends_with(end));
    let bounds = match known {
        Some((_, bounds)) if !is_local => bounds,
        _ => OTHERS,
    };
    let scale = if in_seconds { 1_000.0 } else { 1.0 };
    bounds.iter().map(|bound| bound / scale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// K9, as a scrape of the official package 1.35.0 shows them.
    #[test]
    fn each_metric_has_its_bounds() {
        let none = BTreeMap::new();
        let of = |name| super::of(name, false, &none);
        assert_eq!(
            of("temporal_activity_execution_latency").last(),
            Some(&60_000.0)
        );
        assert_eq!(of("temporal_local_activity_execution_latency"), OTHERS);
        assert_eq!(of("temporal_activity_schedule_to_start_latency").len(), 7);
        assert_eq!(of("temporal_workflow_task_replay_latency"), WORKFLOW_TASK);
        assert_eq!(of("mine"), OTHERS);
        assert_eq!(super::of("mine", true, &none)[0], 0.05);
        let mine = BTreeMap::from([("endtoend".to_owned(), vec![1.0, 2.5])]);
        assert_eq!(
            super::of("temporal_workflow_endtoend_latency", true, &mine),
            [1.0, 2.5]
        );
    }
}
