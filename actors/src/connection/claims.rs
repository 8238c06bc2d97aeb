//! What the workers of a connection take from which task queue. No two of them take the same: they
//! would do as one worker does, and tasks that belong to one would reach the other.

use std::{
    fmt,
    sync::{Arc, Weak},
};

use parking_lot::Mutex;

/// What a worker takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub namespace: String,
    pub task_queue: String,
    /// Of the worker's deployment; workers of other builds get other tasks.
    pub build_id: Option<String>,
    pub workflows: bool,
    pub activities: bool,
}

/// Another worker of the connection takes such tasks already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap {
    claimed: Claim,
}

/// Held as long as this lives.
pub struct HeldClaim {
    claim: Arc<Claim>,
    all: Weak<Mutex<Vec<Arc<Claim>>>>,
}

/// All claims that workers of one connection hold.
#[derive(Clone, Default)]
pub(super) struct Claims {
    all: Arc<Mutex<Vec<Arc<Claim>>>>,
}

impl Claims {
    /// Holds a claim, if no other one has a part of it.
    ///
    /// A worker that comes with a claim which it holds already, of whichever connection, is not in its
    /// own way.
    pub(super) fn hold(
        &self,
        claim: Claim,
        instead_of: Option<&HeldClaim>,
    ) -> Result<HeldClaim, Overlap> {
        let mut all = self.all.lock();
        let own = instead_of.map(|held| &held.claim);
        let others = all
            .iter()
            .filter(|other| own.is_none_or(|own| !Arc::ptr_eq(own, other)));
        if let Some(claimed) = { others }.find_map(|other| claim.common_with(other)) {
            return Err(Overlap { claimed });
        }
        let claim = Arc::new(claim);
        all.push(claim.clone());
        Ok(HeldClaim {
            claim,
            all: Arc::downgrade(&self.all),
        })
    }
}

impl Claim {
    fn common_with(&self, other: &Self) -> Option<Self> {
        let common = Self {
            workflows: self.workflows && other.workflows,
            activities: self.activities && other.activities,
            ..self.clone()
        };
        let is_same_place = self.namespace == other.namespace
            && self.task_queue == other.task_queue
            && self.build_id == other.build_id;
        (is_same_place && (common.workflows || common.activities)).then_some(common)
    }
}

impl Drop for HeldClaim {
    fn drop(&mut self) {
        if let Some(all) = self.all.upgrade() {
            all.lock().retain(|claim| !Arc::ptr_eq(claim, &self.claim));
        }
    }
}

impl fmt::Display for Overlap {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Claim {
            namespace,
            task_queue,
            build_id,
            workflows,
            activities,
        } = &self.claimed;
        let kinds = match (workflows, activities) {
            (true, true) => "workflow and activity tasks",
            (true, false) => "workflow tasks",
            _ => "activity tasks",
        };
        write!(
            formatter,
            "Registration of multiple workers with overlapping worker task types on the same \
             namespace, task queue, and deployment build ID not allowed: another worker of this \
             client takes {kinds} from task queue {task_queue:?} of namespace {namespace:?}",
        )?;
        match build_id {
            Some(build_id) => write!(formatter, " as build {build_id:?}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Overlap {}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(workflows: bool, activities: bool) -> Claim {
        Claim {
            namespace: "default".into(),
            task_queue: "queue".into(),
            build_id: None,
            workflows,
            activities,
        }
    }

    #[test]
    fn kinds_of_tasks_are_claimed_apart() {
        let claims = Claims::default();
        let _workflows = claims.hold(claim(true, false), None).expect("is free");
        let activities = claims.hold(claim(false, true), None).expect("is free");
        let overlap = claims.hold(claim(true, true), None).err().expect("is not");
        assert!(
            overlap
                .to_string()
                .contains("takes workflow tasks from task queue \"queue\"")
        );
        drop(activities);
        assert!(claims.hold(claim(false, true), None).is_ok());
    }

    #[test]
    fn other_queues_namespaces_and_builds_are_not_in_the_way() {
        let claims = Claims::default();
        let mut held = vec![claims.hold(claim(true, true), None).expect("is free")];
        for other in [
            Claim {
                namespace: "other".into(),
                ..claim(true, true)
            },
            Claim {
                task_queue: "other".into(),
                ..claim(true, true)
            },
            Claim {
                build_id: Some("1".into()),
                ..claim(true, true)
            },
            Claim {
                build_id: Some("2".into()),
                ..claim(true, true)
            },
        ] {
            held.push(claims.hold(other.clone(), None).expect("is free"));
            let overlap = claims.hold(other, None).err().expect("is held now");
            assert!(
                overlap
                    .to_string()
                    .contains("takes workflow and activity tasks from")
            );
        }
    }

    #[test]
    fn a_worker_is_not_in_its_own_way() {
        let claims = Claims::default();
        let held = claims.hold(claim(true, false), None).expect("is free");
        let renewed = claims
            .hold(claim(true, false), Some(&held))
            .expect("its own");
        drop(held);
        assert!(claims.hold(claim(true, false), None).is_err());
        drop(renewed);
        assert!(claims.hold(claim(true, false), None).is_ok());
    }
}
