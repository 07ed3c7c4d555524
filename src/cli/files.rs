//! Files on their way in and out, checked before the work starts: only regular ones are read, and a picture
//! that could not be written later is refused at once.

use std::fs;
use std::path::Path;

use super::exit::{Exit, Failure};
use crate::dicom::{DicomFile, Error};
use crate::study;

/// Opens a DICOM file that was named, on disk or in an archive. A pipe or a device is refused: reading one could
/// wait for ever.
pub fn open_object(path: &Path) -> Result<DicomFile, Error> {
    study::open_path(path)
}

/// Says at once when a file could not be written later: its folder is missing, or it is a folder itself.
pub fn check_target(file: &Path) -> Result<(), Failure> {
    if file.is_dir() {
        return Err(Failure::new(Exit::Io, format!("cannot write a file over a folder: {}", file.display())));
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
    }
}
