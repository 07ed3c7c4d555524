//! The only place that writes to standard output and standard error.
//!
//! Output that nobody reads any more must not panic, which `println!` does; so every line goes through here.

use std::io::{self, BufWriter, StdoutLock, Write};

use serde::Serialize;

use super::exit::Failure;

/// Buffered standard output, flushed on demand.
pub struct Output {
    out: BufWriter<StdoutLock<'static>>,
}

impl Output {
    pub fn new() -> Self {
        Self { out: BufWriter::new(io::stdout().lock()) }
    }

    /// One line of text.
    pub fn line(&mut self, text: impl AsRef<str>) -> Result<(), Failure> {
        self.out.write_all(text.as_ref().as_bytes())?;
        Ok(self.out.write_all(b"\n")?)
    }

    /// One JSON value on one line.
    pub fn json_line(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        serde_json::to_writer(&mut self.out, value).map_err(io::Error::from)?;
        Ok(self.out.write_all(b"\n")?)
    }

    /// One JSON value over several indented lines.
    pub fn json_pretty(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        serde_json::to_writer_pretty(&mut self.out, value).map_err(io::Error::from)?;
        Ok(self.out.write_all(b"\n")?)
    }

    /// Where those write who write as they go.
    pub fn writer(&mut self) -> &mut impl Write {
        &mut self.out
    }

    /// Hands everything written so far to the reader.
    pub fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.out.flush()?)
    }
}

/// One line on standard error, in the voice of the program.
pub fn complain(message: &str) {
    // With standard error gone there is nobody left to tell.
    writeln!(io::stderr().lock(), "viewer: {message}").ok();
}

/// Passing remarks on standard error, each over the one before, for somebody who watches a terminal.
pub struct Progress {
    to_terminal: bool,
}

impl Progress {
    pub fn new() -> Self {
        Self { to_terminal: io::IsTerminal::is_terminal(&io::stderr()) }
    }

    /// Shows where things stand.
    pub fn say(&self, remark: &str) {
        self.write(&format!("\r\x1b[2K{remark}"));
    }

    /// One line for those who read standard error later and see no remarks.
    pub fn announce(&self, text: &str) {
        if !self.to_terminal {
            writeln!(io::stderr().lock(), "{text}").ok();
        }
    }

    /// Leaves a clean line behind.
    pub fn clear(&self) {
        self.write("\r\x1b[2K");
    }

    fn write(&self, text: &str) {
        if self.to_terminal {
            let mut err = io::stderr().lock();
            write!(err, "{text}").and_then(|()| err.flush()).ok();
        }
    }
}
