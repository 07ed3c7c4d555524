//! Runs the binary as a user would.

use std::ffi::OsStr;
use std::io::Read as _;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// What a run left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Standard output as JSON, one value a line.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
    }

    /// Standard output as one JSON value.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).expect("JSON")
    }

    /// Fails the test when the exit code is another one, showing what was said.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The program with some arguments, not yet running.
pub fn command<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_viewer"));
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs the program to its end.
#[track_caller]
pub fn viewer<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Ran {
    command(arguments).output().expect("the program starts").into()
}

/// Runs the program and closes its standard output after a few bytes, as `| head` does.
#[track_caller]
pub fn viewer_with_closed_pipe<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Ran {
    let mut child =
        command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut pipe = child.stdout.take().expect("a pipe");
    let mut some = [0; 8];
    pipe.read_exact(&mut some).ok();
    drop(pipe);
    child.wait_with_output().expect("the program ends").into()
}

/// Waits for something to become true.
pub fn wait_until(mut happened: impl FnMut() -> bool, patience: Duration) -> bool {
    let start = Instant::now();
    while start.elapsed() < patience {
        if happened() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    happened()
}
