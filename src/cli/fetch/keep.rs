//! Files as they are kept: written aside, looked at, and only then given their name.

use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use dicom_dictionary_std::tags;

use crate::cli::exit::describe_io;
use crate::dicom::DicomFile;
use crate::dicom::uid::is_uid;
use crate::dicomweb::WebError;

/// Where to, and whether over what is there.
pub struct Keep {
    pub folder: PathBuf,
    pub overwrite: bool,
}

/// A file that is there now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub path: PathBuf,
    pub series: String,
    pub instance: String,
    pub bytes: u64,
    /// Whether this run wrote it.
    pub written: bool,
}

/// What an object says it is.
struct Identity {
    series: String,
    instance: String,
}

impl Keep {
    fn path(&self, series: &str, instance: &str) -> PathBuf {
        self.folder.join(series).join(format!("{instance}.dcm"))
    }

    /// The file of an instance, where it is there as it should be and is not to be fetched again.
    pub fn present(&self, series: &str, instance: &str) -> Result<Option<Kept>, WebError> {
        let path = self.path(series, instance);
        let Ok(meta) = fs::symlink_metadata(&path) else { return Ok(None) };
        if self.overwrite && meta.is_file() {
            return Ok(None);
        }
        let is_it = meta.is_file() && identity(&path).is_ok_and(|found| found.instance == instance);
        if !is_it {
            return Err(in_the_way(&path));
        }
        let (series, instance) = (series.to_owned(), instance.to_owned());
        Ok(Some(Kept { path, series, instance, bytes: meta.len(), written: false }))
    }

    /// Has `fill` write a file, and keeps it under the name of what it holds: of `wanted`, by series and own UID,
    /// where that is known before.
    pub fn keep(
        &self,
        wanted: Option<(&str, &str)>,
        fill: impl FnOnce(&mut File) -> Result<u64, WebError>,
    ) -> Result<Kept, WebError> {
        let mut aside = Aside::new(&self.folder)?;
        let bytes = fill(&mut aside.file)?;
        let found = identity(&aside.path)?;
        // An archive may know a series by another name than the file does; what was asked for decides.
        let (series, instance) = match wanted {
            Some((_, instance)) if instance != found.instance => {
                let what = format!("another object came than was asked for: {}", found.instance);
                return Err(WebError::Nonsense(what));
            }
            Some((series, instance)) => (series.to_owned(), instance.to_owned()),
            None => (found.series, found.instance),
        };
        let path = self.path(&series, &instance);
        let mut kept = Kept { path: path.clone(), series, instance, bytes, written: false };
        if let Ok(meta) = fs::symlink_metadata(&path) {
            if !self.overwrite && meta.is_file() && meta.len() == bytes {
                return Ok(kept);
            }
            if !self.overwrite || !meta.is_file() {
                return Err(in_the_way(&path));
            }
        }
        let folder = self.folder.join(&kept.series);
        fs::create_dir_all(&folder).map_err(|error| failed("cannot make the folder", &error, &folder))?;
        aside.name(&path)?;
        kept.written = true;
        Ok(kept)
    }
}

/// Reads a header and says what the object is.
fn identity(path: &Path) -> Result<Identity, WebError> {
    let file = DicomFile::open(path)
        .map_err(|_| WebError::Nonsense("what came is no DICOM file that can be read".to_owned()))?;
    let uid = |tag| file.data.uid(tag).filter(|uid| is_uid(uid));
    let instance = uid(tags::SOP_INSTANCE_UID)
        .or_else(|| file.meta.uid(tags::MEDIA_STORAGE_SOP_INSTANCE_UID).filter(|uid| is_uid(uid)));
    let instance =
        instance.ok_or_else(|| WebError::Nonsense("what came has no SOP Instance UID".to_owned()))?;
    Ok(Identity { series: uid(tags::SERIES_INSTANCE_UID).unwrap_or_else(|| "0".to_owned()), instance })
}

fn in_the_way(path: &Path) -> WebError {
    WebError::Nonsense(format!(
        "another file is there already, and --overwrite was not given: {}",
        path.display()
    ))
}

fn failed(doing: &str, error: &std::io::Error, path: &Path) -> WebError {
    WebError::Io(format!("{doing}: {}: {}", describe_io(error), path.display()))
}

/// A file that goes away unless it is given its name.
struct Aside {
    file: File,
    path: PathBuf,
    named: bool,
}

impl Aside {
    fn new(folder: &Path) -> Result<Self, WebError> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!(".fetch-{}-{number}.part", std::process::id()));
        let file = File::options().read(true).write(true).create_new(true).open(&path);
        let file = file.map_err(|error| failed("cannot write", &error, &path))?;
        Ok(Self { file, path, named: false })
    }

    fn name(&mut self, path: &Path) -> Result<(), WebError> {
        fs::rename(&self.path, path).map_err(|error| failed("cannot write", &error, path))?;
        self.named = true;
        Ok(())
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if !self.named {
            fs::remove_file(&self.path).ok();
        }
    }
}

/// Back to an empty file, to begin again.
pub fn empty(file: &mut File) -> Result<(), WebError> {
    let emptied = file.set_len(0).and_then(|()| file.seek(SeekFrom::Start(0)));
    emptied.map(drop).map_err(|error| WebError::Io(format!("cannot write: {}", describe_io(&error))))
}
