//! Sequences out of bytes, also where their lengths are wrong.
//!
//! A declared length is believed when something that may stand there stands behind it. Otherwise an item
//! goes on until the next mark, and a sequence until something that is none of its own. Nesting deeper
//! than any object needs is passed over without recursion.

use dicom_core::{Tag, VR};

use super::Error;
use super::dataset::{DataSet, Element, Value};
use super::fragments::{self, End};
use super::header::{self, Header, ITEM, ITEM_END, SEQUENCE_END, Syntax, UNDEFINED, sibling};
use super::parser::{Context, MAX_ELEMENTS, Parser, tag_text};

/// Sequences nested deeper than this are skipped.
const MAX_DEPTH: u16 = 64;
/// Furthest search for the next item.
const SEARCH: u64 = 1024 * 1024;

const WRONG_LENGTH: &str = "the length of an item is wrong; its elements were read as far as they go";
const WRONG_SEQUENCE: &str = "the length of a sequence is wrong; its items were read as far as they go";

/// Where a sequence lies.
pub(super) struct Extent {
    pub(super) tag: Tag,
    pub(super) start: u64,
    /// As declared; where there is no length, the end of what encloses it.
    pub(super) end: u64,
    /// The end of what encloses it.
    pub(super) outer: u64,
    /// Ended by a delimiter.
    pub(super) delimited: bool,
    /// The encoding of what encloses it.
    pub(super) syntax: Syntax,
}

impl Parser<'_> {
    /// An element without a length: a sequence, or fragments nobody asked for, up to their delimiter.
    pub(super) fn undefined_length(
        &mut self,
        head: &Header,
        vr: VR,
        start: u64,
        end: u64,
        context: &Context,
    ) -> Result<(Option<Element>, u64), Error> {
        if matches!(vr, VR::OB | VR::OW) {
            let next = match fragments::walk(&mut self.cursor, start, end, context.syntax, |_| true)? {
                End::Delimiter(next) | End::Unknown(next) => next,
                End::Cut | End::Stopped => end,
            };
            let value = Value::Elsewhere { offset: start, length: next - start };
            return Ok((Some(Element { tag: head.tag, vr, value }), next));
        }
        let inner = context.inner(head.vr);
        let is_sequence = match header::read(&mut self.cursor, start, end, inner.syntax)? {
            Some(first) => matches!(first.tag, ITEM | SEQUENCE_END),
            None => false,
        };
        if !is_sequence {
            self.warn(format!("an element has no length and no items: {}", tag_text(head.tag)));
            return Ok((None, if start >= end { end } else { start }));
        }
        let syntax = context.syntax;
        let extent = Extent { tag: head.tag, start, end, outer: end, delimited: true, syntax };
        self.sequence(head, &extent, context)
    }

    /// The sequence whose header is `head`, and where the next element begins.
    pub(super) fn sequence(
        &mut self,
        head: &Header,
        extent: &Extent,
        context: &Context,
    ) -> Result<(Option<Element>, u64), Error> {
        // Sequences sent as UN are implicit little endian inside (PS3.5 6.2.2).
        let inner = context.inner(head.vr);
        let (items, mut next) = self.items(extent, &inner)?;
        // A delimiter after a length, and right behind it the item around is closed.
        if !extent.delimited
            && context.delimited
            && self.is_mark(next, extent.outer, SEQUENCE_END, context)?
            && self.is_mark(next + 8, extent.outer, ITEM_END, context)?
        {
            next += 8;
        }
        Ok((Some(Element { tag: head.tag, vr: VR::SQ, value: Value::Items(items) }), next))
    }

    /// Whether an item stands at `at`.
    pub(super) fn begins_item(&mut self, at: u64, end: u64, context: &Context) -> Result<bool, Error> {
        self.is_mark(at, end, ITEM, context)
    }

    fn is_mark(&mut self, at: u64, end: u64, mark: Tag, context: &Context) -> Result<bool, Error> {
        let head = header::read(&mut self.cursor, at, end, context.syntax)?;
        Ok(head.is_some_and(|head| head.tag == mark))
    }

    /// All items of a sequence, and where they end.
    fn items(&mut self, extent: &Extent, context: &Context) -> Result<(Vec<DataSet>, u64), Error> {
        let mut items: Vec<DataSet> = Vec::new();
        let mut at = extent.start;
        let mut end = extent.end.min(extent.outer);
        // What stands behind says where it ends, not its length.
        let mut loose = extent.delimited || extent.end > extent.outer;
        if context.depth > MAX_DEPTH {
            self.warn("sequences are nested too deeply; the innermost were left out");
            let next = if extent.delimited { self.skip_nested(at, end, context)? } else { end };
            return Ok((items, next));
        }
        if extent.end > extent.outer {
            self.warn(WRONG_SEQUENCE);
        }
        loop {
            let head = header::read(&mut self.cursor, at, end, context.syntax)?;
            let Some(head) = head.filter(|_| at < end) else {
                // A length may end amid the items.
                let more = !extent.delimited && end < extent.outer;
                if !more || !self.begins_item(at, extent.outer, context)? {
                    if at < end && sibling(&mut self.cursor, at, extent.outer, extent.tag, extent.syntax)? {
                        self.warn(WRONG_SEQUENCE);
                        return Ok((items, at));
                    }
                    return Ok((items, at.max(end)));
                }
                self.warn(WRONG_SEQUENCE);
                (end, loose) = (extent.outer, true);
                continue;
            };
            let start = at + head.size;
            match head.tag {
                ITEM => {
                    self.elements += 1;
                    if self.elements > MAX_ELEMENTS {
                        return Ok((items, end));
                    }
                    let (stop, trusted) = self.item_end(&head, start, &mut end, loose, extent, context)?;
                    let inside = Context { delimited: !trusted, ..context.clone() };
                    let (set, next) = self.elements(start, stop, inside)?;
                    items.push(set);
                    at = if trusted { stop } else { next };
                    if head.length == UNDEFINED
                        && !self.is_mark(next.saturating_sub(8), next, ITEM_END, context)?
                    {
                        self.warn("an item is not closed");
                    }
                    if !trusted && head.length != UNDEFINED && next != start + u64::from(head.length) {
                        self.warn(WRONG_LENGTH);
                    }
                }
                SEQUENCE_END if extent.delimited => return Ok((items, start)),
                SEQUENCE_END | ITEM_END => at = start,
                _ if sibling(&mut self.cursor, at, extent.outer, extent.tag, extent.syntax)? => {
                    self.warn(if extent.delimited { "a sequence is not closed" } else { WRONG_SEQUENCE });
                    return Ok((items, at));
                }
                _ => {
                    self.warn("a sequence holds something that is not an item");
                    match self.next_mark(at, end, context)? {
                        Some(mark) => at = mark,
                        None => return Ok((items, if extent.delimited { at } else { end })),
                    }
                }
            }
        }
    }

    /// Where an item ends at the latest, and whether that is certain: otherwise a mark ends it before.
    fn item_end(
        &mut self,
        head: &Header,
        start: u64,
        end: &mut u64,
        loose: bool,
        extent: &Extent,
        context: &Context,
    ) -> Result<(u64, bool), Error> {
        if head.length == UNDEFINED {
            return Ok((*end, false));
        }
        let stop = start + u64::from(head.length);
        if stop == *end && !loose {
            return Ok((stop, true));
        }
        if stop > extent.outer {
            return Ok((*end, false));
        }
        let (marked, followed) = self.fits_behind(stop, extent, context)?;
        if stop <= *end && (marked || (followed && loose)) {
            return Ok((stop, marked));
        }
        // Either length may be wrong: what stands behind the sequence tells.
        let (marked_behind, followed_behind) = self.fits_behind(*end, extent, context)?;
        let sequence_fits = marked_behind || followed_behind || *end == extent.outer;
        if !sequence_fits && (marked || followed || stop == extent.outer) {
            if stop > *end {
                self.warn(WRONG_SEQUENCE);
                *end = stop;
            }
            return Ok((stop, marked));
        }
        Ok((*end, false))
    }

    /// Whether a mark stands at `at`, and whether an element does that may follow the sequence.
    fn fits_behind(&mut self, at: u64, extent: &Extent, context: &Context) -> Result<(bool, bool), Error> {
        let head = header::read(&mut self.cursor, at, extent.outer, context.syntax)?;
        let marked = head.is_some_and(|h| matches!(h.tag, ITEM | SEQUENCE_END | ITEM_END));
        let followed = sibling(&mut self.cursor, at, extent.outer, extent.tag, extent.syntax)?;
        Ok((marked, followed))
    }

    /// The next item or delimiter after a place where none is, within reason.
    pub(super) fn next_mark(&mut self, at: u64, end: u64, context: &Context) -> Result<Option<u64>, Error> {
        const BLOCK: usize = 4096;
        let last = end.min(at.saturating_add(SEARCH)).min(at.saturating_add(self.searchable));
        let mut at = at;
        let mut found = None;
        let from = at;
        while at < last && found.is_none() {
            let count = usize::try_from(last - at).unwrap_or(BLOCK).min(BLOCK);
            let block = self.cursor.peek_up_to(at, count)?;
            let position = block.windows(8).position(|bytes| {
                let &[a, b, c, d, ref length @ ..] = bytes else { return false };
                let (group, number) = (context.syntax.u16([a, b]), context.syntax.u16([c, d]));
                let tag = Tag(group, number);
                tag == ITEM || (matches!(tag, ITEM_END | SEQUENCE_END) && *length == [0; 4])
            });
            found = position.map(|offset| at + offset as u64);
            // Marks may lie across two blocks.
            at += (count.saturating_sub(7)).max(1) as u64;
        }
        self.searchable = self.searchable.saturating_sub(at.min(last) - from);
        Ok(found)
    }

    /// The end of a sequence without a length whose items are not wanted.
    fn skip_nested(&mut self, at: u64, end: u64, context: &Context) -> Result<u64, Error> {
        let mut at = at;
        let mut open = 1u64;
        while at < end && open > 0 {
            let Some(head) = header::read(&mut self.cursor, at, end, context.syntax)? else { return Ok(end) };
            at += head.size;
            match head.tag {
                ITEM_END | SEQUENCE_END => open -= 1,
                _ if head.length == UNDEFINED => open += 1,
                _ => at = at.saturating_add(u64::from(head.length)),
            }
        }
        Ok(at.min(end))
    }
}
