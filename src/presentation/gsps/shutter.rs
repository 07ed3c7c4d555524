//! Shutters (PS3.3 C.7.6.11, C.7.6.15, C.11.12): what of an image is covered, and by what.
//!
//! Positions are pixels of the image as it is stored, counted from one; those on an edge are seen. Where there
//! are several shapes only what all of them leave open is seen.

use dicom_dictionary_std::tags;

use super::reading::Reading;
use crate::dicom::DataSet;
use crate::presentation::color::{Rgb, gray, read_lab};

/// An opening.
#[derive(Debug, Clone, PartialEq)]
pub enum Opening {
    /// The outermost columns and rows that are seen.
    Rectangle { left: i64, right: i64, upper: i64, lower: i64 },
    /// Column and row of the centre; the radius in pixels along a row.
    Circle { center: [i64; 2], radius: i64 },
    /// Columns and rows.
    Polygon(Vec<[i64; 2]>),
}

/// A shutter.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shutter {
    pub openings: Vec<Opening>,
    /// The group of the overlay plane whose bits cover the image.
    pub overlay_group: Option<u16>,
    /// What covers, as a grey.
    pub gray: Rgb,
    /// What covers, where colours can be shown.
    pub color: Option<Rgb>,
}

/// Every row looks at every edge.
const MAX_VERTICES: usize = 10_000;
/// Edges through the centre of a pixel belong to the opening.
const EDGE: f64 = 1e-6;

impl Shutter {
    /// What covers, on a screen with colours.
    pub fn color(&self) -> Rgb {
        self.color.unwrap_or(self.gray)
    }

    /// The shutter of a state, or of an image; `None` where it has none.
    pub fn read_from(data: &DataSet) -> Option<Self> {
        Self::read(data, &mut Reading::default())
    }

    pub(super) fn read(data: &DataSet, reading: &mut Reading) -> Option<Self> {
        let mut shapes = data.strings(tags::SHUTTER_SHAPE);
        // there is one place for each in an object
        let mut met = std::collections::HashSet::new();
        shapes.retain(|shape| met.insert(shape.clone()));
        if shapes.is_empty() {
            return None;
        }
        let mut shutter = Self {
            gray: gray(data.int(tags::SHUTTER_PRESENTATION_VALUE).unwrap_or(0)),
            color: read_lab(data, tags::SHUTTER_PRESENTATION_COLOR_CIE_LAB_VALUE),
            ..Self::default()
        };
        for shape in shapes {
            let opening = match shape.as_str() {
                "RECTANGULAR" => rectangle(data),
                "CIRCULAR" => circle(data),
                "POLYGONAL" => polygon(data),
                "BITMAP" => {
                    let group = data.int(tags::SHUTTER_OVERLAY_GROUP).and_then(|g| u16::try_from(g).ok());
                    shutter.overlay_group = group;
                    if group.is_none() {
                        reading.warn("a bitmap shutter does not say which overlay it is and is left out");
                    }
                    continue;
                }
                other => {
                    reading.warn(format!("a shutter of the shape “{other}” is not known and left out"));
                    continue;
                }
            };
            match opening {
                Some(opening) => shutter.openings.push(opening),
                None => reading.warn("a shutter does not say where it is and is left out"),
            }
        }
        (!shutter.openings.is_empty() || shutter.overlay_group.is_some()).then_some(shutter)
    }

    /// The runs of pixels the openings cover: row, first and last column, counted from zero. Some come twice where
    /// there are several openings.
    pub fn covered(&self, columns: u32, rows: u32, aspect: f64, mut run: impl FnMut(i64, i64, i64)) {
        let last = i64::from(columns) - 1;
        for y in 0..i64::from(rows) {
            for opening in &self.openings {
                let mut next = 0;
                for (from, to) in opening.spans(y, aspect) {
                    if from.min(last + 1) > next {
                        run(y, next, from.min(last + 1) - 1);
                    }
                    next = next.max(to.saturating_add(1));
                }
                if next <= last {
                    run(y, next, last);
                }
            }
        }
    }
}

impl Opening {
    /// The columns of a row that are seen, from and to, both counted from zero and included, in order.
    fn spans(&self, y: i64, aspect: f64) -> Vec<(i64, i64)> {
        match self {
            &Self::Rectangle { left, right, upper, lower } => {
                if (upper - 1..lower).contains(&y) {
                    vec![(left - 1, right - 1)]
                } else {
                    Vec::new()
                }
            }
            &Self::Circle { center: [column, row], radius } => {
                let aside = (y - (row - 1)) as f64 * aspect;
                let reach = (radius as f64).powi(2) - aside.powi(2);
                if reach < 0.0 {
                    return Vec::new();
                }
                let half = (reach.sqrt() + EDGE).floor() as i64;
                vec![(column - 1 - half, column - 1 + half)]
            }
            Self::Polygon(vertices) => {
                // a little above and a little below, so that edges along the row count
                let mut spans = crossings(vertices, y as f64 + 1.0 - EDGE);
                spans.extend(crossings(vertices, y as f64 + 1.0 + EDGE));
                spans.sort_unstable();
                spans
            }
        }
    }
}

/// The columns between the edges of a polygon at a height, counted from zero.
fn crossings(vertices: &[[i64; 2]], height: f64) -> Vec<(i64, i64)> {
    let next = vertices.iter().cycle().skip(1);
    let mut at: Vec<f64> = vertices
        .iter()
        .zip(next)
        .filter_map(|(&[x0, y0], &[x1, y1])| {
            let (y0, y1) = (y0 as f64, y1 as f64);
            ((y0 > height) != (y1 > height)).then(|| x0 as f64 + (height - y0) / (y1 - y0) * (x1 - x0) as f64)
        })
        .collect();
    at.sort_unstable_by(f64::total_cmp);
    let (pairs, _) = at.as_chunks::<2>();
    let column = |x: f64| x - 1.0;
    // edges of flat slope move within a row by more than their height does
    let slack = 1e-3;
    pairs
        .iter()
        .map(|&[a, b]| ((column(a) - slack).ceil() as i64, (column(b) + slack).floor() as i64))
        .filter(|(from, to)| from <= to)
        .collect()
}

/// A position that can be reckoned with.
fn plausible(v: i64) -> bool {
    v.abs() <= 1 << 24
}

fn rectangle(data: &DataSet) -> Option<Opening> {
    let edge = |tag| data.int(tag).filter(|v| plausible(*v));
    Some(Opening::Rectangle {
        left: edge(tags::SHUTTER_LEFT_VERTICAL_EDGE)?,
        right: edge(tags::SHUTTER_RIGHT_VERTICAL_EDGE)?,
        upper: edge(tags::SHUTTER_UPPER_HORIZONTAL_EDGE)?,
        lower: edge(tags::SHUTTER_LOWER_HORIZONTAL_EDGE)?,
    })
}

fn circle(data: &DataSet) -> Option<Opening> {
    let center = data.ints(tags::CENTER_OF_CIRCULAR_SHUTTER);
    let radius = data.int(tags::RADIUS_OF_CIRCULAR_SHUTTER).filter(|r| *r >= 0 && plausible(*r))?;
    match center.get(..2)? {
        &[row, column] if plausible(row) && plausible(column) => {
            Some(Opening::Circle { center: [column, row], radius })
        }
        _ => None,
    }
}

fn polygon(data: &DataSet) -> Option<Opening> {
    let values = data.ints(tags::VERTICES_OF_THE_POLYGONAL_SHUTTER);
    let (pairs, _) = values.as_chunks::<2>();
    let vertices: Vec<[i64; 2]> = pairs.iter().map(|&[row, column]| [column, row]).collect();
    let fits =
        (3..=MAX_VERTICES).contains(&vertices.len()) && vertices.iter().flatten().all(|v| plausible(*v));
    fits.then_some(Opening::Polygon(vertices))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(openings: Vec<Opening>, columns: u32, rows: u32, aspect: f64) -> Vec<String> {
        let mut rows = vec![vec!['#'; columns as usize]; rows as usize];
        let height = rows.len() as u32;
        Shutter { openings, ..Shutter::default() }.covered(columns, height, aspect, |y, from, to| {
            rows[y as usize][from as usize..=to as usize].fill('.');
        });
        rows.iter().map(|row| row.iter().collect()).collect()
    }

    #[test]
    fn the_edges_of_a_rectangle_are_seen() {
        let open = Opening::Rectangle { left: 2, right: 4, upper: 2, lower: 3 };
        assert_eq!(picture(vec![open], 5, 4, 1.0), [".....", ".###.", ".###.", "....."]);
    }

    #[test]
    fn a_circle_is_round_where_pixels_are_not_square() {
        let open = || vec![Opening::Circle { center: [3, 3], radius: 2 }];
        assert_eq!(picture(open(), 5, 5, 1.0), ["..#..", ".###.", "#####", ".###.", "..#.."]);
        assert_eq!(picture(open(), 5, 5, 2.0), [".....", "..#..", "#####", "..#..", "....."]);
    }

    #[test]
    fn a_polygon_with_its_edges() {
        let open = Opening::Polygon(vec![[1, 1], [5, 1], [5, 4]]);
        assert_eq!(picture(vec![open], 5, 4, 1.0), ["#####", "..###", "...##", "....#"]);
        let square = Opening::Polygon(vec![[2, 2], [4, 2], [4, 3], [2, 3]]);
        assert_eq!(picture(vec![square], 5, 4, 1.0), [".....", ".###.", ".###.", "....."]);
    }

    #[test]
    fn several_leave_open_what_all_leave_open() {
        let left = Opening::Rectangle { left: 1, right: 3, upper: 1, lower: 4 };
        let middle = Opening::Polygon(vec![[2, 2], [5, 2], [5, 3], [2, 3]]);
        assert_eq!(picture(vec![left, middle], 5, 4, 1.0), [".....", ".##..", ".##..", "....."]);
    }
}
