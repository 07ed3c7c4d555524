//! Where launches of one user on one display meet: a folder that is this user's alone, and a name in it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// The longest path a socket may have on the systems that have the shortest, less the zero at its end.
#[cfg(unix)]
const LONGEST_SOCKET: usize = 103;

/// A folder nobody else may enter, and the name of the meeting in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    folder: PathBuf,
    name: String,
}

impl Place {
    /// Where launches of this user on this display meet.
    ///
    /// # Errors
    /// A sentence: there is no display, or no folder that is certainly the user's own.
    pub fn of_this_session() -> Result<Self, String> {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let display = display(&variable).ok_or("there is no display")?;
        let mut reason = "there is no folder of the user's own for it".to_owned();
        for folder in folders(&variable) {
            match Self::new(&folder, &display) {
                Ok(place) => return Ok(place),
                Err(problem) => reason = problem,
            }
        }
        Err(reason)
    }

    /// A place in this folder, which is made where it is missing.
    ///
    /// # Errors
    /// The folder cannot be made, or others could get at what is in it.
    pub fn new(folder: &Path, display: &str) -> Result<Self, String> {
        let mut name = String::with_capacity(16);
        for byte in Sha256::digest(display).iter().take(8) {
            name.push_str(&format!("{byte:02x}"));
        }
        let place = Self { folder: folder.to_owned(), name };
        #[cfg(unix)]
        if place.file("sock").as_os_str().len() > LONGEST_SOCKET {
            return Err(format!("the path is too long for a socket: {}", folder.display()));
        }
        own(folder).map_err(|problem| format!("{problem}: {}", folder.display()))?;
        Ok(place)
    }

    /// A file of this meeting.
    pub(super) fn file(&self, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", self.name))
    }
}

/// What tells one desktop of this user from another. The window goes where this says, too.
fn display(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<String> {
    if cfg!(windows) {
        // Each session at a screen or over the network has its own windows.
        let session = variable("SESSIONNAME").unwrap_or_default();
        return Some(format!("session {}", session.to_string_lossy()));
    }
    if cfg!(target_os = "macos") {
        return Some("aqua".to_owned());
    }
    if let Some(name) = variable("WAYLAND_DISPLAY").or_else(|| variable("WAYLAND_SOCKET")) {
        return Some(format!("wayland {}", name.to_string_lossy()));
    }
    let name = variable("DISPLAY")?.to_string_lossy().into_owned();
    // Screen 0 is what is meant where no screen is named.
    let name = name.rsplit_once(':').map_or(name.as_str(), |(_, number)| {
        if number.ends_with(".0") { name.trim_end_matches(".0") } else { &name }
    });
    Some(format!("x11 {name}"))
}

/// The folders to try, the best first. All launches of a session try the same.
fn folders(variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let runtime = variable("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute());
    let runtime = runtime.filter(|_| cfg!(unix)).map(|path| path.join("lightbox"));
    let cache = crate::launch::cache_dir().map(|cache| cache.join("run"));
    #[cfg(unix)]
    let temporary = Some(std::env::temp_dir().join(format!("lightbox-{}", user())));
    #[cfg(windows)]
    let temporary: Option<PathBuf> = None;
    runtime.into_iter().chain(cache).chain(temporary).collect()
}

#[cfg(unix)]
fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Makes the folder, and makes sure that it is the user's own and shut to others: whoever could write to it could
/// put a door of their own there.
#[cfg(unix)]
fn own(folder: &Path) -> Result<(), String> {
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};

    let plain = |error: std::io::Error| error.to_string();
    if let Some(parent) = folder.parent() {
        // The folders above are no secret, and their own rules hold.
        std::fs::create_dir_all(parent).map_err(plain)?;
    }
    match std::fs::DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(plain(error)),
    }
    let found = std::fs::symlink_metadata(folder).map_err(plain)?;
    if !found.is_dir() {
        return Err("this is no folder".to_owned());
    }
    if found.uid() != user() {
        return Err("the folder belongs to somebody else".to_owned());
    }
    if found.mode() & 0o077 != 0 {
        return Err("others may enter the folder".to_owned());
    }
    Ok(())
}

/// Makes the folder. It lies in the user's profile, which Windows keeps from other users.
#[cfg(windows)]
fn own(folder: &Path) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[cfg(not(target_os = "macos"))]
    #[test]
    fn displays_are_told_apart_and_one_display_has_one_name() {
        let with = |pairs: &[(&str, &str)]| {
            let pairs: Vec<_> = pairs.iter().map(|(k, v)| ((*k).to_owned(), OsString::from(v))).collect();
            display(&move |name| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()))
        };
        assert_eq!(with(&[]), None);
        assert_eq!(with(&[("DISPLAY", ":0")]), with(&[("DISPLAY", ":0.0")]));
        assert_ne!(with(&[("DISPLAY", ":0")]), with(&[("DISPLAY", ":0.1")]));
        assert_ne!(with(&[("DISPLAY", ":0")]), with(&[("DISPLAY", ":10.0")]));
        assert_ne!(with(&[("DISPLAY", ":0")]), with(&[("WAYLAND_DISPLAY", ":0")]));
        assert_eq!(
            with(&[("DISPLAY", ":0"), ("WAYLAND_DISPLAY", "wayland-0")]),
            with(&[("WAYLAND_DISPLAY", "wayland-0")])
        );
    }

    #[test]
    fn the_runtime_folder_comes_before_the_cache_and_relative_ones_do_not_count() {
        let runtime =
            |path: &'static str| move |name: &str| (name == "XDG_RUNTIME_DIR").then(|| OsString::from(path));
        let first = |path| folders(&runtime(path)).into_iter().next();
        assert_eq!(first("/run/user/7"), Some(PathBuf::from("/run/user/7/lightbox")));
        assert_ne!(first("run"), Some(PathBuf::from("run/lightbox")));
    }
}
