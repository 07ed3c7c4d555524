//! What lies under the pointer: a mark, with what is to be known about it; values of maps and names of segments.

use bevy::prelude::*;

use super::attach::Explained;
use super::shown::{Overlaid, Plated};
use crate::app::AppSystems;
use crate::app::viewport::{Pointer, Screen, Shown, Viewport};
use crate::presentation::drawing::Drawing;

/// What was said about the pixel under the pointer of a viewport.
#[derive(Component, Debug, Default, Clone, PartialEq)]
pub struct Pointing {
    /// Values and names, a line each.
    pub lines: Vec<String>,
    /// The mark: the overlay it is of, and which of its parts.
    pub mark: Option<(Entity, u32)>,
}

/// How near a mark has to be, in pixels of the screen.
const NEAR: f64 = 7.0;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, point.in_set(AppSystems::Bind).after(super::plating::want));
}

fn point(
    pointer: Res<Pointer>,
    mut viewports: Query<(Entity, &Screen, &Shown, &Overlaid, &Plated, &mut Pointing), With<Viewport>>,
    explained: Explained,
) {
    for (entity, screen, shown, overlaid, plated, mut pointing) in &mut viewports {
        let over = overlaid.on && pointer.over == Some(entity);
        let local = pointer.position.filter(|_| over).and_then(|position| screen.local(position));
        let found = local.and_then(|local| {
            let (key, instance, map) = (shown.key?, shown.instance.as_ref()?, shown.map.as_ref()?);
            let at = map.apply(local);
            let [across, down] = map.extent();
            let mut found = Pointing::default();
            if let Some(plate) = &plated.plate {
                let near = NEAR * across.max(down);
                found.mark = plate
                    .drawings
                    .iter()
                    .rev()
                    .find_map(|(overlay, drawing)| Some((*overlay, under(drawing, at, near)?)));
            }
            let overlays = explained.of(instance.id).into_iter().filter(|(_, overlay)| !overlay.hidden);
            let lines = overlays
                .flat_map(|(_, overlay)| overlay.content.at(instance, key.frame, at, &overlay.options));
            found.lines = lines.collect();
            Some(found)
        });
        pointing.set_if_neq(found.unwrap_or_default());
    }
}

/// The part of a drawing at a point: the nearest line or symbol, as far as that is near.
fn under(drawing: &Drawing, at: [f64; 2], near: f64) -> Option<u32> {
    let far = |a: [f64; 2]| (a[0] - at[0]).hypot(a[1] - at[1]);
    let symbols = drawing.symbols.iter().filter_map(|symbol| Some((far(symbol.at), symbol.of?)));
    let strokes = drawing.strokes.iter().filter_map(|stroke| {
        let of = stroke.of?;
        let last = stroke.points.first().filter(|_| stroke.closed);
        let ends = stroke.points.iter().skip(1).chain(last);
        let pieces = stroke.points.iter().zip(ends);
        let distance = pieces.map(|(a, b)| to_piece(at, *a, *b)).fold(f64::INFINITY, f64::min);
        Some((distance, of))
    });
    let nearest = symbols.chain(strokes).min_by(|a, b| a.0.total_cmp(&b.0))?;
    (nearest.0 <= near).then_some(nearest.1)
}

/// From a point to the nearest one of a piece of a line.
fn to_piece(at: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let along = [b[0] - a[0], b[1] - a[1]];
    let squared = along[0] * along[0] + along[1] * along[1];
    let share = ((at[0] - a[0]) * along[0] + (at[1] - a[1]) * along[1]) / squared.max(1e-12);
    let share = share.clamp(0.0, 1.0);
    (a[0] + share * along[0] - at[0]).hypot(a[1] + share * along[1] - at[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presentation::drawing::{Line, Sign, Stroke, Symbol};

    #[test]
    fn the_nearest_part_is_meant_and_nothing_that_is_far() {
        let line = Line::plain([255; 3], 1.0);
        let square = Stroke {
            points: vec![[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]],
            closed: true,
            of: Some(1),
            ..Stroke::default()
        };
        let dot = Symbol { sign: Sign::Dot, at: [5.0, 5.0], radius: 3.0, line, of: Some(2) };
        let drawing = Drawing { strokes: vec![square], symbols: vec![dot], words: vec![] };
        assert_eq!(under(&drawing, [0.0, 4.0], 2.0), Some(1), "the side that closes it");
        assert_eq!(under(&drawing, [5.5, 5.0], 2.0), Some(2));
        assert_eq!(under(&drawing, [20.0, 5.0], 2.0), None);
    }
}
