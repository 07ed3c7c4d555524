//! Reports as documents beside the images: which are open, what in them is looked for, where their links lead.
//!
//! A page is read on a thread and never holds up an update. It belongs to the group it was opened in and waits with
//! it, so that nobody reads of one patient beside the images of another. How pages look is the interface's matter.
//! Documents that other programs show (`handing`) are asked about first.

mod export;
mod handing;
mod links;
mod page;
mod pointed;
mod search;
mod space;
mod strips;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::Arc;

use bevy::prelude::*;

use super::captions::text::date;
use super::groups::{Closed, GroupId, Groups};
use super::instance::{InstanceData, InstanceId, Set, Supplement};
use super::notices::Notices;
use super::requests::Intent;
use super::wake::Waker;
use super::{AppSystems, groups, library};
use crate::presentation::sr::{ItemId, Reference};
use crate::study::SupplementKind;

pub use export::{Export, Format, SaveReport, as_text};
pub use handing::{Handing, Question};
pub use links::FollowLink;
pub use page::{Content, Opened, Page};
pub use pointed::Pointed;
pub use search::Search;
pub use strips::{Meaning, Part, Rich, Strip};

/// Asks for a report, or for a document that another program shows.
#[derive(Message, Clone)]
pub struct OpenReport {
    pub instance: Arc<InstanceData>,
    /// Where in the report to begin.
    pub item: Option<ItemId>,
}

impl OpenReport {
    pub fn new(instance: &Arc<InstanceData>) -> Self {
        Self { instance: Arc::clone(instance), item: None }
    }

    /// The report at one of its items.
    #[cfg_attr(not(test), expect(dead_code, reason = "for whoever draws marks of a report on images"))]
    pub fn at(instance: &Arc<InstanceData>, item: ItemId) -> Self {
        Self { instance: Arc::clone(instance), item: Some(item) }
    }
}

/// The pages that are open.
#[derive(Resource, Default)]
pub struct OpenReports {
    pages: Vec<Page>,
    /// Whose pages are to be seen.
    group: Option<GroupId>,
    /// The page shall get the keyboard.
    pub focus: bool,
    /// Characters that the built-in font may lack, until somebody looked for them.
    pub foreign: Vec<char>,
    /// The pane was on screen in the last pass.
    pub shown: bool,
    /// The keyboard is the page's.
    pub has_keys: bool,
    /// The report that was copied last.
    pub copied: Option<InstanceId>,
    /// Pictures the page would like to have.
    pub wanted: Vec<Set>,
}

impl OpenReports {
    /// The pages of the group on screen, each with its place among all.
    pub fn pages(&self) -> impl Iterator<Item = (usize, &Page)> {
        self.pages.iter().enumerate().filter(|(_, page)| page.group == self.group)
    }

    /// The page that is read.
    pub fn active(&self) -> Option<&Page> {
        self.pages().map(|(_, page)| page).max_by_key(|page| page.turn)
    }

    pub fn active_mut(&mut self) -> Option<&mut Page> {
        let group = self.group;
        self.pages.iter_mut().filter(|page| page.group == group).max_by_key(|page| page.turn)
    }

    pub fn is_open(&self) -> bool {
        self.active().is_some()
    }

    /// Brings a page to the front.
    pub fn turn_to(&mut self, at: usize) {
        let turn = self.next_turn();
        if let Some(page) = self.pages.get_mut(at) {
            page.turn = turn;
            self.focus = true;
        }
    }

    /// Takes the page in front away; the one that was read before it comes back.
    pub fn close(&mut self) {
        let Some(id) = self.active().map(|page| page.instance.id) else { return };
        let group = self.group;
        self.pages.retain(|page| page.instance.id != id || page.group != group);
    }

    /// Opens the field to find words in.
    pub fn find(&mut self) {
        if let Some(page) = self.active_mut() {
            (page.search.open, page.search.focus) = (true, true);
        }
    }

    fn next_turn(&self) -> u64 {
        self.pages.iter().map(|page| page.turn).max().unwrap_or_default() + 1
    }

    fn open(&mut self, asked: &OpenReport, waker: Option<&Waker>) {
        let (turn, group) = (self.next_turn(), self.group);
        let same = |page: &&mut Page| page.instance.id == asked.instance.id && page.group == group;
        if let Some(page) = self.pages.iter_mut().find(same) {
            page.turn = turn;
            page.go_to = asked.item.or(page.go_to);
        } else {
            self.pages.push(Page::read(asked, group, turn, waker));
        }
        self.focus = true;
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<OpenReports>()
        .init_resource::<Handing>()
        .init_resource::<Export>()
        .add_message::<OpenReport>()
        .add_message::<FollowLink>()
        .add_message::<SaveReport>()
        .add_systems(
            Update,
            (greet, toggle, open_reports, receive_pages, handing::receive, export::receive)
                .chain()
                .after(library::receive_listings)
                .in_set(AppSystems::Receive),
        )
        .add_systems(Update, follow_groups.in_set(AppSystems::Command).after(groups::release))
        .add_systems(Update, links::follow.in_set(AppSystems::Input))
        .add_systems(Update, pointed::fade.in_set(AppSystems::Bind))
        .add_systems(Last, handing::tidy);
}

fn open_reports(
    mut asked: MessageReader<OpenReport>,
    mut reports: ResMut<OpenReports>,
    mut handing: ResMut<Handing>,
    waker: Option<Res<Waker>>,
) {
    for one in asked.read() {
        if handing::is_handed_over(&one.instance.entry) {
            handing.ask(&one.instance, waker.as_deref());
        } else {
            reports.open(one, waker.as_deref());
        }
    }
}

/// Pages wait with their group and go with it.
fn follow_groups(mut closed: MessageReader<Closed>, groups: Res<Groups>, mut reports: ResMut<OpenReports>) {
    for _ in closed.read() {
        let open: Vec<_> = groups.list().iter().map(|group| group.id).collect();
        reports.pages.retain(|page| page.group.is_none_or(|of| open.contains(&of)));
    }
    let current = groups.current().map(|group| group.id);
    if reports.group != current {
        reports.group = current;
    }
}

/// Takes in what was read, and looks on for what is looked for.
fn receive_pages(mut reports: ResMut<OpenReports>, mut notices: ResMut<Notices>, waker: Option<Res<Waker>>) {
    let reports = reports.bypass_change_detection();
    let mut more = false;
    for page in &mut reports.pages {
        let arrived = page.receive();
        if arrived && let Content::Ready(opened) = &page.content {
            reports.foreign.extend(&opened.foreign);
        }
        if arrived && let Content::Failed(error) = &page.content {
            notices.warn(format!("{error}: {}", page.instance.entry.path.display()));
        }
        more |= page.look_on();
    }
    if let (Some(waker), true) = (waker, more) {
        waker.wake();
    }
}

/// What of the group on screen can be read, reports first.
pub fn readable(groups: &Groups) -> Vec<Supplement> {
    let mut found: Vec<Supplement> = groups
        .current()
        .iter()
        .flat_map(|group| group.supplements.iter())
        .filter(|one| is_read(one.kind))
        .cloned()
        .collect();
    found.sort_by_key(|one| one.kind);
    found
}

/// Whether objects of a kind are read and not looked at.
pub fn is_read(kind: SupplementKind) -> bool {
    matches!(kind, SupplementKind::StructuredReport | SupplementKind::KeyObjects | SupplementKind::Document)
}

/// What an object is called in a list, and more about it.
pub fn words(one: &Supplement) -> (String, String) {
    let entry = &one.data.entry;
    let kind = match one.kind {
        SupplementKind::Document if entry.sop_class.as_deref() == Some(handing::PDF) => "PDF document",
        kind => kind.name(),
    };
    let name = entry.series_description.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let when = entry.series_date.as_deref().or(entry.study_date.as_deref()).map(date);
    let title = name.map_or_else(|| capitalized(kind), str::to_owned);
    let kind = name.map(|_| kind.to_owned());
    let parts: Vec<String> = [kind, when].into_iter().flatten().filter(|text| !text.is_empty()).collect();
    (title, parts.join(" · "))
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// An image of the group on screen by itself, as a report names it.
pub fn set_of(groups: &Groups, reference: &Reference) -> Option<Set> {
    let instance = links::instance_of(groups, reference)?.1;
    Some(vec![instance].into())
}

/// What an object is called that a report names, where it is among what is on screen or could be.
pub fn name_of(groups: &Groups, reference: &Reference) -> Option<String> {
    if let Some((set, instance)) = links::instance_of(groups, reference) {
        let when = instance.entry.study_date.as_deref().map(date);
        let words = super::studies::set_words(&vec![instance].into(), set.len() == 1);
        let series = super::studies::series_words(&set).title;
        let series = (series != words.title).then_some(series);
        let frames = crate::presentation::sr::words::list(&reference.frames);
        let frames = (!frames.is_empty()).then(|| format!("frame {frames}"));
        let parts = [Some(words.title), series, frames, when];
        return Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" · "));
    }
    let supplements = &groups.current()?.supplements;
    let found = supplements.iter().find(|one| links::is_it(&one.data, reference))?;
    let (title, more) = words(found);
    Some(if more.is_empty() { title } else { format!("{title} · {more}") })
}

/// What was opened without images is read at once, and so is a report that somebody opens beside images.
fn greet(
    mut greeted: Local<HashSet<GroupId>>,
    mut groups: ResMut<Groups>,
    mut open: MessageWriter<OpenReport>,
) {
    let beside = groups.bypass_change_detection().take_beside();
    if let Some(first) = first_to_read(&beside) {
        open.write(OpenReport::new(&first.data));
    }
    let Some(group) = groups.current().filter(|group| group.sets.is_empty()) else { return };
    if greeted.insert(group.id)
        && let Some(first) = first_to_read(&group.supplements)
    {
        open.write(OpenReport::new(&first.data));
    }
}

fn first_to_read(supplements: &[Supplement]) -> Option<&Supplement> {
    supplements.iter().filter(|one| is_read(one.kind)).min_by_key(|one| one.kind)
}

/// The keys for the page: one closes it, or opens what there is to read.
fn toggle(
    mut asked: MessageReader<Intent>,
    groups: Res<Groups>,
    mut reports: ResMut<OpenReports>,
    mut open: MessageWriter<OpenReport>,
    mut notices: ResMut<Notices>,
) {
    for intent in asked.read() {
        match intent {
            Intent::ToggleReport => {}
            Intent::FindOnPage => {
                reports.find();
                continue;
            }
            _ => continue,
        }
        if reports.is_open() {
            reports.close();
            continue;
        }
        match readable(&groups).first() {
            Some(first) => drop(open.write(OpenReport::new(&first.data))),
            None => notices.warn("there is no report among what is on screen".to_owned()),
        }
    }
}
