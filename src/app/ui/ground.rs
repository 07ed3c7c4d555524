//! The ground of the window: between viewports and where there is none. A viewport is black where no image is drawn,
//! and black is what the renderer begins with, so that nothing is painted twice.

use std::collections::HashSet;

use bevy_egui::egui::{self, Mesh, Rect, Shape, pos2};

use super::theme::GROUND;
use crate::app::viewport::Layout;

/// Paints what the slots with a viewport leave free, without soft edges: it ends where pixels end.
pub(super) fn paint(context: &egui::Context, layout: &Layout, scale: f32, taken: &HashSet<usize>) {
    let mut mesh = Mesh::default();
    for [left, top, width, height] in free(layout, taken).map(|rect| rect.map(|v| v as f32 / scale)) {
        let rect = Rect::from_min_max(pos2(left, top), pos2(left + width, top + height));
        mesh.add_colored_rect(rect, GROUND);
    }
    if !mesh.is_empty() {
        context.layer_painter(egui::LayerId::background()).add(Shape::mesh(mesh));
    }
}

/// Rectangles without a viewport: left, top, width, height in pixels of the window.
fn free(layout: &Layout, taken: &HashSet<usize>) -> impl Iterator<Item = [u32; 4]> {
    let [left, top, width, height] = layout.area;
    let slots: Vec<usize> = match layout.maximized {
        Some(only) => vec![only],
        None => layout.slots().collect(),
    };
    let cells = slots.iter().filter_map(|slot| layout.cell(*slot));
    let ends = |axis: usize| -> Vec<(u32, u32)> {
        let mut spans: Vec<_> = cells.clone().map(|cell| (cell[axis], cell[axis + 2])).collect();
        spans.sort_unstable();
        spans.dedup();
        let next = spans.iter().skip(1);
        spans.iter().zip(next).map(|((start, length), (next, _))| (start + length, *next)).collect()
    };
    let columns: Vec<_> = ends(0).into_iter().map(|(from, to)| [from, top, to - from, height]).collect();
    let rows: Vec<_> = ends(1).into_iter().map(|(from, to)| [left, from, width, to - from]).collect();
    let empty = slots.iter().filter(|slot| !taken.contains(slot)).filter_map(|slot| layout.cell(*slot));
    let empty: Vec<_> = empty.collect();
    columns.into_iter().chain(rows).chain(empty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::viewport::Grid;

    #[test]
    fn what_has_no_viewport_is_ground_and_so_is_what_lies_between() {
        let mut layout =
            Layout { grid: Grid { rows: 2, columns: 2 }, area: [0, 30, 102, 62], ..Layout::default() };
        let found: Vec<_> = free(&layout, &HashSet::from([0, 1, 2])).collect();
        assert_eq!(found, [[50, 30, 2, 62], [0, 60, 102, 2], [52, 62, 50, 30]]);
        layout.maximized = Some(1);
        assert_eq!(free(&layout, &HashSet::from([1])).count(), 0);
        assert_eq!(free(&layout, &HashSet::new()).collect::<Vec<_>>(), [layout.area]);
    }
}
