//! The stub service as a program: any worker can be pointed at it, in any process.
//!
//! Its argument is a task queue. It says on standard output where it listens, as a JSON object, and
//! for each line `run COUNT IN_FLIGHT` on standard input it drives so many workflows `Sum`, so many of
//! them at a time, checks every result, and says how many seconds they took. It ends with its input.

use std::{
    error::Error,
    io::{BufRead, Write},
    time::Instant,
};

use callboard_benches::{
    rust_workflows::{WORKFLOW_TYPE, number, number_in},
    stub::{RunEnd, Stub, serve},
};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let task_queue = std::env::args()
        .nth(1)
        .ok_or("the first argument must be a task queue")?;
    keep_freed_memory();
    let runtime = tokio::runtime::Runtime::new()?;
    let mut drive = Drive {
        stub: Stub::new(),
        task_queue,
        ended: 0,
    };
    let (address, server) = runtime.block_on(serve(drive.stub.clone()))?;
    let _server = runtime.spawn(server);
    say(&format!(r#"{{"address": "{address}"}}"#))?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (count, in_flight) = read_request(&line)?;
        let began = Instant::now();
        runtime.block_on(drive.run(count, in_flight));
        let seconds = began.elapsed().as_secs_f64();
        drive.check(count)?;
        say(&format!(r#"{{"seconds": {seconds}}}"#))?;
    }
    // Polls wait for a minute; nobody waits for their answers any more.
    runtime.shutdown_background();
    Ok(())
}

/// Has glibc keep what is freed. Each compressed answer takes some 300 kB for a moment; to get them from
/// the system and give them back each time costs more than all else that the stub does, on the cores
/// that the measured worker runs on.
fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    for parameter in [libc::M_MMAP_THRESHOLD, libc::M_TRIM_THRESHOLD] {
        const LARGEST: libc::c_int = 16 * 1024 * 1024;
        // SAFETY: sets a number; no other thread runs yet.
        let taken = unsafe { libc::mallopt(parameter, LARGEST) };
        assert_eq!(taken, 1, "malloc parameter {parameter} was refused");
    }
}

fn read_request(line: &str) -> Outcome<(usize, usize)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let ["run", count, in_flight] = words[..] else {
        return Err(format!("expected run COUNT IN_FLIGHT, got {line:?}").into());
    };
    Ok((count.parse()?, in_flight.parse()?))
}

fn say(answer: &str) -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{answer}")?;
    output.flush()
}

struct Drive {
    stub: Stub,
    task_queue: String,
    /// Workflows that earlier requests have driven.
    ended: usize,
}

impl Drive {
    async fn run(&mut self, count: usize, in_flight: usize) {
        for index in 0..count {
            self.stub
                .wait_for_ends((self.ended + index + 1).saturating_sub(in_flight))
                .await;
            let input = vec![number(index as u64)];
            self.stub
                .start_workflow(index.to_string(), WORKFLOW_TYPE, &self.task_queue, input);
        }
        self.ended += count;
        self.stub.wait_for_ends(self.ended).await;
    }

    fn check(&self, count: usize) -> Outcome<()> {
        let ends = self.stub.take_ends();
        if ends.len() != count {
            return Err(format!("{} workflows ended, expected {count}", ends.len()).into());
        }
        for (workflow_id, end) in ends {
            let expected = workflow_id.parse::<u64>()? * 2 + 1;
            match end {
                RunEnd::Completed(result) if number_in(result.first()) == Ok(expected) => {}
                other => {
                    let message = format!("{workflow_id} ended as {other:?}, expected {expected}");
                    return Err(message.into());
                }
            }
        }
        self.stub.forget_ended();
        Ok(())
    }
}
