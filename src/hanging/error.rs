//! What can be wrong with a protocol.

use std::fmt;
use std::path::PathBuf;

/// A protocol that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub message: String,
    /// The file it stands in; `None` for what was asked for by name.
    pub path: Option<PathBuf>,
}

impl Error {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), path: None }
    }

    pub(super) fn at(self, path: impl Into<PathBuf>) -> Self {
        Self { path: Some(path.into()), ..self }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{}: {}", self.message, path.display()),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Error {}
