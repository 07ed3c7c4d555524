//! The size of a screen pixel: from what the system says of a monitor, or from a card held against it.

/// Width and height of a bank card (ISO/IEC 7810, ID-1).
pub const CARD_MM: [f64; 2] = [85.60, 53.98];

/// Pixels of monitors are within these; what a system says beyond them is made up.
const PLAUSIBLE_MM: std::ops::RangeInclusive<f64> = 0.04..=1.2;
/// Pixels are square: sides that differ by more than this were not measured.
const SQUARE: f64 = 0.05;

/// The distance of a monitor's pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pitch {
    pub mm: f64,
    /// The user held something against it; otherwise it is what the system believes.
    pub calibrated: bool,
}

impl Pitch {
    /// From a size in pixels and in millimetres as a system gives them; `None` where they cannot be true.
    /// Projectors and virtual screens have none, and some monitors state their aspect ratio in its place.
    pub fn from_system(pixels: [u32; 2], millimetres: [u32; 2]) -> Option<Self> {
        let pitch = |axis: usize| f64::from(millimetres[axis]) / f64::from(pixels[axis].max(1));
        let (across, down) = (pitch(0), pitch(1));
        let plausible = PLAUSIBLE_MM.contains(&across) && PLAUSIBLE_MM.contains(&down);
        // Millimetres are whole numbers: of a small screen they are coarser than the tolerance.
        let coarse = 1.0 / f64::from(millimetres[0].min(millimetres[1]).max(1));
        let square = (across - down).abs() <= (SQUARE + coarse) * across.max(down);
        (plausible && square).then(|| Self { mm: f64::midpoint(across, down), calibrated: false })
    }

    /// From how many pixels wide the outline of a card is that a real one covers exactly.
    pub fn from_card(pixels: f64) -> Option<Self> {
        let mm = CARD_MM[0] / pixels;
        PLAUSIBLE_MM.contains(&mm).then_some(Self { mm, calibrated: true })
    }

    /// As stored by the user.
    pub fn stored(mm: f64) -> Option<Self> {
        PLAUSIBLE_MM.contains(&mm).then_some(Self { mm, calibrated: true })
    }

    /// Width and height of a card's outline in pixels.
    pub fn card(&self) -> [f64; 2] {
        CARD_MM.map(|side| side / self.mm)
    }

    /// Screen pixels per millimetre, as `Zoom::PerMillimetre` takes it.
    pub fn per_millimetre(&self) -> f64 {
        self.mm.recip()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{ImageShape, ViewTransform, Zoom};

    #[test]
    fn a_systems_word_is_believed_where_it_can_be_true() {
        // A 24 inch monitor of 1920 by 1200: 518 by 324 mm, 0.27 mm a pixel.
        let pitch = Pitch::from_system([1920, 1200], [518, 324]).unwrap();
        assert!((pitch.mm - 0.2699).abs() < 1e-4 && !pitch.calibrated);
        assert_eq!(Pitch::from_system([1920, 1080], [0, 0]), None, "a projector");
        assert_eq!(Pitch::from_system([1920, 1080], [16, 9]), None, "an aspect ratio");
        assert_eq!(Pitch::from_system([1920, 1080], [518, 600]), None, "not square");
        assert_eq!(Pitch::from_system([0, 0], [500, 300]), None);
    }

    #[test]
    fn a_card_gives_the_pitch_and_the_pitch_the_card() {
        // 5 megapixels on 21.3 inches: 0.165 mm. A card is 518.8 pixels wide.
        let pitch = Pitch::from_card(85.60 / 0.165).unwrap();
        assert!((pitch.mm - 0.165).abs() < 1e-12 && pitch.calibrated);
        assert!((pitch.card()[0] - 518.787_878).abs() < 1e-5);
        assert!((pitch.card()[1] - 327.151_515).abs() < 1e-5);
        for impossible in [0.0, -1.0, 10.0, 1e9, f64::NAN] {
            assert_eq!(Pitch::from_card(impossible), None);
        }
    }

    #[test]
    fn true_size_draws_a_millimetre_as_a_millimetre() {
        // Pixels of 0.07 mm on a screen of 0.165 mm: 100 mm are 1428.57 image pixels and 606.06 of the screen.
        let shape = ImageShape { pixel_mm: Some(0.07), ..ImageShape::square(2560, 3328) };
        let pitch = Pitch { mm: 0.165, calibrated: true };
        let view = ViewTransform { zoom: Zoom::PerMillimetre(pitch.per_millimetre()), ..Default::default() };
        let scale = view.scale(shape, [1000.0, 1000.0]);
        assert!((100.0 / 0.07 * scale * pitch.mm - 100.0).abs() < 1e-9);
    }
}
