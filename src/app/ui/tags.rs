//! The tag panel: a filter, the elements as rows, their values to hover over and to copy.

use bevy_egui::egui::text::{LayoutJob, TextFormat, TextWrapping};
use bevy_egui::egui::{self, Color32, FontId, Rect, RichText, Sense, Stroke, pos2, vec2};

use super::theme;
use crate::app::inspecting::{CopyAs, Inspector};
use crate::dicom::VR;
use crate::inspect::{Kind, Row};

/// At first as wide as this, or this share of the window.
const WIDTH: f32 = 560.0;
const SHARE: f32 = 0.42;
const LEAST: f32 = 280.0;
const ROW: f32 = 20.0;
const TEXT: f32 = 12.5;
/// Room before a row for its triangle.
const TRIANGLE: f32 = 16.0;
const INDENT: f32 = 9.0;
const TAG: f32 = 84.0;
const VR_WIDTH: f32 = 24.0;
/// Where values begin, as a share of the width.
const VALUES: f32 = 0.56;

/// What the user did with the rows, done once they are drawn.
enum Asked {
    Toggle(usize),
    Copy(usize, CopyAs),
}

/// `escape` says whether the Escape key is meant for it.
pub(super) fn show(root: &mut egui::Ui, inspector: &mut Inspector, escape: bool) {
    if !inspector.is_open() {
        return;
    }
    let frame = egui::Frame::new().fill(theme::PANEL).inner_margin(egui::Margin::symmetric(8, 6));
    let most = (root.available_width() * 0.75).max(LEAST);
    egui::Panel::right("tags")
        .default_size((root.available_width() * SHARE).clamp(LEAST, WIDTH))
        .size_range(LEAST..=most)
        .frame(frame)
        .resizable(true)
        .show_separator_line(false)
        .show(root, |ui| {
            head(ui, inspector);
            filter(ui, inspector);
            ui.add_space(2.0);
            foot(ui, inspector);
            rows(ui, inspector);
        });
    if escape && root.input(|input| input.key_pressed(egui::Key::Escape)) {
        clear_or_close(inspector);
    }
}

/// What is listed, and how much of it is open.
fn head(ui: &mut egui::Ui, inspector: &mut Inspector) {
    ui.horizontal(|ui| {
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let close = egui::Button::new("×").min_size(vec2(20.0, 18.0));
            if ui.add(close).on_hover_text("close").clicked() {
                inspector.toggle();
            }
            if ui.small_button("−").on_hover_text("close all sequences").clicked() {
                inspector.expand_all(false);
            }
            if ui.small_button("+").on_hover_text("open all sequences").clicked() {
                inspector.expand_all(true);
            }
            let several = inspector.instance().is_some_and(|instance| instance.frames() > 1);
            if several {
                let hint = "list the functional groups of every frame, or of the one on screen";
                ui.toggle_value(&mut inspector.all_frames, "all frames").on_hover_text(hint);
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                let path = inspector.instance().map(|instance| instance.entry.path.clone());
                let name = path.as_deref().map(short_path).unwrap_or_default();
                let label = ui.add(egui::Label::new(RichText::new(name).color(theme::TEXT)).truncate());
                if let Some(path) = path {
                    label.on_hover_text(path.to_string_lossy());
                }
            });
        });
    });
}

fn filter(ui: &mut egui::Ui, inspector: &mut Inspector) {
    ui.horizontal(|ui| {
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let count = inspector.rows().map(|(rows, seen)| match inspector.filter_text() {
                "" => format!("{} elements", rows.len()),
                _ => format!("{} of {}", seen.len(), rows.len()),
            });
            ui.label(RichText::new(count.unwrap_or_default()).color(theme::FAINT).small());
            let mut text = inspector.filter_text().to_owned();
            let edit = egui::TextEdit::singleline(&mut text)
                .hint_text("find by name, tag or value")
                .desired_width(f32::INFINITY);
            let field = ui.add(edit);
            if std::mem::take(&mut inspector.focus_filter) {
                field.request_focus();
            }
            if field.changed() {
                inspector.set_filter(text);
            }
        });
    });
}

/// A file with the folder it lies in: many are called `1.dcm`.
fn short_path(path: &std::path::Path) -> String {
    let parts: Vec<_> =
        path.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.into_iter().rev().collect::<Vec<_>>().join("/")
}

/// What can be done, or what was.
fn foot(ui: &mut egui::Ui, inspector: &Inspector) {
    let frame = egui::Frame::new().inner_margin(egui::Margin { left: 0, right: 0, top: 5, bottom: 0 });
    egui::Panel::bottom("tags-foot").frame(frame).show_separator_line(false).resizable(false).show(
        ui,
        |ui| {
            let text = match &inspector.copied {
                Some(what) => format!("copied {what}"),
                None => "click copies the value · right click for more".to_owned(),
            };
            ui.add(egui::Label::new(RichText::new(text).color(theme::FAINT).small()).truncate());
        },
    );
}

fn rows(ui: &mut egui::Ui, inspector: &mut Inspector) {
    if let Some(error) = inspector.error() {
        ui.label(RichText::new(error).color(theme::ERROR));
        return;
    }
    let Some((rows, seen)) = inspector.rows() else {
        let text = if inspector.is_reading() { "reading…" } else { "no image is shown" };
        ui.label(RichText::new(text).color(theme::FAINT));
        return;
    };
    if seen.is_empty() {
        let text = if rows.is_empty() { "no elements" } else { "nothing found" };
        ui.label(RichText::new(text).color(theme::FAINT));
        return;
    }
    let mut asked = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    egui::ScrollArea::vertical().auto_shrink(false).show_rows(ui, ROW, seen.len(), |ui, range| {
        for at in range {
            let Some(&index) = seen.get(at) else { break };
            let Some(row) = rows.get(index) else { break };
            // While something is looked for, rows are open as far as it was found in them.
            let below = seen.get(at + 1).and_then(|next| rows.get(*next));
            let open = below.is_some_and(|below| below.parent == Some(index));
            asked = element(ui, inspector, index, row, open).or(asked.take());
        }
    });
    match asked {
        Some(Asked::Toggle(index)) => inspector.toggle_row(index),
        Some(Asked::Copy(index, what)) => {
            if let Some(text) = inspector.copy(index, what) {
                ui.ctx().copy_text(text);
            }
        }
        None => {}
    }
}

/// One row; answers what was asked of it.
fn element(ui: &mut egui::Ui, inspector: &Inspector, index: usize, row: &Row, open: bool) -> Option<Asked> {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let background = if inspector.is_selected(index) {
        ui.visuals().selection.bg_fill
    } else if response.hovered() || response.context_menu_opened() {
        theme::RAISED
    } else {
        Color32::TRANSPARENT
    };
    painter.rect_filled(rect, 3.0, background);
    let start = rect.left() + f32::from(row.depth.min(12)) * INDENT;
    if row.has_children() {
        triangle(&painter, pos2(start + 6.0, rect.center().y), open);
    }
    let values = rect.left() + rect.width() * VALUES;
    let tag = start + TRIANGLE;
    let item = matches!(row.kind, Kind::Item(_));
    let name = if item { tag } else { tag + TAG + VR_WIDTH };
    if !item {
        cell(&painter, rect, tag, tag + TAG, &[(row.tag_text(), theme::FAINT)]);
        let vr = row.vr.map(|vr| vr.to_string().to_owned()).unwrap_or_default();
        cell(&painter, rect, tag + TAG, name, &[(vr, theme::QUIET)]);
    }
    let color = if row.is_private() || item { theme::FAINT } else { theme::TEXT };
    cell(&painter, rect, name, values - 8.0, &[(row.name(), color)]);
    let gap = if row.text.is_empty() || row.note.is_empty() { "" } else { "   " };
    let (text, note) = (row.text.to_string(), row.note.to_string());
    // Of an identifier the name says more than the number.
    let named = row.vr == Some(VR::UI) && !note.is_empty();
    let (first, second) = if named { (note, text) } else { (text, note) };
    let first_color = if row.text.is_empty() { theme::FAINT } else { theme::ON_IMAGE };
    let value = [(first, first_color), (format!("{gap}{second}"), theme::FAINT)];
    cell(&painter, rect, values, rect.right() - 4.0, &value);

    let mut asked = None;
    if response.clicked() {
        let copies = !row.has_children();
        asked = Some(if copies { Asked::Copy(index, CopyAs::Value) } else { Asked::Toggle(index) });
    }
    response.context_menu(|ui| {
        for (text, what) in [
            ("Copy value", CopyAs::Value),
            ("Copy tag", CopyAs::Tag),
            ("Copy keyword", CopyAs::Keyword),
            ("Copy path", CopyAs::Path),
            ("Copy path in tags", CopyAs::TagPath),
            ("Copy line", CopyAs::Line),
        ] {
            let sensible = what != CopyAs::Value || !row.has_children();
            if sensible && ui.button(text).clicked() {
                asked = Some(Asked::Copy(index, what));
                ui.close();
            }
        }
    });
    response.on_hover_ui_at_pointer(|ui| details(ui, inspector, index, row));
    asked
}

/// Everything about an element that its row has no room for.
fn details(ui: &mut egui::Ui, inspector: &Inspector, index: usize, row: &Row) {
    ui.set_max_width(520.0);
    ui.label(RichText::new(row.name()).color(theme::TEXT).strong());
    if let Some((rows, _)) = inspector.rows() {
        let path = rows.path(index);
        let text = format!("{}\n{path}", path.keywords());
        ui.label(RichText::new(text).color(theme::FAINT).small());
    }
    let mut facts = Vec::new();
    facts.extend(row.vr.map(|vr| format!("VR {vr}")));
    if row.multiplicity > 1 {
        let what = if row.items() > 0 { "items" } else { "values" };
        facts.push(format!("{} {what}", row.multiplicity));
    }
    facts.extend(row.length.map(|length| format!("{length} bytes")));
    facts.extend(row.creator.as_ref().map(|creator| format!("private, {creator}")));
    facts.extend((!row.note.is_empty()).then(|| row.note.to_string()));
    if !facts.is_empty() {
        ui.label(RichText::new(facts.join(" · ")).color(theme::FAINT).small());
    }
    if let Some((text, complete)) = inspector.value(index).filter(|(text, _)| !text.is_empty()) {
        const SHOWN: usize = 1200;
        let mut short: String = text.chars().take(SHOWN).collect();
        if !complete || short.len() < text.len() {
            short.push_str(" …");
        }
        ui.add_space(4.0);
        ui.label(RichText::new(short).color(theme::ON_IMAGE));
    }
}

/// Text between two positions of a row, cut short where it does not fit.
fn cell(painter: &egui::Painter, row: Rect, left: f32, right: f32, parts: &[(String, Color32)]) {
    if right - left < 4.0 {
        return;
    }
    let mut job = LayoutJob { wrap: TextWrapping::truncate_at_width(right - left), ..LayoutJob::default() };
    for (text, color) in parts {
        job.append(text, 0.0, TextFormat::simple(FontId::proportional(TEXT), *color));
    }
    let galley = painter.layout_job(job);
    painter.galley(pos2(left, row.center().y - galley.size().y / 2.0), galley, theme::TEXT);
}

/// Points right when closed, down when open.
pub(super) fn triangle(painter: &egui::Painter, center: egui::Pos2, open: bool) {
    let corners = if open {
        [vec2(-4.0, -2.0), vec2(4.0, -2.0), vec2(0.0, 3.5)]
    } else {
        [vec2(-2.0, -4.0), vec2(3.5, 0.0), vec2(-2.0, 4.0)]
    };
    let points = corners.map(|corner| center + corner).to_vec();
    painter.add(egui::Shape::convex_polygon(points, theme::FAINT, Stroke::NONE));
}

/// Escape empties the filter, and then closes the panel.
fn clear_or_close(inspector: &mut Inspector) {
    if inspector.filter_text().is_empty() {
        inspector.toggle();
    } else {
        inspector.set_filter(String::new());
    }
}
