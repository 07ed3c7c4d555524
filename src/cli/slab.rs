//! The slices of a slab for `viewer render`, from one multi-frame object.

use std::ops::Range;

use crate::dicom::{DicomFile, Error, Image};
use crate::display::{Appearance, Modality, Padding, SlabMode, Slice, TexelImage};
use crate::geometry::{NoSlab, Plane, is_projection, slab};

/// More slices than this are not combined: they are all in memory at once.
const MOST: u32 = 256;

/// Decoded slices, and how each is read.
pub struct Slices {
    pub mode: SlabMode,
    read: Vec<(TexelImage, Modality, Option<Padding>)>,
}

/// Which frames are within a slab.
pub fn slices(file: &DicomFile, frame: u32, count: u32, thickness_mm: f64) -> Result<Range<u32>, NoSlab> {
    if is_projection(&file.data) {
        return Err(NoSlab::Projection);
    }
    let found = slab(|n| Plane::read(&file.data, n), frame, count, thickness_mm, MOST)?;
    Ok(found.slices)
}

impl Slices {
    /// Decodes frames at a level.
    pub fn read(
        mode: SlabMode,
        file: &DicomFile,
        image: &Image,
        frames: Range<u32>,
        level: u32,
    ) -> Result<Self, Error> {
        let read = frames.map(|frame| {
            let decoded = image.decode(frame)?;
            let appearance = Appearance::read(&file.data, image.info(), frame);
            let texels = TexelImage::build(&decoded, &appearance, level);
            Ok((texels, appearance.modality, appearance.padding))
        });
        Ok(Self { mode, read: read.collect::<Result<_, Error>>()? })
    }

    pub fn slices(&self) -> Vec<Slice<'_>> {
        let slices = self.read.iter();
        slices.map(|(image, modality, padding)| Slice { image, modality, padding: *padding }).collect()
    }
}
