//! One open page: the report behind it, where it is scrolled to, what is looked for.

use std::sync::Arc;

use crossbeam_channel::Receiver;

use super::search::Search;
use super::strips::Sheet;
use super::{GroupId, InstanceData, OpenReport, Waker};
use crate::presentation::sr::{Document, ItemId, KeyObjects, Report};

/// An open page.
pub struct Page {
    pub instance: Arc<InstanceData>,
    pub(super) group: Option<GroupId>,
    /// The page with the highest is in front.
    pub(super) turn: u64,
    pub content: Content,
    pub search: Search,
    /// An item that shall come into sight.
    pub go_to: Option<ItemId>,
    /// A strip that shall come into sight.
    pub strip: Option<usize>,
    /// The strip of the item somebody went to.
    pub marked: Option<usize>,
    /// What is at the upper edge: a strip, and how many points of it are above.
    pub at: (usize, f32),
    /// For how many passes it stays there, whatever is measured meanwhile.
    pub hold: u8,
    /// Heights of the strips as far as they were measured, and the width that holds for.
    pub heights: Vec<f32>,
    pub width: f32,
}

/// What a page has to show.
pub enum Content {
    Reading(Receiver<Result<Opened, String>>),
    Ready(Arc<Opened>),
    Failed(String),
}

/// A report that was read.
pub struct Opened {
    pub report: Report,
    pub document: Document,
    pub sheet: Sheet,
    pub key_objects: Option<KeyObjects>,
    pub foreign: Vec<char>,
}

impl Opened {
    /// Sets a report as a page.
    pub fn of(report: Report) -> Self {
        let document = Document::of(&report);
        let sheet = Sheet::of(&document);
        let mut foreign: Vec<char> = (sheet.strips.iter())
            .flat_map(|strip| sheet.texts(&document, strip))
            .filter(|text| !text.text.is_ascii())
            .flat_map(|text| text.text.chars().filter(|c| !c.is_ascii()).collect::<Vec<_>>())
            .collect();
        foreign.sort_unstable();
        foreign.dedup();
        Self { key_objects: report.key_objects(), report, document, sheet, foreign }
    }
}

impl Page {
    /// Begins to read a report.
    pub(super) fn read(asked: &OpenReport, group: Option<GroupId>, turn: u64, waker: Option<&Waker>) -> Self {
        let instance = Arc::clone(&asked.instance);
        Self {
            content: read(&instance, waker.cloned()),
            instance,
            group,
            turn,
            search: Search::default(),
            go_to: asked.item,
            strip: None,
            marked: None,
            at: (0, 0.0),
            hold: 0,
            heights: Vec::new(),
            width: 0.0,
        }
    }

    pub fn opened(&self) -> Option<&Arc<Opened>> {
        match &self.content {
            Content::Ready(opened) => Some(opened),
            _ => None,
        }
    }

    /// What it is called: the title of the report, and what it is until that is known.
    pub fn title(&self) -> String {
        let title = self.opened().map(|opened| opened.document.title.text.clone());
        let entry = &self.instance.entry;
        let name = title.filter(|text| !text.is_empty()).or_else(|| entry.series_description.clone());
        name.filter(|text| !text.is_empty()).unwrap_or_else(|| "Report".to_owned())
    }

    /// Takes in what was read. Answers whether something was.
    pub(super) fn receive(&mut self) -> bool {
        let Content::Reading(receiver) = &self.content else { return false };
        let content = match receiver.try_recv() {
            Ok(Ok(opened)) => Content::Ready(Arc::new(opened)),
            Ok(Err(error)) => Content::Failed(error),
            Err(crossbeam_channel::TryRecvError::Empty) => return false,
            Err(crossbeam_channel::TryRecvError::Disconnected) => {
                Content::Failed("the report could not be read".to_owned())
            }
        };
        self.content = content;
        true
    }

    /// Goes on with what was asked for: finding an item, looking for words. Answers whether there is more to do.
    pub(super) fn look_on(&mut self) -> bool {
        let Content::Ready(opened) = &self.content else { return false };
        if let Some(item) = self.go_to.take() {
            self.strip = opened.sheet.strip_of(&opened.document, item);
            self.marked = self.strip;
        }
        let (before, _) = self.search.count();
        let more = self.search.follow(&opened.document, &opened.sheet);
        // The first place comes into sight by itself.
        if before == 0 && self.search.current().is_none() && self.search.count().0 > 0 {
            self.go_on(1);
        }
        more
    }

    /// Goes to the next place where the words stand, or to the one before.
    pub fn go_on(&mut self, by: isize) {
        if let Some(found) = self.search.go(by, self.at.0) {
            self.strip = Some(found.strip);
        }
    }
}

/// Reads a report on a thread.
fn read(instance: &Arc<InstanceData>, waker: Option<Waker>) -> Content {
    let (sender, answer) = crossbeam_channel::bounded(1);
    let of = Arc::clone(instance);
    let read = move || {
        let opened = of
            .file()
            .and_then(|file| Report::read(&file.data).map(Opened::of).map_err(|error| error.to_string()));
        sender.send(opened).ok();
        if let Some(waker) = waker {
            waker.wake();
        }
    };
    match std::thread::Builder::new().name("report".to_owned()).spawn(read) {
        Ok(_) => Content::Reading(answer),
        Err(error) => {
            Content::Failed(format!("the report cannot be read, no thread could be started: {error}"))
        }
    }
}
