//! A DICOMDIR: the list of files that comes with a set of DICOM media (PS3.3 annex F, PS3.10 8).
//!
//! It says which files there are and in which order. What it says about their content is not used: the files
//! themselves know better. Its upper-case names of eight characters are matched with what is on disk, whatever
//! the case there and with the `.;1` that discs leave behind.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use dicom_dictionary_std::{tags, uids};

use super::archive::{Archive, below};
use crate::dicom::{DataSet, DicomFile};

/// The name every DICOMDIR has.
const NAME: &str = "DICOMDIR";

/// Whether this is the name of a DICOMDIR, with the folders before it.
pub fn is_named(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    folded(last).eq_ignore_ascii_case(NAME)
}

/// Whether a file that begins like this is a DICOMDIR.
pub fn is_head(head: &[u8]) -> bool {
    let uid = uids::MEDIA_STORAGE_DIRECTORY_STORAGE.as_bytes();
    let after = |at: usize| head.get(at + uid.len()).copied();
    // The UID of a study or an image may go on with more numbers.
    let mut windows = head.windows(uid.len()).enumerate();
    head.get(128..132) == Some(b"DICM")
        && windows.any(|(at, part)| part == uid && !matches!(after(at), Some(b'.' | b'0'..=b'9')))
}

/// Whether an object is a DICOMDIR.
pub fn is_directory(file: &DicomFile) -> bool {
    file.meta.uid(tags::MEDIA_STORAGE_SOP_CLASS_UID).as_deref() == Some(uids::MEDIA_STORAGE_DIRECTORY_STORAGE)
}

/// Names of the files a DICOMDIR refers to, folder by folder, in its order.
pub fn references(file: &DicomFile) -> Vec<Vec<String>> {
    file.data.items(tags::DIRECTORY_RECORD_SEQUENCE).iter().filter_map(reference).collect()
}

fn reference(record: &DataSet) -> Option<Vec<String>> {
    // Zero marks a record that was deleted without moving the others.
    if record.int(tags::RECORD_IN_USE_FLAG) == Some(0) {
        return None;
    }
    let parts = record.strings(tags::REFERENCED_FILE_ID);
    let harmless =
        |part: &String| !matches!(part.as_str(), "" | "." | "..") && !part.contains(['/', '\\', ':', '\0']);
    (!parts.is_empty() && parts.iter().all(harmless)).then_some(parts)
}

/// A name without case and without what discs append to it.
fn folded(name: &str) -> String {
    let plain = match name.rsplit_once(';') {
        Some((plain, version)) if version.bytes().all(|byte| byte.is_ascii_digit()) => plain,
        _ => name,
    };
    plain.strip_suffix('.').unwrap_or(plain).to_lowercase()
}

/// What became of the references.
pub struct Resolved<T> {
    pub found: Vec<T>,
    pub missing: usize,
}

impl<T> Resolved<T> {
    fn from(resolved: impl Iterator<Item = Option<T>>) -> Self {
        let mut answer = Self { found: Vec::new(), missing: 0 };
        for one in resolved {
            match one {
                Some(one) => answer.found.push(one),
                None => answer.missing += 1,
            }
        }
        answer
    }

    /// A sentence about what is missing, if anything is.
    pub fn complaint(&self, otherwise: &str) -> Option<String> {
        let all = self.found.len() + self.missing;
        (self.missing > 0).then(|| {
            format!("{} of the {all} files this DICOMDIR names are not there; {otherwise}", self.missing)
        })
    }
}

/// The files on disk below `root`.
pub fn resolve_on_disk(root: &Path, references: &[Vec<String>]) -> Resolved<PathBuf> {
    let mut lookup = Lookup::default();
    Resolved::from(references.iter().map(|reference| lookup.find(root, reference)))
}

/// Listings of folders, read once.
#[derive(Default)]
struct Lookup {
    folders: HashMap<PathBuf, HashMap<String, Vec<(OsString, fs::FileType)>>>,
}

impl Lookup {
    fn find(&mut self, root: &Path, reference: &[String]) -> Option<PathBuf> {
        let mut path = root.to_path_buf();
        let mut kind = None;
        for name in reference {
            let (real, found) = self.entry(&path, name)?;
            path.push(real);
            kind = Some(found);
        }
        let kind = kind?;
        let is_file = kind.is_file() || (kind.is_symlink() && path.is_file());
        is_file.then_some(path)
    }

    fn entry(&mut self, folder: &Path, name: &str) -> Option<(OsString, fs::FileType)> {
        if !self.folders.contains_key(folder) {
            self.folders.insert(folder.to_path_buf(), listing(folder));
        }
        let candidates = self.folders.get(folder)?.get(&folded(name))?;
        // Where several names differ in case alone, the exact one is meant.
        let exact = candidates.iter().find(|(candidate, _)| candidate.to_str() == Some(name));
        exact.or_else(|| candidates.first()).cloned()
    }
}

fn listing(folder: &Path) -> HashMap<String, Vec<(OsString, fs::FileType)>> {
    let mut names: HashMap<_, Vec<_>> = HashMap::new();
    for item in fs::read_dir(folder).into_iter().flatten().flatten() {
        if let (name, Ok(kind)) = (item.file_name(), item.file_type()) {
            names.entry(folded(&name.to_string_lossy())).or_default().push((name, kind));
        }
    }
    for candidates in names.values_mut() {
        candidates.sort_by(|(a, _), (b, _)| a.cmp(b));
    }
    names
}

/// The members of an archive below the folder `root`, of those that are listed.
pub fn resolve_in_archive(
    archive: &Archive,
    root: &str,
    members: &[u32],
    references: &[Vec<String>],
) -> Resolved<u32> {
    let mut names: HashMap<String, u32> = HashMap::with_capacity(members.len());
    for &index in members {
        let Some(inner) = archive.name(index).and_then(|name| below(name, root)) else { continue };
        let key: Vec<String> = inner.split('/').map(folded).collect();
        names.entry(key.join("/")).or_insert(index);
    }
    Resolved::from(references.iter().map(|reference| {
        let key: Vec<String> = reference.iter().map(|part| folded(part)).collect();
        names.get(&key.join("/")).copied()
    }))
}

#[cfg(test)]
mod tests {
    use dicom_core::VR;

    use super::*;
    use crate::dicom::testing::{cs, data_set, element};

    #[test]
    fn names_of_discs_fold_together() {
        for name in ["IM000001", "im000001", "Im000001.", "IM000001.;1", "IM000001;12"] {
            assert_eq!(folded(name), "im000001", "{name}");
        }
        assert_eq!(folded("a.dcm"), "a.dcm");
        assert!(is_named("disc/dicomdir") && is_named("DICOMDIR.;1") && !is_named("DICOMDIR.txt"));
    }

    #[test]
    fn references_never_leave_the_folder() {
        let record = |id: &str| data_set(vec![cs(tags::REFERENCED_FILE_ID, id)]);
        assert_eq!(reference(&record("IMAGES\\IM1 ")), Some(vec!["IMAGES".into(), "IM1".into()]));
        for id in ["..\\SECRET", "A\\..\\B", "/etc/passwd", "A\\\\B", "C:\\X", ""] {
            assert_eq!(reference(&record(id)), None, "{id}");
        }
        let deleted = data_set(vec![
            element(tags::RECORD_IN_USE_FLAG, VR::US, vec![0, 0]),
            cs(tags::REFERENCED_FILE_ID, "A"),
        ]);
        assert_eq!(reference(&deleted), None);
    }

    #[test]
    fn a_head_tells_a_directory() {
        let mut head = [0; 132];
        head[128..].copy_from_slice(b"DICM");
        let with = |uid: &[u8]| [&head[..], uid].concat();
        assert!(is_head(&with(b"1.2.840.10008.1.3.10\0")));
        assert!(!is_head(&with(b"1.2.840.10008.1.3.101")));
        assert!(!is_head(b"1.2.840.10008.1.3.10"));
    }
}
