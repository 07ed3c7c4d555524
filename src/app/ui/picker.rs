//! Choosing a grid: cells to point at, as many as a layout may have.

use bevy_egui::egui::{self, Color32, Rect, RichText, Sense, Stroke, StrokeKind, vec2};

use super::theme;
use crate::app::requests::Picker;
use crate::app::viewport::{Grid, Layout};

const CELL: egui::Vec2 = vec2(20.0, 16.0);
const GAP: f32 = 3.0;

/// Shows the cells; answers the grid that was chosen, `None` inside for the one that suits the images.
pub(super) fn show(ui: &mut egui::Ui, layout: &Layout, picker: Picker) -> Option<Option<Grid>> {
    let [_, _, width, height] = layout.area;
    let Grid { rows, columns } = Grid::LARGEST;
    let largest = if height > width { Grid { rows: columns, columns: rows } } else { Grid::LARGEST };
    let count = vec2(largest.columns as f32, largest.rows as f32);
    let size = count * CELL + (count - vec2(1.0, 1.0)) * GAP;
    ui.set_width(size.x);
    let (area, response) = ui.allocate_exact_size(size, Sense::click());
    let pointed = response.hover_pos().map(|at| {
        let cell = |at: f32, side: f32, most: u32| ((at / (side + GAP)) as u32 + 1).clamp(1, most);
        let at = at - area.min;
        Grid { rows: cell(at.y, CELL.y, largest.rows), columns: cell(at.x, CELL.x, largest.columns) }
    });
    let typed = picker.rows.map(|rows| Grid { rows, columns: 0 });
    let marked = pointed.or(typed).unwrap_or(layout.grid);
    for row in 0..largest.rows {
        for column in 0..largest.columns {
            let corner = area.min + vec2(column as f32, row as f32) * (CELL + vec2(GAP, GAP));
            let rect = Rect::from_min_size(corner, CELL);
            let inside = row < marked.rows && column < marked.columns.max(1);
            let fill = if inside { theme::ACCENT.gamma_multiply(0.35) } else { Color32::TRANSPARENT };
            let line = if inside { theme::ACCENT } else { theme::HOVERED };
            ui.painter().rect(rect, 2.0, fill, Stroke::new(1.0, line), StrokeKind::Inside);
        }
    }
    ui.add_space(4.0);
    let mut chosen = pointed.filter(|_| response.clicked()).map(Some);
    ui.horizontal(|ui| {
        let automatic = layout.requested.is_none();
        let color = if automatic { theme::ACCENT } else { theme::TEXT };
        if ui.selectable_label(automatic, RichText::new("automatic").color(color)).clicked() {
            chosen = Some(None);
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let name = match (pointed, typed) {
                (None, Some(Grid { rows, .. })) => format!("{rows} × …"),
                _ => format!("{} × {}", marked.rows, marked.columns),
            };
            ui.label(RichText::new(name).color(theme::FAINT));
        });
    });
    chosen
}
