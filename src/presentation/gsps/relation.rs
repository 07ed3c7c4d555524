//! Which images and frames something applies to (PS3.3 C.11.11, C.10.4, C.10.5, C.11.8).

use dicom_dictionary_std::tags;

use crate::dicom::DataSet;

/// One image, and which of its frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRef {
    pub class_uid: String,
    pub instance_uid: String,
    /// Frames as the standard counts them, from one; none means all.
    pub frames: Vec<u32>,
}

impl ImageRef {
    /// Whether it means a frame, counted from zero, of an instance.
    pub fn includes(&self, instance_uid: &str, frame: u32) -> bool {
        self.instance_uid == instance_uid
            && (self.frames.is_empty() || frame.checked_add(1).is_some_and(|n| self.frames.contains(&n)))
    }

    /// The items of a Referenced Image Sequence; those without an instance are left out.
    pub(super) fn read_all(place: &DataSet) -> Vec<Self> {
        let read = |item: &DataSet| {
            let frames = item.ints(tags::REFERENCED_FRAME_NUMBER);
            Some(Self {
                class_uid: item.uid(tags::REFERENCED_SOP_CLASS_UID).unwrap_or_default(),
                instance_uid: item.uid(tags::REFERENCED_SOP_INSTANCE_UID)?,
                frames: frames.into_iter().filter_map(|n| u32::try_from(n).ok()).collect(),
            })
        };
        place.items(tags::REFERENCED_IMAGE_SEQUENCE).iter().filter_map(read).collect()
    }
}

/// One series of the images a state is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesRef {
    pub series_uid: String,
    /// None in a state that is about all images of the series.
    pub images: Vec<ImageRef>,
}

impl SeriesRef {
    pub(super) fn read_all(data: &DataSet) -> Vec<Self> {
        let read = |item: &DataSet| Self {
            series_uid: item.uid(tags::SERIES_INSTANCE_UID).unwrap_or_default(),
            images: ImageRef::read_all(item),
        };
        data.items(tags::REFERENCED_SERIES_SEQUENCE).iter().map(read).collect()
    }
}

/// What a part of a state applies to: everything the state is about, unless it names some of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    pub images: Vec<ImageRef>,
}

impl Scope {
    pub(super) fn read(place: &DataSet) -> Self {
        Self { images: ImageRef::read_all(place) }
    }

    pub fn includes(&self, instance_uid: &str, frame: u32) -> bool {
        self.images.is_empty() || self.images.iter().any(|image| image.includes(instance_uid, frame))
    }

    /// How closely it names what it applies to: frames before images before everything.
    fn closeness(&self, instance_uid: &str, frame: u32) -> Option<u8> {
        if self.images.is_empty() {
            return Some(0);
        }
        let meant = self.images.iter().filter(|image| image.includes(instance_uid, frame));
        meant.map(|image| if image.frames.is_empty() { 1 } else { 2 }).max()
    }
}

/// The part that names an image and frame most closely, the first of equals.
pub(super) fn closest<'a, T>(
    parts: &'a [T],
    scope: impl Fn(&T) -> &Scope,
    instance_uid: &str,
    frame: u32,
) -> Option<&'a T> {
    let mut best: Option<(u8, &T)> = None;
    for part in parts {
        if let Some(close) = scope(part).closeness(instance_uid, frame)
            && best.is_none_or(|(other, _)| close > other)
        {
            best = Some((close, part));
        }
    }
    best.map(|(_, part)| part)
}
