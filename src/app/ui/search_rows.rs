//! What a search found, as a table; or why there is nothing to see.

use bevy_egui::egui::{self, Color32, FontId, Rect, RichText, Sense, pos2, vec2};

use super::search::Wish;
use super::theme;
use crate::app::captions::text::{date, person_name, time};
use crate::app::searching::{Searching, State, Trouble};
use crate::dicomweb::StudyRow;

/// Rows that the keys for pages go on.
pub(super) const PAGE: isize = 10;
const ROW: f32 = 24.0;
const TEXT: f32 = 12.5;
const GAP: f32 = 10.0;
/// Narrower tables do without what can be seen in the hint.
const WIDE: f32 = 720.0;

/// One column: its name, its width in points or, below one, its share of what is left, and on which side it stands.
struct Column {
    name: &'static str,
    width: f32,
    right: bool,
    narrow: bool,
    of: fn(&StudyRow) -> String,
}

const COLUMNS: &[Column] = &[
    Column { name: "Date", width: 124.0, right: false, narrow: true, of: when },
    Column {
        name: "Patient",
        width: 0.45,
        right: false,
        narrow: true,
        of: |row| or(person_name(&row.patient_name)),
    },
    Column { name: "ID", width: 108.0, right: false, narrow: true, of: |row| row.patient_id.clone() },
    Column { name: "Born", width: 76.0, right: false, narrow: false, of: |row| date(&row.birth_date) },
    Column { name: "Modality", width: 66.0, right: false, narrow: true, of: |row| row.modalities.join(" ") },
    Column { name: "Study", width: 0.55, right: false, narrow: true, of: |row| row.description.clone() },
    Column { name: "Series", width: 44.0, right: true, narrow: false, of: |row| count(row.series) },
    Column { name: "Images", width: 48.0, right: true, narrow: false, of: |row| count(row.instances) },
];

fn when(row: &StudyRow) -> String {
    let (day, hour) = (date(&row.date), time(&row.time));
    if hour.is_empty() { day } else { format!("{day}  {hour}") }
}

fn or(name: String) -> String {
    if name.is_empty() { "no name".to_owned() } else { name }
}

fn count(number: Option<u64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

pub(super) fn show(ui: &mut egui::Ui, searching: &mut Searching) -> Option<Wish> {
    if searching.found().is_empty() {
        return nothing(ui, searching);
    }
    let inner = ui.available_rect_before_wrap();
    let columns = places(inner.left() + 6.0, inner.width() - 18.0);
    let (head, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW - 2.0), Sense::hover());
    for (column, left, right) in &columns {
        cell(ui.painter(), head, (*left, *right), column.right, column.name, theme::FAINT, TEXT - 1.5);
    }
    ui.painter().hline(head.x_range(), head.bottom(), egui::Stroke::new(1.0, theme::RAISED));
    let reveal = std::mem::take(&mut searching.reveal);
    let (chosen, searching) = (searching.chosen(), &*searching);
    let mut wish = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    let list = egui::ScrollArea::vertical().auto_shrink(false);
    list.show_viewport(ui, |ui, view| {
        let rows = searching.found();
        ui.set_height(ROW * rows.len() as f32);
        let (origin, width) = (ui.max_rect().min, ui.max_rect().width());
        let place = |at: usize| Rect::from_min_size(origin + vec2(0.0, ROW * at as f32), vec2(width, ROW));
        if let Some(at) = chosen.filter(|_| reveal) {
            ui.scroll_to_rect_animation(place(at), None, egui::style::ScrollAnimation::none());
        }
        let first = (view.top() / ROW).max(0.0) as usize;
        let shown = (view.height() / ROW) as usize + 2;
        for (at, row) in rows.iter().enumerate().skip(first).take(shown) {
            let rect = place(at);
            let response = ui.interact(rect, ui.id().with(&row.study_uid), Sense::click());
            let fill = match chosen == Some(at) {
                true => ui.visuals().selection.bg_fill,
                false if response.hovered() => theme::RAISED,
                false => Color32::TRANSPARENT,
            };
            ui.painter().rect_filled(rect, 3.0, fill);
            for (column, left, right) in &columns {
                let color = if column.name == "Patient" { theme::TEXT } else { theme::ON_IMAGE };
                let text = (column.of)(row);
                cell(ui.painter(), rect, (*left, *right), column.right, &text, color, TEXT);
            }
            if response.double_clicked() {
                wish = Some(Wish::OpenRow(at));
            } else if response.clicked() {
                wish = Some(Wish::Choose(at));
            }
            response.on_hover_ui_at_pointer(|ui| details(ui, row));
        }
    });
    wish
}

/// The columns with their left and right ends.
fn places(left: f32, width: f32) -> Vec<(&'static Column, f32, f32)> {
    let there = || COLUMNS.iter().filter(|column| column.narrow || width >= WIDE);
    let fixed: f32 = there().map(|column| if column.width >= 1.0 { column.width } else { 0.0 } + GAP).sum();
    let free = (width - fixed + GAP).max(0.0);
    let mut left = left;
    there()
        .map(|column| {
            let start = left;
            let end = start + if column.width >= 1.0 { column.width } else { column.width * free };
            left = end + GAP;
            (column, start, end)
        })
        .collect()
}

fn cell(
    painter: &egui::Painter,
    row: Rect,
    (left, right): (f32, f32),
    to_the_right: bool,
    text: &str,
    color: Color32,
    size: f32,
) {
    if right - left < 4.0 || text.is_empty() {
        return;
    }
    let mut job =
        egui::text::LayoutJob::simple_singleline(text.to_owned(), FontId::proportional(size), color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(right - left);
    let galley = painter.layout_job(job);
    let x = if to_the_right { right - galley.size().x } else { left };
    painter.galley(pos2(x, row.center().y - galley.size().y / 2.0), galley, color);
}

/// Everything about a study that its row has no room for.
fn details(ui: &mut egui::Ui, row: &StudyRow) {
    ui.set_max_width(480.0);
    ui.label(RichText::new(or(person_name(&row.patient_name))).color(theme::TEXT).strong());
    let images =
        row.instances.map(|count| if count == 1 { "1 image".to_owned() } else { format!("{count} images") });
    let series = row.series.map(|count| format!("{count} series"));
    let counts = [series, images].into_iter().flatten().collect::<Vec<_>>().join(", ");
    for (name, value) in [
        ("study", row.description.clone()),
        ("made", when(row)),
        ("modality", row.modalities.join(", ")),
        ("patient", row.patient_id.clone()),
        ("born", date(&row.birth_date)),
        ("sex", row.sex.clone()),
        ("accession", row.accession.clone()),
        ("has", counts),
        ("UID", row.study_uid.clone()),
    ] {
        if !value.trim().is_empty() {
            ui.horizontal(|ui| {
                ui.label(RichText::new(name).color(theme::FAINT).small());
                ui.label(RichText::new(value).color(theme::ON_IMAGE).small());
            });
        }
    }
}

/// Why the list is empty, and what can be done about it.
fn nothing(ui: &mut egui::Ui, searching: &Searching) -> Option<Wish> {
    let area = ui.available_rect_before_wrap();
    let middle = Rect::from_center_size(area.center(), vec2(area.width().min(520.0), 120.0));
    let words = match searching.state() {
        State::Running => ("asking the server…", ""),
        State::Failed(_) | State::AsksWho { .. } | State::LookingForPriors => ("", ""),
        State::Stopped => ("stopped", "Enter looks again."),
        State::Idle => ("Enter lists the studies there", "What is typed before narrows them."),
        State::Done => (
            "nothing found",
            "A name is looked for from its beginning, the family name first; * stands for anything. Identifiers have \
             to be complete.",
        ),
    };
    let show = |ui: &mut egui::Ui| {
        if let State::Failed(trouble) = searching.state() {
            return failure(ui, trouble);
        }
        ui.label(RichText::new(words.0).size(15.0).color(theme::FAINT));
        ui.add_space(4.0);
        ui.label(RichText::new(words.1).color(theme::FAINT));
        None
    };
    ui.scope_builder(egui::UiBuilder::new().max_rect(middle), |ui| ui.vertical_centered(show).inner).inner
}

fn failure(ui: &mut egui::Ui, trouble: &Trouble) -> Option<Wish> {
    ui.label(RichText::new(&trouble.error).color(theme::ERROR));
    ui.add_space(4.0);
    ui.label(RichText::new(trouble.advice).color(theme::FAINT));
    ui.add_space(8.0);
    let (name, wish) =
        if trouble.sign_in { ("Sign in…", Wish::SignIn) } else { ("Try again", Wish::Search) };
    let button = egui::Button::new(name).fill(theme::RAISED).min_size(vec2(92.0, 24.0));
    ui.add(button).clicked().then_some(wish)
}
