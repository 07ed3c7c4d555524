//! What is drawn over an image, whoever said it: lines, areas, symbols and words at places of the image, with looks
//! measured in pixels of the screen, so that they are sharp at any zoom.
//!
//! A [`Drawing`] is made once for a frame and drawn many times. It knows no window; whoever has one paints it, and
//! [`super::raster`] paints it on pictures.

use super::color::Rgb;

/// Everything one object says over one frame, from the bottom up.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drawing {
    pub strokes: Vec<Stroke>,
    pub symbols: Vec<Symbol>,
    pub words: Vec<Words>,
}

/// A colour that lets through what is below it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paint {
    pub color: Rgb,
    /// From 0 to 1.
    pub opacity: f64,
}

/// A line, an area, or both.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stroke {
    /// Pixels of the image; the outer corner of the first is 0, 0. A single one is a point by itself.
    pub points: Vec<[f64; 2]>,
    /// The last point is joined to the first.
    pub closed: bool,
    pub line: Option<Line>,
    pub fill: Option<Fill>,
    /// What it belongs to, as whoever made the drawing counts; for whoever is asked what lies under the pointer.
    pub of: Option<u32>,
}

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    pub paint: Paint,
    /// What the gaps of a dashed line are drawn in.
    pub gaps: Option<Paint>,
    /// Pixels of the screen.
    pub thickness: f64,
    /// Of a dashed line, one bit a pixel of the screen, the lowest first.
    pub dashes: Option<u32>,
    pub shadow: Option<Shade>,
}

/// How an area looks.
#[derive(Debug, Clone, PartialEq)]
pub struct Fill {
    pub paint: Paint,
    /// 32 by 32 bits in pixels of the screen, row by row, repeated over the area; `None` is solid.
    pub pattern: Option<Box<[u8]>>,
    /// What is drawn where a pattern is off.
    pub gaps: Option<Paint>,
}

/// A shadow of a line or of letters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shade {
    /// All around instead of to one side.
    pub outlined: bool,
    /// Pixels of the screen.
    pub offset: [f64; 2],
    pub paint: Paint,
}

/// A mark of one size at any zoom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Symbol {
    pub sign: Sign,
    /// Where its middle is, in pixels of the image.
    pub at: [f64; 2],
    /// Half its width, in pixels of the screen.
    pub radius: f64,
    pub line: Line,
    pub of: Option<u32>,
}

/// What a mark looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sign {
    Dot,
    Asterisk,
    Triangle,
    Circle,
    /// Twice as wide as it is high.
    Ellipse,
    Square,
    Diamond,
    Cross,
    Plus,
}

/// Words at a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Words {
    pub text: String,
    pub place: WordsPlace,
    pub paint: Paint,
    pub font: Font,
    pub shadow: Option<Shade>,
    /// A line leads from the words to this point, in pixels of the image.
    pub leader: Option<([f64; 2], Line)>,
    pub of: Option<u32>,
}

/// Where words are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WordsPlace {
    /// Beside a point of the image: moved by pixels of the screen, with this side of the words there.
    Beside { at: [f64; 2], offset: [f64; 2], across: Side, down: Side },
    /// Within a box of the image, wrapped to it; `from` is the corner where reading begins. Words that do not fit
    /// flow over its end.
    Within { from: [f64; 2], to: [f64; 2], across: Side, down: Side },
}

/// Which end of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    #[default]
    Start,
    Middle,
    End,
}

/// How letters look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Font {
    /// Height of a line in pixels of the screen.
    pub height: f64,
    pub bold: bool,
    pub italic: bool,
    pub underlined: bool,
}

impl Default for Font {
    fn default() -> Self {
        Self { height: 15.0, bold: false, italic: false, underlined: false }
    }
}

impl Paint {
    /// A colour that hides what is below it.
    pub const fn solid(color: Rgb) -> Self {
        Self { color, opacity: 1.0 }
    }
}

impl Shade {
    /// What keeps letters of a colour readable on any ground: dark around bright ones, bright around dark ones.
    pub fn halo([r, g, b]: Rgb) -> Self {
        let bright = 2 * u32::from(r) + 5 * u32::from(g) + u32::from(b) > 8 * 110;
        let color = if bright { [0; 3] } else { [u8::MAX; 3] };
        Self { outlined: true, offset: [1.0, 1.0], paint: Paint { color, opacity: 0.7 } }
    }
}

impl Line {
    /// A plain line.
    pub const fn plain(color: Rgb, thickness: f64) -> Self {
        Self { paint: Paint::solid(color), gaps: None, thickness, dashes: None, shadow: None }
    }
}

impl Drawing {
    pub fn is_empty(&self) -> bool {
        self.strokes.is_empty() && self.symbols.is_empty() && self.words.is_empty()
    }

    /// Puts another drawing on top of this one.
    pub fn append(&mut self, other: Self) {
        self.strokes.extend(other.strokes);
        self.symbols.extend(other.symbols);
        self.words.extend(other.words);
    }

    /// The same with fewer points: those are left out that lie, within a tolerance in pixels of the image, on the way
    /// between others.
    #[must_use]
    pub fn thinned(&self, tolerance: f64) -> Self {
        let mut thin = self.clone();
        for stroke in thin.strokes.iter_mut().filter(|stroke| stroke.points.len() > 2) {
            stroke.points = thinned(&stroke.points, tolerance);
        }
        thin
    }
}

/// Points that one straight piece may stand for.
const LONGEST: usize = 24;

fn thinned(points: &[[f64; 2]], tolerance: f64) -> Vec<[f64; 2]> {
    let mut kept = Vec::with_capacity(points.len().min(256));
    let Some(mut from) = points.first().copied() else { return kept };
    kept.push(from);
    let mut start = 0;
    for (at, to) in points.iter().enumerate().skip(2) {
        let between = points.get(start + 1..at).unwrap_or_default();
        let leaves = |point: &[f64; 2]| distance(*point, from, *to) > tolerance;
        if between.len() > LONGEST || between.iter().any(leaves) {
            start = at - 1;
            from = points.get(start).copied().unwrap_or(from);
            kept.push(from);
        }
    }
    kept.extend(points.last().filter(|_| points.len() > 1));
    kept
}

/// How far a point is from a straight piece.
fn distance(point: [f64; 2], from: [f64; 2], to: [f64; 2]) -> f64 {
    let less = |a: [f64; 2], b: [f64; 2]| [a[0] - b[0], a[1] - b[1]];
    let (way, there) = (less(to, from), less(point, from));
    let length = way[0] * way[0] + way[1] * way[1];
    let along = if length > 0.0 { (there[0] * way[0] + there[1] * way[1]) / length } else { 0.0 };
    let along = along.clamp(0.0, 1.0);
    (there[0] - way[0] * along).hypot(there[1] - way[1] * along)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thinned_line_has_few_points_and_runs_nowhere_beside_the_full_one() {
        let circle: Vec<[f64; 2]> = (0..=400u16)
            .map(|n| {
                let (sin, cos) = (f64::from(n) / 400.0 * std::f64::consts::TAU).sin_cos();
                [100.0 + 60.0 * cos, 80.0 + 60.0 * sin]
            })
            .collect();
        let drawing = Drawing {
            strokes: vec![Stroke { points: circle.clone(), ..Stroke::default() }],
            ..Drawing::default()
        };
        let thin = &drawing.thinned(0.1).strokes[0].points;
        // A piece that leaves a circle of radius 60 by 0.1 is 6.9 long.
        assert!((50..80).contains(&thin.len()), "{}", thin.len());
        assert_eq!((thin.first(), thin.last()), (circle.first(), circle.last()));
        for point in &circle {
            let near = |piece: &[[f64; 2]]| distance(*point, piece[0], piece[1]) <= 0.1 + 1e-9;
            assert!(thin.windows(2).any(near), "{point:?}");
        }
    }

    #[test]
    fn corners_and_ways_back_stay() {
        let line = [[0.0, 0.0], [5.0, 0.0], [10.0, 0.0], [10.0, 9.0], [10.0, 3.0]];
        assert_eq!(thinned(&line, 0.1), [line[0], line[2], line[3], line[4]]);
        assert_eq!(thinned(&line[..2], 0.1), line[..2]);
        assert_eq!(thinned(&line[..1], 0.1), line[..1]);
        assert_eq!(thinned(&[], 0.1), [[0.0; 2]; 0]);
        let there_and_back = [[0.0, 0.0], [9.0, 0.0], [1.0, 0.0]];
        assert_eq!(thinned(&there_and_back, 0.1), there_and_back);
    }
}
