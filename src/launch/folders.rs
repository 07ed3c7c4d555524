//! Where a user keeps what belongs to the program, and documents.

use std::fs::OpenOptions;
use std::io::{Error, ErrorKind, Result, Write};
use std::path::{Path, PathBuf};

/// Names that are tried before giving up.
const TRIES: u32 = 1000;

/// The folder for settings: `~/.config/lightbox` or what the system uses in its place.
pub fn config_dir() -> Option<PathBuf> {
    user_dir("APPDATA", &["Library", "Application Support"], "XDG_CONFIG_HOME", ".config")
}

/// The folder for what can be made again at any time: `~/.cache/lightbox` or what the system uses in its place.
pub fn cache_dir() -> Option<PathBuf> {
    user_dir("LOCALAPPDATA", &["Library", "Caches"], "XDG_CACHE_HOME", ".cache")
}

/// Each system has its own rule: a variable on Windows, a fixed place on macOS, and elsewhere a variable that
/// may be absent. Relative paths in variables do not count, as the XDG base directory specification asks.
fn user_dir(windows: &str, macos: &[&str], xdg: &str, fallback: &str) -> Option<PathBuf> {
    let from = absolute;
    let base = if cfg!(windows) {
        from(windows)
    } else if cfg!(target_os = "macos") {
        from("HOME").map(|home| home.join(macos.iter().collect::<PathBuf>()))
    } else {
        from(xdg).or_else(|| from("HOME").map(|home| home.join(fallback)))
    };
    base.map(|base| base.join("lightbox"))
}

/// A folder that a variable names.
fn absolute(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os(name).map(PathBuf::from);
    path.filter(|path| path.is_absolute())
}

/// Where a user looks for documents, the best place first: the folder for them, and the home.
pub fn document_dirs() -> impl Iterator<Item = PathBuf> {
    let home = absolute("HOME").or_else(|| absolute("USERPROFILE"));
    let documents = absolute("XDG_DOCUMENTS_DIR").or_else(|| Some(home.as_ref()?.join("Documents")));
    [documents.filter(|folder| folder.is_dir()), home].into_iter().flatten()
}

/// The name the system knows the user by; empty where it has none.
pub fn user_name() -> String {
    ["USER", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default()
}

/// Writes a file under a name that is free: the one that is asked for, or that with a number. Nothing is ever written
/// over, and nothing is left of a file that could not be written to its end.
pub fn write_new(folder: &Path, stem: &str, extension: &str, bytes: &[u8]) -> Result<PathBuf> {
    for number in 1..=TRIES {
        let numbered = if number == 1 { String::new() } else { format!("-{number}") };
        let path = folder.join(format!("{stem}{numbered}.{extension}"));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                let written = file.write_all(bytes).and_then(|()| file.sync_all());
                if let Err(error) = written {
                    drop(file);
                    std::fs::remove_file(&path).ok();
                    return Err(error);
                }
                return Ok(path);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::from(ErrorKind::AlreadyExists))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_over() {
        let folder = std::env::temp_dir().join(format!("lightbox-write-new-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let names: Vec<_> = [b"one", b"two"]
            .iter()
            .map(|bytes| write_new(&folder, "state", "dcm", *bytes).expect("a file"))
            .collect();
        assert_eq!(names, [folder.join("state.dcm"), folder.join("state-2.dcm")]);
        assert_eq!(std::fs::read(&names[0]).expect("a file"), b"one");
        assert!(write_new(&folder.join("none"), "state", "dcm", b"").is_err());
        std::fs::remove_dir_all(&folder).ok();
    }
}
