//! From which value to which colours go where nobody said it.

use super::ParametricMap;
use crate::dicom::Error;

/// Frames that are looked at.
const FRAMES: usize = 12;
/// Values of one frame.
const VALUES: usize = 1 << 15;
/// The share of values that lie below the range, and above it.
const OUTSIDE: f64 = 0.01;

pub(super) fn default_range(
    map: &ParametricMap,
    quantity: usize,
    mapping: usize,
) -> Result<(f64, f64), Error> {
    let list = map.quantities.get(quantity);
    let Some(mapping) = list.and_then(|list| list.get(mapping).or(list.last())) else {
        return Ok((0.0, 1.0));
    };
    if let Some((low, high)) = map.windows.get(quantity).copied().flatten() {
        let ends = [low, high].map(|stored| mapping.value(stored.clamp(mapping.stored.0, mapping.stored.1)));
        if let [Some(low), Some(high)] = ends
            && low != high
        {
            return Ok((low.min(high), low.max(high)));
        }
    }
    let mut values = Vec::new();
    let frames: Vec<u32> =
        (0..map.frame_count()).take(4096).filter(|&f| map.quantity(f) == quantity).collect();
    for frame in frames.iter().step_by(frames.len().div_ceil(FRAMES).max(1)) {
        let frame = map.frame(*frame)?;
        let step = frame.samples.len().div_ceil(VALUES).max(1);
        let stored = (0..frame.samples.len()).step_by(step).filter_map(|at| frame.samples.value(at));
        values.extend(
            stored.filter(|stored| !map.is_padding(*stored)).filter_map(|stored| mapping.value(stored)),
        );
    }
    Ok(most_of(values))
}

/// What all but the lowest and highest lie in.
fn most_of(mut values: Vec<f64>) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    let Some(last) = values.len().checked_sub(1) else { return (0.0, 1.0) };
    let cut = (last as f64 * OUTSIDE).round() as usize;
    let at = |place: usize| values.get(place).copied().unwrap_or(0.0);
    let (low, high) = (at(cut), at(last - cut));
    if low < high {
        return (low, high);
    }
    let (low, high) = (at(0), at(last));
    if low < high { (low, high) } else { (low, low + 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outermost_do_not_count() {
        let mut values: Vec<f64> = (0..=1000).map(f64::from).collect();
        assert_eq!(most_of(values.clone()), (10.0, 990.0));
        values.iter_mut().skip(1).for_each(|v| *v = 5.0);
        assert_eq!(most_of(values), (0.0, 5.0));
        assert_eq!(most_of(vec![7.0]), (7.0, 8.0));
        assert_eq!(most_of(Vec::new()), (0.0, 1.0));
    }
}
