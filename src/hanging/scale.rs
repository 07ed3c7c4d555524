//! One scale for all: as many screen pixels a millimetre as the tightest of several views allows.

use crate::geometry::{ImageShape, ViewTransform};

/// An image as it will be drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sized {
    pub shape: ImageShape,
    pub quarter_turns: u8,
    /// Width and height of its viewport in screen pixels.
    pub viewport: [f64; 2],
}

/// The scale views have in common.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SameSize {
    /// Screen pixels a millimetre; `None` where no view says how large its pixels are.
    pub per_millimetre: Option<f64>,
    /// The views, by their place, that do not say it and cannot take part.
    pub without: Vec<usize>,
}

/// The largest scale at which all of every view is seen, and which views have no part in it.
pub fn same_size(views: &[Sized]) -> SameSize {
    let mut same = SameSize::default();
    for (at, view) in views.iter().enumerate() {
        let transform = ViewTransform { quarter_turns: view.quarter_turns, ..ViewTransform::default() };
        let fit = transform.fit_per_millimetre(view.shape, view.viewport);
        match fit.filter(|scale| scale.is_finite() && *scale > 0.0) {
            Some(scale) => {
                same.per_millimetre = Some(same.per_millimetre.map_or(scale, |least| least.min(scale)));
            }
            None => same.without.push(at),
        }
    }
    same
}
