//! Windows a reader expects at hand for a modality, in modality units.

use super::Voi;

/// A named window.
#[derive(Debug, Clone, PartialEq)]
pub struct Preset {
    pub name: &'static str,
    pub voi: Voi,
}

const fn linear(name: &'static str, center: f64, width: f64) -> Preset {
    Preset { name, voi: Voi::Linear { center, width } }
}

/// Hounsfield units.
static CT: [Preset; 8] = [
    linear("soft tissue", 40.0, 400.0),
    linear("lung", -600.0, 1500.0),
    linear("bone", 450.0, 2000.0),
    linear("brain", 40.0, 80.0),
    linear("stroke", 36.0, 28.0),
    linear("liver", 60.0, 160.0),
    linear("angio", 300.0, 600.0),
    linear("mediastinum", 50.0, 350.0),
];

/// The presets of a modality. Only CT has values that mean the same from scanner to scanner; all
/// others are served by their own windows and the full range.
pub fn presets(modality: &str) -> &'static [Preset] {
    match modality.trim() {
        "CT" => &CT,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ct_has_eight_and_each_fits_a_number_key() {
        assert_eq!(presets("CT ").len(), 8);
        assert!(presets("MR").is_empty());
        let mut names: Vec<_> = presets("CT").iter().map(|p| p.name).collect();
        names.dedup();
        assert_eq!(names.len(), 8);
    }
}
