//! Which window a viewport applies, and how a drag changes it. Pure: no entities, no input.

use crate::display::{self, Appearance, Stats, Voi, VoiChoice, VoiOrigin};

/// What the user chose.
#[derive(Debug, Clone, PartialEq)]
pub enum WindowChoice {
    /// One of the object's own windows or tables.
    Object(usize),
    /// One of the presets of the modality.
    Preset(usize),
    /// From the smallest to the largest value of the frame.
    FullRange,
    /// Set by hand.
    User(Voi),
}

impl Default for WindowChoice {
    fn default() -> Self {
        Self::Object(0)
    }
}

/// Finds the window a choice stands for. `None` while it depends on statistics that are not known yet.
pub fn resolve(
    choice: &WindowChoice,
    appearance: &Appearance,
    modality: &str,
    stats: Option<&Stats>,
) -> Option<VoiChoice> {
    let chosen = match choice {
        WindowChoice::Object(n) => {
            let own = appearance.choices.get(*n).cloned();
            Some(own.unwrap_or_else(|| appearance.default_choice(stats)))
        }
        WindowChoice::Preset(n) => display::presets(modality).get(*n).map(|preset| VoiChoice {
            voi: preset.voi.clone(),
            explanation: preset.name.to_owned(),
            origin: VoiOrigin::Preset,
        }),
        WindowChoice::FullRange => None,
        WindowChoice::User(voi) => {
            Some(VoiChoice { voi: voi.clone(), explanation: String::new(), origin: VoiOrigin::User })
        }
    };
    chosen.or_else(|| stats.map(|stats| VoiChoice::auto(stats.min, stats.max)))
}

/// A window changed by a drag: sideways the width, upwards brighter. The step is relative to the width,
/// so that narrow windows are as easy to set as wide ones.
pub fn dragged(voi: &Voi, [dx, dy]: [f64; 2]) -> Voi {
    const PIXELS_PER_E: f64 = 220.0;
    let (center, width) = voi.nearest_window();
    let new_width = (width * (dx / PIXELS_PER_E).exp()).clamp(1e-9, 1e12);
    let new_center = (center + dy * width / PIXELS_PER_E).clamp(-1e15, 1e15);
    voi.with_window(new_center, new_width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drag_keeps_the_kind_and_never_leaves_the_allowed_widths() {
        let sigmoid = Voi::Sigmoid { center: 2000.0, width: 400.0 };
        assert!(matches!(dragged(&sigmoid, [10.0, 0.0]), Voi::Sigmoid { width, .. } if width > 400.0));
        let narrow = Voi::Linear { center: 0.0, width: 1.0 };
        let Voi::Linear { width, .. } = dragged(&narrow, [-1e6, 0.0]) else {
            panic!("a linear window stays linear");
        };
        assert!(width >= 1.0);
    }

    #[test]
    fn dragging_up_makes_brighter() {
        let voi = Voi::Linear { center: 100.0, width: 200.0 };
        let (center, _) = dragged(&voi, [0.0, -22.0]).nearest_window();
        assert!(center < 100.0);
    }
}
