//! Keys in the order in which they were last used, each operation in constant time.

use std::{collections::HashMap, hash::Hash};

const NONE: usize = usize::MAX;

/// A doubly linked list laid in a vector, with an index by key.
#[derive(Debug)]
pub(super) struct Recency<K> {
    nodes: Vec<Node<K>>,
    index: HashMap<K, usize>,
    free: Vec<usize>,
    oldest: usize,
    newest: usize,
}

#[derive(Debug)]
struct Node<K> {
    /// None while the node is free.
    key: Option<K>,
    older: usize,
    newer: usize,
}

impl<K> Default for Recency<K> {
    fn default() -> Self {
        Self {
            nodes: Vec::new(),
            index: HashMap::new(),
            free: Vec::new(),
            oldest: NONE,
            newest: NONE,
        }
    }
}

impl<K: Clone + Eq + Hash> Recency<K> {
    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    /// Makes the key the newest, whether it was there or not.
    pub(super) fn touch(&mut self, key: K) {
        self.remove(&key);
        let node = Node {
            key: Some(key.clone()),
            older: self.newest,
            newer: NONE,
        };
        let at = match self.free.pop() {
            Some(at) => {
                self.nodes[at] = node;
                at
            }
            None => {
                self.nodes.push(node);
                self.nodes.len() - 1
            }
        };
        match self.newest {
            NONE => self.oldest = at,
            newest => self.nodes[newest].newer = at,
        }
        self.newest = at;
        self.index.insert(key, at);
    }

    pub(super) fn remove(&mut self, key: &K) -> bool {
        let Some(at) = self.index.remove(key) else {
            return false;
        };
        let (older, newer) = (self.nodes[at].older, self.nodes[at].newer);
        match older {
            NONE => self.oldest = newer,
            older => self.nodes[older].newer = newer,
        }
        match newer {
            NONE => self.newest = older,
            newer => self.nodes[newer].older = older,
        }
        self.nodes[at].key = None;
        self.free.push(at);
        true
    }

    pub(super) fn pop_oldest(&mut self) -> Option<K> {
        let oldest = self.nodes.get(self.oldest)?.key.clone()?;
        self.remove(&oldest);
        Some(oldest)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Behaves as a plain list in which the newest key stands last.
        #[test]
        fn behaves_as_a_list(steps in prop::collection::vec((0u8..3, 0u8..6), 0..200)) {
            let mut recency = Recency::default();
            let mut list: Vec<u8> = Vec::new();
            for (step, key) in steps {
                match step {
                    0 => {
                        recency.touch(key);
                        list.retain(|other| *other != key);
                        list.push(key);
                    }
                    1 => {
                        let held = list.contains(&key);
                        list.retain(|other| *other != key);
                        prop_assert_eq!(recency.remove(&key), held);
                    }
                    _ => {
                        let expected = (!list.is_empty()).then(|| list.remove(0));
                        prop_assert_eq!(recency.pop_oldest(), expected);
                    }
                }
                prop_assert_eq!(recency.len(), list.len());
            }
            let rest: Vec<u8> = std::iter::from_fn(|| recency.pop_oldest()).collect();
            prop_assert_eq!(rest, list);
        }
    }
}
