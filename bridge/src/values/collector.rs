//! Python's garbage collector, kept from looking at what is only being made.

use pyo3::ffi;

/// While it exists, no collection begins: all that is made is in use, and going over it again and
/// again would take longer than making it.
///
/// The interpreter must not be let go of meanwhile, and no code of the user may run. So nobody can
/// see that the collector is off, or turn it on or off in between.
pub(super) struct CollectorPause {
    was_enabled: bool,
}

impl CollectorPause {
    /// The interpreter must be attached, and is until the end of the pause.
    pub(super) fn begin() -> Self {
        // SAFETY: the caller's.
        let was_enabled = unsafe { ffi::PyGC_Disable() } != 0;
        Self { was_enabled }
    }
}

impl Drop for CollectorPause {
    fn drop(&mut self) {
        if self.was_enabled {
            // SAFETY: as above.
            unsafe { ffi::PyGC_Enable() };
        }
    }
}
