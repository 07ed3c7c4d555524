//! Files under the paths that were named, one by one and in an order that never changes.
//!
//! Folders are read when their turn comes, so the first file is there at once however large the rest is. A
//! folder is entered once even when links lead back to it. Archives count as folders, and where there is a
//! DICOMDIR the files it names come first, in its order.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::archive::{Archive, Member, is_named_archive};
use super::dicomdir::{self, Resolved};
use super::natural;
use super::place::{self, Holds, Place};
use crate::dicom::{DicomFile, Error};

/// What a walk comes across.
pub enum Step {
    /// A regular file, on disk or in an archive.
    File(File),
    /// A DICOMDIR in a folder: it has been read.
    Directory(PathBuf),
    /// A path that could not be looked at.
    Unreadable { path: PathBuf, error: Error },
    /// Something worth knowing that is no failure.
    Note { path: PathBuf, text: String },
}

/// A file to look into.
#[derive(Debug)]
pub struct File {
    pub path: PathBuf,
    /// Where it lies in an archive.
    pub member: Option<Member>,
    /// Whether the user named it, rather than a folder it lies in.
    pub named: bool,
    /// The DICOMDIR that should name this file and does not.
    pub forgotten_by: Option<Arc<Path>>,
}

/// An iterator over the files under a list of paths.
pub struct Walk {
    named: std::vec::IntoIter<PathBuf>,
    recursive: bool,
    /// Folders under way, the innermost last.
    open: Vec<Level>,
    /// Real locations of the folders entered so far.
    entered: HashSet<PathBuf>,
    /// Files that came with a DICOMDIR before the folders they lie in.
    listed: HashSet<PathBuf>,
    /// Steps found while looking for something else, the next one last.
    waiting: Vec<Step>,
}

/// Something to take files out of.
enum Level {
    Folder(Folder),
    /// The files a DICOMDIR names.
    Files(std::vec::IntoIter<PathBuf>),
    Members {
        archive: Arc<Archive>,
        left: std::vec::IntoIter<u32>,
    },
}

/// A folder and what is left of its listing, in reverse so that `pop` yields names in order.
struct Folder {
    path: PathBuf,
    real: PathBuf,
    left: Vec<(OsString, fs::FileType)>,
    /// The DICOMDIR that speaks for this folder.
    directory: Option<Arc<Path>>,
}

impl Walk {
    pub fn new(named: Vec<PathBuf>, recursive: bool) -> Self {
        Self {
            named: named.into_iter(),
            recursive,
            open: Vec::new(),
            entered: HashSet::new(),
            listed: HashSet::new(),
            waiting: Vec::new(),
        }
    }

    /// Lists a folder and makes it the innermost one, unless it was entered before.
    fn enter(&mut self, path: PathBuf, real: PathBuf, outer: Option<Arc<Path>>) -> Option<Step> {
        if !self.entered.insert(real.clone()) {
            return None;
        }
        let mut left = match list(&path) {
            Ok(left) => left,
            Err(error) => return Some(unreadable(path, &error)),
        };
        let is_directory = |(name, kind): &(OsString, fs::FileType)| {
            kind.is_file() && dicomdir::is_named(&name.to_string_lossy())
        };
        let Some(at) = left.iter().position(is_directory) else {
            self.open.push(Level::Folder(Folder { path, real, left, directory: outer }));
            return None;
        };
        let (name, _) = left.remove(at);
        let directory = path.join(name);
        let mut files = self.read_directory(&directory, &path);
        let speaks = (!files.is_empty()).then(|| Arc::from(directory.as_path()));
        self.open.push(Level::Folder(Folder { path, real, left, directory: speaks.or(outer) }));
        // What a DICOMDIR further out has named already came with it.
        files.retain(|file| self.listed.insert(file.clone()));
        self.open.push(Level::Files(files.into_iter()));
        Some(Step::Directory(directory))
    }

    /// The files that the DICOMDIR of a folder names and that are there.
    fn read_directory(&mut self, directory: &Path, folder: &Path) -> Vec<PathBuf> {
        let file = match DicomFile::open(directory) {
            Ok(file) if dicomdir::is_directory(&file) => file,
            Ok(_) => {
                self.note(
                    directory,
                    "this is called DICOMDIR and is none; the folder was searched".to_owned(),
                );
                return Vec::new();
            }
            Err(error) => {
                self.note(
                    directory,
                    format!("this DICOMDIR was passed over and the folder searched: {error}"),
                );
                return Vec::new();
            }
        };
        let mut references = dicomdir::references(&file);
        if !self.recursive {
            references.retain(|reference| reference.len() == 1);
        }
        let resolved = dicomdir::resolve_on_disk(folder, &references);
        if let Some(complaint) = resolved.complaint("the folder was searched as well") {
            self.note(directory, complaint);
        }
        without_twins(resolved.found)
    }

    fn note(&mut self, path: &Path, text: String) {
        self.waiting.push(Step::Note { path: path.to_path_buf(), text });
    }

    /// Makes an archive, or a folder in one, the innermost level.
    fn enter_archive(&mut self, archive: Arc<Archive>, folder: &str) -> Option<Step> {
        let (mut members, refused) = archive.list(folder, self.recursive);
        let path = archive.path().to_path_buf();
        for text in refused.explain() {
            self.note(&path, text);
        }
        if archive.damaged {
            self.note(
                &path,
                "the directory of this archive is damaged; what could be read is shown".to_owned(),
            );
        }
        let is_directory = |index: &u32| archive.name(*index).is_some_and(dicomdir::is_named);
        for index in members.clone().into_iter().filter(is_directory) {
            let resolved = self.in_archive(&Member { archive: Arc::clone(&archive), index }, &members);
            let first: HashSet<u32> = resolved.found.iter().copied().collect();
            let rest = members.iter().copied().filter(|member| !first.contains(member));
            members = without_twins(resolved.found.iter().copied().chain(rest).collect());
        }
        self.open.push(Level::Members { archive, left: members.into_iter() });
        None
    }

    /// Those of `members` that a DICOMDIR in the archive names.
    fn in_archive(&mut self, directory: &Member, members: &[u32]) -> Resolved<u32> {
        let folder = directory.name().rsplit_once('/').map_or("", |(folder, _)| folder);
        match directory.open() {
            Ok(file) => {
                let references = dicomdir::references(&file);
                let resolved = dicomdir::resolve_in_archive(&directory.archive, folder, members, &references);
                if let Some(complaint) = resolved.complaint("the archive was searched as well") {
                    self.note(&directory.path(), complaint);
                }
                resolved
            }
            Err(error) => {
                let text = format!("this DICOMDIR was passed over and the archive searched: {error}");
                self.note(&directory.path(), text);
                Resolved { found: Vec::new(), missing: 0 }
            }
        }
    }

    /// The next thing inside the innermost level; `None` to look again, after going in or coming out.
    fn step_inside(&mut self) -> Option<Step> {
        match self.open.last_mut()? {
            Level::Folder(folder) => match folder.left.pop() {
                Some((name, kind)) => self.step_in_folder(&name, kind),
                None => self.leave(),
            },
            Level::Files(left) => match left.next() {
                Some(path) => Some(File::on_disk(path)),
                None => self.leave(),
            },
            Level::Members { archive, left } => match left.next() {
                Some(index) => {
                    let member = Member { archive: Arc::clone(archive), index };
                    Some(File::in_archive(member, false))
                }
                None => self.leave(),
            },
        }
    }

    fn leave(&mut self) -> Option<Step> {
        self.open.pop();
        None
    }

    fn step_in_folder(&mut self, name: &OsString, kind: fs::FileType) -> Option<Step> {
        let Some(Level::Folder(folder)) = self.open.last() else { return None };
        let path = folder.path.join(name);
        let directory = folder.directory.clone();
        if kind.is_file() {
            self.file(path, directory)
        } else if kind.is_dir() {
            let real = folder.real.join(name);
            self.recursive.then(|| self.enter(path, real, directory)).flatten()
        } else if kind.is_symlink() {
            self.follow(path, directory)
        } else {
            // Pipes, sockets and devices: reading one could wait for ever.
            None
        }
    }

    /// A file in a folder, which may be an archive.
    fn file(&mut self, path: PathBuf, directory: Option<Arc<Path>>) -> Option<Step> {
        if directory.is_some() && self.listed.contains(&path) {
            return None;
        }
        if path.file_name().is_some_and(|name| is_named_archive(&name.to_string_lossy())) {
            if !self.recursive {
                return None;
            }
            match Archive::open(&path) {
                Ok(Some(archive)) => return self.enter_archive(archive, ""),
                Ok(None) => {}
                Err(error) => return Some(Step::Unreadable { path, error }),
            }
        }
        Some(Step::File(File { path, member: None, named: false, forgotten_by: directory }))
    }

    fn follow(&mut self, link: PathBuf, directory: Option<Arc<Path>>) -> Option<Step> {
        match fs::metadata(&link) {
            Ok(target) if target.is_file() => self.file(link, directory),
            Ok(target) if target.is_dir() && self.recursive => match fs::canonicalize(&link) {
                Ok(real) => self.enter(link, real, directory),
                Err(error) => Some(unreadable(link, &error)),
            },
            Ok(_) => None,
            Err(error) => Some(unreadable(link, &error)),
        }
    }

    fn start_named(&mut self, path: PathBuf) -> Option<Step> {
        match place::find(&path) {
            Ok(Place::Folder) => match fs::canonicalize(&path) {
                Ok(real) => self.enter(path, real, None),
                Err(error) => Some(unreadable(path, &error)),
            },
            Ok(Place::File) => self.start_file(path),
            Ok(Place::Inside(archive, folder)) => self.enter_archive(archive, &folder),
            Ok(Place::Member(member)) if dicomdir::is_named(member.name()) => {
                self.start_member_directory(&member)
            }
            Ok(Place::Member(member)) => Some(File::in_archive(member, true)),
            Ok(Place::Other) => {
                let error = io::Error::new(io::ErrorKind::InvalidInput, "neither a file nor a folder");
                Some(unreadable(path, &error))
            }
            Err(error) => Some(unreadable(path, &error)),
        }
    }

    fn start_file(&mut self, path: PathBuf) -> Option<Step> {
        match place::holds(&path) {
            Holds::Archive => match Archive::open(&path) {
                Ok(Some(archive)) => self.enter_archive(archive, ""),
                Ok(None) => Some(Step::File(File { path, member: None, named: true, forgotten_by: None })),
                Err(error) => Some(Step::Unreadable { path, error }),
            },
            Holds::Directory => self.start_directory(path),
            Holds::One => Some(Step::File(File { path, member: None, named: true, forgotten_by: None })),
        }
    }

    /// A DICOMDIR that was named stands for the files it names and no others.
    fn start_directory(&mut self, path: PathBuf) -> Option<Step> {
        let file = match DicomFile::open(&path) {
            Ok(file) => file,
            Err(error) => return Some(Step::Unreadable { path, error }),
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let resolved = dicomdir::resolve_on_disk(folder, &dicomdir::references(&file));
        if let Some(problem) = self.complain(&path, &resolved) {
            return Some(problem);
        }
        self.open.push(Level::Files(without_twins(resolved.found).into_iter()));
        Some(Step::Directory(path))
    }

    fn start_member_directory(&mut self, directory: &Member) -> Option<Step> {
        let path = directory.path();
        let file = match directory.open() {
            Ok(file) => file,
            Err(error) => return Some(Step::Unreadable { path, error }),
        };
        let folder = directory.name().rsplit_once('/').map_or("", |(folder, _)| folder);
        let (members, _) = directory.archive.list(folder, true);
        let references = dicomdir::references(&file);
        let resolved = dicomdir::resolve_in_archive(&directory.archive, folder, &members, &references);
        if let Some(problem) = self.complain(&path, &resolved) {
            return Some(problem);
        }
        let left = without_twins(resolved.found).into_iter();
        self.open.push(Level::Members { archive: Arc::clone(&directory.archive), left });
        Some(Step::Directory(path))
    }

    /// What is to be said of a named DICOMDIR: a failure when nothing it names is there.
    fn complain<T>(&mut self, path: &Path, resolved: &Resolved<T>) -> Option<Step> {
        let complaint = resolved.complaint("open its folder to search it")?;
        if resolved.found.is_empty() {
            return Some(Step::Unreadable { path: path.to_path_buf(), error: Error::Header(complaint) });
        }
        self.note(path, complaint);
        None
    }
}

impl File {
    fn on_disk(path: PathBuf) -> Step {
        Step::File(Self { path, member: None, named: false, forgotten_by: None })
    }

    fn in_archive(member: Member, named: bool) -> Step {
        Step::File(Self { path: member.path(), member: Some(member), named, forgotten_by: None })
    }

    /// Its header, if it is a DICOM object.
    pub fn open(&self) -> Result<DicomFile, Error> {
        match &self.member {
            Some(member) => member.open(),
            None => DicomFile::open(&self.path),
        }
    }
}

impl Iterator for Walk {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        loop {
            if let Some(step) = self.waiting.pop() {
                return Some(step);
            }
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

fn unreadable(path: PathBuf, error: &io::Error) -> Step {
    let error = Error::io(error, path.display().to_string());
    Step::Unreadable { path, error }
}

/// Each once, at its first place.
fn without_twins<T: Clone + Eq + std::hash::Hash>(mut all: Vec<T>) -> Vec<T> {
    let mut seen = HashSet::with_capacity(all.len());
    all.retain(|one| seen.insert(one.clone()));
    all
}

/// Names and kinds in a folder, last name first.
fn list(folder: &Path) -> io::Result<Vec<(OsString, fs::FileType)>> {
    let mut names = Vec::new();
    for item in fs::read_dir(folder)? {
        let item = item?;
        // What went away in the meantime is not there.
        if let Ok(kind) = item.file_type() {
            names.push((item.file_name(), kind));
        }
    }
    names.sort_by(|(a, _), (b, _)| natural::compare_bytes(b.as_encoded_bytes(), a.as_encoded_bytes()));
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
                Step::File(file) => file.path,
                Step::Unreadable { path, error } => panic!("{}: {error}", path.display()),
                Step::Directory(path) | Step::Note { path, .. } => panic!("{}", path.display()),
            })
            .collect()
    }

    #[test]
    fn sorted_by_name_depth_first_with_hidden_files() {
        let scratch = Scratch::new("sorted");
        let expected: Vec<_> =
            [".hidden", "a/b/deep", "a/z", "b2", "b10"].map(|name| scratch.file(name)).into();
        assert_eq!(files(vec![scratch.0.clone()], true), expected);
        assert_eq!(
            files(vec![scratch.0.clone()], false),
            [".hidden", "b2", "b10"].map(|name| scratch.0.join(name))
        );
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
        assert!(matches!(steps.as_slice(), [Step::Unreadable { .. }, Step::File(File { named: false, .. })]));
    }
}
