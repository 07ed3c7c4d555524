//! The window a launch asks for.

use std::fmt;

use super::link::parse_center_width;
use crate::display::presets;
use crate::hanging::Window;

/// How images are lit at first.
#[derive(Debug, Clone, PartialEq)]
pub enum AskedWindow {
    /// In modality values. Both are finite, and the width is above zero.
    Values { center: f64, width: f64 },
    /// The object's own, the full range, or a preset of the modality.
    Named(Window),
}

/// No value is `NaN`.
impl Eq for AskedWindow {}

impl AskedWindow {
    /// `C,W`, `object`, `full` (or `auto`), or the name of a preset, with dashes for its blanks or without.
    ///
    /// # Errors
    /// A sentence that says what is allowed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.contains(',') {
            let (center, width) = parse_center_width(text)?;
            return Ok(Self::Values { center, width });
        }
        let plain = |name: &str| name.replace(['-', '_', '+'], " ").to_ascii_lowercase();
        let name = plain(text);
        let known = presets("CT").iter().find(|preset| plain(preset.name) == name);
        Ok(Self::Named(match (name.as_str(), known) {
            ("object", _) => Window::Object,
            ("full" | "full range" | "auto", _) => Window::Full,
            (_, Some(preset)) => Window::Preset(preset.name.to_owned()),
            _ => {
                let names: Vec<_> = presets("CT").iter().map(|preset| preset.name).collect();
                let names = names.join(", ");
                return Err(format!("expected CENTER,WIDTH, for example 40,400, or object, full, {names}"));
            }
        }))
    }
}

/// As it is parsed.
impl fmt::Display for AskedWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Values { center, width } => write!(f, "{center},{width}"),
            Self::Named(Window::Object) => f.write_str("object"),
            Self::Named(Window::Full) => f.write_str("full"),
            Self::Named(Window::Preset(name)) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_numbers_or_names() {
        for (text, shown) in [
            ("40,400", "40,400"),
            (" -600 , 1500.5 ", "-600,1500.5"),
            ("object", "object"),
            ("AUTO", "full"),
            ("Lung", "lung"),
            ("soft-tissue", "soft tissue"),
            ("soft+tissue", "soft tissue"),
        ] {
            let window = AskedWindow::parse(text).expect(text);
            assert_eq!(window.to_string(), shown);
            assert_eq!(AskedWindow::parse(&window.to_string()), Ok(window));
        }
        for wrong in ["", "40", "40,0", "40,-1", "nan,1", "1,inf", "1,2,3", "lungs", "a,b"] {
            assert!(AskedWindow::parse(wrong).is_err(), "{wrong}");
        }
    }
}
