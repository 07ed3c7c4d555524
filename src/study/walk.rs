//! Files under the paths that were named, one by one and in an order that never changes.
//!
//! Folders are read when their turn comes, so the first file is there at once however large the rest is. A
//! folder is entered once even when links lead back to it.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What a walk comes across.
#[derive(Debug)]
pub enum Step {
    /// A regular file, and whether the user named it (rather than a folder it lies in).
    File { path: PathBuf, named: bool },
    /// A path that could not be looked at.
    Unreadable { path: PathBuf, error: io::Error },
}

/// An iterator over the files under a list of paths.
pub struct Walk {
    named: std::vec::IntoIter<PathBuf>,
    recursive: bool,
    /// Folders under way, the innermost last.
    open: Vec<Folder>,
    /// Real locations of the folders entered so far.
    entered: HashSet<PathBuf>,
}

/// A folder and what is left of its listing, in reverse so that `pop` yields names in order.
struct Folder {
    path: PathBuf,
    real: PathBuf,
    left: Vec<(OsString, fs::FileType)>,
}

impl Walk {
    pub fn new(named: Vec<PathBuf>, recursive: bool) -> Self {
        Self { named: named.into_iter(), recursive, open: Vec::new(), entered: HashSet::new() }
    }

    /// Lists a folder and makes it the innermost one, unless it was entered before.
    fn enter(&mut self, path: PathBuf, real: PathBuf) -> Option<Step> {
        if !self.entered.insert(real.clone()) {
            return None;
        }
        match list(&path) {
            Ok(left) => {
                self.open.push(Folder { path, real, left });
                None
            }
            Err(error) => Some(Step::Unreadable { path, error }),
        }
    }

    /// The next thing inside the innermost folder; `None` to look again, after going in or coming out.
    fn step_inside(&mut self) -> Option<Step> {
        let folder = self.open.last_mut()?;
        let Some((name, kind)) = folder.left.pop() else {
            self.open.pop();
            return None;
        };
        let path = folder.path.join(&name);
        if kind.is_file() {
            Some(Step::File { path, named: false })
        } else if kind.is_dir() {
            let real = folder.real.join(&name);
            self.recursive.then(|| self.enter(path, real)).flatten()
        } else if kind.is_symlink() {
            self.follow(path)
        } else {
            // Pipes, sockets and devices: reading one could wait for ever.
            None
        }
    }

    fn follow(&mut self, link: PathBuf) -> Option<Step> {
        match fs::metadata(&link) {
            Ok(target) if target.is_file() => Some(Step::File { path: link, named: false }),
            Ok(target) if target.is_dir() && self.recursive => match fs::canonicalize(&link) {
                Ok(real) => self.enter(link, real),
                Err(error) => Some(Step::Unreadable { path: link, error }),
            },
            Ok(_) => None,
            Err(error) => Some(Step::Unreadable { path: link, error }),
        }
    }

    fn start_named(&mut self, path: PathBuf) -> Option<Step> {
        match fs::metadata(&path) {
            Ok(found) if found.is_dir() => match fs::canonicalize(&path) {
                Ok(real) => self.enter(path, real),
                Err(error) => Some(Step::Unreadable { path, error }),
            },
            Ok(found) if found.is_file() => Some(Step::File { path, named: true }),
            Ok(_) => {
                let error = io::Error::new(io::ErrorKind::InvalidInput, "neither a file nor a folder");
                Some(Step::Unreadable { path, error })
            }
            Err(error) => Some(Step::Unreadable { path, error }),
        }
    }
}

impl Iterator for Walk {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        loop {
            let step = if self.open.is_empty() {
                let path = self.named.next()?;
                self.start_named(path)
            } else {
                self.step_inside()
            };
            if step.is_some() {
                return step;
            }
        }
    }
}

/// Names and kinds in a folder, last name first.
fn list(folder: &Path) -> io::Result<Vec<(OsString, fs::FileType)>> {
    let mut names = Vec::new();
    for item in fs::read_dir(folder)? {
        let item = item?;
        names.push((item.file_name(), item.file_type()?));
    }
    names.sort_by(|(a, _), (b, _)| b.cmp(a));
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that goes away with the test.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("lightbox-walk-{name}-{}", std::process::id()));
            fs::remove_dir_all(&path).ok();
            fs::create_dir_all(&path).expect("a folder");
            Self(path)
        }

        fn file(&self, name: &str) -> PathBuf {
            let path = self.0.join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(&path, b"x").expect("a file");
            path
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    fn files(named: Vec<PathBuf>, recursive: bool) -> Vec<PathBuf> {
        Walk::new(named, recursive)
            .map(|step| match step {
                Step::File { path, .. } => path,
                Step::Unreadable { path, error } => panic!("{}: {error}", path.display()),
            })
            .collect()
    }

    #[test]
    fn sorted_by_name_depth_first_with_hidden_files() {
        let scratch = Scratch::new("sorted");
        let expected: Vec<_> = [".hidden", "a/b/deep", "a/z", "b"].map(|name| scratch.file(name)).into();
        assert_eq!(files(vec![scratch.0.clone()], true), expected);
        assert_eq!(files(vec![scratch.0.clone()], false), [scratch.0.join(".hidden"), scratch.0.join("b")]);
    }

    #[test]
    fn named_paths_keep_their_order() {
        let scratch = Scratch::new("named");
        let (a, b) = (scratch.file("a"), scratch.file("b"));
        assert_eq!(files(vec![b.clone(), a.clone()], true), [b, a]);
    }

    #[test]
    fn a_missing_path_is_reported() {
        let missing = std::env::temp_dir().join("lightbox-walk-never-there");
        let steps: Vec<_> = Walk::new(vec![missing], true).collect();
        assert!(matches!(steps.as_slice(), [Step::Unreadable { .. }]));
    }

    #[cfg(unix)]
    #[test]
    fn links_in_a_circle_end() {
        let scratch = Scratch::new("links");
        let file = scratch.file("inner/file");
        std::os::unix::fs::symlink(&scratch.0, scratch.0.join("inner/up")).expect("a link");
        std::os::unix::fs::symlink(&file, scratch.0.join("link")).expect("a link");
        assert_eq!(files(vec![scratch.0.clone()], true), [file, scratch.0.join("link")]);
    }

    #[cfg(unix)]
    #[test]
    fn a_dangling_link_is_reported_and_the_rest_goes_on() {
        let scratch = Scratch::new("dangling");
        scratch.file("z");
        std::os::unix::fs::symlink("nowhere", scratch.0.join("a")).expect("a link");
        let steps: Vec<_> = Walk::new(vec![scratch.0.clone()], true).collect();
        assert!(matches!(steps.as_slice(), [Step::Unreadable { .. }, Step::File { named: false, .. }]));
    }
}
