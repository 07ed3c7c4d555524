//! What can be chosen about one overlay, kind by kind.

use bevy_egui::egui::{self, Color32, RichText, Sense, pos2, vec2};

use super::super::theme;
use super::Asked;
use crate::app::overlays::{Change, Content, Options, Overlay};
use crate::app::reports::FollowLink;
use crate::app::viewport::Action;
use crate::presentation::Rgb;
use crate::presentation::cad::{CadReport, Level};
use crate::presentation::color_map::{ColorMap, color_bar};
use crate::presentation::parametric::{Mapping, ParametricMap, ticks};
use crate::presentation::segmentation::Segmentation;
use crate::presentation::sr::{Code, Link, Place, Reference, Region, Shape};

/// Findings or segments that are listed at most before the list scrolls.
const LIST_HEIGHT: f32 = 260.0;
const SWATCH: f32 = 10.0;

/// Of a state: its drawings, and what could not be read.
pub(super) fn of_state(ui: &mut egui::Ui, overlay: &Overlay, change: &mut impl FnMut(Change)) {
    let Content::State(state) = &overlay.content else { return };
    ui.indent("state", |ui| {
        let mut graphics = !overlay.options.no_graphics;
        if ui.checkbox(&mut graphics, "its drawings").changed() {
            change(Change::Options(Options { no_graphics: !graphics, ..overlay.options.clone() }));
        }
        for warning in &state.warnings {
            ui.label(RichText::new(warning).color(theme::WARNING).small());
        }
    });
}

pub(super) fn show(ui: &mut egui::Ui, overlay: &Overlay, ask: &mut impl FnMut(Asked)) {
    match &overlay.content {
        Content::Cad(cad) => of_cad(ui, &cad.found, &overlay.options, ask),
        Content::Segments(segments) => of_segments(ui, segments, &overlay.options, ask),
        Content::Map(map) => of_map(ui, map, &overlay.options, ask),
        Content::Own(..) | Content::State(_) | Content::Regions(_) | Content::Unread { .. } => {}
    }
}

fn of_cad(ui: &mut egui::Ui, found: &CadReport, options: &Options, ask: &mut impl FnMut(Asked)) {
    let color = if found.status.is_complete() { theme::TEXT } else { theme::WARNING };
    ui.label(RichText::new(found.status.words()).color(color));
    for warning in &found.warnings {
        ui.label(RichText::new(warning).color(theme::WARNING).small());
    }
    let mut shown = options.cad;
    if let Some(highest) = found.highest_operating_point() {
        let mut level = match shown.level {
            Level::Recommended => {
                found.operating_points.iter().filter_map(|points| points.recommended).max().unwrap_or(0)
            }
            Level::At(level) => level,
            Level::All => highest,
        };
        let slider = egui::Slider::new(&mut level, 0..=highest).text("operating point");
        let hint = "higher ones show more findings, and more that are none";
        if ui.add(slider).on_hover_text(hint).changed() {
            shown.level = Level::At(level);
        }
    }
    ui.checkbox(&mut shown.optional, "optional findings too");
    if shown != options.cad {
        ask(Asked::Switch(Change::Options(Options { cad: shown, ..options.clone() })));
    }
    let rows = found.rows(&options.cad);
    let height = ui.text_style_height(&egui::TextStyle::Body) + 2.0;
    egui::ScrollArea::vertical().max_height(LIST_HEIGHT).show_rows(ui, height, rows.len(), |ui, range| {
        for row in rows.get(range).unwrap_or_default() {
            ui.horizontal(|ui| {
                ui.add_space(8.0 + 12.0 * f32::from(row.depth.min(6)));
                let color = if row.shown { theme::TEXT } else { theme::FAINT };
                let text = RichText::new(&row.title).color(color);
                let label = ui.add(egui::Label::new(text).sense(Sense::click()));
                let note = format!("{} {}", row.images, row.note);
                ui.label(RichText::new(note.trim()).color(theme::FAINT).small());
                let label = label.on_hover_cursor(egui::CursorIcon::PointingHand);
                if label.on_hover_ui(|ui| finding(ui, found, row.finding)).clicked() {
                    go_to(found, row.finding, ask);
                }
            });
        }
    });
}

/// Names and values of a finding.
fn finding(ui: &mut egui::Ui, found: &CadReport, number: u32) {
    let Some(finding) = found.findings.get(number as usize) else { return };
    names_and_values(ui, &finding.title(), &finding.details());
}

pub(in crate::app::ui) fn names_and_values(ui: &mut egui::Ui, title: &str, rows: &[(String, String)]) {
    ui.label(RichText::new(title).strong());
    egui::Grid::new("details").num_columns(2).spacing(vec2(12.0, 2.0)).show(ui, |ui| {
        for (name, value) in rows {
            ui.label(RichText::new(name).color(theme::FAINT).small());
            ui.label(RichText::new(value).small());
            ui.end_row();
        }
    });
}

/// To the image, frame and place of a finding.
fn go_to(found: &CadReport, finding: u32, ask: &mut impl FnMut(Asked)) {
    let Some(target) = found.targets(finding as usize).into_iter().next() else {
        if let Some(region) = found.target_in_space(finding as usize) {
            let place = Some(Place::Region3d(region.clone()));
            ask(Asked::Link(FollowLink::One(Link::Objects { objects: Vec::new(), place })));
            ask(Asked::View(Action::Overlays(true)));
        }
        return;
    };
    let reference = Reference {
        sop_instance_uid: target.instance_uid,
        frames: vec![target.frame.saturating_add(1)],
        ..Reference::default()
    };
    let region = Region {
        shape: Shape::Point,
        points: vec![target.point.map(|v| v as f32)],
        origin: None,
        fiducial_uid: None,
    };
    let place = Some(Place::Region(region));
    ask(Asked::Link(FollowLink::One(Link::Objects { objects: vec![reference], place })));
    ask(Asked::View(Action::Overlays(true)));
}

fn of_segments(ui: &mut egui::Ui, segments: &Segmentation, options: &Options, ask: &mut impl FnMut(Asked)) {
    let mut chosen = options.segments.clone();
    ui.add(egui::Slider::new(&mut chosen.fill, 0.0..=1.0).text("area").show_value(false));
    let mut line = chosen.line > 0.0;
    if ui.checkbox(&mut line, "outlines").changed() {
        chosen.line = if line { 1.5 } else { 0.0 };
    }
    ui.horizontal(|ui| {
        if ui.small_button("all").clicked() {
            chosen.hidden.clear();
        }
        if ui.small_button("none").clicked() {
            chosen.hidden = segments.segments.iter().map(|segment| segment.number).collect();
        }
        let words = format!("{} · {} segments", segments.kind.name(), segments.segments.len());
        ui.label(RichText::new(words).color(theme::FAINT).small());
    });
    let height = ui.spacing().interact_size.y;
    let list = egui::ScrollArea::vertical().max_height(LIST_HEIGHT);
    list.show_rows(ui, height, segments.segments.len(), |ui, range| {
        for segment in segments.segments.get(range).unwrap_or_default() {
            ui.horizontal(|ui| {
                let mut on = !chosen.hidden.contains(&segment.number);
                swatch(ui, segment.color);
                let label = if segment.label.is_empty() {
                    format!("segment {}", segment.number)
                } else {
                    segment.label.clone()
                };
                if ui.checkbox(&mut on, label).changed() {
                    if on {
                        chosen.hidden.remove(&segment.number);
                    } else {
                        chosen.hidden.insert(segment.number);
                    }
                }
                let kind = segment.kind.as_ref().map(Code::text).filter(|text| *text != segment.label);
                ui.label(RichText::new(kind.unwrap_or_default()).color(theme::FAINT).small());
            });
        }
    });
    for warning in &segments.warnings {
        ui.label(RichText::new(warning).color(theme::WARNING).small());
    }
    if chosen != options.segments {
        ask(Asked::Switch(Change::Options(Options { segments: chosen, ..options.clone() })));
    }
}

fn swatch(ui: &mut egui::Ui, [r, g, b]: Rgb) {
    let (rect, _) = ui.allocate_exact_size(vec2(SWATCH, SWATCH), Sense::hover());
    ui.painter().rect_filled(rect, 2.0, Color32::from_rgb(r, g, b));
}

fn of_map(ui: &mut egui::Ui, map: &ParametricMap, options: &Options, ask: &mut impl FnMut(Asked)) {
    let mut chosen = options.map.clone();
    let mappings = map.quantities().first().map(Vec::as_slice).unwrap_or_default();
    if mappings.len() > 1 {
        let name = |n: usize| mappings.get(n).map(Mapping::name).unwrap_or_default();
        egui::ComboBox::from_label("quantity").selected_text(name(chosen.mapping)).show_ui(ui, |ui| {
            for n in 0..mappings.len() {
                ui.selectable_value(&mut chosen.mapping, n, name(n));
            }
        });
        if chosen.mapping != options.map.mapping {
            chosen.range = map.default_range(0, chosen.mapping).ok();
        }
    }
    let own: &str = match &map.palette {
        Some((name, _)) => name,
        None => ColorMap::default().name(),
    };
    let colors = chosen.colors.map_or(own, |map| map.name());
    egui::ComboBox::from_label("colours").selected_text(colors).show_ui(ui, |ui| {
        if map.palette.is_some() {
            ui.selectable_value(&mut chosen.colors, None, own);
        }
        for one in ColorMap::ALL {
            ui.selectable_value(&mut chosen.colors, Some(one), one.name());
        }
    });
    ui.add(egui::Slider::new(&mut chosen.opacity, 0.0..=1.0).text("opacity").show_value(false));
    if let Some((low, high)) = chosen.range {
        let unit = mappings.get(chosen.mapping).map(Mapping::unit).unwrap_or_default();
        bar(ui, &color_bar(&map.colors(&chosen), 64), (low, high));
        let (mut from, mut to) = (low, high);
        let speed = ((high - low).abs() / 200.0).max(1e-9);
        ui.horizontal(|ui| {
            ui.add(egui::DragValue::new(&mut from).speed(speed));
            ui.label("to");
            ui.add(egui::DragValue::new(&mut to).speed(speed));
            ui.label(RichText::new(unit).color(theme::FAINT));
        });
        if (from, to) != (low, high) {
            chosen.range = Some((from, to));
        }
    }
    ui.horizontal(|ui| {
        ui.checkbox(&mut chosen.below_is_clear, "clear below");
        ui.checkbox(&mut chosen.smooth, "smooth");
        if ui.small_button("own range").on_hover_text("the range the object comes with").clicked() {
            chosen.range = map.default_range(0, chosen.mapping).ok();
        }
    });
    for warning in &map.warnings {
        ui.label(RichText::new(warning).color(theme::WARNING).small());
    }
    if chosen != options.map {
        ask(Asked::Switch(Change::Options(Options { map: chosen, ..options.clone() })));
    }
}

/// Colours from the lowest value to the highest, with round values below.
fn bar(ui: &mut egui::Ui, colors: &[Rgb], range: (f64, f64)) {
    let width = ui.available_width().min(260.0);
    let (rect, _) = ui.allocate_exact_size(vec2(width, 26.0), Sense::hover());
    let step = width / colors.len().max(1) as f32;
    for (n, [r, g, b]) in colors.iter().enumerate() {
        let left = rect.left() + n as f32 * step;
        let cell =
            egui::Rect::from_min_max(pos2(left, rect.top()), pos2(left + step + 0.5, rect.top() + 10.0));
        ui.painter().rect_filled(cell, 0.0, Color32::from_rgb(*r, *g, *b));
    }
    for tick in ticks(range, 5) {
        let x = rect.left() + tick.place as f32 * width;
        let at = pos2(x.clamp(rect.left() + 8.0, rect.right() - 8.0), rect.top() + 12.0);
        let font = egui::FontId::proportional(10.0);
        ui.painter().text(at, egui::Align2::CENTER_TOP, &tick.text, font, theme::FAINT);
    }
}
