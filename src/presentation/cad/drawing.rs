//! The marks of a frame: a sign for each kind of finding where it is, its outline, a label beside it.
//!
//! Signs follow the habit of mammography workstations (IHE Mammography Image): a triangle for calcifications, with a dot on
//! each single one, an ellipse for masses. What is optional has dashed lines, so that it is never taken for a
//! required mark.

use std::sync::{Arc, LazyLock};

use super::intent::{Intent, Shown};
use super::kind::Kind;
use super::model::{CadReport, Finding, Place, Role, span};
use crate::presentation::Rgb;
use crate::presentation::drawing::{
    Drawing, Font, Line, Paint, Shade, Side, Sign, Stroke, Symbol, Words, WordsPlace,
};
use crate::presentation::sr::{Outline, Shape, Slice, crossing};

/// The colours of marks: bright enough on black and on white tissue, and no alarm. Calcifications, masses, changes of
/// structure, findings elsewhere, what is no finding.
pub const PALETTE: [Rgb; 5] =
    [[255, 209, 102], [118, 209, 232], [240, 163, 120], [150, 214, 150], [176, 184, 196]];

/// Half the width of a sign, and of a dot on a single calcification, in pixels of the screen.
const RADIUS: f64 = 9.0;
const DOT: f64 = 1.5;
const THICKNESS: f64 = 1.5;
/// Between a sign and its label.
const GAP: f64 = 5.0;
const LABEL_HEIGHT: f64 = 14.0;
/// Four pixels of a line, four of a gap.
const DASHES: u32 = 0x0F0F_0F0F;
const DARK: Paint = Paint { color: [0, 0, 0], opacity: 0.75 };
/// Corners of a circle or an ellipse.
const CORNERS: usize = 64;
/// Points and signs of one drawing: far beyond what anybody reads, and still no load.
const MOST_POINTS: usize = 500_000;
const MOST_SIGNS: usize = 50_000;

/// What a kind of finding looks like.
fn look(kind: Kind) -> (Sign, Rgb) {
    let [calcification, mass, structure, elsewhere, note] = PALETTE;
    match kind {
        Kind::CalcificationCluster => (Sign::Triangle, calcification),
        Kind::Calcification => (Sign::Asterisk, calcification),
        Kind::Mass | Kind::Density | Kind::MassWithCalcifications | Kind::SkinMass => (Sign::Ellipse, mass),
        Kind::ArchitecturalDistortion => (Sign::Diamond, structure),
        Kind::Asymmetry | Kind::TubularDensity | Kind::SkinChange | Kind::TissueChange => {
            (Sign::Square, structure)
        }
        Kind::Nodule | Kind::Polyp => (Sign::Circle, mass),
        Kind::Opacity | Kind::LymphNode | Kind::SelectedRegion | Kind::Other => (Sign::Cross, elsewhere),
        Kind::NonLesion
        | Kind::Nipple
        | Kind::BreastGeometry
        | Kind::BreastComposition
        | Kind::ImageQuality => (Sign::Plus, note),
    }
}

impl CadReport {
    /// What is drawn over a frame, counted from 0, of an image that is no slice. What belongs to which finding says
    /// `of`, a number in [`CadReport::findings`].
    pub fn drawing(&self, instance_uid: &str, frame: u32, shown: &Shown) -> Drawing {
        self.drawing_with(instance_uid, frame, None, shown)
    }

    /// The same of a frame that is a slice: with the marks in space that cross it or lie on it. A finding that is
    /// marked both ways has one sign.
    pub fn drawing_with(
        &self,
        instance_uid: &str,
        frame: u32,
        slice: Option<&Slice<'_>>,
        shown: &Shown,
    ) -> Drawing {
        let mut drawing = Drawing::default();
        let mut left = MOST_POINTS;
        let visible = self.visible(shown);
        for (number, (finding, visible)) in self.findings.iter().zip(visible).enumerate() {
            if !visible {
                continue;
            }
            let on_frame =
                || finding.places.iter().filter(|p| p.images.iter().any(|i| i.shows(instance_uid, frame)));
            let pen = Pen::new(finding, number as u32);
            for place in on_frame().filter(|place| !place.is_point()) {
                // A curve is drawn with more corners than it has points.
                let cost = place.points.len().max(CORNERS);
                if cost <= left {
                    left -= cost;
                    drawing.strokes.extend(pen.outline(place));
                }
            }
            let cuts = slice.map(|slice| cuts(finding, slice, &mut left)).unwrap_or_default();
            for (points, closed) in cuts.iter().map(|(_, outline)| outline).filter(|(p, _)| p.len() > 1) {
                drawing.strokes.push(pen.stroke(points.clone(), *closed));
            }
            if drawing.symbols.len() >= MOST_SIGNS {
                continue;
            }
            let is_center = |place: &&Arc<Place>| place.role == Role::Center;
            let center = on_frame().find(is_center).or_else(|| on_frame().next());
            let in_space = || {
                let center = cuts.iter().find(|(role, _)| *role == Role::Center);
                let (_, (points, _)) = center.or_else(|| cuts.first())?;
                span(points.iter().copied())
            };
            if let Some(at) = center.and_then(|place| place.middle()).or_else(in_space) {
                drawing.symbols.push(pen.sign(at));
                if !finding.in_cluster {
                    drawing.words.push(pen.label(at, self.label(number, finding)));
                }
            }
            // What a finding marks besides its middle, as the single calcifications some systems list as points.
            let marks = on_frame().filter(|place| place.is_point() && place.role != Role::Center);
            let marks = marks.flat_map(|place| place.finite());
            let cut = cuts.iter().filter(|(role, (points, _))| *role != Role::Center && points.len() == 1);
            let marks = marks.chain(cut.flat_map(|(_, (points, _))| points.iter().copied()));
            for point in marks.take(MOST_SIGNS - drawing.symbols.len()) {
                drawing.symbols.push(pen.dot(point));
            }
        }
        drawing
    }

    fn label(&self, number: usize, finding: &Finding) -> String {
        let note = self.note(number);
        let title = finding.title();
        if note.is_empty() { title } else { format!("{title} {note}") }
    }
}

/// What of a finding in space is on a slice.
fn cuts(finding: &Finding, slice: &Slice<'_>, left: &mut usize) -> Vec<(Role, Outline)> {
    let mut found = Vec::new();
    for place in &finding.places_in_space {
        let cost = place.region.points.len().max(CORNERS);
        if cost <= *left {
            let outlines = crossing(&place.region, slice);
            *left -= if outlines.is_empty() { 0 } else { cost };
            found.extend(outlines.into_iter().map(|outline| (place.role, outline)));
        }
    }
    found
}

impl Place {
    fn is_point(&self) -> bool {
        matches!(self.shape, Shape::Point | Shape::Multipoint)
    }
}

/// How everything of one finding looks.
struct Pen {
    sign: Sign,
    radius: f64,
    line: Line,
    of: Option<u32>,
}

impl Pen {
    fn new(finding: &Finding, number: u32) -> Self {
        let (sign, color) = look(finding.kind);
        let (sign, radius) = if finding.in_cluster { (Sign::Dot, DOT) } else { (sign, RADIUS) };
        let shadow = Shade { outlined: true, offset: [0.0, 0.0], paint: DARK };
        let dashes = (finding.intent == Intent::Optional).then_some(DASHES);
        let line = Line { dashes, shadow: Some(shadow), ..Line::plain(color, THICKNESS) };
        Self { sign, radius, line, of: Some(number) }
    }

    fn sign(&self, at: [f64; 2]) -> Symbol {
        Symbol { sign: self.sign, at, radius: self.radius, line: self.line, of: self.of }
    }

    fn dot(&self, at: [f64; 2]) -> Symbol {
        Symbol { sign: Sign::Dot, radius: DOT, ..self.sign(at) }
    }

    fn label(&self, at: [f64; 2], text: String) -> Words {
        Words {
            text,
            place: WordsPlace::Beside {
                at,
                offset: [self.radius + GAP, 0.0],
                across: Side::Start,
                down: Side::Middle,
            },
            paint: self.line.paint,
            font: Font { height: LABEL_HEIGHT, ..Font::default() },
            shadow: self.line.shadow,
            leader: None,
            of: self.of,
        }
    }

    fn outline(&self, place: &Place) -> Option<Stroke> {
        let points: Vec<[f64; 2]> = place.finite().collect();
        let (points, closed) = match place.shape {
            Shape::Circle => (circle(&points)?, true),
            Shape::Ellipse => (ellipse(&points)?, true),
            _ => (points, place.role == Role::Outline),
        };
        // A line of one point is a sign, and that is drawn already.
        (points.len() > 1).then(|| self.stroke(points, closed))
    }

    fn stroke(&self, points: Vec<[f64; 2]>, closed: bool) -> Stroke {
        Stroke { points, closed, line: Some(self.line), fill: None, of: self.of }
    }
}

/// Cosine and sine of the corners: a report can have hundreds of outlines, and all are drawn at once.
static CORNERS_AROUND: LazyLock<[[f64; 2]; CORNERS]> = LazyLock::new(|| {
    std::array::from_fn(|k| {
        let (sin, cos) = (std::f64::consts::TAU * k as f64 / CORNERS as f64).sin_cos();
        [cos, sin]
    })
});

/// Corners of a curve through the ends of two half axes.
fn around(center: [f64; 2], a: [f64; 2], b: [f64; 2]) -> Vec<[f64; 2]> {
    let corner =
        |[cos, sin]: &[f64; 2]| [center[0] + cos * a[0] + sin * b[0], center[1] + cos * a[1] + sin * b[1]];
    CORNERS_AROUND.iter().map(corner).collect()
}

/// The centre and a point on the circle.
fn circle(points: &[[f64; 2]]) -> Option<Vec<[f64; 2]>> {
    let &[center, on] = points.get(..2)? else { return None };
    let [x, y] = [on[0] - center[0], on[1] - center[1]];
    Some(around(center, [x, y], [-y, x]))
}

/// The ends of the major axis, then those of the minor one.
fn ellipse(points: &[[f64; 2]]) -> Option<Vec<[f64; 2]>> {
    let &[a, b, c, d] = points.get(..4)? else { return None };
    let half = |a: [f64; 2], b: [f64; 2]| [(b[0] - a[0]) / 2.0, (b[1] - a[1]) / 2.0];
    let center = [a[0].midpoint(b[0]), a[1].midpoint(b[1])];
    Some(around(center, half(a, b), half(c, d)))
}
