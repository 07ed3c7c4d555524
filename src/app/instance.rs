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

/// Instances that are looked at together, in order: what a viewport shows. Cheap to copy.
#[derive(Clone)]
pub struct Set(Arc<[Arc<InstanceData>]>);

impl Default for Set {
    fn default() -> Self {
        Self(Arc::from([]))
    }
}

impl std::ops::Deref for Set {
    type Target = [Arc<InstanceData>];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl From<Vec<Arc<InstanceData>>> for Set {
    fn from(instances: Vec<Arc<InstanceData>>) -> Self {
        Self(instances.into())
    }
}

impl PartialEq for Set {
    fn eq(&self, other: &Self) -> bool {
        let ids = |set: &Self| set.iter().map(|instance| instance.id).collect::<Vec<_>>();
        Arc::ptr_eq(&self.0, &other.0) || (self.len() == other.len() && ids(self) == ids(other))
    }
}

impl std::fmt::Debug for Set {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter().map(|instance| instance.id)).finish()
    }
}

impl Set {
    /// Frames of all instances.
    pub fn frames(&self) -> u32 {
        self.iter().map(|instance| instance.frames()).fold(0, u32::saturating_add)
    }

    /// Where among the frames of all instances the first frame of one is.
    pub fn start_of(&self, id: InstanceId) -> Option<u32> {
        let mut before: u32 = 0;
        for instance in self.iter() {
            if instance.id == id {
                return Some(before);
            }
            before = before.saturating_add(instance.frames());
        }
        None
    }
}
