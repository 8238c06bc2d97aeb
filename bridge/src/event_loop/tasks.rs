//! The tasks of a run: asyncio's own, kept until they are done and named after their workflow.

use pyo3::{
    exceptions::PyRuntimeError,
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyDict, PySet, PyType},
};

use super::EventLoop;

/// asyncio holds tasks weakly only; a task that is collected early would never go on.
///
/// Those that are done are looked for now and then. To be told by each of them would cost a context,
/// a list, a tuple and a callback for each task.
pub(super) struct Tasks {
    pub(super) alive: Py<PySet>,
    /// How many callbacks have run since the last look; each has ended one task at most. There is one
    /// look at a task for each of them.
    steps: usize,
    name_suffix: String,
    last: u64,
}

/// After so many callbacks, tasks that are done are looked for before the loop is idle.
pub(super) const STEPS_BETWEEN_LOOKS: usize = 1000;

impl Tasks {
    pub(super) fn new(py: Python<'_>, name_suffix: String) -> PyResult<Self> {
        Ok(Self {
            alive: PySet::empty(py)?.unbind(),
            steps: 0,
            name_suffix,
            last: 0,
        })
    }

    fn name(&mut self, given: Option<&str>) -> String {
        let suffix = &self.name_suffix;
        match given {
            Some(name) if !name.is_empty() => format!("{name}{suffix}"),
            _ => {
                self.last += 1;
                format!("Task-{}{suffix}", self.last)
            }
        }
    }
}

#[pymethods]
impl EventLoop {
    /// The tasks that are not done.
    #[getter]
    fn tasks(slf: &Bound<'_, Self>) -> PyResult<Py<PySet>> {
        Self::forget_done_tasks(slf)?;
        Ok(slf.borrow().living_tasks()?.alive.clone_ref(slf.py()))
    }

    /// Creates a task that this loop runs. Where none may be started now, the coroutine is closed.
    #[pyo3(signature = (coro, *, name = None, context = None, **_options))]
    fn create_task<'py>(
        slf: &Bound<'py, Self>,
        coro: Bound<'py, PyAny>,
        name: Option<&str>,
        context: Option<Bound<'py, PyAny>>,
        _options: Option<Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        static TASK: PyOnceLock<Py<PyType>> = PyOnceLock::new();
        let py = slf.py();
        let commands = slf.borrow().commands(py)?;
        let admitted = commands.borrow().admit(py, "schedule task");
        if let Err(refused) = admitted {
            coro.call_method0(intern!(py, "close"))?;
            return Err(refused);
        }
        let name = slf.borrow_mut().living_tasks_mut()?.name(name);
        let options = PyDict::new(py);
        options.set_item(intern!(py, "loop"), slf)?;
        options.set_item(intern!(py, "name"), name)?;
        // Before 3.11, a task cannot be given a context.
        if let Some(context) = context
            && py.version_info() >= (3, 11)
        {
            options.set_item(intern!(py, "context"), context)?;
        }
        let task = TASK
            .import(py, "asyncio", "Task")?
            .call((coro,), Some(&options))?;
        Self::keep(slf, &task)?;
        Ok(task)
    }

    /// Keeps a task of another class until it is done, and names it after its workflow as well.
    fn adopt_task(slf: &Bound<'_, Self>, task: &Bound<'_, PyAny>, name: &str) -> PyResult<()> {
        let name = slf.borrow_mut().living_tasks_mut()?.name(Some(name));
        task.call_method1(intern!(slf.py(), "set_name"), (name,))?;
        Self::keep(slf, task)
    }
}

impl EventLoop {
    fn keep(slf: &Bound<'_, Self>, task: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = slf.py();
        let alive = slf.borrow().living_tasks()?.alive.clone_ref(py);
        alive.bind(py).add(task)?;
        // A run that leaves the cache takes pending tasks along; that is no news to the user.
        task.setattr(intern!(py, "_log_destroy_pending"), false)
    }

    /// Lets go of the tasks that so many callbacks have ended, if a look at all is worth it.
    pub(super) fn forget_done_after(slf: &Bound<'_, Self>, steps: usize) -> PyResult<()> {
        let worth = match &mut slf.borrow_mut().tasks {
            Some(tasks) => {
                tasks.steps += steps;
                tasks.steps >= tasks.alive.bind(slf.py()).len()
            }
            None => false,
        };
        match worth {
            true => Self::forget_done_tasks(slf),
            false => Ok(()),
        }
    }

    fn forget_done_tasks(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        let alive = {
            let mut event_loop = slf.borrow_mut();
            let tasks = event_loop.living_tasks_mut()?;
            tasks.steps = 0;
            tasks.alive.clone_ref(py).into_bound(py)
        };
        // A task of a user's class may answer with code that makes further ones.
        let all: Vec<_> = alive.iter().collect();
        for task in all {
            if task.call_method0(intern!(py, "done"))?.is_truthy()? {
                alive.discard(task)?;
            }
        }
        Ok(())
    }

    fn living_tasks(&self) -> PyResult<&Tasks> {
        self.tasks.as_ref().ok_or_else(torn_down)
    }

    fn living_tasks_mut(&mut self) -> PyResult<&mut Tasks> {
        self.tasks.as_mut().ok_or_else(torn_down)
    }
}

fn torn_down() -> PyErr {
    PyRuntimeError::new_err("event loop was torn down")
}
