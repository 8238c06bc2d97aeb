//! Commands that only leave a marker in the history.

use callboard_actors::workflow::Command;
use pyo3::prelude::*;

use super::Commands;

#[pymethods]
impl Commands {
    /// Records that the run took the new way of a patch.
    fn set_patch_marker(
        &mut self,
        py: Python<'_>,
        patch_id: String,
        deprecated: bool,
    ) -> PyResult<()> {
        self.issue(
            py,
            Command::SetPatchMarker {
                patch_id,
                deprecated,
            },
        )
    }
}
