//! How a reader wants the left oblique mammogram to be seen: two presentation states, alternatives of each other.
//!
//! [`findings`] writes everything on the image as it is: layers, every kind of graphic and text, compound graphics.
//! [`magnified`] shows a part of it turned, flipped and inverted, with a shutter and a bitmap. Everything lies where
//! the phantom has its findings.

mod marks;

use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};

use super::breast::{PLANE, Projection, Shape};
use super::builder::WRITER;
use super::case::{MAMMO_NOW, Series, identify};
use super::exposure::{Exposure, SPACING, Side};
use super::mammogram::View;
use super::math::Point;
use super::people::{Round, exposure};
use super::rng::uid;
use crate::dicom::Tag;
use crate::dicom::write::{self, DataSet, Syntax, Value, item};
use crate::display::cielab::to_lab_words;
use marks::{Look, anchored, boxed, compound, graphic, layer, layer_of};

const SERIES: Series = Series { key: "PR", number: 7, modality: "PR", description: "Presentation states" };
const VIEW: View =
    View { round: Round::Current, side: Side::Left, projection: Projection::MediolateralOblique };

const ORANGE: [u8; 3] = [255, 140, 70];
const YELLOW: [u8; 3] = [255, 214, 64];
const GREEN: [u8; 3] = [120, 220, 120];
const BLUE: [u8; 3] = [120, 190, 255];

/// The picture the states are about, and where on it something is.
struct Place {
    exposure: Exposure,
    shape: Shape,
}

impl Place {
    fn new() -> Self {
        let exposure = exposure(VIEW.round, VIEW.side, VIEW.projection);
        let shape = exposure.shape();
        Self { exposure, shape }
    }

    /// Pixels of the image, to a tenth, for millimetres from the nipple.
    fn at(&self, (x, y): Point) -> [f64; 2] {
        let (x, y) = self.shape.detector_at((x, y));
        [x, y].map(|v| (f64::from(v / SPACING) * 10.0).round() / 10.0)
    }

    /// The same, millimetres beside a place.
    fn beside(&self, (x, y): Point, dx: f32, dy: f32) -> [f64; 2] {
        self.at((x + dx, y + dy))
    }
}

fn size() -> [i64; 2] {
    [PLANE.0, PLANE.1].map(|mm| (mm / SPACING + 0.5) as i64)
}

fn image() -> DataSet {
    item(|d| {
        d.text(
            tags::REFERENCED_SOP_CLASS_UID,
            uids::DIGITAL_MAMMOGRAPHY_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION,
        )
        .text(tags::REFERENCED_SOP_INSTANCE_UID, uid(&format!("{}/{}/1", MAMMO_NOW.key, VIEW.name())));
    })
}

/// What both states have.
fn state(instance: i64, label: &str, description: &str, [c, w]: [f64; 2]) -> DataSet {
    let mut d = DataSet::new();
    identify(&mut d, uids::GRAYSCALE_SOFTCOPY_PRESENTATION_STATE_STORAGE, &MAMMO_NOW, &SERIES, instance);
    for image_only in [
        tags::ACQUISITION_DATE,
        tags::ACQUISITION_TIME,
        tags::BURNED_IN_ANNOTATION,
        tags::LOSSY_IMAGE_COMPRESSION,
        tags::CONTENT_DATE,
        tags::CONTENT_TIME,
    ] {
        d.remove(image_only);
    }
    let series = item(|d| {
        d.text(tags::SERIES_INSTANCE_UID, uid(&format!("{}/{}", MAMMO_NOW.key, VIEW.name())))
            .sequence(tags::REFERENCED_IMAGE_SEQUENCE, vec![image()]);
    });
    let window = item(|d| {
        d.real(tags::WINDOW_CENTER, [c])
            .real(tags::WINDOW_WIDTH, [w])
            .sequence(tags::REFERENCED_IMAGE_SEQUENCE, vec![image()]);
    });
    d.text(tags::CONTENT_LABEL, label)
        .text(tags::CONTENT_DESCRIPTION, description)
        .text(tags::CONTENT_CREATOR_NAME, "Reader^Robin")
        .text(tags::PRESENTATION_CREATION_DATE, MAMMO_NOW.date)
        .text(tags::PRESENTATION_CREATION_TIME, if instance == 1 { "104500" } else { "104730" })
        .sequence(tags::REFERENCED_SERIES_SEQUENCE, vec![series])
        .real(tags::RESCALE_INTERCEPT, [0.0])
        .real(tags::RESCALE_SLOPE, [1.0])
        .text(tags::RESCALE_TYPE, "US")
        .sequence(tags::SOFTCOPY_VOILUT_SEQUENCE, vec![window]);
    d
}

/// The part that is shown; both pixels belong to it.
fn area(top_left: [i64; 2], bottom_right: [i64; 2]) -> DataSet {
    item(|d| {
        d.sequence(tags::REFERENCED_IMAGE_SEQUENCE, vec![image()])
            .int(tags::DISPLAYED_AREA_TOP_LEFT_HAND_CORNER, top_left)
            .int(tags::DISPLAYED_AREA_BOTTOM_RIGHT_HAND_CORNER, bottom_right)
            .text(tags::PRESENTATION_SIZE_MODE, "SCALE TO FIT")
            .real(tags::PRESENTATION_PIXEL_SPACING, [0.094; 2]);
    })
}

/// Where the findings are, and what they measure.
pub fn findings() -> Vec<u8> {
    let place = Place::new();
    let mut d = state(1, "FINDINGS", "Findings and measurements", [1760.0, 2250.0]);
    d.sequence(tags::DISPLAYED_AREA_SELECTION_SEQUENCE, vec![area([1, 1], size())])
        .text(tags::PRESENTATION_LUT_SHAPE, "IDENTITY")
        .sequence(
            tags::GRAPHIC_LAYER_SEQUENCE,
            vec![
                layer("MASS", 1, "Mass", ORANGE),
                layer("CALCIFICATIONS", 2, "Calcifications", YELLOW),
                layer("OTHER", 3, "Lymph node", GREEN),
                layer("MEASUREMENTS", 4, "Measurements", BLUE),
            ],
        )
        .sequence(
            tags::GRAPHIC_ANNOTATION_SEQUENCE,
            [mass(&place), calcifications(&place), node(&place), measurements(&place)]
                .into_iter()
                .flatten()
                .collect(),
        );
    write::file(&d, Syntax::ExplicitLittle, WRITER)
}

/// A curve around the mass, filled so that it is seen through, and an ellipse around its spicules.
fn mass(place: &Place) -> Option<DataSet> {
    let mass = place.exposure.mass?;
    let r = mass.radius;
    let around = |dx: f32, dy: f32| place.beside(mass.at, dx * r, dy * r);
    let curve = [(1.2, 0.1), (0.7, 1.1), (-0.5, 1.2), (-1.25, 0.2), (-0.8, -1.05), (0.5, -1.15), (1.2, 0.1)];
    let curve: Vec<[f64; 2]> = curve.iter().map(|(x, y)| around(*x, *y)).collect();
    let ellipse = [around(-2.9, 0.0), around(2.9, 0.0), around(0.0, -2.4), around(0.0, 2.4)];
    let filled = Look { filled: Some(0.18), thickness: 2.0, shadow: true, ..Look::default() };
    let graphics = vec![
        graphic("INTERPOLATED", &curve, Some(&filled)),
        graphic("ELLIPSE", &ellipse, Some(&Look { dashes: Some(0x00FF_00FF), ..Look::default() })),
    ];
    let corner = around(3.6, -4.6);
    let text = boxed(
        "Spiculated mass, new growth\nBI-RADS 5",
        "PIXEL",
        [corner, [corner[0] + 620.0, corner[1] + 130.0]],
        "LEFT",
        Some(around(0.9, -0.9)),
    );
    Some(layer_of("MASS", image(), graphics, vec![text], Vec::new()))
}

/// A point on every calcification and a circle around them.
fn calcifications(place: &Place) -> Option<DataSet> {
    let cluster = place.exposure.cluster?;
    let mut graphics: Vec<DataSet> =
        cluster.specks().iter().map(|speck| graphic("POINT", &[place.at(speck.at)], None)).collect();
    let (center, on) = (place.at(cluster.at), place.beside(cluster.at, 11.0, 0.0));
    graphics.push(graphic("CIRCLE", &[center, on], None));
    let text = anchored("Pleomorphic calcifications", place.beside(cluster.at, 11.0, 0.0), true);
    Some(layer_of("CALCIFICATIONS", image(), graphics, vec![text], Vec::new()))
}

/// A line around the lymph node, and its name beside it.
fn node(place: &Place) -> Option<DataSet> {
    let node = place.exposure.node?;
    let corner = |x: f32, y: f32| place.beside(node.at, x * node.radius, y * node.radius);
    let around = [(-1.7, 0.3), (-0.2, 1.5), (1.7, -0.2), (0.3, -1.6), (-1.7, 0.3)].map(|(x, y)| corner(x, y));
    let graphics = vec![graphic("POLYLINE", &around, None)];
    let text = anchored("Lymph node", corner(2.0, 0.0), false);
    Some(layer_of("OTHER", image(), graphics, vec![text], Vec::new()))
}

/// What is measured: compound graphics, each with a line for those who draw none.
fn measurements(place: &Place) -> Option<DataSet> {
    let (mass, cluster) = (place.exposure.mass?, place.exposure.cluster?);
    let near = |dx: f32, dy: f32| place.beside(mass.at, dx, dy);
    let by = |dx: f32, dy: f32| place.beside(cluster.at, dx, dy);
    let dashed = Look { dashes: Some(0x0F0F_0F0F), ..Look::default() };
    let nipple = place.at((0.0, 0.0));
    let made = vec![
        compound("RULER", 1, &[near(-10.0, 24.0), near(10.0, 24.0)], None, |d| {
            let tick = |n: i64| {
                item(|d| {
                    d.real(tags::TICK_POSITION, [n as f64 / 4.0])
                        .text(tags::TICK_LABEL, format!("{}", n * 5));
                })
            };
            d.sequence(tags::MAJOR_TICKS_SEQUENCE, (0..=4).map(tick).collect())
                .text(tags::TICK_ALIGNMENT, "CENTER")
                .text(tags::TICK_LABEL_ALIGNMENT, "BOTTOM")
                .text(tags::SHOW_TICK_LABEL, "Y");
        }),
        compound("RANGELINE", 2, &[nipple, near(0.0, 0.0)], Some(&dashed), |_| {}),
        compound("ARROW", 3, &[near(-26.0, -16.0), near(-9.0, -5.5)], None, |_| {}),
        compound("CROSSHAIR", 4, &[by(0.0, 0.0)], None, |d| {
            d.real(tags::DIAMETER_OF_VISIBILITY, [320.0]).real(tags::GAP_LENGTH, [240.0]);
        }),
        compound("RECTANGLE", 5, &[by(-16.0, -14.0), by(16.0, 14.0)], Some(&dashed), |d| {
            d.text(tags::GRAPHIC_FILLED, "N");
        }),
    ];
    let fallback = made.iter().flat_map(marks::plain).collect();
    let text =
        boxed("Computed phantom, not a person", "DISPLAY", [[0.55, 0.95], [0.98, 0.98]], "RIGHT", None);
    Some(layer_of("MEASUREMENTS", image(), fallback, vec![text], made))
}

/// The findings from near, turned, flipped and inverted.
pub fn magnified() -> Vec<u8> {
    let place = Place::new();
    let at = place.exposure.mass.map_or((0.0, 0.0), |mass| mass.at);
    let to = place.exposure.cluster.map_or(at, |cluster| cluster.at);
    let middle = place.at(((at.0 + to.0) / 2.0, (at.1 + to.1) / 2.0)).map(|v| v.round() as i64);
    let half = 420;
    let mut d = state(2, "MAGNIFIED", "Mass and calcifications, inverted", [1820.0, 1600.0]);
    // a quarter clockwise and a flip together leave the first pixel at the top left
    d.sequence(
        tags::DISPLAYED_AREA_SELECTION_SEQUENCE,
        vec![area(middle.map(|v| v - half + 1), middle.map(|v| v + half))],
    )
    .int(tags::IMAGE_ROTATION, [90])
    .text(tags::IMAGE_HORIZONTAL_FLIP, "Y")
    .text(tags::PRESENTATION_LUT_SHAPE, "INVERSE")
    .text(tags::SHUTTER_SHAPE, "CIRCULAR")
    .int(tags::CENTER_OF_CIRCULAR_SHUTTER, [middle[1], middle[0]])
    .int(tags::RADIUS_OF_CIRCULAR_SHUTTER, [half])
    .int(tags::SHUTTER_PRESENTATION_VALUE, [0x1800])
    .sequence(
        tags::GRAPHIC_LAYER_SEQUENCE,
        vec![layer("RING", 1, "Calcifications", [200, 60, 0]), layer("WORDS", 2, "Words", BLUE)],
    );
    ring(&mut d, place.at(to), 130);
    let text = boxed("Magnified\ninverted", "DISPLAY", [[0.02, 0.02], [0.3, 0.06]], "LEFT", None);
    d.sequence(
        tags::GRAPHIC_ANNOTATION_SEQUENCE,
        vec![layer_of("WORDS", image(), Vec::new(), vec![text], Vec::new())],
    );
    write::file(&d, Syntax::ExplicitLittle, WRITER)
}

/// An overlay plane with a ring about a place.
fn ring(d: &mut DataSet, at: [f64; 2], radius: i64) {
    let side = 2 * radius + 1;
    let mut words = vec![0u16; (side * side / 16 + 1) as usize];
    for n in 0..side * side {
        let (x, y) = (n % side - radius, n / side - radius);
        let far = x * x + y * y;
        let is_on = far <= radius * radius && far > (radius - 4) * (radius - 4);
        if let Some(word) = words.get_mut((n / 16) as usize).filter(|_| is_on) {
            *word |= 1 << (n % 16);
        }
    }
    let own = |tag: Tag| Tag(0x6000, tag.1);
    let origin = [at[1], at[0]].map(|v| (v.floor() as i64 - radius + 1) as u16);
    let text = |text: &str| Value::Text(text.to_owned());
    d.put(own(tags::OVERLAY_ROWS.inner()), VR::US, Value::U16(vec![side as u16]))
        .put(own(tags::OVERLAY_COLUMNS.inner()), VR::US, Value::U16(vec![side as u16]))
        .put(own(tags::OVERLAY_TYPE.inner()), VR::CS, text("G"))
        .put(own(tags::OVERLAY_ORIGIN.inner()), VR::SS, Value::U16(origin.to_vec()))
        .put(own(tags::OVERLAY_BITS_ALLOCATED.inner()), VR::US, Value::U16(vec![1]))
        .put(own(tags::OVERLAY_BIT_POSITION.inner()), VR::US, Value::U16(vec![0]))
        .put(own(tags::OVERLAY_LABEL.inner()), VR::LO, text("Calcifications"))
        .put(own(tags::OVERLAY_ACTIVATION_LAYER.inner()), VR::CS, text("RING"))
        .put(own(tags::OVERLAY_DATA.inner()), VR::OW, Value::U16(words));
}

fn lab(d: &mut DataSet, tag: Tag, color: [u8; 3]) {
    d.int(tag, to_lab_words(color).map(i64::from));
}
