//! Parametric maps: a number for every place of an image, such as how fast water diffuses there (PS3.3 C.8.32).
//!
//! [`ParametricMap::read`] takes the header; frames are decoded when they are looked at and kept within bounds.
//! [`ParametricMap::frames_over`] says which of them lie over a frame of an image, [`ParametricMap::covers`] colours
//! them by a [`ColorMap`], and [`ParametricMap::value_at`] gives the value at a point with its unit. A map by itself
//! is an image like any other and is no business of this module.

mod cover;
mod mapping;
mod range;
mod read;
mod ticks;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::color_map::{ColorMap, ColorTable};
use super::cover::Cover;
use super::kept::Kept;
use super::lying::{Hit, ImageFrame, Lying};
use crate::dicom::{Error, Frame, Image};

pub use mapping::{Mapping, Scale};
pub use read::is_parametric_map;
pub use ticks::{Tick, ticks};

/// Decoded frames that are kept.
const KEPT_BYTES: usize = 96 << 20;

/// A parametric map. Any thread may ask it.
pub struct ParametricMap {
    /// What the object is called; often empty.
    pub label: String,
    pub description: String,
    pub creator: String,
    pub frame_of_reference: Option<String>,
    /// The palette the object recommends, and what it is called.
    pub palette: Option<(String, ColorTable)>,
    /// What was mended or left out.
    pub warnings: Vec<String>,
    /// What stored values mean: frames of one kind share a list of alternatives, which is never empty.
    quantities: Vec<Vec<Mapping>>,
    /// Windows of the object in stored values, by kind.
    windows: Vec<Option<(f64, f64)>>,
    /// Stored values that are none.
    padding: Option<(f64, f64)>,
    image: Image,
    lying: Lying,
    frames: Kept<Frame>,
}

impl std::fmt::Debug for ParametricMap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParametricMap").field("quantities", &self.quantities).finish_non_exhaustive()
    }
}

/// How a map is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct MapOptions {
    /// Which of the alternatives of a quantity.
    pub mapping: usize,
    /// `None` takes the palette of the object, or Viridis where it has none.
    pub colors: Option<ColorMap>,
    /// The values with the first colour and with the last, in units of the mapping; `None` is
    /// [`ParametricMap::default_range`].
    pub range: Option<(f64, f64)>,
    /// From 0 to 1.
    pub opacity: f64,
    /// Values below the range are not drawn; otherwise they have the first colour.
    pub below_is_clear: bool,
    /// Colours between the pixels of the map are interpolated.
    pub smooth: bool,
}

impl Default for MapOptions {
    fn default() -> Self {
        Self { mapping: 0, colors: None, range: None, opacity: 0.6, below_is_clear: true, smooth: true }
    }
}

/// The value at a point.
#[derive(Debug, Clone, PartialEq)]
pub struct MapValue {
    pub value: f64,
    /// As people write it; empty where there is none.
    pub unit: String,
    pub stored: f64,
    /// The frame it is from.
    pub frame: u32,
}

impl ParametricMap {
    /// What the map is about: mostly one quantity with one mapping; each is a list of alternatives.
    pub fn quantities(&self) -> &[Vec<Mapping>] {
        &self.quantities
    }

    /// The quantity a frame is about, as its place in [`Self::quantities`].
    pub fn quantity(&self, frame: u32) -> usize {
        usize::try_from(self.lying.part(frame)).unwrap_or(0)
    }

    /// An alternative of the quantity of a frame; the last one where there are not so many.
    pub fn mapping(&self, frame: u32, number: usize) -> Option<&Mapping> {
        let list = self.quantities.get(self.quantity(frame))?;
        list.get(number).or(list.last())
    }

    /// Frames of the object.
    pub fn frame_count(&self) -> u32 {
        self.image.frame_count()
    }

    /// The frames that lie over a frame of an image, of every quantity one.
    pub fn frames_over(&self, image: &ImageFrame) -> Vec<Hit> {
        let mut hits = self.lying.over(image);
        // of several for one place, as in a series in time, the first
        hits.dedup_by(|b, a| self.quantity(a.frame) == self.quantity(b.frame) && a.to_image == b.to_image);
        hits
    }

    /// The images the map says it was made from; others may lie in the same place.
    pub fn images(&self) -> impl Iterator<Item = &str> {
        self.lying.named()
    }

    /// Whether the map names an image.
    pub fn names(&self, instance_uid: &str) -> bool {
        self.lying.names(instance_uid)
    }

    /// The colours that options stand for.
    pub fn colors(&self, options: &MapOptions) -> ColorTable {
        match (options.colors, &self.palette) {
            (Some(map), _) => map.table(),
            (None, Some((_, table))) => Arc::clone(table),
            (None, None) => ColorMap::default().table(),
        }
    }

    /// The values with the first and the last colour where nobody chose any: the window of the object, else what most
    /// of its values lie in. That decodes some frames the first time; keep it.
    ///
    /// # Errors
    /// A frame cannot be decoded.
    pub fn default_range(&self, quantity: usize, mapping: usize) -> Result<(f64, f64), Error> {
        range::default_range(self, quantity, mapping)
    }

    /// The map as pictures, of the first quantity among the hits; usually one.
    ///
    /// # Errors
    /// A frame cannot be decoded.
    pub fn covers(&self, hits: &[Hit], options: &MapOptions) -> Result<Vec<Cover>, Error> {
        cover::covers(self, hits, options)
    }

    /// The value at a point of the image, by the first frame that has one there.
    ///
    /// # Errors
    /// A frame cannot be decoded.
    pub fn value_at(&self, hits: &[Hit], point: [f64; 2], mapping: usize) -> Result<Option<MapValue>, Error> {
        for hit in hits {
            let Some([x, y]) = hit.to_image.invert().map(|back| back.apply(point)) else { continue };
            let info = self.image.info();
            let inside = x >= 0.0 && y >= 0.0 && x < f64::from(info.columns) && y < f64::from(info.rows);
            let Some(mapping) = self.mapping(hit.frame, mapping).filter(|_| inside) else { continue };
            let stored = self.frame(hit.frame)?.stored(x as u32, y as u32, 0);
            let Some(stored) = stored.filter(|stored| !self.is_padding(*stored)) else { continue };
            if let Some(value) = mapping.value(stored) {
                return Ok(Some(MapValue { value, unit: mapping.unit(), stored, frame: hit.frame }));
            }
        }
        Ok(None)
    }

    fn is_padding(&self, stored: f64) -> bool {
        self.padding.is_some_and(|(low, high)| (low..=high).contains(&stored))
    }

    fn frame(&self, frame: u32) -> Result<Arc<Frame>, Error> {
        self.frames.get(frame, || {
            let decoded = self.image.decode(frame)?;
            if decoded.channels != 1 {
                return Err(Error::Image("a parametric map has one sample a pixel".to_owned()));
            }
            let bytes = decoded.samples.byte_len();
            Ok((decoded, bytes))
        })
    }
}
