//! Exit codes, and the one error type every subcommand answers with.
//!
//! A command returns `Err(Failure)` and prints nothing about it; `cli::main` prints it, once.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// How the process ends. The numbers are part of the interface: scripts rely on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Nothing could be shown or written.
    Nothing = 1,
    /// Wrong usage.
    Usage = 2,
    /// No usable GPU.
    NoGpu = 3,
    /// A file could not be read or written.
    Io = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command stopped: an exit code and a sentence for the user.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    /// Printed once by `cli::main`; `None` when everything was said already or nobody is listening.
    pub message: Option<String>,
}

impl Failure {
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: Some(message.into()) }
    }

    /// An exit code alone: the command has reported its problems one by one.
    pub fn silent(exit: Exit) -> Self {
        Self { exit, message: None }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    pub fn nothing(message: impl Into<String>) -> Self {
        Self::new(Exit::Nothing, message)
    }

    /// A failed operation on a path, the path last.
    pub fn io(doing: &str, error: &io::Error, path: &Path) -> Self {
        Self::new(Exit::Io, format!("{doing}: {}: {}", describe_io(error), path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message.as_deref().unwrap_or_default())
    }
}

/// Writing to standard output failed. A reader that went away (`| head`) is a normal end.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::silent(Exit::Done)
        } else {
            Self::new(Exit::Io, format!("cannot write to standard output: {}", describe_io(&error)))
        }
    }
}

/// What is wrong with a DICOM file, without its path: whoever prints this adds that last.
pub fn explain(error: &crate::dicom::Error) -> String {
    match error {
        crate::dicom::Error::Io { kind: io::ErrorKind::NotFound, .. } => {
            describe_io(&io::ErrorKind::NotFound.into())
        }
        crate::dicom::Error::Io { kind: io::ErrorKind::PermissionDenied, .. } => {
            describe_io(&io::ErrorKind::PermissionDenied.into())
        }
        crate::dicom::Error::Io { message, .. } => describe_io(&io::Error::other(message.clone())),
        other => other.to_string(),
    }
}

/// An I/O error in plain words, without the number the system appends.
pub fn describe_io(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".into(),
        io::ErrorKind::PermissionDenied => "permission is missing".into(),
        _ => {
            let text = error.to_string();
            let words = text.split(" (os error").next().unwrap_or_default();
            let mut letters = words.chars();
            letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_a_quiet_success() {
        let failure = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(failure.exit, Exit::Done);
        assert_eq!(failure.message, None);
    }

    #[test]
    fn paths_come_last_in_messages() {
        let failure =
            Failure::io("cannot read", &io::Error::from(io::ErrorKind::NotFound), Path::new("/a b"));
        assert_eq!(failure.to_string(), "cannot read: there is no such file or folder: /a b");
        assert_eq!(failure.exit, Exit::Io);
    }

    #[test]
    fn system_errors_lose_their_number() {
        let error = io::Error::from_raw_os_error(28);
        assert!(!describe_io(&error).contains("os error"));
    }
}
