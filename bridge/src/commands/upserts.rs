//! Commands that change what the server shows of a run.

use std::collections::HashMap;

use callboard_actors::{protos::common::v1::Memo, workflow::Command};
use pyo3::prelude::*;

use super::{Commands, children::to_search_attributes};
use crate::raw_payload::{self, Carried};

#[pymethods]
impl Commands {
    fn upsert_search_attributes(
        &mut self,
        py: Python<'_>,
        attributes: HashMap<String, Carried>,
    ) -> PyResult<()> {
        let attributes = to_search_attributes(attributes);
        self.issue(py, Command::UpsertSearchAttributes(attributes))
    }

    /// A null payload removes its key.
    fn upsert_memo(&mut self, py: Python<'_>, fields: HashMap<String, Carried>) -> PyResult<()> {
        let fields = raw_payload::unwrap_values(fields);
        self.issue(py, Command::UpsertMemo(Memo { fields }))
    }
}
