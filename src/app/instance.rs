//! An instance as the threads of the application share it: the index entry and the header, opened once.

use std::sync::{Arc, OnceLock};

use bevy::prelude::Component;

use crate::cine::Planes;
use crate::dicom::{DicomFile, FrameSource, Image};
use crate::study::{Entry, SupplementKind};

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

    /// Where its frames come from, if that is not this machine.
    pub fn source(&self) -> Option<&Arc<dyn FrameSource>> {
        self.entry.header.as_deref()?.remote()
    }

    /// The transfer syntax of its pixels; of a server's, once a frame has come.
    pub fn transfer_syntax(&self) -> &str {
        let arrived = || Some(self.source().and(self.peek())?.image.transfer_syntax());
        arrived().unwrap_or(&self.entry.transfer_syntax)
    }

    /// Whether the bytes of a frame are still somewhere else.
    pub fn is_far(&self, frame: u32) -> bool {
        self.source().is_some_and(|source| !source.is_local(frame))
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

/// An object that says something about images and takes no slot; a component of its entity.
#[derive(Component, Clone)]
pub struct Supplement {
    pub data: Arc<InstanceData>,
    pub kind: SupplementKind,
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

impl<'a> IntoIterator for &'a Set {
    type Item = &'a Arc<InstanceData>;
    type IntoIter = std::slice::Iter<'a, Arc<InstanceData>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
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

    /// The instance and its frame at a position among the frames of all instances.
    pub fn at(&self, position: u32) -> Option<(&Arc<InstanceData>, u32)> {
        let mut left = position;
        for instance in self {
            if left < instance.frames() {
                return Some((instance, instance.frame_at(left)));
            }
            left -= instance.frames();
        }
        None
    }

    /// Where among the frames of all instances the first frame of one is.
    pub fn start_of(&self, id: InstanceId) -> Option<u32> {
        let mut before: u32 = 0;
        for instance in self {
            if instance.id == id {
                return Some(before);
            }
            before = before.saturating_add(instance.frames());
        }
        None
    }
}
