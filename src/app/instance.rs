//! An instance as the threads of the application share it: the index entry and the header, opened once.

use std::sync::{Arc, OnceLock};

use crate::dicom::{DicomFile, Image};
use crate::study::Entry;

/// Identifies an instance for as long as the application runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InstanceId(pub u32);

/// One frame of one instance. Frames are not entities: there can be thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FrameKey {
    pub instance: InstanceId,
    pub frame: u32,
}

/// Header and pixels of an instance.
pub struct Opened {
    pub file: Arc<DicomFile>,
    pub image: Image,
}

/// Shared by the loader, the viewports and the interface.
pub struct InstanceData {
    pub id: InstanceId,
    pub entry: Arc<Entry>,
    opened: OnceLock<Result<Opened, String>>,
}

impl InstanceData {
    pub fn new(id: InstanceId, entry: Arc<Entry>) -> Self {
        Self { id, entry, opened: OnceLock::new() }
    }

    /// The header, read now if nobody has yet.
    pub fn open(&self) -> Result<&Opened, &str> {
        let opened = self.opened.get_or_init(|| {
            let file = self.header()?;
            let image = file.image().map_err(|e| e.to_string())?;
            Ok(Opened { file, image })
        });
        opened.as_ref().map_err(String::as_str)
    }

    /// The header alone, also of what is no image.
    pub fn file(&self) -> Result<Arc<DicomFile>, String> {
        match self.opened.get() {
            Some(Ok(opened)) => Ok(Arc::clone(&opened.file)),
            _ => self.header(),
        }
    }

    fn header(&self) -> Result<Arc<DicomFile>, String> {
        self.entry.open().map_err(|e| e.to_string())
    }

    /// The header if it has been read: never blocks on a disk.
    pub fn peek(&self) -> Option<&Opened> {
        self.opened.get()?.as_ref().ok()
    }

    pub fn frames(&self) -> u32 {
        self.entry.frames.max(1)
    }
}
