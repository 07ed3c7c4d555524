//! What of a state applies to one frame of one image, and what that makes of its pixels.

use std::collections::HashMap;

use super::annotation::Annotation;
use super::area::{DisplayedArea, Rect};
use super::coordinates::Coordinates;
use super::layer::GraphicLayer;
use super::mask::Mask;
use super::overlay::OverlayPlane;
use super::relation::closest;
use super::state::{PresentationLut, PresentationState, SoftcopyVoi, StateKind};
use crate::dicom::ImageInfo;
use crate::display::{Appearance, Look, Lut, Modality, Voi, VoiChoice, stored_range};
use crate::geometry::{ImageShape, ViewTransform};

/// A state, as far as it is about one frame.
#[derive(Debug, Clone, Copy)]
pub struct Presented<'a> {
    pub state: &'a PresentationState,
    pub area: Option<&'a DisplayedArea>,
    pub voi: Option<&'a SoftcopyVoi>,
    /// What is to be subtracted from the frame before its window.
    pub mask: Option<&'a Mask>,
    instance_uid: &'a str,
    frame: u32,
}

impl PresentationState {
    /// What applies to a frame, counted from zero, of an image; `None` where the state is not about it.
    pub fn for_image<'a>(&'a self, instance_uid: &'a str, frame: u32) -> Option<Presented<'a>> {
        self.is_about_frame(instance_uid, frame).then(|| Presented {
            state: self,
            area: closest(&self.areas, |area| &area.scope, instance_uid, frame),
            voi: closest(&self.vois, |voi| &voi.scope, instance_uid, frame),
            // frames at the beginning have none before them, and are shown as they are
            mask: self.masks.of(frame).filter(|mask| !mask.frames(frame).is_empty()),
            instance_uid,
            frame,
        })
    }
}

impl<'a> Presented<'a> {
    /// The same for whoever does not subtract.
    #[must_use]
    pub fn unmasked(self) -> Self {
        Self { mask: None, ..self }
    }

    /// The appearance of the image with what the state replaces: modality LUT, windows and polarity. What an
    /// image says of padding stays, and so do colours.
    ///
    /// A part that the state leaves out is the identity, not what the image says (PS3.4 N.2.1).
    pub fn appearance(&self, own: &Appearance, info: &ImageInfo) -> Appearance {
        let is_gray = info.samples_per_pixel == 1 && own.palette.is_none();
        if !is_gray || self.state.kind == StateKind::Color {
            return Appearance { inverse: false, ..own.clone() };
        }
        let stored = stored_range(info);
        let (modality, unit) = Modality::read(&self.state.modality, 0, stored);
        let values = modality.range(stored);
        let values = match self.mask {
            Some(_) => (values.0 - values.1, values.1 - values.0),
            None => values,
        };
        let mut choices = self.voi.map(|voi| VoiChoice::read(&voi.item, values)).unwrap_or_default();
        if choices.is_empty() && values.0.is_finite() && values.1 - values.0 < 1e12 {
            let identity =
                VoiChoice { explanation: "identity".to_owned(), ..VoiChoice::auto(values.0, values.1) };
            choices.push(identity);
        }
        let inverse = self.state.presentation_lut == PresentationLut::Inverse;
        Appearance { modality, unit, choices, inverse, ..own.clone() }
    }

    /// What is worth saying about this image under the state.
    pub fn warnings(&self, own: &Appearance) -> Vec<&'static str> {
        let plain = matches!(own.modality, Modality::Rescale { slope, intercept } if slope == 1.0 && intercept == 0.0);
        let mut warnings = Vec::new();
        if !plain && !self.state.has_modality_lut() && self.state.kind != StateKind::Color {
            warnings.push("the image has a modality LUT that the state leaves out");
        }
        warnings
    }

    /// The whole pipeline with one window; `appearance` is that of [`Self::appearance`], `invert` the user's wish.
    /// Where there is a mask, it is for the differences and not for stored values.
    ///
    /// A table at the end of the pipeline is folded into one after the modality LUT, exact for every stored
    /// value of 16 bits, so that whatever draws needs to know of one table only.
    pub fn look(&self, appearance: &Appearance, info: &ImageInfo, voi: Voi, invert: bool) -> Look {
        let plain = appearance.look(voi, invert);
        let (plain, stored) = match self.mask {
            Some(_) => (plain.after_modality(), (f64::NEG_INFINITY, f64::INFINITY)),
            None => (plain, stored_range(info)),
        };
        match &self.state.presentation_lut {
            PresentationLut::Table(table) if appearance.palette.is_none() && info.samples_per_pixel == 1 => {
                folded(plain, table, stored, invert)
            }
            _ => plain,
        }
    }

    /// 256 colours for grey levels, where the state gives grey images colours.
    pub fn ramp(&self) -> Option<Box<[[u8; 3]; 256]>> {
        let entries = &self.state.palette.as_ref()?.entries;
        let last = entries.len().checked_sub(1)?;
        let mut ramp = Box::new([[0; 3]; 256]);
        for (level, color) in ramp.iter_mut().enumerate() {
            *color = entries.get((level * last + 127) / 255).copied().unwrap_or_default();
        }
        Some(ramp)
    }

    /// The displayed area in pixels of the image: all of it where the state names none.
    pub fn rect(&self, columns: u32, rows: u32) -> Rect {
        self.area.filter(|area| !area.of_matrix).map_or(Rect::whole(columns, rows), DisplayedArea::rect)
    }

    /// The view that shows what the state wants shown; see [`DisplayedArea::view`].
    pub fn view(&self, image: ImageShape, viewport: [f64; 2], screen_per_mm: Option<f64>) -> ViewTransform {
        let turn = self.state.turn;
        match self.area {
            Some(area) if !area.of_matrix => area.view(turn, image, viewport, screen_per_mm),
            _ => ViewTransform { quarter_turns: turn.quarters, flip: turn.flip, ..ViewTransform::default() },
        }
    }

    /// The ways from annotations into the image. `tile` is where a frame begins in a tiled image.
    pub fn coordinates(&self, image: ImageShape, tile: [f64; 2]) -> Coordinates {
        let mut area = self.area.map_or(Rect::whole(image.columns, image.rows), DisplayedArea::rect);
        if self.area.is_some_and(|area| area.of_matrix) {
            area.min = [0, 1].map(|axis| area.min[axis] - tile[axis]);
        }
        let aspect = self.area.map_or(image, |area| area.shape(image)).pixel_aspect;
        Coordinates { area, turn: self.state.turn, tile, aspect }
    }

    /// What is drawn on the frame, layer by layer from the bottom.
    pub fn annotations(&self) -> Vec<(&'a GraphicLayer, Vec<&'a Annotation>)> {
        let plain = |(layer, of): (_, Vec<(u32, &'a Annotation)>)| {
            (layer, of.into_iter().map(|(_, annotation)| annotation).collect())
        };
        self.numbered().into_iter().map(plain).collect()
    }

    /// The same, with the places of the annotations among all of the state.
    pub(super) fn numbered(&self) -> Vec<(&'a GraphicLayer, Vec<(u32, &'a Annotation)>)> {
        let Self { state, instance_uid, frame, .. } = *self;
        let mut by_layer: HashMap<&str, Vec<(u32, &Annotation)>> = HashMap::new();
        for (annotation, at) in state.annotations.iter().zip(0u32..) {
            if annotation.scope.includes(instance_uid, frame) {
                by_layer.entry(&annotation.layer).or_default().push((at, annotation));
            }
        }
        // a layer described twice is drawn where it comes first
        let layers = state.layers.iter();
        layers.filter_map(|layer| Some((layer, by_layer.remove(layer.name.as_str())?))).collect()
    }

    /// The bitmaps that are shown on the frame, from the bottom, of the state and of the image. One of the state
    /// stands for one of the image in the same group.
    pub fn overlays<'b>(&'b self, of_image: &'b [OverlayPlane]) -> Vec<(&'b GraphicLayer, &'b OverlayPlane)> {
        let shutter = self.state.shutter.as_ref().and_then(|shutter| shutter.overlay_group);
        let active = |name: &str| {
            let mine = self.state.activations.iter().filter(move |(_, layer)| layer == name);
            mine.filter(|(group, _)| Some(*group) != shutter).map(|(group, _)| *group).collect::<Vec<_>>()
        };
        let layers = self.state.layers.iter();
        layers
            .flat_map(|layer| active(&layer.name).into_iter().map(move |group| (layer, group)))
            .filter_map(|(layer, group)| Some((layer, self.plane(group, of_image)?)))
            .collect()
    }

    /// The bitmap that covers the image as a shutter.
    pub fn bitmap_shutter<'b>(&'b self, of_image: &'b [OverlayPlane]) -> Option<&'b OverlayPlane> {
        self.plane(self.state.shutter.as_ref()?.overlay_group?, of_image)
    }

    fn plane<'b>(&'b self, group: u16, of_image: &'b [OverlayPlane]) -> Option<&'b OverlayPlane> {
        self.state.overlays.iter().chain(of_image).find(|plane| plane.group == group)
    }
}

/// Entries of the longest table a descriptor allows.
const ENTRIES: usize = 65536;

/// Window and final table as one table after the modality LUT.
fn folded(plain: Look, table: &Lut, stored: (f64, f64), invert: bool) -> Look {
    let Look { padding, modality, voi, .. } = plain;
    let last = table.data.len().saturating_sub(1) as f64;
    let entry = |value: f64| {
        let y = voi.apply(value) * last;
        let y = table.value(f64::from(table.first) + (y + 1e-9).floor()) / table.max();
        let y = if invert { 1.0 - y } else { y };
        (y.clamp(0.0, 1.0) * 65535.0).round() as u16
    };
    let lut = |first: i32, data: Vec<u16>| {
        Voi::Lut(Lut { first, bits: 16, data: data.into(), explanation: table.explanation.clone() })
    };
    let few = |(lo, hi): (f64, f64)| hi - lo < ENTRIES as f64;
    match &modality {
        // value by value
        Modality::Rescale { .. } if few(stored) => {
            let steps = (stored.1 - stored.0) as usize;
            let data = (0..=steps).map(|i| entry(modality.apply(stored.0 + i as f64))).collect();
            let voi = lut(stored.0 as i32, data);
            Look { padding, modality: Modality::IDENTITY, voi, inverse: false, ramp: None }
        }
        Modality::Lut(values) => {
            let data = (0..=values.max() as usize).map(|i| entry(i as f64)).collect();
            Look { padding, modality, voi: lut(0, data), inverse: false, ramp: None }
        }
        // more values than a table has entries: the window is cut into as many
        Modality::Rescale { slope, intercept } => {
            let (center, width) = voi.nearest_window();
            let (lo, step) = (center - width, 2.0 * width / (ENTRIES - 1) as f64);
            let data = (0..ENTRIES).map(|i| entry(lo + i as f64 * step)).collect();
            let modality = Modality::Rescale { slope: slope / step, intercept: (intercept - lo) / step };
            Look { padding, modality, voi: lut(0, data), inverse: false, ramp: None }
        }
    }
}

#[cfg(test)]
#[path = "presented_tests.rs"]
mod tests;
