//! An instance as the threads of the application share it: the index entry and the header, opened once.

use std::sync::{Arc, OnceLock};

use crate::cine::Planes;
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
    planes: OnceLock<Option<Planes>>,
}

impl InstanceData {
    pub fn new(id: InstanceId, entry: Arc<Entry>) -> Self {
        Self { id, entry, opened: OnceLock::new(), planes: OnceLock::new() }
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

    /// The frame that comes at a place when its frames are looked at in order.
    pub fn frame_at(&self, index: u32) -> u32 {
        let order = self.entry.frame_order.as_deref();
        order.and_then(|order| order.get(index as usize)).copied().unwrap_or(index)
    }

    /// At which place a frame comes.
    pub fn index_of(&self, frame: u32) -> u32 {
        let order = self.entry.frame_order.as_deref();
        let found = order.and_then(|order| order.iter().position(|one| *one == frame));
        found.and_then(|index| u32::try_from(index).ok()).unwrap_or(frame)
    }

    /// Where the frames of a multi-frame object lie, as they are stored; `None` before its header was read.
    pub fn planes(&self) -> Option<&Planes> {
        let opened = self.peek()?;
        self.planes.get_or_init(|| Planes::read(&opened.file.data, self.frames())).as_ref()
    }

    /// The normal of its planes and where each lies along it in millimetres, in the order they are looked at.
    pub fn depths(&self) -> Option<([f64; 3], Vec<f64>)> {
        if let Some(geometry) = self.entry.geometry.filter(|_| self.frames() == 1) {
            let normal = geometry.normal()?;
            let depth = geometry.position.iter().zip(normal).map(|(p, n)| p * n).sum();
            return Some((normal, vec![depth]));
        }
        let planes = self.planes()?;
        let depth = |index| planes.depths.get(self.frame_at(index) as usize).copied();
        Some((planes.normal, (0..self.frames()).filter_map(depth).collect()))
    }
}
