//! Making the program known to this user's desktop: as what opens DICOM files and the links `perspecta:` and
//! `lightbox:`.
//!
//! [`register`] and [`unregister`] look at what is there and answer with [`Step`]s, which can be shown before they
//! are [carried out](carry_out). Only what is ours is written over or removed, in files shared with others only our
//! own words, and doing it twice is doing it once. Nothing needs an administrator.

mod icon;
mod linux;
mod macos;
mod mimeapps;
mod step;
#[cfg(test)]
mod tests;
mod windows;

use std::fmt;
use std::path::{Path, PathBuf};

pub use step::{Carried, Content, Step, carry_out};

/// The schemes of launch links.
const SCHEMES: [&str; 2] = ["perspecta", "lightbox"];

/// The type of DICOM files.
const DICOM: &str = "application/dicom";

/// The kinds of desktop there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// The desktops of freedesktop.org, on Linux and the BSDs.
    Linux,
    Windows,
    MacOs,
}

impl System {
    /// The one this program was built for.
    pub fn here() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::MacOs
        } else {
            Self::Linux
        }
    }
}

/// Where things of this user are, and the program that is registered.
#[derive(Debug, Clone)]
pub struct User {
    /// The program, as an absolute path.
    pub program: PathBuf,
    pub home: PathBuf,
    /// The user's data, `~/.local/share`; on Windows the local one.
    pub data: PathBuf,
    /// The user's settings, `~/.config`.
    pub config: PathBuf,
    /// Data for all users, the most important first.
    pub system_data: Vec<PathBuf>,
    /// For what is there for a moment.
    pub temporary: PathBuf,
}

impl User {
    /// Whoever runs this program.
    ///
    /// # Errors
    /// The system does not say where the program or the user's folders are.
    pub fn current() -> Result<Self, Error> {
        let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = folder("HOME").or_else(|| folder("USERPROFILE")).ok_or(Error::NoHome)?;
        let data = if cfg!(windows) { folder("LOCALAPPDATA") } else { folder("XDG_DATA_HOME") };
        let system = std::env::var_os("XDG_DATA_DIRS").filter(|dirs| !dirs.is_empty());
        let system = system.unwrap_or_else(|| "/usr/local/share:/usr/share".into());
        Ok(Self {
            program: std::env::current_exe().map_err(|error| Error::NoProgram(error.to_string()))?,
            data: data.unwrap_or_else(|| home.join(".local/share")),
            config: folder("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config")),
            system_data: std::env::split_paths(&system).filter(|path| path.is_absolute()).collect(),
            temporary: std::env::temp_dir(),
            home,
        })
    }

    /// The program's path as text, which is all that a desktop can be told.
    fn program(&self) -> Result<&str, Error> {
        let text = self.program.to_str().filter(|text| !text.chars().any(char::is_control));
        text.ok_or_else(|| Error::OddPath(self.program.clone()))
    }
}

/// What is to be done so that this user's desktop knows the program.
///
/// # Errors
/// Something of another program is in the way, or a file cannot be read.
pub fn register(system: System, user: &User) -> Result<Vec<Step>, Error> {
    match system {
        System::Linux => linux::register(user),
        System::Windows => windows::register(user),
        System::MacOs => macos::register(user),
    }
}

/// What is to be done so that it is as it would be without [`register`].
///
/// # Errors
/// A file cannot be read.
pub fn unregister(system: System, user: &User) -> Result<Vec<Step>, Error> {
    match system {
        System::Linux => linux::unregister(user),
        System::Windows => Ok(windows::unregister(user, &windows::is_ours)),
        System::MacOs => macos::unregister(user),
    }
}

/// Why the desktop was not told, or not everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    NoHome,
    NoProgram(String),
    /// The program lies where a desktop cannot be told it lies.
    OddPath(PathBuf),
    /// A file of that name belongs to another program.
    Foreign(PathBuf),
    Read(PathBuf, String),
    Write(PathBuf, String),
    /// A program that is needed.
    Run(String, String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path =
            |f: &mut fmt::Formatter<'_>, words: &str, path: &Path| write!(f, "{words}: {}", path.display());
        match self {
            Self::NoHome => f.write_str("the system does not say where the user's home folder is"),
            Self::NoProgram(reason) => write!(f, "the system does not say where this program is: {reason}"),
            Self::OddPath(program) => {
                path(f, "the path of the program is not plain text; move it elsewhere", program)
            }
            Self::Foreign(file) => {
                path(f, "another program has a file of this name; move it away first", file)
            }
            Self::Read(file, reason) => path(f, &format!("cannot read: {reason}"), file),
            Self::Write(file, reason) => path(f, &format!("cannot write: {reason}"), file),
            Self::Run(program, reason) => write!(f, "{program} failed: {reason}"),
        }
    }
}

impl std::error::Error for Error {}

/// A text file, if there is one. Files of desktops are short; what is not is not read.
fn text_of(path: &Path) -> Result<Option<String>, Error> {
    const LONGEST: u64 = 4 << 20;
    let wrong = |reason: &str| Error::Read(path.to_owned(), reason.to_owned());
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() => return Err(wrong("this is no file")),
        Ok(found) if found.len() > LONGEST => return Err(wrong("the file is too long")),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(&error.to_string())),
    }
    let bytes = std::fs::read(path).map_err(|error| wrong(&error.to_string()))?;
    String::from_utf8(bytes).map(Some).map_err(|_| wrong("it is not text in UTF-8"))
}
