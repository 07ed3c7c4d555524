//! The bar that tells how long a centimetre is on screen.

/// A scale bar of a round length.
#[derive(Debug, Clone, PartialEq)]
pub struct ScaleBar {
    pub mm: f64,
    /// Its length on screen.
    pub px: f64,
    pub label: String,
}

/// The longest bar of 1, 2 or 5 times a power of ten millimetres that is not longer than `max_px`.
pub fn scale_bar(mm_per_screen_px: f64, max_px: f64) -> Option<ScaleBar> {
    let longest = mm_per_screen_px * max_px;
    if !longest.is_normal() || longest <= 0.0 || mm_per_screen_px <= 0.0 {
        return None;
    }
    let decade = 10f64.powf(longest.log10().floor());
    // a hair of tolerance: 5 pixels of 0.2 mm are 1 mm, whatever the rounding
    let fits = |step: &f64| step * decade <= longest * (1.0 + 1e-9);
    let mm = [10.0, 5.0, 2.0, 1.0, 0.5].into_iter().find(fits)? * decade;
    let label =
        if mm >= 9.999 { format!("{} cm", rounded(mm / 10.0)) } else { format!("{} mm", rounded(mm)) };
    Some(ScaleBar { mm, px: mm / mm_per_screen_px, label })
}

/// A number without the noise of its powers of ten.
fn rounded(value: f64) -> f64 {
    let digits = 10f64.powi(6);
    if value * digits >= 1.0 { (value * digits).round() / digits } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(mm_per_px: f64, max_px: f64) -> (String, f64) {
        let bar = scale_bar(mm_per_px, max_px).unwrap();
        (bar.label, (bar.px * 1000.0).round() / 1000.0)
    }

    #[test]
    fn steps_of_one_two_and_five() {
        assert_eq!(bar(0.07, 200.0), ("1 cm".to_owned(), 142.857));
        assert_eq!(bar(0.1, 200.0), ("2 cm".to_owned(), 200.0));
        assert_eq!(bar(0.1, 199.0), ("1 cm".to_owned(), 100.0));
        assert_eq!(bar(0.5, 100.0), ("5 cm".to_owned(), 100.0));
        assert_eq!(bar(0.2, 5.0), ("1 mm".to_owned(), 5.0));
        assert_eq!(bar(0.05, 100.0), ("5 mm".to_owned(), 100.0));
        assert_eq!(bar(0.001, 300.0), ("0.2 mm".to_owned(), 200.0));
        assert_eq!(bar(1.0, 100.0), ("10 cm".to_owned(), 100.0));
    }

    #[test]
    fn never_longer_than_allowed_and_never_less_than_two_fifths_of_it() {
        for i in 1..2000 {
            let per_px = 0.000_137 * f64::from(i * i);
            let bar = scale_bar(per_px, 150.0).unwrap();
            assert!(bar.px <= 150.0001 && bar.px >= 59.9, "{bar:?}");
        }
    }

    #[test]
    fn no_bar_without_a_size() {
        for (mm, px) in [(0.0, 100.0), (-1.0, 100.0), (f64::NAN, 100.0), (1.0, 0.0), (f64::INFINITY, 1.0)] {
            assert_eq!(scale_bar(mm, px), None);
        }
    }
}
