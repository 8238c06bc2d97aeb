//! State of loaded modules that runs on one lane exchange between their turns.
//!
//! Python has found out what that state consists of (`workflow_sandbox/_sharing.py`): a list of
//! nodes, each with contents that workflow code can change. [`SandboxState`] knows their pristine
//! contents. After a run's turn it looks for nodes that are not pristine, by comparing pointers,
//! keeps what they hold as the run's [`Overlay`], and puts the pristine contents back. Before the
//! run's next turn the overlay is put in again. A run that changes nothing has no overlay.
//!
//! What a run attaches to a node is reachable through that node only, so it is out of reach of all
//! others while it is in the overlay.

mod bodies;
mod entries;
mod function;
mod installation;
mod node;

use pyo3::{
    PyTraverseError, PyVisit,
    prelude::*,
    types::{PyDict, PyList},
};

pub(crate) use installation::SandboxInstallation;
use node::{Node, Saved};

/// What one run has made of the shared state.
#[pyclass(module = "temporalio.bridge._callboard")]
pub(crate) struct SandboxOverlay {
    saved: Vec<(usize, Saved)>,
}

#[pymethods]
impl SandboxOverlay {
    fn __len__(&self) -> usize {
        self.saved.len()
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.saved
            .iter()
            .try_for_each(|(_, saved)| saved.traverse(&visit))
    }

    fn __clear__(&mut self) {
        self.saved.clear();
    }
}

/// The nodes of one environment, and what they hold when no run has its turn.
#[pyclass(module = "temporalio.bridge._callboard")]
pub(crate) struct SandboxState {
    nodes: Vec<Node>,
    /// Attributes of classes that are worked out from the classes alone, and so hold for all runs.
    derived: Vec<String>,
}

#[pymethods]
impl SandboxState {
    /// Takes what the nodes hold now as pristine. A node is its kind and the object.
    #[new]
    fn new(nodes: Vec<(String, Bound<'_, PyAny>)>, derived: Vec<String>) -> PyResult<Self> {
        let nodes = nodes.iter().map(|(kind, object)| Node::new(kind, object));
        Ok(Self {
            nodes: nodes.collect::<PyResult<_>>()?,
            derived,
        })
    }

    /// Before a run's turn: puts in what the run has made of the state.
    fn put_in(&self, py: Python<'_>, overlay: &SandboxOverlay) -> PyResult<()> {
        for (index, saved) in &overlay.saved {
            self.nodes[*index].put_in(py, saved)?;
        }
        Ok(())
    }

    /// After a run's turn: takes out what differs from the pristine state, and restores that.
    ///
    /// `former` is what was put in before the turn.
    fn take_out(
        &mut self,
        py: Python<'_>,
        former: Option<&Bound<'_, SandboxOverlay>>,
    ) -> PyResult<Option<SandboxOverlay>> {
        if former.is_none() && self.adopt(py)? {
            return Ok(None);
        }
        let former = former.map(|overlay| std::mem::take(&mut overlay.borrow_mut().saved));
        let mut former = former.unwrap_or_default().into_iter().peekable();
        let mut saved = Vec::new();
        for (index, node) in self.nodes.iter().enumerate() {
            let before = former.next_if(|(place, _)| *place == index);
            if let Some(changed) = node.take_out(py, before.map(|(_, saved)| saved))? {
                saved.push((index, changed));
            }
        }
        Ok((!saved.is_empty()).then_some(SandboxOverlay { saved }))
    }

    fn __len__(&self) -> usize {
        self.nodes.len()
    }

    /// The objects that a function holds, without working out what it has not worked out yet.
    #[staticmethod]
    fn function_parts<'py>(function: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
        function::parts(function)
    }

    /// The dict of an instance, past whatever its class has under that name.
    #[staticmethod]
    fn instance_dict<'py>(instance: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
        node::instance_dict(instance)
    }

    /// The kinds of the nodes, for messages.
    fn kinds<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.nodes.iter().map(Node::kind))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.nodes.iter().try_for_each(|node| node.traverse(&visit))
    }

    fn __clear__(&mut self) {
        self.nodes.clear();
    }
}

impl SandboxState {
    /// Takes derived attributes as pristine. Returns whether the state is pristine now.
    ///
    /// Only done if nothing else has changed: then they are derived from pristine classes.
    fn adopt(&mut self, py: Python<'_>) -> PyResult<bool> {
        let mut gained = Vec::new();
        for (index, node) in self.nodes.iter().enumerate() {
            if !node.is_pristine(py) {
                if !node.has_only_gained(py, &self.derived) {
                    return Ok(false);
                }
                gained.push(index);
            }
        }
        for index in gained {
            self.nodes[index].adopt(py)?;
        }
        Ok(true)
    }
}
