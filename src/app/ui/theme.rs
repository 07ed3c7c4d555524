//! Colours, sizes and spacing: the only place that has them. Dark and calm; the images own the light.

use bevy_egui::egui::{self, Color32, CornerRadius, FontFamily, FontId, Stroke, TextStyle, Visuals};

/// Around and between the viewports.
pub const GROUND: Color32 = Color32::from_rgb(22, 25, 28);
/// Bars and sheets.
pub const PANEL: Color32 = Color32::from_rgb(18, 20, 23);
pub const RAISED: Color32 = Color32::from_rgb(34, 38, 43);
pub const HOVERED: Color32 = Color32::from_rgb(45, 51, 58);
/// The one colour that says "active".
pub const ACCENT: Color32 = Color32::from_rgb(96, 165, 190);
pub const TEXT: Color32 = Color32::from_rgb(205, 212, 218);
pub const FAINT: Color32 = Color32::from_rgb(128, 138, 148);
/// Beside what is faint already.
pub const QUIET: Color32 = Color32::from_rgb(96, 120, 132);
/// Text on images: a little warmer and dimmer than white, so that it does not outshine findings.
pub const ON_IMAGE: Color32 = Color32::from_rgb(196, 204, 196);
pub const ON_IMAGE_FAINT: Color32 = Color32::from_rgb(146, 156, 152);
pub const SHADOW: Color32 = Color32::from_rgba_premultiplied(0, 0, 0, 200);
pub const WARNING: Color32 = Color32::from_rgb(214, 178, 104);
pub const ERROR: Color32 = Color32::from_rgb(216, 122, 110);

/// What is read: a little lighter than bars, as paper is.
pub const PAGE: Color32 = Color32::from_rgb(24, 26, 30);
pub const HEADING: Color32 = Color32::from_rgb(226, 231, 235);
/// Behind words that were found, and behind those that were gone to.
pub const FOUND: Color32 = Color32::from_rgb(74, 66, 40);
pub const FOUND_NOW: Color32 = Color32::from_rgb(226, 190, 110);
pub const ON_FOUND: Color32 = Color32::from_rgb(24, 22, 16);

/// Height of the bar, in points.
pub const BAR_POINTS: u32 = 30;
pub const BAR_HEIGHT: f32 = BAR_POINTS as f32;

/// Text sizes on images, in points.
pub const ON_IMAGE_SIZE: f32 = 12.5;
pub const ON_IMAGE_LARGE: f32 = 15.0;

/// Gives a context the look of the application.
pub fn apply(context: &egui::Context) {
    context.set_theme(egui::Theme::Dark);
    context.all_styles_mut(|style| {
        style.visuals = visuals();
        // Animations would keep the event loop awake.
        style.animation_time = 0.0;
        style.spacing.item_spacing = egui::vec2(6.0, 4.0);
        style.spacing.button_padding = egui::vec2(8.0, 3.0);
        style.interaction.selectable_labels = false;
        style.interaction.tooltip_delay = 0.4;
        style.text_styles = [
            (TextStyle::Small, 11.0),
            (TextStyle::Body, 13.0),
            (TextStyle::Button, 13.0),
            (TextStyle::Heading, 18.0),
            (TextStyle::Monospace, 12.5),
        ]
        .map(|(style, size)| (style, FontId::new(size, FontFamily::Proportional)))
        .into();
    });
}

fn visuals() -> Visuals {
    let mut visuals = Visuals::dark();
    visuals.panel_fill = PANEL;
    visuals.window_fill = PANEL;
    visuals.window_stroke = Stroke::new(1.0, HOVERED);
    visuals.window_corner_radius = CornerRadius::same(8);
    visuals.menu_corner_radius = CornerRadius::same(6);
    visuals.extreme_bg_color = Color32::from_rgb(12, 14, 16);
    visuals.override_text_color = Some(TEXT);
    visuals.selection.bg_fill = ACCENT.gamma_multiply(0.35);
    visuals.selection.stroke = Stroke::new(1.0, ACCENT);
    visuals.text_cursor.blink = false;
    let widgets = &mut visuals.widgets;
    for (state, fill) in [
        (&mut widgets.inactive, Color32::TRANSPARENT),
        (&mut widgets.hovered, HOVERED),
        (&mut widgets.active, RAISED),
        (&mut widgets.open, RAISED),
    ] {
        state.weak_bg_fill = fill;
        state.bg_fill = fill;
        state.bg_stroke = Stroke::NONE;
        state.corner_radius = CornerRadius::same(5);
        state.expansion = 0.0;
    }
    // Boxes to tick and rails of sliders; buttons stay without a ground.
    widgets.inactive.bg_fill = HOVERED;
    widgets.noninteractive.bg_stroke = Stroke::new(1.0, RAISED);
    visuals
}
