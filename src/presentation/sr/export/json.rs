//! Reports as JSON: the tree with everything that was read, under names that stay.

use std::io::{self, Write};

use serde::Serialize;
use serde::ser::{SerializeSeq as _, Serializer};

use super::super::code::Code;
use super::super::header::Header;
use super::super::model::{Content, ItemId, Relationship, Report, place};

/// The document around the tree. Field names are part of the interface.
#[derive(Serialize)]
struct Whole<'a> {
    title: Option<&'a Code>,
    header: &'a Header,
    warnings: &'a [String],
    content: Option<Node<'a>>,
}

/// One item.
#[derive(Serialize)]
struct Node<'a> {
    /// Ordinals from the root on: `1.4.2`. By-reference items name their target so.
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    relationship: Option<&'a Relationship>,
    name: Option<&'a Code>,
    #[serde(flatten)]
    content: &'a Content,
    #[serde(skip_serializing_if = "Option::is_none")]
    observation_uid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed: Option<&'a str>,
    #[serde(skip_serializing_if = "Below::is_empty")]
    items: Below<'a>,
}

/// The items below one, made as they are written.
struct Below<'a> {
    report: &'a Report,
    parent: ItemId,
}

impl Below<'_> {
    fn is_empty(&self) -> bool {
        self.report.children(self.parent).next().is_none()
    }
}

impl Serialize for Below<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        // The depth of reports is bounded where they are read.
        for (id, _) in self.report.children(self.parent) {
            list.serialize_element(&node(self.report, id))?;
        }
        list.end()
    }
}

fn node(report: &Report, id: ItemId) -> Option<Node<'_>> {
    let item = report.get(id)?;
    Some(Node {
        id: place(&report.path(id)),
        relationship: item.relationship.as_ref(),
        name: item.name.as_ref(),
        content: &item.content,
        observation_uid: item.observation_uid.as_deref(),
        observed: item.observed.as_deref(),
        items: Below { report, parent: id },
    })
}

fn whole(report: &Report) -> Whole<'_> {
    Whole {
        title: report.title(),
        header: &report.header,
        warnings: &report.warnings,
        content: node(report, ItemId::ROOT),
    }
}

/// Writes a report as one JSON object.
pub fn write_json(report: &Report, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &whole(report)).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

/// Writes reports as an array of such objects.
pub fn write_json_list<'a>(
    reports: impl IntoIterator<Item = &'a Report>,
    out: &mut impl Write,
) -> io::Result<()> {
    let all: Vec<Whole<'_>> = reports.into_iter().map(whole).collect();
    serde_json::to_writer_pretty(&mut *out, &all).map_err(io::Error::from)?;
    out.write_all(b"\n")
}
