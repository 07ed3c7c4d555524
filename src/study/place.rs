//! What a path leads to: a file, a folder, or something in an archive.
//!
//! A path may go on inside an archive: `scans.zip/series/1.dcm` is the file `series/1.dcm` of `scans.zip`.

use std::fs;
use std::io;
use std::path::{Component, Path};
use std::sync::Arc;

use super::archive::{Archive, Member, is_archive, is_named_archive};
use super::dicomdir;
use crate::dicom::{ByteSource as _, DicomFile, Error, FileSource};

/// What is at a path.
pub enum Place {
    /// A regular file, which may be an archive.
    File,
    Folder,
    /// A file in an archive.
    Member(Member),
    /// A folder in an archive.
    Inside(Arc<Archive>, String),
    /// A pipe, a socket, a device: reading one could wait for ever.
    Other,
}

/// Looks where a path leads.
pub fn find(path: &Path) -> io::Result<Place> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => Ok(Place::File),
        Ok(found) if found.is_dir() => Ok(Place::Folder),
        Ok(_) => Ok(Place::Other),
        Err(error) => in_archive(path).unwrap_or(Err(error)),
    }
}

/// `None` when no part of the path is an archive.
fn in_archive(path: &Path) -> Option<io::Result<Place>> {
    // Without a slash at the end, which makes a file of the archive be no file.
    for outer in path.components().as_path().ancestors() {
        match fs::metadata(outer) {
            Ok(found) if found.is_file() => return within(outer, path),
            Ok(_) => return None,
            Err(_) => {}
        }
    }
    None
}

fn within(outer: &Path, path: &Path) -> Option<io::Result<Place>> {
    let archive = match Archive::open(outer) {
        Ok(archive) => archive?,
        Err(error) => return Some(Err(io::Error::other(error.to_string()))),
    };
    let parts = path.strip_prefix(outer).ok()?.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    let name = parts.collect::<Vec<_>>().join("/");
    Some(if let Some(index) = archive.find(&name) {
        Ok(Place::Member(Member { archive, index }))
    } else if archive.has_folder(&name) {
        Ok(Place::Inside(archive, name))
    } else {
        Err(io::Error::new(io::ErrorKind::NotFound, "there is no such file in the archive"))
    })
}

/// Whether something can be opened at a path, on disk or in an archive; the error says why not.
pub fn exists(path: &Path) -> io::Result<()> {
    find(path).map(drop)
}

/// Opens the object at a path, on disk or in an archive.
pub fn open_path(path: &Path) -> Result<DicomFile, Error> {
    let failed = |error: &io::Error| Error::io(error, path.display().to_string());
    let refused = |what: &str| failed(&io::Error::new(io::ErrorKind::InvalidInput, what.to_owned()));
    match find(path).map_err(|error| failed(&error))? {
        Place::File => match DicomFile::open(path) {
            Err(Error::NotDicom) if holds(path) == Holds::Archive => {
                Err(refused("this is an archive; name a file in it, as in archive.zip/folder/file.dcm"))
            }
            opened => opened,
        },
        Place::Member(member) => member.open(),
        Place::Folder | Place::Inside(..) => Err(refused("this is a folder, not a file")),
        Place::Other => Err(refused("this is not a regular file")),
    }
}

/// Whether a path names one object by itself and not a folder, an archive or a DICOMDIR full of them. What is
/// not there counts as one object, which then cannot be opened.
pub fn is_single(path: &Path) -> bool {
    match find(path) {
        Ok(Place::File) => holds(path) == Holds::One,
        Ok(Place::Member(member)) => !dicomdir::is_named(member.name()),
        Ok(Place::Folder | Place::Inside(..)) => false,
        Ok(Place::Other) | Err(_) => true,
    }
}

/// What a regular file that was named is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    Archive,
    Directory,
    One,
}

/// Bytes that tell a DICOMDIR: its meta information comes first.
const HEAD: usize = 512;

/// Looks into a named file. Those called `.dcm` are taken at their word, which saves opening thousands twice.
pub fn holds(path: &Path) -> Holds {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    if name.ends_with(".dcm") && !name.contains("dicomdir") {
        return Holds::One;
    }
    let Ok(source) = FileSource::open(path) else { return Holds::One };
    if is_archive(&source).unwrap_or(false) || is_named_archive(&name) {
        return Holds::Archive;
    }
    let count = usize::try_from(source.len()).map_or(HEAD, |len| len.min(HEAD));
    let mut head = vec![0; count];
    match source.read_exact_at(&mut head, 0) {
        Ok(()) if dicomdir::is_head(&head) => Holds::Directory,
        _ => Holds::One,
    }
}
