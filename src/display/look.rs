//! What is applied to the samples of a frame: the whole grayscale pipeline, one value at a time.

use std::sync::Arc;

use super::{Modality, Padding, Voi};

/// Red, green and blue for every grey level.
pub type Ramp = [[u8; 3]; 256];

/// Padding, modality transformation, VOI and inversion as they are applied together.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    pub padding: Option<Padding>,
    pub modality: Modality,
    pub voi: Voi,
    /// Final: the object's own inversion, turned around where the user asks for it.
    pub inverse: bool,
    /// Colours for the grey levels, where greys are not what is wanted.
    pub ramp: Option<Arc<Ramp>>,
}

impl Look {
    /// What is seen for a grey level.
    pub fn color(&self, level: u8) -> [u8; 3] {
        let of_ramp = self.ramp.as_ref().and_then(|ramp| ramp.get(usize::from(level)));
        of_ramp.copied().unwrap_or([level; 3])
    }

    /// The level of a stored value. Padding, and what is not a number, is black, inverted or not.
    pub fn gray(&self, stored: f64) -> u8 {
        if !stored.is_finite() || self.padding.is_some_and(|p| p.contains(stored)) {
            return 0;
        }
        self.level(self.modality.apply(stored))
    }

    /// The level of a modality value.
    pub fn level(&self, value: f64) -> u8 {
        let y = self.voi.apply(value);
        let y = if self.inverse { 1.0 - y } else { y };
        // the cast saturates and turns what is not a number into black
        (255.0 * y + 0.5) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(inverse: bool) -> Look {
        Look {
            padding: Some(Padding { lo: 0.0, hi: 10.0 }),
            modality: Modality::Rescale { slope: 2.0, intercept: -100.0 },
            voi: Voi::LinearExact { center: 100.25, width: 255.0 },
            inverse,
            ramp: None,
        }
    }

    #[test]
    fn padding_stays_black_when_inverted() {
        for inverse in [false, true] {
            assert_eq!([0.0, 5.0, 10.0, f64::NAN, f64::INFINITY].map(|x| look(inverse).gray(x)), [0; 5]);
        }
        assert_eq!(look(false).gray(11.0), 0);
        assert_eq!(look(true).gray(11.0), 255);
    }

    #[test]
    fn modality_then_window_then_inversion() {
        // stored 90 is 80, which is (80 - 100.25) / 255 + 1/2 of the way to 255: 107.25
        assert_eq!(look(false).gray(90.0), 107);
        assert_eq!(look(true).gray(90.0), 148);
        assert_eq!(look(false).gray(4000.0), 255);
        assert_eq!(look(true).gray(4000.0), 0);
    }
}
