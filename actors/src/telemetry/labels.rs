//! The names and values that tell series of one metric apart.

use std::{
    any::Any,
    collections::BTreeMap,
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, OnceLock},
};

/// The value of a label.
#[derive(Clone, Debug)]
pub enum LabelValue {
    Text(Arc<str>),
    Whole(i64),
    Real(f64),
    Flag(bool),
}

impl LabelValue {
    /// Numbers that are equal as such have equal bits here, but for the two zeros.
    fn bits(&self) -> (u8, u64, &str) {
        match self {
            Self::Text(text) => (0, 0, text),
            Self::Whole(number) => (1, number.cast_unsigned(), ""),
            Self::Real(number) => (2, number.to_bits(), ""),
            Self::Flag(flag) => (3, u64::from(*flag), ""),
        }
    }
}

impl PartialEq for LabelValue {
    fn eq(&self, other: &Self) -> bool {
        self.bits() == other.bits()
    }
}

impl Eq for LabelValue {}

impl Hash for LabelValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bits().hash(state);
    }
}

impl fmt::Display for LabelValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Whole(number) => write!(f, "{number}"),
            Self::Real(number) => write!(f, "{number}"),
            Self::Flag(flag) => write!(f, "{flag}"),
        }
    }
}

impl From<&str> for LabelValue {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

/// Labels, sorted by name. Clones share them.
#[derive(Clone)]
pub struct Labels(Arc<Set>);

struct Set {
    pairs: BTreeMap<Arc<str>, LabelValue>,
    /// Of the pairs: they are looked up with every value that user code records.
    hash: u64,
    remark: Remark,
}

/// Room for what a reader wants to find again with each update, such as its own form of the same thing.
pub type Remark = OnceLock<Box<dyn Any + Send + Sync>>;

impl Labels {
    pub fn new<K, V>(pairs: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<Arc<str>>,
        V: Into<LabelValue>,
    {
        let pairs = pairs.into_iter().map(|(k, v)| (k.into(), v.into()));
        Self::of(pairs.collect())
    }

    pub fn none() -> Self {
        Self::of(BTreeMap::new())
    }

    fn of(pairs: BTreeMap<Arc<str>, LabelValue>) -> Self {
        let mut hasher = DefaultHasher::new();
        pairs.hash(&mut hasher);
        Self(Arc::new(Set {
            pairs,
            hash: hasher.finish(),
            remark: Remark::new(),
        }))
    }

    /// These and others, which win over those of the same name.
    pub fn with<K, V>(&self, others: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<Arc<str>>,
        V: Into<LabelValue>,
    {
        let mut pairs = self.0.pairs.clone();
        pairs.extend(others.into_iter().map(|(k, v)| (k.into(), v.into())));
        Self::of(pairs)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &LabelValue)> {
        self.0.pairs.iter().map(|(name, value)| (&**name, value))
    }

    pub fn remark(&self) -> &Remark {
        &self.0.remark
    }
}

impl PartialEq for Labels {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.hash == other.0.hash && self.0.pairs == other.0.pairs)
    }
}

impl Eq for Labels {}

impl Hash for Labels {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash.hash(state);
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_labels_are_equal_in_any_order_and_later_ones_win() {
        let one = Labels::new([("b", "2"), ("a", "1")]);
        let other = Labels::new([("a", "0")]).with([("a", "1"), ("b", "2")]);
        assert_eq!(one, other);
        let names: Vec<_> = one.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "b"]);
        assert_ne!(one, one.with([("a", LabelValue::Whole(1))]));
        assert_eq!(Labels::none().with([("a", "1"), ("b", "2")]), one);
    }
}
