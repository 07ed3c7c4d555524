//! Private elements by name: what vendors publish about them, compiled in from `assets/private`.

use std::collections::HashMap;
use std::str::FromStr as _;
use std::sync::{Arc, LazyLock};

use dicom_core::{Tag, VR};

use crate::dicom::DataSet;

const SOURCE: &str = include_str!("../../assets/private/elements.txt");

/// What is known about a private element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) vr: VR,
    pub(super) keyword: &'static str,
}

/// By creator, group and element within the creator's block.
type Table = HashMap<(&'static str, u16, u8), Known>;

static TABLE: LazyLock<Table> = LazyLock::new(|| parse(SOURCE).0);

/// The table, and the lines that make no sense.
fn parse(source: &'static str) -> (Table, Vec<&'static str>) {
    let (mut table, mut wrong) = (Table::new(), Vec::new());
    let mut creator = None;
    for line in source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            creator = Some(name);
            continue;
        }
        let mut parts = line.split_whitespace();
        let entry = (|| {
            let group = u16::from_str_radix(parts.next()?, 16).ok()?;
            let element = u8::from_str_radix(parts.next()?, 16).ok()?;
            let vr = VR::from_str(parts.next()?).ok()?;
            let keyword = parts.next().filter(|_| parts.next().is_none())?;
            Some(((creator?, group, element), Known { vr, keyword }))
        })();
        match entry {
            Some((key, known)) if !table.contains_key(&key) => {
                table.insert(key, known);
            }
            _ => wrong.push(line),
        }
    }
    (table, wrong)
}

/// Whether a tag belongs to a vendor and not to the standard.
pub(super) fn is_private(tag: Tag) -> bool {
    tag.group() % 2 == 1 && tag.group() > 0x0008
}

/// Creators of the private blocks of one data set, looked up once a block.
pub(super) struct Creators<'a> {
    data: &'a DataSet,
    last: Option<(Tag, Option<Arc<str>>)>,
}

impl<'a> Creators<'a> {
    pub(super) fn of(data: &'a DataSet) -> Self {
        Self { data, last: None }
    }

    /// Who reserved the block a private element lies in (PS3.5 7.8.1); `None` for everything else.
    pub(super) fn creator(&mut self, tag: Tag) -> Option<Arc<str>> {
        if !is_private(tag) || tag.element() < 0x1000 {
            return None;
        }
        let block = Tag(tag.group(), tag.element() >> 8);
        if let Some((known, creator)) = &self.last
            && *known == block
        {
            return creator.clone();
        }
        let name = self.data.string(block).filter(|name| !name.is_empty());
        let creator: Option<Arc<str>> = name.map(Arc::from);
        self.last = Some((block, creator.clone()));
        creator
    }
}

/// What the vendor calls an element of `creator`.
pub(super) fn known(creator: &str, tag: Tag) -> Option<Known> {
    let table: &HashMap<(&str, u16, u8), Known> = &TABLE;
    let [element, _] = tag.element().to_le_bytes();
    table.get(&(creator, tag.group(), element)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_asset_is_read() {
        let (table, wrong) = parse(SOURCE);
        assert_eq!(wrong, Vec::<&str>::new());
        assert!(table.len() > 200, "{}", table.len());
        for ((creator, group, element), known) in &table {
            assert!(group % 2 == 1, "{creator}: {group:04X} is no private group, {element:02X}");
            assert!(known.keyword.chars().all(|c| c.is_ascii_alphanumeric()), "{}", known.keyword);
        }
    }

    #[test]
    fn the_block_may_lie_anywhere() {
        let header = |tag| known("SIEMENS CSA HEADER", tag);
        let expected = Some(Known { vr: VR::OB, keyword: "CSAImageHeaderInfo" });
        assert_eq!(header(Tag(0x0029, 0x1010)), expected);
        assert_eq!(header(Tag(0x0029, 0xE110)), expected);
        assert_eq!(header(Tag(0x0029, 0x1011)), None);
        assert_eq!(known("SOMEBODY", Tag(0x0029, 0x1010)), None);
    }

    #[test]
    fn nonsense_is_reported_and_left_out() {
        let (table, wrong) =
            parse("0029 10 OB Homeless\n[A]\n0029 10 OB One\n0029 10 OB Two\n29 xx OB Three\n");
        assert_eq!(table.len(), 1);
        assert_eq!(wrong.len(), 3);
    }
}
