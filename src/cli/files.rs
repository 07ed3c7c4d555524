//! Files on their way in and out: only regular ones are read, and none is left half written.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::exit::{Exit, Failure};
use crate::dicom::{DicomFile, Error};

/// Opens a DICOM file that was named. A pipe or a device is refused: reading one could wait for ever.
pub fn open_object(path: &Path) -> Result<DicomFile, Error> {
    let failed = |error: &io::Error| Error::io(error, path.display().to_string());
    let found = fs::metadata(path).map_err(|error| failed(&error))?;
    if found.is_file() {
        return DicomFile::open(path);
    }
    let what = if found.is_dir() { "this is a folder, not a file" } else { "this is not a regular file" };
    Err(failed(&io::Error::new(io::ErrorKind::InvalidInput, what)))
}

/// Says at once when a file could not be written later: its folder is missing, or it is a folder itself.
pub fn check_target(file: &Path) -> Result<(), Failure> {
    if file.is_dir() {
        return Err(Failure::new(
            Exit::Io,
            format!("cannot write a picture over a folder: {}", file.display()),
        ));
    }
    let folder = folder_of(file);
    match fs::metadata(folder) {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(Failure::new(
            Exit::Io,
            format!("cannot write into what is not a folder: {}", folder.display()),
        )),
        Err(error) => Err(Failure::io("cannot write into the folder", &error, folder)),
    }
}

/// Writes a whole file or none: the bytes go to a neighbour that takes the name once it is complete.
pub fn write_atomically(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let part = neighbour(file);
    let written = fs::File::create(&part)
        .and_then(|mut out| {
            out.write_all(bytes)?;
            out.flush()
        })
        .and_then(|()| fs::rename(&part, file));
    written.map_err(|error| {
        fs::remove_file(&part).ok();
        Failure::io("cannot write", &error, file)
    })
}

/// A name in the same folder, so that the rename stays on one file system.
fn neighbour(file: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(file.file_name().unwrap_or_default());
    name.push(format!(".{}.part", std::process::id()));
    folder_of(file).join(name)
}

fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_goes_to_the_current_folder() {
        assert_eq!(folder_of(Path::new("out.png")), Path::new("."));
        assert_eq!(neighbour(Path::new("a/out.png")).parent(), Some(Path::new("a")));
    }

    #[test]
    fn a_failed_write_leaves_nothing() {
        let folder = std::env::temp_dir().join(format!("lightbox-files-{}", std::process::id()));
        fs::create_dir_all(folder.join("taken/inside")).expect("a folder");
        // Renaming a file over a folder with something in it fails on every system.
        assert_eq!(write_atomically(&folder.join("taken"), b"x").expect_err("a folder").exit, Exit::Io);
        let left: Vec<_> = fs::read_dir(&folder).expect("the folder").collect();
        assert_eq!(left.len(), 1);
        write_atomically(&folder.join("fine"), b"bytes").expect("written");
        assert_eq!(fs::read(folder.join("fine")).expect("the file"), b"bytes");
        fs::remove_dir_all(&folder).ok();
    }
}
