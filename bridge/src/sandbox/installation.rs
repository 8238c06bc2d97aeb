//! What the process shows differently while any thread executes code of a sandbox.
//!
//! That is `sys.modules`, and those builtins that are restricted: code outside of the sandbox that a
//! workflow calls must not use them either. Threads in no sandbox find what was there before.
//!
//! Invariant: no Python code runs while this is borrowed, so that the interpreter goes to no other
//! thread that could want it.

use pyo3::{
    intern,
    prelude::*,
    types::{PyDict, PyString},
};

#[pyclass(module = "temporalio.bridge._callboard")]
pub(crate) struct SandboxInstallation {
    users: usize,
    sys: Py<PyDict>,
    builtins: Py<PyDict>,
    make_view: Py<PyAny>,
    view: Option<View>,
    make_asking: Py<PyAny>,
    restricted: Vec<Restricted>,
}

/// `sys.modules` as each thread is to see it.
struct View {
    view: Py<PyAny>,
    /// What was there, and is seen by threads in no sandbox.
    outside: Py<PyAny>,
}

/// A builtin, with the function that stands in for it.
struct Restricted {
    name: Py<PyString>,
    original: Py<PyAny>,
    asking: Py<PyAny>,
}

/// What is to be seen.
#[derive(Clone, Copy)]
enum Side {
    Inside,
    Outside,
}

#[pymethods]
impl SandboxInstallation {
    /// `make_view` makes a view from a `sys.modules`, `make_asking` a function that asks the sandbox
    /// from a builtin's name and the builtin.
    #[new]
    fn new(py: Python<'_>, make_view: Py<PyAny>, make_asking: Py<PyAny>) -> PyResult<Self> {
        Ok(Self {
            users: 0,
            sys: py.import("sys")?.dict().unbind(),
            builtins: py.import("builtins")?.dict().unbind(),
            make_view,
            view: None,
            make_asking,
            restricted: Vec::new(),
        })
    }

    /// Has a builtin ask the sandbox that the calling thread is in.
    fn add_builtin(slf: &Bound<'_, Self>, name: &Bound<'_, PyString>) -> PyResult<()> {
        let py = slf.py();
        let (builtins, make_asking) = {
            let this = slf.borrow();
            if this.restricts(name)? {
                return Ok(());
            }
            (this.builtins.clone_ref(py), this.make_asking.clone_ref(py))
        };
        let original = builtins.bind(py).as_any().get_item(name)?;
        let asking = make_asking.bind(py).call1((name, &original))?;
        let mut this = slf.borrow_mut();
        if this.restricts(name)? {
            return Ok(());
        }
        if this.users > 0 {
            builtins.bind(py).set_item(name, &asking)?;
        }
        this.restricted.push(Restricted {
            name: name.clone().unbind(),
            original: original.unbind(),
            asking: asking.unbind(),
        });
        Ok(())
    }

    /// Shows all that until `uninstall` was called as often.
    fn install(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        if slf.borrow().lacks_view(py)? {
            Self::make_new_view(slf)?;
        }
        let mut this = slf.borrow_mut();
        this.users += 1;
        match this.users {
            1 => this.show(py, Side::Inside),
            _ => Ok(()),
        }
    }

    /// Undoes one `install`.
    fn uninstall(&mut self, py: Python<'_>) -> PyResult<()> {
        self.users = self.users.saturating_sub(1);
        match self.users {
            0 => self.show(py, Side::Outside),
            _ => Ok(()),
        }
    }
}

impl SandboxInstallation {
    fn restricts(&self, name: &Bound<'_, PyString>) -> PyResult<bool> {
        for one in &self.restricted {
            if one.name.bind(name.py()).as_any().eq(name)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Somebody may have put another dict there since the last time.
    fn lacks_view(&self, py: Python<'_>) -> PyResult<bool> {
        let Some(view) = &self.view else {
            return Ok(true);
        };
        if self.users > 0 {
            return Ok(false);
        }
        let modules = self.sys.bind(py).get_item(intern!(py, "modules"))?;
        Ok(!modules.is_some_and(|modules| modules.is(&view.outside)))
    }

    fn make_new_view(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        let (sys, make_view) = {
            let this = slf.borrow();
            (this.sys.clone_ref(py), this.make_view.clone_ref(py))
        };
        let outside = sys.bind(py).as_any().get_item(intern!(py, "modules"))?;
        let view = make_view.bind(py).call1((&outside,))?;
        let mut this = slf.borrow_mut();
        // Another thread may have been quicker, and its view may be in place by now.
        let former = match this.users {
            0 => this.view.replace(View {
                view: view.unbind(),
                outside: outside.unbind(),
            }),
            _ => None,
        };
        drop(this);
        drop(former);
        Ok(())
    }

    /// What somebody else has put in a builtin's place meanwhile stays.
    fn show(&self, py: Python<'_>, side: Side) -> PyResult<()> {
        if let Some(view) = &self.view {
            let modules = match side {
                Side::Inside => &view.view,
                Side::Outside => &view.outside,
            };
            let sys = self.sys.bind(py);
            sys.set_item(intern!(py, "modules"), modules)?;
        }
        let builtins = self.builtins.bind(py);
        for one in &self.restricted {
            let (former, new) = match side {
                Side::Inside => (&one.original, &one.asking),
                Side::Outside => (&one.asking, &one.original),
            };
            let found = builtins.get_item(&one.name)?;
            if found.is_some_and(|found| found.is(former)) {
                builtins.set_item(&one.name, new)?;
            }
        }
        Ok(())
    }
}
