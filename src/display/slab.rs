//! Several parallel slices as one picture: the largest, the mean or the smallest of their values.
//!
//! The reference for `shaders/slab.wgsl`. Slices are combined texel by texel in modality values, before any
//! window; padding takes no part, and where every slice has padding the slab has it too. What comes out is an
//! image of its own, drawn like any other under [`Look::after_modality`]. Which slices belong together is
//! `geometry::Plane`'s business.

use super::texels::NOT_A_NUMBER;
use super::{Look, Modality, Padding, TexelImage, TexelKind, Texels};

/// How the slices of a slab become one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SlabMode {
    Max,
    Mean,
    Min,
}

impl SlabMode {
    pub const ALL: [Self; 3] = [Self::Max, Self::Mean, Self::Min];

    /// What radiologists call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Max => "MIP",
            Self::Mean => "mean",
            Self::Min => "MinIP",
        }
    }
}

/// One slice, and how its stored values are read.
#[derive(Debug, Clone, Copy)]
pub struct Slice<'a> {
    pub image: &'a TexelImage,
    pub modality: &'a Modality,
    pub padding: Option<Padding>,
}

/// Why images are not combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotCombined {
    Nothing,
    Color,
    /// Sums and comparisons are made in single precision, which would not hold their values.
    TooManyBits,
    Unequal,
}

impl NotCombined {
    pub fn reason(self) -> &'static str {
        match self {
            Self::Nothing => "no slab: no slice is there",
            Self::Color => "no slab: colours have no largest or smallest value",
            Self::TooManyBits => "no slab: samples of 32 bits do not fit its precision",
            Self::Unequal => "no slab: the slices differ in size",
        }
    }
}

/// Combines slices of one size and level.
pub fn combine(mode: SlabMode, slices: &[Slice<'_>]) -> Result<TexelImage, NotCombined> {
    let first = slices.first().ok_or(NotCombined::Nothing)?.image;
    for Slice { image, .. } in slices {
        if image.kind == TexelKind::Rgb {
            return Err(NotCombined::Color);
        }
        if image.kind != TexelKind::Float && matches!(image.texels, Texels::U32(_)) {
            return Err(NotCombined::TooManyBits);
        }
        let size = |image: &TexelImage| {
            [image.width, image.height, image.level, image.source_width, image.source_height]
        };
        if size(image) != size(first) {
            return Err(NotCombined::Unequal);
        }
    }
    let mut texels = Vec::with_capacity(first.width as usize * first.height as usize);
    for y in 0..first.height {
        for x in 0..first.width {
            let values = slices.iter().filter_map(|slice| {
                Some(slice.modality.apply(slice.image.texel(x, y, slice.padding)?)).filter(|v| v.is_finite())
            });
            let combined = reduce(mode, values);
            texels.push(combined.map_or(NOT_A_NUMBER, |value| (value as f32).to_bits()));
        }
    }
    Ok(TexelImage {
        kind: TexelKind::Float,
        fraction_bits: 0,
        texels: Texels::U32(texels),
        padding: None,
        width: first.width,
        height: first.height,
        level: first.level,
        source_width: first.source_width,
        source_height: first.source_height,
        bits_stored: first.bits_stored,
    })
}

/// `None` where there is no value at all.
fn reduce(mode: SlabMode, values: impl Iterator<Item = f64>) -> Option<f64> {
    match mode {
        SlabMode::Max => values.reduce(f64::max),
        SlabMode::Min => values.reduce(f64::min),
        SlabMode::Mean => {
            let (sum, count) = values.fold((0.0, 0u32), |(sum, count), value| (sum + value, count + 1));
            (count > 0).then(|| sum / f64::from(count))
        }
    }
}

impl Look {
    /// The same for modality values: what a slab is made of.
    #[must_use]
    pub fn after_modality(&self) -> Self {
        Self {
            padding: None,
            modality: Modality::Rescale { slope: 1.0, intercept: 0.0 },
            voi: self.voi.clone(),
            inverse: self.inverse,
            ramp: self.ramp.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(values: &[u16]) -> TexelImage {
        let width = u32::try_from(values.len()).unwrap();
        TexelImage {
            width,
            height: 1,
            level: 0,
            source_width: width,
            source_height: 1,
            kind: TexelKind::Uint,
            fraction_bits: 0,
            texels: Texels::U16(values.to_vec()),
            bits_stored: 12,
            padding: None,
        }
    }

    fn combined(mode: SlabMode, slices: &[(TexelImage, f64)]) -> Vec<Option<f64>> {
        let looks: Vec<_> =
            slices.iter().map(|(_, slope)| Modality::Rescale { slope: *slope, intercept: -10.0 }).collect();
        let padding = Some(Padding { lo: 0.0, hi: 0.0 });
        let slices: Vec<_> = slices
            .iter()
            .zip(&looks)
            .map(|((image, _), modality)| Slice { image, modality, padding })
            .collect();
        let slab = combine(mode, &slices).unwrap();
        (0..slab.width).map(|x| slab.texel(x, 0, None)).collect()
    }

    #[test]
    fn values_are_compared_after_rescaling_and_padding_takes_no_part() {
        // Rescaled: 10, -5, padding, padding; and 10, 30, 50, padding.
        let slices = [(image(&[20, 5, 0, 0]), 1.0), (image(&[10, 20, 30, 0]), 2.0)];
        assert_eq!(combined(SlabMode::Max, &slices), [Some(10.0), Some(30.0), Some(50.0), None]);
        assert_eq!(combined(SlabMode::Min, &slices), [Some(10.0), Some(-5.0), Some(50.0), None]);
        assert_eq!(combined(SlabMode::Mean, &slices), [Some(10.0), Some(12.5), Some(50.0), None]);
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        let modality = Modality::Rescale { slope: 1.0, intercept: 0.0 };
        let slice = |image| Slice { image, modality: &modality, padding: None };
        let (a, b) = (image(&[1, 2]), image(&[1, 2, 3]));
        assert_eq!(combine(SlabMode::Max, &[slice(&a), slice(&b)]), Err(NotCombined::Unequal));
        assert_eq!(combine(SlabMode::Max, &[]), Err(NotCombined::Nothing));
        let wide = TexelImage { texels: Texels::U32(vec![1, 2]), ..image(&[1, 2]) };
        assert_eq!(combine(SlabMode::Max, &[slice(&wide)]), Err(NotCombined::TooManyBits));
        let color = TexelImage { kind: TexelKind::Rgb, texels: Texels::Rgba8(vec![0; 8]), ..image(&[1, 2]) };
        assert_eq!(combine(SlabMode::Max, &[slice(&color)]), Err(NotCombined::Color));
    }
}
