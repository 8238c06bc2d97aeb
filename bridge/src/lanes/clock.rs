//! How much processor time a thread has used, as seen from any thread.

use std::time::Duration;

/// Reads one thread's clock. It reads nothing once that thread has ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct ThreadClock(#[cfg(target_os = "linux")] libc::clockid_t);

#[cfg(target_os = "linux")]
impl ThreadClock {
    pub(super) fn of_this_thread() -> Option<Self> {
        let mut clock = 0;
        // SAFETY: the calling thread lives, and the pointer is to a local variable.
        let failed = unsafe { libc::pthread_getcpuclockid(libc::pthread_self(), &mut clock) };
        (failed == 0).then_some(Self(clock))
    }

    pub(super) fn used(self) -> Option<Duration> {
        let mut time = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // SAFETY: the pointer is to a local variable; a clock that is gone is reported as an error.
        let failed = unsafe { libc::clock_gettime(self.0, &mut time) };
        (failed == 0).then(|| Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
    }
}

/// Without such a clock, waiting for the interpreter counts like anything else.
#[cfg(not(target_os = "linux"))]
impl ThreadClock {
    pub(super) fn of_this_thread() -> Option<Self> {
        None
    }

    pub(super) fn used(self) -> Option<Duration> {
        None
    }
}
