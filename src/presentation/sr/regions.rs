//! The regions of a report on the images they were drawn on, as any template has them: TID 1500 above all.
//!
//! A region is drawn on the image it is selected from; where nobody says which, on the nearest image above it. It is
//! labelled with what its measurement group is called and what was measured, once for a group and frame. Regions in
//! space are drawn where they cross a slice of their frame of reference.

use std::collections::{BTreeSet, HashMap};

use super::code::Code;
use super::model::{Content, Item, ItemId, Reference, Region, Report, Shape};
use super::space::{Slice, crossing};
use crate::presentation::color::Rgb;
use crate::presentation::drawing::{
    Drawing, Font, Line, Paint, Shade, Side, Sign, Stroke, Symbol, Words, WordsPlace,
};
use crate::presentation::gsps::{Coordinates, Graphic, GraphicKind, Rect, Turn, Units};

/// What regions of reports are drawn in.
const COLOR: Rgb = [102, 204, 255];
const THICKNESS: f64 = 1.5;
const POINT: f64 = 5.0;

/// Measurements named in a label at most, and letters of a line of it.
const MOST_LINES: usize = 6;
const LONGEST_LINE: usize = 64;

const TRACKING_ID: (&str, &str) = ("112039", "DCM");
const FINDING: (&str, &str) = ("121071", "DCM");
const GROUP: (&str, &str) = ("125007", "DCM");

/// The regions of a report, found once and drawn for many frames.
#[derive(Debug, Clone, Default)]
pub struct Regions {
    flat: Vec<Flat>,
    spatial: Vec<ItemId>,
    labels: HashMap<ItemId, Label>,
}

/// A region of images.
#[derive(Debug, Clone)]
struct Flat {
    item: ItemId,
    on: Vec<Reference>,
}

/// What is written beside a region, and whose it is.
#[derive(Debug, Clone)]
struct Label {
    of: ItemId,
    text: String,
}

impl Report {
    /// What the report draws on a frame, counted from zero, of an image. Whoever asks for many frames keeps
    /// [`Self::regions`].
    pub fn drawing(&self, instance_uid: &str, frame: u32) -> Drawing {
        self.regions().drawing(self, instance_uid, frame)
    }

    pub fn regions(&self) -> Regions {
        let mut found = Regions::default();
        let mut nearest = Nearest { report: self, known: HashMap::new() };
        for (id, item) in self.items() {
            match &item.content {
                Content::Region(region)
                    if region.origin.as_deref().is_none_or(|origin| origin == "FRAME") =>
                {
                    found.flat.push(Flat { item: id, on: nearest.images(id) });
                }
                Content::Region3d(_) => found.spatial.push(id),
                _ => continue,
            }
            found.labels.insert(id, self.label(id));
        }
        found
    }

    /// The words beside a region: what its group is called, and what was measured in it.
    fn label(&self, id: ItemId) -> Label {
        let above = std::iter::successors(self.get(id), |item| self.get(item.parent?));
        let parents: Vec<(ItemId, &Item)> =
            above.filter_map(|item| item.parent).filter_map(|id| Some((id, self.get(id)?))).collect();
        let number = parents.first().filter(|(_, item)| matches!(item.content, Content::Number(_)));
        let is_group = |item: &Item| item.name.as_ref().is_some_and(|name| is(name, GROUP));
        let group = parents
            .iter()
            .find(|(_, item)| is_group(item))
            .or_else(|| parents.iter().find(|(_, item)| matches!(item.content, Content::Container(_))));
        let mut lines = Vec::new();
        let group_id = group.map(|(id, _)| *id);
        if let Some(id) = group_id.filter(|id| *id != ItemId::ROOT) {
            lines.extend(self.called(id));
        }
        match (number, group_id) {
            (Some((_, item)), _) => lines.extend(measured(item)),
            (None, Some(id)) => {
                let numbers = self.children(id).filter_map(|(_, item)| measured(item));
                lines.extend(numbers.take(MOST_LINES));
            }
            (None, None) => {}
        }
        let name = || self.get(id).and_then(|item| item.name.as_ref()).map(|name| shortened(&name.meaning));
        if lines.is_empty() {
            lines.extend(name());
        }
        let of = number.map(|(id, _)| *id).or(group_id).unwrap_or(id);
        Label { of: if of == ItemId::ROOT { id } else { of }, text: lines.join("\n") }
    }

    /// The tracking identifier of a group, or what was found.
    fn called(&self, group: ItemId) -> Option<String> {
        let named = |concept| {
            let mut items = self.children(group);
            items.find(|(_, item)| item.name.as_ref().is_some_and(|name| is(name, concept)))
        };
        let words = match &named(TRACKING_ID).or_else(|| named(FINDING))?.1.content {
            Content::Text { value } => value.as_str(),
            Content::Code { value } => value.as_ref()?.meaning.as_str(),
            _ => return None,
        };
        (!words.trim().is_empty()).then(|| shortened(words))
    }
}

/// The images above items, looked for once an item.
struct Nearest<'a> {
    report: &'a Report,
    known: HashMap<ItemId, Vec<Reference>>,
}

impl Nearest<'_> {
    fn images(&mut self, region: ItemId) -> Vec<Reference> {
        let own: Vec<Reference> = self.report.selected_from(region).into_iter().cloned().collect();
        if !own.is_empty() {
            return own;
        }
        let mut next = self.report.get(region).and_then(|item| item.parent);
        while let Some(id) = next {
            let known = self.known.entry(id).or_insert_with(|| Self::beside(self.report, id));
            if !known.is_empty() {
                return known.clone();
            }
            next = self.report.get(id).and_then(|item| item.parent);
        }
        Vec::new()
    }

    /// The images right below an item.
    fn beside(report: &Report, id: ItemId) -> Vec<Reference> {
        let below = report.children(id).filter_map(|(child, _)| report.resolve(child));
        let images = below.filter(|(_, item)| matches!(item.content, Content::Image { .. }));
        images.flat_map(|(_, item)| item.content.references()).take(MOST_IMAGES).cloned().collect()
    }
}

/// A region that names none is drawn on so many at most.
const MOST_IMAGES: usize = 64;

fn is(code: &Code, (value, scheme): (&str, &str)) -> bool {
    code.value == value && code.scheme == scheme
}

/// Name, value and unit of a measurement.
fn measured(item: &Item) -> Option<String> {
    let Content::Number(number) = &item.content else { return None };
    let value = number.values.first()?;
    let name = item.name.as_ref().map(|name| name.meaning.as_str()).unwrap_or_default();
    let unit = value.unit.as_ref().filter(|unit| unit.value != "1").map(|unit| unit.value.as_str());
    let words = [name, value.text.as_str(), unit.unwrap_or_default()];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    Some(shortened(&words.join(" ")))
}

fn shortened(words: &str) -> String {
    words.chars().take(LONGEST_LINE).collect()
}

impl Regions {
    pub fn is_empty(&self) -> bool {
        self.flat.is_empty() && self.spatial.is_empty()
    }

    /// The images that regions are selected from, each once.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.flat.iter().flat_map(|region| &region.on)
    }

    /// Whether any region that names its images is on a frame, counted from zero, of an image.
    pub fn is_on(&self, instance_uid: &str, frame: u32) -> bool {
        self.flat.iter().any(|region| is_meant(&region.on, instance_uid, frame))
    }

    /// The regions of a frame, counted from zero, of an image. What is drawn belongs to the item of the report with
    /// that number.
    pub fn drawing(&self, report: &Report, instance_uid: &str, frame: u32) -> Drawing {
        let mut pen = Pen { regions: self, drawing: Drawing::default(), said: BTreeSet::new() };
        for Flat { item, on } in &self.flat {
            if is_meant(on, instance_uid, frame)
                && let Some(Content::Region(region)) = report.get(*item).map(|item| &item.content)
            {
                pen.region(*item, region);
            }
        }
        pen.drawing
    }

    /// The regions in space that cross a slice.
    pub fn drawing_in_space(&self, report: &Report, slice: &Slice<'_>) -> Drawing {
        let mut pen = Pen { regions: self, drawing: Drawing::default(), said: BTreeSet::new() };
        for item in &self.spatial {
            if let Some(Content::Region3d(region)) = report.get(*item).map(|item| &item.content) {
                for (points, closed) in crossing(region, slice) {
                    pen.outline(*item, points, closed);
                }
            }
        }
        pen.drawing
    }
}

/// Whether a frame, counted from zero, of an image is among those that are named.
fn is_meant(images: &[Reference], instance_uid: &str, frame: u32) -> bool {
    images.iter().any(|image| {
        image.sop_instance_uid == instance_uid
            && (image.frames.is_empty() || image.frames.contains(&frame.saturating_add(1)))
    })
}

struct Pen<'a> {
    regions: &'a Regions,
    drawing: Drawing,
    /// Groups that have their label.
    said: BTreeSet<ItemId>,
}

impl Pen<'_> {
    fn region(&mut self, id: ItemId, region: &Region) {
        let points: Vec<[f64; 2]> = region
            .points
            .iter()
            .map(|point| point.map(f64::from))
            .filter(|point| point.iter().all(|v| v.is_finite()))
            .collect();
        let kind = match region.shape {
            Shape::Circle => GraphicKind::Circle,
            Shape::Ellipse => GraphicKind::Ellipse,
            Shape::Polyline | Shape::Polygon => GraphicKind::Polyline,
            _ => {
                for point in points {
                    self.outline(id, vec![point], false);
                }
                return;
            }
        };
        let units = Units::Pixel;
        let graphic = Graphic {
            kind,
            units,
            points,
            filled: false,
            line: None,
            fill: None,
            compound_id: None,
            group: None,
        };
        let place =
            Coordinates { area: Rect::whole(1, 1), turn: Turn::default(), tile: [0.0; 2], aspect: 1.0 };
        if let Some(outline) = graphic.outline(&place) {
            self.outline(id, outline.points, outline.closed);
        }
    }

    /// A line, or the mark of a single point, with its label at the right.
    fn outline(&mut self, id: ItemId, points: Vec<[f64; 2]>, closed: bool) {
        let of = u32::try_from(id.index()).ok();
        let line = Line::plain(COLOR, THICKNESS);
        let right = points.iter().copied().max_by(|a, b| a[0].total_cmp(&b[0]));
        match points.as_slice() {
            [] => return,
            &[at] => {
                self.drawing.symbols.push(Symbol { sign: Sign::Cross, at, radius: POINT, line, of });
            }
            _ => {
                self.drawing.strokes.push(Stroke { points, closed, line: Some(line), fill: None, of });
            }
        }
        let Some(label) = self.regions.labels.get(&id).filter(|label| !label.text.is_empty()) else { return };
        if let Some(at) = right.filter(|_| self.said.insert(label.of)) {
            let place =
                WordsPlace::Beside { at, offset: [8.0, 0.0], across: Side::Start, down: Side::Middle };
            let (text, paint, font) = (label.text.clone(), Paint::solid(COLOR), Font::default());
            self.drawing.words.push(Words {
                text,
                place,
                paint,
                font,
                shadow: Some(Shade::halo(COLOR)),
                leader: None,
                of,
            });
        }
    }
}
