//! Data sets to bytes: DICOM Part 10 files in the transfer syntaxes that need no image codec.

use std::io::Write as _;

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use super::{DataSet, Value};

/// How the data set is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    ImplicitLittle,
    ExplicitLittle,
    ExplicitBig,
    Deflated,
    /// Run-length encoded frames.
    Rle,
    /// Frames compressed elsewhere: the caller names the transfer syntax.
    Encapsulated(&'static str),
}

impl Syntax {
    pub fn uid(self) -> &'static str {
        match self {
            Self::ImplicitLittle => "1.2.840.10008.1.2",
            Self::ExplicitLittle => "1.2.840.10008.1.2.1",
            Self::Deflated => "1.2.840.10008.1.2.1.99",
            Self::ExplicitBig => "1.2.840.10008.1.2.2",
            Self::Rle => "1.2.840.10008.1.2.5",
            Self::Encapsulated(uid) => uid,
        }
    }
}

const ITEM: Tag = Tag(0xFFFE, 0xE000);
const DELIMITER: Tag = Tag(0xFFFE, 0xE0DD);

/// Who writes, as group 0002 names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Implementation {
    pub class_uid: &'static str,
    pub version_name: &'static str,
}

/// A complete file: preamble, meta information from the data set's own UIDs, data set.
pub fn file(data: &DataSet, syntax: Syntax, writer: Implementation) -> Vec<u8> {
    let own = |tag| match data.get(tag) {
        Some(Value::Text(text)) => text.as_str(),
        _ => "",
    };
    let mut meta = DataSet::new();
    meta.put(tags::FILE_META_INFORMATION_VERSION, VR::OB, Value::Bytes(vec![0, 1]))
        .text(tags::MEDIA_STORAGE_SOP_CLASS_UID, own(tags::SOP_CLASS_UID))
        .text(tags::MEDIA_STORAGE_SOP_INSTANCE_UID, own(tags::SOP_INSTANCE_UID))
        .text(tags::TRANSFER_SYNTAX_UID, syntax.uid())
        .text(tags::IMPLEMENTATION_CLASS_UID, writer.class_uid)
        .text(tags::IMPLEMENTATION_VERSION_NAME, writer.version_name);
    let meta = encode(&meta, Order::EXPLICIT_LITTLE);
    let mut bytes = vec![0; 128];
    bytes.extend(b"DICM");
    let length = Value::U32(vec![meta.len() as u32]);
    let mut group = DataSet::new();
    group.put(tags::FILE_META_INFORMATION_GROUP_LENGTH, VR::UL, length);
    bytes.extend(encode(&group, Order::EXPLICIT_LITTLE));
    bytes.extend(meta);
    match syntax {
        Syntax::ImplicitLittle => bytes.extend(encode(data, Order { explicit: false, big: false })),
        Syntax::ExplicitBig => bytes.extend(encode(data, Order { explicit: true, big: true })),
        Syntax::Deflated => bytes.extend(deflate(&encode(data, Order::EXPLICIT_LITTLE))),
        _ => bytes.extend(encode(data, Order::EXPLICIT_LITTLE)),
    }
    bytes
}

fn deflate(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    // Writing to memory cannot fail; an empty answer would show at once in any test.
    let packed = encoder.write_all(plain).and_then(|()| encoder.finish());
    let mut packed = packed.unwrap_or_default();
    if packed.len() % 2 == 1 {
        packed.push(0);
    }
    packed
}

#[derive(Clone, Copy)]
struct Order {
    explicit: bool,
    big: bool,
}

impl Order {
    const EXPLICIT_LITTLE: Self = Self { explicit: true, big: false };

    fn u16(self, v: u16) -> [u8; 2] {
        if self.big { v.to_be_bytes() } else { v.to_le_bytes() }
    }

    fn u32(self, v: u32) -> [u8; 4] {
        if self.big { v.to_be_bytes() } else { v.to_le_bytes() }
    }

    fn tag(self, out: &mut Vec<u8>, tag: Tag) {
        out.extend(self.u16(tag.group()));
        out.extend(self.u16(tag.element()));
    }
}

fn encode(data: &DataSet, order: Order) -> Vec<u8> {
    let mut out = Vec::new();
    for (tag, vr, value) in data.iter() {
        element(&mut out, order, tag, vr, value);
    }
    out
}

fn element(out: &mut Vec<u8>, order: Order, tag: Tag, vr: VR, value: &Value) {
    match value {
        Value::Sequence(items) => {
            let mut body = Vec::new();
            for item in items {
                let content = encode(item, order);
                order.tag(&mut body, ITEM);
                body.extend(order.u32(content.len() as u32));
                body.extend(content);
            }
            header(out, order, tag, vr, body.len() as u32);
            out.extend(body);
        }
        Value::Fragments { offsets, items } => {
            header(out, order, tag, vr, u32::MAX);
            let table: Vec<u8> = offsets.iter().flat_map(|o| order.u32(*o)).collect();
            for content in std::iter::once(&table).chain(items) {
                order.tag(out, ITEM);
                let padded = content.len().next_multiple_of(2);
                out.extend(order.u32(padded as u32));
                out.extend(content);
                out.resize(out.len() + padded - content.len(), 0);
            }
            order.tag(out, DELIMITER);
            out.extend([0; 4]);
        }
        _ => {
            let mut body = plain(order, value);
            if body.len() % 2 == 1 {
                let text = matches!(value, Value::Text(_)) && vr != VR::UI;
                body.push(if text { b' ' } else { 0 });
            }
            header(out, order, tag, vr, body.len() as u32);
            out.extend(body);
        }
    }
}

fn plain(order: Order, value: &Value) -> Vec<u8> {
    match value {
        Value::Text(text) => text.clone().into_bytes(),
        Value::Bytes(bytes) => bytes.clone(),
        Value::U16(words) => words.iter().flat_map(|w| order.u16(*w)).collect(),
        Value::U32(words) => words.iter().flat_map(|w| order.u32(*w)).collect(),
        Value::F32(values) => values.iter().flat_map(|v| order.u32(v.to_bits())).collect(),
        Value::F64(values) => {
            values.iter().flat_map(|v| if order.big { v.to_be_bytes() } else { v.to_le_bytes() }).collect()
        }
        Value::Tags(list) => {
            let mut out = Vec::new();
            for tag in list {
                order.tag(&mut out, *tag);
            }
            out
        }
        Value::Sequence(_) | Value::Fragments { .. } => Vec::new(),
    }
}

fn header(out: &mut Vec<u8>, order: Order, tag: Tag, vr: VR, length: u32) {
    order.tag(out, tag);
    if !order.explicit {
        out.extend(order.u32(length));
        return;
    }
    out.extend(vr.to_bytes());
    let short = matches!(
        vr,
        VR::AE
            | VR::AS
            | VR::AT
            | VR::CS
            | VR::DA
            | VR::DS
            | VR::DT
            | VR::FD
            | VR::FL
            | VR::IS
            | VR::LO
            | VR::LT
            | VR::PN
            | VR::SH
            | VR::SL
            | VR::SS
            | VR::ST
            | VR::TM
            | VR::UI
            | VR::UL
            | VR::US
    );
    if short {
        // Values beyond 64 KiB in these representations cannot be written explicitly; none is made here.
        out.extend(order.u16(length as u16));
    } else {
        out.extend([0, 0]);
        out.extend(order.u32(length));
    }
}
