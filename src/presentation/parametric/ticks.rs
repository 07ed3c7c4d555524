//! Values beside a colour bar: round ones.

/// A value at a colour bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    pub value: f64,
    /// From 0 at the low end to 1.
    pub place: f64,
    pub text: String,
}

/// Round values within a range, at most so many: steps of 1, 2 or 5 and zeros.
pub fn ticks((low, high): (f64, f64), most: usize) -> Vec<Tick> {
    let span = high - low;
    if most == 0 || !span.is_finite() || span == 0.0 || span.abs() < low.abs().max(high.abs()) * 1e-9 {
        return Vec::new();
    }
    let (from, to) = (low.min(high), low.max(high));
    let counted = |step: f64| ((to / step + 1e-9).floor() - (from / step - 1e-9).ceil()) as i64 + 1;
    let smallest = (to - from) / (most as f64 + 1.0);
    let mut exponent = smallest.log10().floor() as i32;
    let step = loop {
        let found = [1, 2, 5].into_iter().find(|&n| counted(of(n, exponent)) <= most as i64);
        match found {
            Some(n) => break (n, exponent),
            None => exponent += 1,
        }
        if exponent > 400 {
            return Vec::new();
        }
    };
    let size = of(step.0, step.1);
    let first = (from / size - 1e-9).ceil();
    let count = counted(size).max(0);
    (0..count)
        .map(|n| {
            let value = (first + n as f64) * size;
            let value = if value.abs() < size * 1e-6 { 0.0 } else { value };
            Tick { value, place: (value - low) / span, text: text(value, step.1) }
        })
        .collect()
}

fn of(digit: i32, exponent: i32) -> f64 {
    // division keeps 0.2 what is written as 0.2
    let power = 10f64.powi(exponent.abs());
    if exponent < 0 { f64::from(digit) / power } else { f64::from(digit) * power }
}

/// As many digits as the step has; powers of ten where that would be long.
fn text(value: f64, exponent: i32) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if exponent < -4 || value.abs() >= 1e6 {
        let digits = (value.abs().log10().floor() as i32 - exponent).clamp(0, 12);
        return format!("{value:.*e}", digits as usize);
    }
    format!("{value:.*}", exponent.min(0).unsigned_abs() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(range: (f64, f64), most: usize) -> Vec<String> {
        ticks(range, most).into_iter().map(|tick| tick.text).collect()
    }

    #[test]
    fn round_values() {
        assert_eq!(texts((0.0, 10.0), 6), ["0", "2", "4", "6", "8", "10"]);
        assert_eq!(texts((0.0, 10.0), 3), ["0", "5", "10"]);
        assert_eq!(texts((-1.0, 1.0), 5), ["-1.0", "-0.5", "0", "0.5", "1.0"]);
        assert_eq!(texts((0.13, 0.57), 5), ["0.2", "0.3", "0.4", "0.5"]);
        assert_eq!(texts((0.0, 3024.0), 5), ["0", "1000", "2000", "3000"]);
        assert_eq!(texts((0.0, 0.003), 4), ["0", "0.001", "0.002", "0.003"]);
        assert_eq!(texts((0.0, 3e-6), 4), ["0", "1e-6", "2e-6", "3e-6"]);
        assert_eq!(texts((0.0, 2.5e9), 3), ["0", "1e9", "2e9"]);
    }

    #[test]
    fn places_along_the_bar() {
        let places: Vec<f64> = ticks((10.0, 0.0), 3).into_iter().map(|tick| tick.place).collect();
        assert_eq!(places, [1.0, 0.5, 0.0]);
    }

    #[test]
    fn nothing_for_no_range() {
        for range in
            [(1.0, 1.0), (0.0, f64::NAN), (0.0, f64::INFINITY), (f64::MIN, f64::MAX), (1.0, 1.0 + 1e-15)]
        {
            assert!(ticks(range, 5).is_empty(), "{range:?}");
        }
        assert!(ticks((0.0, 1.0), 0).is_empty());
        assert!(ticks((0.0, 5e-324), 3).len() <= 3);
    }
}
