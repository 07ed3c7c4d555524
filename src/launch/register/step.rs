//! One thing to be done to a user's desktop: shown, or done.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Error;

/// What a file is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    Text(String),
    /// Text in the encoding of Windows, with its mark in front.
    Utf16(String),
    Picture(Vec<u8>),
}

impl Content {
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Utf16(text) => {
                std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
            }
            Self::Picture(bytes) => bytes.clone(),
        }
    }
}

/// One thing to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Write a file, with the folders above it.
    Write { path: PathBuf, content: Content },
    /// Make a link to a file, with the folders above it.
    Link { path: PathBuf, to: PathBuf },
    /// Remove a file, which may be gone already.
    Remove { path: PathBuf },
    /// Remove a folder of ours with all that is in it.
    RemoveFolder { path: PathBuf },
    /// Run a program of the desktop.
    Run {
        program: String,
        arguments: Vec<String>,
        /// Without it nothing works. Others only refresh what refreshes itself in time.
        needed: bool,
    },
}

impl Step {
    pub(super) fn write(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self::Write { path: path.into(), content: Content::Text(text.into()) }
    }

    pub(super) fn run<S: Into<String>>(program: &str, arguments: impl IntoIterator<Item = S>) -> Self {
        let arguments = arguments.into_iter().map(Into::into).collect();
        Self::Run { program: program.to_owned(), arguments, needed: false }
    }

    pub(super) fn needed(self) -> Self {
        match self {
            Self::Run { program, arguments, .. } => Self::Run { program, arguments, needed: true },
            other => other,
        }
    }
}

/// The whole step, as `--dry-run` shows it.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write { path, content } => {
                write!(f, "write {}", path.display())?;
                match content {
                    Content::Text(text) | Content::Utf16(text) => {
                        text.lines().try_for_each(|line| write!(f, "\n    {line}"))
                    }
                    Content::Picture(bytes) => write!(f, "\n    a picture of {} bytes", bytes.len()),
                }
            }
            Self::Link { path, to } => write!(f, "link {} to {}", path.display(), to.display()),
            Self::Remove { path } => write!(f, "remove {}", path.display()),
            Self::RemoveFolder { path } => write!(f, "remove {} and all that is in it", path.display()),
            Self::Run { program, arguments, needed } => {
                write!(f, "run {program}")?;
                for argument in arguments {
                    let plain = !argument.is_empty()
                        && argument.chars().all(|c| c.is_alphanumeric() || "-_./:,+@\\".contains(c));
                    if plain {
                        write!(f, " {argument}")?;
                    } else {
                        write!(f, " '{}'", argument.replace('\'', "'\\''"))?;
                    }
                }
                if *needed { Ok(()) } else { f.write_str("  (where it is installed)") }
            }
        }
    }
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    Done,
    /// There was nothing to do.
    Already,
    /// A program that is good to have is not there or did not work.
    Without,
}

/// Does one step.
///
/// # Errors
/// A file cannot be written or removed, or a program that is needed failed.
pub fn carry_out(step: &Step) -> Result<Carried, Error> {
    match step {
        Step::Write { path, content } => {
            write(path, &content.bytes()).map_err(|error| Error::Write(path.clone(), error.to_string()))
        }
        Step::Link { path, to } => {
            link(path, to).map_err(|error| Error::Write(path.clone(), error.to_string()))
        }
        Step::Remove { path } => removed(fs::remove_file(path), path),
        Step::RemoveFolder { path } => removed(fs::remove_dir_all(path), path),
        Step::Run { program, arguments, needed } => match run(program, arguments) {
            Ok(()) => Ok(Carried::Done),
            Err(reason) if *needed => Err(Error::Run(program.clone(), reason)),
            Err(reason) => {
                tracing::debug!("{program}: {reason}");
                Ok(Carried::Without)
            }
        },
    }
}

fn removed(result: io::Result<()>, path: &Path) -> Result<Carried, Error> {
    match result {
        Ok(()) => Ok(Carried::Done),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Carried::Already),
        Err(error) => Err(Error::Write(path.to_owned(), error.to_string())),
    }
}

/// Puts a finished file into its place, so that nobody ever finds half of one. A link stays a link, and what could
/// be read before can be read after.
fn write(path: &Path, bytes: &[u8]) -> io::Result<Carried> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let before = fs::metadata(&path).ok();
    if before.is_some() && fs::read(&path)? == bytes {
        return Ok(Carried::Already);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut new = path.clone().into_os_string();
    new.push(format!(".{}.new", std::process::id()));
    let finished = fs::write(&new, bytes)
        .and_then(|()| before.map_or(Ok(()), |before| fs::set_permissions(&new, before.permissions())))
        .and_then(|()| fs::rename(&new, &path));
    if finished.is_err() {
        fs::remove_file(&new).ok();
    }
    finished.map(|()| Carried::Done)
}

/// Makes a link, in the place of one that leads elsewhere.
#[cfg(unix)]
fn link(path: &Path, to: &Path) -> io::Result<Carried> {
    match fs::symlink_metadata(path) {
        Ok(_) if fs::read_link(path)? == to => return Ok(Carried::Already),
        Ok(_) => fs::remove_file(path)?,
        Err(_) => path.parent().map_or(Ok(()), fs::create_dir_all)?,
    }
    std::os::unix::fs::symlink(to, path).map(|()| Carried::Done)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> io::Result<Carried> {
    Err(ErrorKind::Unsupported.into())
}

fn run(program: &str, arguments: &[String]) -> Result<(), String> {
    let mut command = Command::new(program);
    let ran =
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output();
    let output = ran.map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().next().unwrap_or_default().trim();
    Err(if line.is_empty() { output.status.to_string() } else { line.to_owned() })
}
