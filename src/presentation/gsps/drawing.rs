//! What a state draws on a frame: its graphics, compounds and texts as lines, symbols and words.
//!
//! Places become pixels of the image here, whatever they were counted in; looks stay in pixels of the screen. Where
//! neither a style nor a layer names a colour, it is [`PLAIN`].

use super::annotation::{Annotation, Graphic, GraphicKind, Text};
use super::compound::Compound;
use super::coordinates::Coordinates;
use super::outline::{Label, Outline};
use super::presented::Presented;
use super::style::{Align, FillStyle, LineStyle, Shadow, TextStyle};
use crate::presentation::color::Rgb;
use crate::presentation::drawing::{
    Drawing, Fill, Font, Line, Paint, Shade, Side, Sign, Stroke, Symbol, Words, WordsPlace,
};

/// The colour of what nobody gave one: seen on black and on white.
pub const PLAIN: Rgb = [255, 208, 64];

/// Of lines that nobody gave a thickness, in pixels of the screen.
const THICKNESS: f64 = 1.5;
/// Half the width of a point.
const POINT: f64 = 2.0;
/// How far words are from the point they are beside: plain, and with a line to it.
const NEAR: f64 = 6.0;
const LED: f64 = 16.0;

impl Presented<'_> {
    /// Everything drawn on the frame, layer by layer. What is drawn belongs to the item of
    /// [`super::PresentationState::annotations`] whose place it names.
    pub fn drawing(&self, coordinates: &Coordinates) -> Drawing {
        let mut drawing = Drawing::default();
        for (layer, annotations) in self.numbered() {
            let color = layer.color.or(layer.gray).unwrap_or(PLAIN);
            for (at, annotation) in annotations {
                let of = Some(at);
                Pen { drawing: &mut drawing, place: coordinates, color, of }.annotation(annotation);
            }
        }
        drawing
    }
}

/// Draws one annotation in the colour of its layer.
struct Pen<'a> {
    drawing: &'a mut Drawing,
    place: &'a Coordinates,
    color: Rgb,
    of: Option<u32>,
}

impl Pen<'_> {
    fn annotation(&mut self, annotation: &Annotation) {
        for graphic in &annotation.graphics {
            self.graphic(graphic);
        }
        for compound in &annotation.compounds {
            self.compound(compound);
        }
        for text in &annotation.texts {
            self.text(text);
        }
    }

    fn graphic(&mut self, graphic: &Graphic) {
        let Some(outline) = graphic.outline(self.place) else { return };
        match (graphic.kind, outline.points.as_slice()) {
            (GraphicKind::Point, &[at, ..]) => {
                let Some(line) = self.line(graphic.line.as_ref()) else { return };
                let radius = POINT.max(line.thickness / 2.0 + 1.0);
                let of = self.of;
                self.drawing.symbols.push(Symbol { sign: Sign::Dot, at, radius, line, of });
            }
            _ => self.stroke(outline, graphic.line.as_ref(), graphic.fill.as_ref()),
        }
    }

    fn compound(&mut self, compound: &Compound) {
        let (lines, labels) = compound.outlines(self.place, self.far());
        let axis = lines.first().and_then(|line| Some([*line.points.first()?, *line.points.last()?]));
        for outline in lines {
            self.stroke(outline, compound.line.as_ref(), compound.fill.as_ref());
        }
        let Some([from, to]) = axis else { return };
        for label in labels {
            self.label(label, [to[0] - from[0], to[1] - from[1]], compound.text.as_ref());
        }
    }

    /// A length beyond all that is shown.
    fn far(&self) -> f64 {
        let [width, height] = self.place.area.size;
        4.0 * (width.abs() + height.abs())
    }

    fn stroke(&mut self, outline: Outline, line: Option<&LineStyle>, fill: Option<&FillStyle>) {
        let Outline { points, closed, filled } = outline;
        let line_color = line.and_then(|style| style.color).unwrap_or(self.color);
        let fill = filled.then(|| self::fill(fill, line_color));
        let line = self.line(line);
        if line.is_some() || fill.is_some() {
            self.drawing.strokes.push(Stroke { points, closed, line, fill, of: self.of });
        }
    }

    /// `None` of a line that nothing is seen of.
    fn line(&self, style: Option<&LineStyle>) -> Option<Line> {
        let Some(style) = style else { return Some(Line::plain(self.color, THICKNESS)) };
        let gaps = style.gaps.map(paint).filter(|_| style.dashes.is_some());
        let shadow = style.shadow.as_ref().map(shade);
        let is_seen = style.opacity > 0.0 || gaps.is_some() || shadow.is_some();
        is_seen.then(|| Line {
            paint: Paint { color: style.color.unwrap_or(self.color), opacity: style.opacity },
            gaps,
            thickness: style.thickness,
            dashes: style.dashes,
            shadow,
        })
    }

    /// A word beside an axis that runs along a direction of the image.
    fn label(&mut self, label: Label, along: [f64; 2], style: Option<&TextStyle>) {
        // ticks of a line to the right have their top above it, and so have labels; then as the state turns it
        let above = [along[1], -along[0]];
        let [x, y] = self.place.turn.map([1.0, 1.0]).apply_vector(above);
        let length = x.hypot(y);
        let aside = match label.side {
            Align::Start => 1.0,
            Align::Center => 0.0,
            Align::End => -1.0,
        };
        let [x, y] = if length > 0.0 { [x / length * aside, y / length * aside] } else { [0.0; 2] };
        // the side of the words that is nearest to the axis
        let side = |v: f64| match v {
            v if v > 0.4 => Side::Start,
            v if v < -0.4 => Side::End,
            _ => Side::Middle,
        };
        let offset = [x * NEAR, y * NEAR];
        let place = WordsPlace::Beside { at: label.at, offset, across: side(x), down: side(y) };
        let words = self.words(label.text, place, style);
        self.drawing.words.push(words);
    }

    fn text(&mut self, text: &Text) {
        let style = text.style.as_ref();
        let anchor = text.anchor.map(|anchor| self.place.to_image(anchor.units, anchor.point));
        let led = text.anchor.is_some_and(|anchor| anchor.visible);
        let place = match (&text.bounds, anchor) {
            (Some(bounds), _) => {
                let map = self.place.map(bounds.units);
                WordsPlace::Within {
                    from: map.apply(bounds.top_left),
                    to: map.apply(bounds.bottom_right),
                    across: side(style.and_then(|s| s.horizontal).unwrap_or(bounds.justification)),
                    down: side(style.and_then(|s| s.vertical).unwrap_or_default()),
                }
            }
            (None, Some(at)) if led => {
                WordsPlace::Beside { at, offset: [LED, -LED], across: Side::Start, down: Side::End }
            }
            (None, Some(at)) => {
                WordsPlace::Beside { at, offset: [NEAR, 0.0], across: Side::Start, down: Side::Middle }
            }
            (None, None) => return,
        };
        let mut words = self.words(text.text.clone(), place, style);
        let line = Line { paint: words.paint, ..Line::plain(words.paint.color, 1.0) };
        words.leader = anchor.filter(|_| led).map(|at| (at, line));
        self.drawing.words.push(words);
    }

    fn words(&self, text: String, place: WordsPlace, style: Option<&TextStyle>) -> Words {
        let font = style.map_or_else(Font::default, |style| Font {
            bold: style.bold,
            italic: style.italic,
            underlined: style.underlined,
            ..Font::default()
        });
        let color = style.and_then(|style| style.color).unwrap_or(self.color);
        let shadow = match style {
            Some(style) => style.shadow.as_ref().map(shade),
            None => Some(Shade::halo(color)),
        };
        Words { text, place, paint: Paint::solid(color), font, shadow, leader: None, of: self.of }
    }
}

/// Filled without a style is filled like its outline, and hides what is below.
fn fill(style: Option<&FillStyle>, color: Rgb) -> Fill {
    let Some(style) = style else { return Fill { paint: Paint::solid(color), pattern: None, gaps: None } };
    Fill {
        paint: Paint { color: style.color.unwrap_or(color), opacity: style.opacity },
        pattern: style.pattern.clone(),
        gaps: style.gaps.map(paint).filter(|_| style.pattern.is_some()),
    }
}

fn paint((color, opacity): (Rgb, f64)) -> Paint {
    Paint { color, opacity }
}

fn shade(shadow: &Shadow) -> Shade {
    let &Shadow { outlined, offset, color, opacity } = shadow;
    Shade { outlined, offset, paint: Paint { color, opacity } }
}

fn side(align: Align) -> Side {
    match align {
        Align::Start => Side::Start,
        Align::Center => Side::Middle,
        Align::End => Side::End,
    }
}

#[cfg(test)]
#[path = "drawing_tests.rs"]
mod tests;
