//! A structured report as a tree of content items (PS3.3 C.17.3), as plain data.
//!
//! Items lie in one list in the order in which they are read, so that an [`ItemId`] is a number that anybody can
//! keep. Values are as the object has them: dates, times and names are not made readable here.

use serde::{Serialize, Serializer};

use super::code::Code;
use super::header::Header;

/// The number of a content item in its report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ItemId(pub(super) u32);

impl ItemId {
    /// The title item, which holds everything.
    pub const ROOT: Self = Self(0);

    /// The place of the item among all items of the report.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A structured report or key object selection.
#[derive(Debug, Clone)]
pub struct Report {
    pub header: Header,
    /// In reading order; the root comes first.
    pub(super) items: Vec<Item>,
    /// What could not be understood, in words; the items concerned are shown all the same.
    pub warnings: Vec<String>,
}

/// One content item.
#[derive(Debug, Clone)]
pub struct Item {
    pub parent: Option<ItemId>,
    pub children: Vec<ItemId>,
    /// Which child of its parent it is, counted from 1 as references do; 1 for the root.
    pub ordinal: u32,
    /// What it is to its parent; the root is nothing to anybody.
    pub relationship: Option<Relationship>,
    /// What is said: the name of the value.
    pub name: Option<Code>,
    pub content: Content,
    pub observation_uid: Option<String>,
    /// When it was observed, as stored.
    pub observed: Option<String>,
}

/// What an item is to the one above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relationship {
    Contains,
    HasProperties,
    HasObservationContext,
    HasAcquisitionContext,
    HasConceptModifier,
    InferredFrom,
    SelectedFrom,
    /// One the standard does not know, or none at all.
    Other(String),
}

impl Relationship {
    pub(super) fn parse(term: &str) -> Self {
        match term {
            "CONTAINS" => Self::Contains,
            "HAS PROPERTIES" => Self::HasProperties,
            "HAS OBS CONTEXT" => Self::HasObservationContext,
            "HAS ACQ CONTEXT" => Self::HasAcquisitionContext,
            "HAS CONCEPT MOD" => Self::HasConceptModifier,
            "INFERRED FROM" => Self::InferredFrom,
            "SELECTED FROM" => Self::SelectedFrom,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The standard's term.
    pub fn term(&self) -> &str {
        match self {
            Self::Contains => "CONTAINS",
            Self::HasProperties => "HAS PROPERTIES",
            Self::HasObservationContext => "HAS OBS CONTEXT",
            Self::HasAcquisitionContext => "HAS ACQ CONTEXT",
            Self::HasConceptModifier => "HAS CONCEPT MOD",
            Self::InferredFrom => "INFERRED FROM",
            Self::SelectedFrom => "SELECTED FROM",
            Self::Other(term) => term,
        }
    }

    /// Whether it has to be said in words: the others follow from where things stand on a page.
    pub fn is_said(&self) -> bool {
        match self {
            Self::InferredFrom | Self::SelectedFrom => true,
            Self::Other(term) => !term.is_empty(),
            _ => false,
        }
    }

    /// The same in words.
    pub fn words(&self) -> &str {
        match self {
            Self::Contains => "contains",
            Self::HasProperties => "has properties",
            Self::HasObservationContext => "observation context",
            Self::HasAcquisitionContext => "acquisition context",
            Self::HasConceptModifier => "modified by",
            Self::InferredFrom => "inferred from",
            Self::SelectedFrom => "selected from",
            Self::Other(term) if term.is_empty() => "related in a way that is not said",
            Self::Other(term) => term,
        }
    }
}

impl Serialize for Relationship {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.term())
    }
}

/// What an item says. The names of the variants in JSON are the value types of the standard.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "value_type")]
pub enum Content {
    #[serde(rename = "CONTAINER")]
    Container(Container),
    #[serde(rename = "TEXT")]
    Text { value: String },
    #[serde(rename = "CODE")]
    Code { value: Option<Code> },
    #[serde(rename = "NUM")]
    Number(Number),
    #[serde(rename = "DATE")]
    Date { value: String },
    #[serde(rename = "TIME")]
    Time { value: String },
    #[serde(rename = "DATETIME")]
    DateTime { value: String },
    #[serde(rename = "UIDREF")]
    Uid { value: String },
    #[serde(rename = "PNAME")]
    PersonName { value: String },
    #[serde(rename = "COMPOSITE")]
    Composite { references: Vec<Reference> },
    #[serde(rename = "IMAGE")]
    Image { references: Vec<Reference> },
    #[serde(rename = "WAVEFORM")]
    Waveform { references: Vec<Reference> },
    #[serde(rename = "SCOORD")]
    Region(Region),
    #[serde(rename = "SCOORD3D")]
    Region3d(Region3d),
    #[serde(rename = "TCOORD")]
    Times(Times),
    #[serde(rename = "TABLE")]
    Table(Table),
    /// Not a value of its own: another item of the report stands here too.
    #[serde(rename = "REFERENCE")]
    ByReference(ByReference),
    /// A value type this program does not know, with all that is in the item.
    #[serde(rename = "UNKNOWN")]
    Unknown(Unknown),
}

impl Content {
    /// The standard's value type; of an unknown one what the object says.
    pub fn value_type(&self) -> &str {
        match self {
            Self::Container(_) => "CONTAINER",
            Self::Text { .. } => "TEXT",
            Self::Code { .. } => "CODE",
            Self::Number(_) => "NUM",
            Self::Date { .. } => "DATE",
            Self::Time { .. } => "TIME",
            Self::DateTime { .. } => "DATETIME",
            Self::Uid { .. } => "UIDREF",
            Self::PersonName { .. } => "PNAME",
            Self::Composite { .. } => "COMPOSITE",
            Self::Image { .. } => "IMAGE",
            Self::Waveform { .. } => "WAVEFORM",
            Self::Region(_) => "SCOORD",
            Self::Region3d(_) => "SCOORD3D",
            Self::Times(_) => "TCOORD",
            Self::Table(_) => "TABLE",
            Self::ByReference(_) => "",
            Self::Unknown(unknown) => &unknown.declared,
        }
    }

    /// The objects an item names, where it is one that names objects.
    pub fn references(&self) -> &[Reference] {
        match self {
            Self::Composite { references } | Self::Image { references } | Self::Waveform { references } => {
                references
            }
            _ => &[],
        }
    }
}

/// A section.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Container {
    /// The items are one text to be read on, and not each for itself.
    pub continuous: bool,
    pub template: Option<Template>,
}

/// The template a section follows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Template {
    /// Its number, without the letters `TID`.
    pub id: String,
    /// Who defines it: `DCMR` is the standard.
    pub resource: Option<String>,
}

/// A measurement.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Number {
    /// Usually one; none where there is no value, and the qualifiers say why.
    pub values: Vec<Measured>,
    pub qualifiers: Vec<Code>,
}

/// One measured value.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Measured {
    /// The digits as the object has them.
    pub text: String,
    /// The number: the float where the object has one, else the fraction, else the digits.
    pub value: Option<f64>,
    /// Numerator and denominator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fraction: Option<[i64; 2]>,
    pub unit: Option<Code>,
}

/// An object somebody points at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Reference {
    pub sop_class_uid: String,
    pub sop_instance_uid: String,
    /// Counted from 1; empty for all frames.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub frames: Vec<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<u32>,
    /// Of a waveform: pairs of multiplex group and channel, counted from 1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<[u32; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presentation_state: Option<Box<ObjectId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub real_world_map: Option<Box<ObjectId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Box<Code>>,
}

/// Class and instance of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ObjectId {
    pub sop_class_uid: String,
    pub sop_instance_uid: String,
}

/// A region of an image: which image says a child that the region is selected from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Region {
    pub shape: Shape,
    /// Column and row; 0, 0 is the outer corner of the first pixel.
    pub points: Vec<[f32; 2]>,
    /// `FRAME`, or `VOLUME` where coordinates go through the whole of a tiled image.
    pub origin: Option<String>,
    pub fiducial_uid: Option<String>,
}

/// A region in space.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Region3d {
    pub shape: Shape,
    /// Millimetres in the frame of reference.
    pub points: Vec<[f32; 3]>,
    pub frame_of_reference_uid: Option<String>,
    pub fiducial_uid: Option<String>,
}

/// How points make a shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    Point,
    Multipoint,
    Polyline,
    /// Two points: the centre, and one on the circle.
    Circle,
    /// Four points: the ends of the major axis, then those of the minor one.
    Ellipse,
    /// A closed polyline in one plane, in space only.
    Polygon,
    /// Six points: the ends of the three axes, in space only.
    Ellipsoid,
    Other(String),
}

impl Shape {
    pub(super) fn parse(term: &str) -> Self {
        match term {
            "POINT" => Self::Point,
            "MULTIPOINT" => Self::Multipoint,
            "POLYLINE" => Self::Polyline,
            "CIRCLE" => Self::Circle,
            "ELLIPSE" => Self::Ellipse,
            "POLYGON" => Self::Polygon,
            "ELLIPSOID" => Self::Ellipsoid,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The standard's term.
    pub fn term(&self) -> &str {
        match self {
            Self::Point => "POINT",
            Self::Multipoint => "MULTIPOINT",
            Self::Polyline => "POLYLINE",
            Self::Circle => "CIRCLE",
            Self::Ellipse => "ELLIPSE",
            Self::Polygon => "POLYGON",
            Self::Ellipsoid => "ELLIPSOID",
            Self::Other(term) => term,
        }
    }

    /// The same in words.
    pub fn words(&self) -> &str {
        match self {
            Self::Point => "point",
            Self::Multipoint => "points",
            Self::Polyline => "polyline",
            Self::Circle => "circle",
            Self::Ellipse => "ellipse",
            Self::Polygon => "polygon",
            Self::Ellipsoid => "ellipsoid",
            Self::Other(term) if term.is_empty() => "shape",
            Self::Other(term) => term,
        }
    }
}

impl Serialize for Shape {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.term())
    }
}

/// Points or stretches in time, of whatever the item is selected from.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Times {
    /// `POINT`, `MULTIPOINT`, `SEGMENT`, `MULTISEGMENT`, `BEGIN` or `END`.
    pub range: String,
    /// Numbers of samples, counted from 1.
    pub samples: Vec<u32>,
    /// Seconds from the beginning.
    pub offsets: Vec<f64>,
    /// As stored.
    pub moments: Vec<String>,
}

/// Tabulated values.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Table {
    pub rows: u32,
    pub columns: u32,
    pub row_names: Vec<Axis>,
    pub column_names: Vec<Axis>,
    pub cells: Vec<Cell>,
}

/// What a row or a column of a table holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Axis {
    /// Counted from 1.
    pub number: u32,
    pub name: Option<Code>,
    pub unit: Option<Code>,
}

/// One value of a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Cell {
    pub row: u32,
    pub column: u32,
    pub text: String,
    pub code: Option<Code>,
}

/// Another item of the report, named by its place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ByReference {
    /// Ordinals from the root on, which is 1.
    #[serde(rename = "target", serialize_with = "dotted")]
    pub path: Vec<u32>,
    /// The item that is there; none where the path leads nowhere.
    #[serde(skip)]
    pub target: Option<ItemId>,
}

/// A place as one word: `1.4.2`.
fn dotted<S: Serializer>(path: &[u32], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&place(path))
}

/// A place as one word: `1.4.2`.
pub fn place(path: &[u32]) -> String {
    path.iter().map(u32::to_string).collect::<Vec<_>>().join(".")
}

/// An item of an unknown value type.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Unknown {
    /// The value type as declared; empty where there is none.
    pub declared: String,
    /// What else the item holds: names of elements and their values.
    pub values: Vec<(String, String)>,
}
