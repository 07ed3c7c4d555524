//! What a run came to, for people and for programs.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::exit_of;
use super::keep::Kept;
use crate::cli::connect::INTERRUPTED;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{Output, complain};
use crate::dicomweb::WebError;

/// Something that did not come.
#[derive(Debug)]
pub struct Problem {
    /// What was to come; empty where it is about everything.
    pub what: String,
    pub error: WebError,
}

impl Problem {
    fn text(&self) -> String {
        if self.what.is_empty() { self.error.to_string() } else { format!("{}: {}", self.error, self.what) }
    }
}

#[derive(Debug, Default)]
pub struct Report {
    pub files: Vec<Kept>,
    pub problems: Vec<Problem>,
    /// Bytes that came over the network.
    pub received: u64,
    pub seconds: f64,
}

impl Report {
    /// Nothing could even be asked for.
    pub fn failed(error: WebError) -> Self {
        Self { problems: vec![Problem { what: String::new(), error }], ..Self::default() }
    }

    /// Says it, and answers with the exit code.
    pub fn print(&self, study: &str, folder: &Path, as_json: bool) -> Result<ExitCode, Failure> {
        for problem in &self.problems {
            complain(&problem.text());
        }
        let written = self.files.iter().filter(|file| file.written).count();
        let present = self.files.len() - written;
        let mut output = Output::new();
        if as_json {
            let file = |kept: &Kept| {
                json!({
                    "path": kept.path.display().to_string(),
                    "series": kept.series,
                    "instance": kept.instance,
                    "bytes": kept.bytes,
                    "written": kept.written,
                })
            };
            output.json_line(&json!({
                "study": study,
                "folder": folder.display().to_string(),
                "written": written,
                "present": present,
                "received_bytes": self.received,
                "seconds": self.seconds,
                "files": self.files.iter().map(file).collect::<Vec<_>>(),
                "problems": self.problems.iter().map(Problem::text).collect::<Vec<_>>(),
            }))?;
        } else if !self.files.is_empty() {
            let there = if present > 0 { format!(", {present} there already") } else { String::new() };
            let (size, folder) = (size(self.received as f64), folder.display());
            output.line(format!("{written} written{there}, {size} received: {folder}"))?;
        }
        output.flush()?;
        Ok(self.exit())
    }

    fn exit(&self) -> ExitCode {
        if self.problems.iter().any(|problem| problem.error == WebError::Cancelled) {
            return INTERRUPTED.into();
        }
        let exits = || self.problems.iter().map(|problem| exit_of(&problem.error));
        match (self.problems.is_empty(), self.files.is_empty()) {
            (true, false) => Exit::Done,
            (false, false) => Exit::Io,
            (_, true) if exits().any(|exit| exit == Exit::Io) => Exit::Io,
            (_, true) => Exit::Nothing,
        }
        .into()
    }
}

/// A number of bytes for people, with three digits at most.
pub fn size(bytes: f64) -> String {
    let mut value = bytes;
    for unit in ["B", "kB", "MB", "GB"] {
        if value < 999.5 {
            let digits = usize::from(value < 9.95 && unit != "B");
            return format!("{value:.digits$} {unit}");
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_few_digits() {
        let table = [
            (0.0, "0 B"),
            (999.0, "999 B"),
            (1000.0, "1.0 kB"),
            (9_960.0, "10 kB"),
            (2.5e8, "250 MB"),
            (1.26e9, "1.3 GB"),
        ];
        for (bytes, expected) in table {
            assert_eq!(size(bytes), expected);
        }
    }
}
