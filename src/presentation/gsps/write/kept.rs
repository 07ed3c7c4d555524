//! What another state draws, to be written again: a look that is saved while a state is in force keeps its drawings.

use std::collections::HashMap;

use super::{Drawn, Shared};
use crate::geometry::ImageShape;
use crate::presentation::color::Rgb;
use crate::presentation::gsps::PLAIN;
use crate::presentation::gsps::annotation::{Anchor, Annotation, Graphic, GraphicKind, Text};
use crate::presentation::gsps::coordinates::{Coordinates, Units};
use crate::presentation::gsps::layer::GraphicLayer;
use crate::presentation::gsps::outline::Outline;
use crate::presentation::gsps::state::{PresentationLut, PresentationState};
use crate::presentation::gsps::style::{FillStyle, LineStyle, TextStyle};

/// The layers a state draws in on an image, and what it draws on which frames: in pixels of the image, compound
/// graphics as the lines and words they are made of.
pub fn kept(
    state: &PresentationState,
    instance_uid: &str,
    shape: ImageShape,
) -> (Vec<GraphicLayer>, Vec<Drawn>) {
    let (mut layers, mut found) = (Vec::<GraphicLayer>::new(), Vec::new());
    for layer in &state.layers {
        // a layer described twice is drawn where it comes first
        if layers.iter().any(|known| known.name == layer.name) {
            continue;
        }
        let before = found.len();
        for annotation in state.annotations.iter().filter(|annotation| annotation.layer == layer.name) {
            let Some(frames) = frames(state, annotation, instance_uid) else { continue };
            let first = frames.first().copied().unwrap_or(0);
            let Some(presented) = state.for_image(instance_uid, first) else { continue };
            let place = presented.coordinates(shape, [0.0; 2]);
            found.push(drawn(annotation, layer, frames, &place, shape));
        }
        if found.len() > before {
            layers.push(layer.clone());
        }
    }
    (layers, found)
}

/// The frames, counted from zero, of an image that something is on; none for all of them, `None` if it is on another.
fn frames(state: &PresentationState, annotation: &Annotation, instance_uid: &str) -> Option<Vec<u32>> {
    let mut own =
        annotation.scope.images.iter().filter(|image| image.instance_uid == instance_uid).peekable();
    let frames: Vec<u32> = if annotation.scope.images.is_empty() {
        Vec::new()
    } else {
        own.peek()?;
        // all frames swallow some of them
        let own: Vec<_> = own.collect();
        let all = own.iter().any(|image| image.frames.is_empty());
        own.into_iter().filter(|_| !all).flat_map(|image| image.frames.iter().copied()).collect()
    };
    let of_state = || {
        let image = state.images().find(|image| image.instance_uid == instance_uid);
        image.map(|image| image.frames.clone()).unwrap_or_default()
    };
    let frames = if frames.is_empty() { of_state() } else { frames };
    Some(frames.into_iter().filter_map(|number| number.checked_sub(1)).collect())
}

fn drawn(
    annotation: &Annotation,
    layer: &GraphicLayer,
    frames: Vec<u32>,
    place: &Coordinates,
    shape: ImageShape,
) -> Drawn {
    let looks = Looks(layer);
    let (mut graphics, mut texts) = (Vec::new(), Vec::new());
    for graphic in &annotation.graphics {
        // what is round in the displayed area need not be so in pixels
        let outline = (graphic.kind == GraphicKind::Circle && graphic.units == Units::Display)
            .then(|| graphic.outline(place));
        match outline {
            Some(outline) => {
                let lines = outline.into_iter();
                graphics.extend(lines.map(|line| looks.line_of(line, graphic.line, graphic.fill.as_ref())));
            }
            None => {
                let map = place.map(graphic.units);
                let points = graphic.points.iter().map(|point| map.apply(*point)).collect();
                let (line, fill) = (looks.line(graphic.line), looks.fill(graphic.fill.as_ref()));
                let whole = Graphic { points, line, fill, ..graphic.clone() };
                graphics.push(Graphic { units: Units::Pixel, compound_id: None, group: None, ..whole });
            }
        }
    }
    for compound in &annotation.compounds {
        let far = f64::from(shape.columns) + f64::from(shape.rows);
        let (lines, labels) = compound.outlines(place, far);
        let lines = lines.into_iter();
        graphics.extend(lines.map(|line| looks.line_of(line, compound.line, compound.fill.as_ref())));
        texts.extend(labels.into_iter().map(|label| Text {
            text: label.text,
            bounds: None,
            anchor: Some(Anchor { units: Units::Pixel, point: label.at, visible: false }),
            style: looks.text(compound.text.as_ref()),
            compound_id: None,
            group: None,
        }));
    }
    texts.extend(annotation.texts.iter().map(|text| {
        let mut text = Text { compound_id: None, group: None, ..text.clone() };
        if let Some(bounds) = &mut text.bounds {
            let map = place.map(bounds.units);
            bounds.top_left = map.apply(bounds.top_left);
            bounds.bottom_right = map.apply(bounds.bottom_right);
            bounds.units = Units::Pixel;
        }
        if let Some(anchor) = &mut text.anchor {
            anchor.point = place.map(anchor.units).apply(anchor.point);
            anchor.units = Units::Pixel;
        }
        text.style = looks.text(text.style.as_ref());
        text
    }));
    Drawn { layer: layer.name.clone(), frames, graphics, texts }
}

/// Looks with the colours of their layer: a style that is written has to say one.
struct Looks<'a>(&'a GraphicLayer);

impl Looks<'_> {
    fn color(&self, own: Option<Rgb>) -> Option<Rgb> {
        own.or(self.0.color).or(Some(PLAIN))
    }

    fn line(&self, own: Option<LineStyle>) -> Option<LineStyle> {
        own.map(|line| LineStyle { color: self.color(line.color), ..line })
    }

    fn fill(&self, own: Option<&FillStyle>) -> Option<FillStyle> {
        own.map(|fill| FillStyle { color: self.color(fill.color), ..fill.clone() })
    }

    fn text(&self, own: Option<&TextStyle>) -> Option<TextStyle> {
        own.map(|style| TextStyle { color: self.color(style.color), ..style.clone() })
    }

    fn line_of(&self, outline: Outline, line: Option<LineStyle>, fill: Option<&FillStyle>) -> Graphic {
        let Outline { mut points, closed, filled } = outline;
        if closed {
            points.extend(points.first().copied());
        }
        Graphic {
            kind: if points.len() == 1 { GraphicKind::Point } else { GraphicKind::Polyline },
            units: Units::Pixel,
            points,
            filled,
            line: self.line(line),
            fill: self.fill(fill),
            compound_id: None,
            group: None,
        }
    }
}

impl Shared {
    /// Takes up the layers of drawings. Layers of one name that look differently, as those of two states can, stay
    /// apart: the drawings name the new one.
    pub fn take_up(&mut self, layers: Vec<GraphicLayer>, drawn: &mut [Drawn]) {
        let mut renamed: HashMap<String, String> = HashMap::new();
        for layer in layers {
            let numbered = (2u32..).map(|number| format!("{}_{number}", layer.name));
            let mut names = std::iter::once(layer.name.clone()).chain(numbered);
            let fits = |name: &String| {
                let known = self.layers.iter().find(|known| known.name == *name);
                known.is_none_or(|known| GraphicLayer { name: layer.name.clone(), ..known.clone() } == layer)
            };
            let Some(name) = names.find(fits) else { continue };
            renamed.insert(layer.name.clone(), name.clone());
            if !self.layers.iter().any(|known| known.name == name) {
                self.layers.push(GraphicLayer { name, ..layer });
            }
        }
        for one in drawn {
            if let Some(name) = renamed.get(&one.layer) {
                one.layer.clone_from(name);
            }
        }
    }
}

impl PresentationLut {
    /// The same with black and white exchanged.
    #[must_use]
    pub fn inverted(&self) -> Self {
        match self {
            Self::Identity | Self::LinearDensity => Self::Inverse,
            Self::Inverse => Self::Identity,
            Self::Table(lut) => {
                let mut inverted = lut.clone();
                let highest = lut.max() as u16;
                inverted.data = lut.data.iter().map(|entry| highest.saturating_sub(*entry)).collect();
                Self::Table(inverted)
            }
        }
    }
}
