//! How much of the memory and the processors that a process may use is in use.
//!
//! In a control group (of version 2) with a limit, that limit counts and what the group uses of it;
//! memory that the system could take back at once, such as pages of files, does not count as used.
//! Otherwise it is the machine.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use sysinfo::{MINIMUM_CPU_UPDATE_INTERVAL, System};

/// Shares between 0 and 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Usage {
    pub memory: f64,
    pub cpu: f64,
}

/// Takes one measurement after the other.
pub(super) struct UsageGauge {
    system: System,
    group: Option<PathBuf>,
    cpu: Option<CpuOfGroup>,
    machine_cpu: f64,
    measured_machine: Option<Instant>,
}

/// Processor time of the group, when it was last read.
struct CpuOfGroup {
    at: Instant,
    used: Duration,
}

impl UsageGauge {
    pub(super) fn new() -> Self {
        Self::of(group_of_this_process(
            Path::new("/proc/self/cgroup"),
            Path::new("/sys/fs/cgroup"),
        ))
    }

    fn of(group: Option<PathBuf>) -> Self {
        Self {
            system: System::new(),
            group,
            cpu: None,
            machine_cpu: 0.0,
            measured_machine: None,
        }
    }

    pub(super) fn measure(&mut self) -> Usage {
        Usage {
            memory: self
                .memory_of_group()
                .unwrap_or_else(|| self.memory_of_machine()),
            cpu: self.cpu_of_group().unwrap_or_else(|| self.cpu_of_machine()),
        }
    }

    fn memory_of_group(&self) -> Option<f64> {
        let group = self.group.as_deref()?;
        let limit: f64 = number(&group.join("memory.max"))?;
        let used = field(&group.join("memory.stat"), "anon")?;
        Some(used / limit)
    }

    fn memory_of_machine(&mut self) -> f64 {
        self.system.refresh_memory();
        let total = self.system.total_memory();
        if total == 0 {
            return 0.0;
        }
        1.0 - self.system.available_memory() as f64 / total as f64
    }

    fn cpu_of_group(&mut self) -> Option<f64> {
        let group = self.group.as_deref()?;
        let limit = fs::read_to_string(group.join("cpu.max")).ok()?;
        let (quota, period) = limit.trim().split_once(' ')?;
        let processors = quota.parse::<f64>().ok()? / period.parse::<f64>().ok()?;
        let used = field(&group.join("cpu.stat"), "usage_usec")?;
        let now = CpuOfGroup {
            at: Instant::now(),
            used: Duration::from_secs_f64(used / 1e6),
        };
        let Some(before) = self.cpu.replace(now) else {
            return Some(0.0);
        };
        let now = self.cpu.as_ref()?;
        let elapsed = now.at.duration_since(before.at).as_secs_f64();
        let used = now.used.saturating_sub(before.used).as_secs_f64();
        (elapsed > 0.0).then(|| used / elapsed / processors)
    }

    fn cpu_of_machine(&mut self) -> f64 {
        let is_due = self
            .measured_machine
            .is_none_or(|last| last.elapsed() >= MINIMUM_CPU_UPDATE_INTERVAL);
        if is_due {
            self.system.refresh_cpu_usage();
            self.machine_cpu = f64::from(self.system.global_cpu_usage()) / 100.0;
            self.measured_machine = Some(Instant::now());
        }
        self.machine_cpu
    }
}

/// The folder of the group of version 2 that the process is in.
fn group_of_this_process(membership: &Path, root: &Path) -> Option<PathBuf> {
    let text = fs::read_to_string(membership).ok()?;
    let path = text.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let group = root.join(path);
    group.is_dir().then_some(group)
}

/// The number that a file consists of; none where it says that there is no limit.
fn number(file: &Path) -> Option<f64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

fn field(file: &Path, name: &str) -> Option<f64> {
    let text = fs::read_to_string(file).ok()?;
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(key, _)| *key == name)
        .and_then(|(_, value)| value.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str, files: &[(&str, &str)]) -> Self {
            let folder = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
            fs::create_dir_all(&folder).expect("a folder can be made");
            let folder = Self(folder);
            folder.write(files);
            folder
        }

        fn write(&self, files: &[(&str, &str)]) {
            for (name, text) in files {
                fs::write(self.0.join(name), text).expect("a file can be written");
            }
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_group_with_limits_is_measured_by_them() {
        let group = Folder::new(
            "usage-group",
            &[
                ("memory.max", "1000\n"),
                ("memory.stat", "anon 250\nfile 700\n"),
                ("cpu.max", "50000 100000\n"),
                ("cpu.stat", "usage_usec 1000000\nuser_usec 1\n"),
            ],
        );
        let mut gauge = UsageGauge::of(Some(group.0.clone()));
        assert_eq!(
            gauge.measure(),
            Usage {
                memory: 0.25,
                cpu: 0.0
            }
        );
        // More processor time than half a processor can have given since: it is all in use.
        group.write(&[("cpu.stat", "usage_usec 60000000\n")]);
        assert!(gauge.measure().cpu > 1.0);
    }

    #[test]
    fn without_limits_it_is_the_machine() {
        let group = Folder::new(
            "usage-unlimited",
            &[("memory.max", "max\n"), ("cpu.max", "max 100000\n")],
        );
        for group in [Some(group.0.clone()), None] {
            let usage = UsageGauge::of(group).measure();
            assert!((0.01..1.0).contains(&usage.memory), "{usage:?}");
            assert!((0.0..=1.0).contains(&usage.cpu), "{usage:?}");
        }
    }

    #[test]
    fn the_group_is_found_where_it_is_named() {
        let folder = Folder::new(
            "usage-membership",
            &[("cgroup", "1:cpu:/old\n0::/its/own\n")],
        );
        let membership = folder.0.join("cgroup");
        assert_eq!(group_of_this_process(&membership, &folder.0), None);
        fs::create_dir_all(folder.0.join("its/own")).expect("a folder can be made");
        let found = group_of_this_process(&membership, &folder.0);
        assert_eq!(found, Some(folder.0.join("its/own")));
    }
}
