//! Groups: what was opened together. One of them is on screen, the others wait as they were left.
//!
//! The viewports of a group that waits are parked: they keep everything they are made of and lose only the mark
//! that makes them viewports, so nothing draws, loads or changes them. Closing a group lets go of all that only
//! it needed.

use std::collections::HashSet;
use std::sync::Arc;

use bevy::prelude::*;

use super::AppSystems;
use super::instance::{InstanceId, Set, Supplement};
use super::library::{self, Hang, Library};
use super::loader::Loader;
use super::opening::{Beginning, Listing, Opener};
use super::textures::FrameStore;
use super::thumbnails::Thumbnails;
use super::viewport::protocol::Course;
use super::viewport::{Active, History, Hung, Layout, Screen, Shown, Slot, Viewport, hang};

/// Identifies a group: the number of the request that opened it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupId(pub u32);

/// What was opened together.
pub struct Group {
    pub id: GroupId,
    /// Its display sets in hanging order.
    pub sets: Arc<[Set]>,
    /// What says something about them.
    pub supplements: Arc<[Supplement]>,
    /// Counts the listings, so that others see when there is news.
    pub revision: u32,
    /// How it hangs, once everything of it is known.
    course: Option<Course>,
    beginning: Arc<Beginning>,
    waiting: Option<Waiting>,
}

/// How a group was left.
struct Waiting {
    layout: Layout,
    hung: Hung,
    active: usize,
    /// More was listed since.
    grew: bool,
    /// Nobody has looked at it yet.
    unseen: bool,
}

/// All groups in the order they were opened.
#[derive(Resource, Default)]
pub struct Groups {
    list: Vec<Group>,
    current: Option<GroupId>,
    closed: HashSet<GroupId>,
    /// Opened by itself beside what is on screen, until somebody took notice.
    beside: Vec<Supplement>,
}

impl Waiting {
    /// Never shown: another group was opened in the same moment.
    fn unseen(layout: &Layout) -> Self {
        Self { layout: *layout, hung: Hung::default(), active: 0, grew: true, unseen: true }
    }
}

impl Groups {
    pub fn list(&self) -> &[Group] {
        &self.list
    }

    /// The group on screen.
    pub fn current(&self) -> Option<&Group> {
        self.list.iter().find(|group| Some(group.id) == self.current)
    }

    /// What was opened by itself beside what is on screen since this was last asked.
    pub(super) fn take_beside(&mut self) -> Vec<Supplement> {
        std::mem::take(&mut self.beside)
    }

    pub(super) fn is_closed(&self, id: GroupId) -> bool {
        self.closed.contains(&id)
    }

    /// Takes a listing in; answers whether it belongs to what is on screen, or will in a moment.
    pub(super) fn receive(
        &mut self,
        id: GroupId,
        listing: &Listing,
        commands: &mut MessageWriter<GroupCommand>,
    ) -> bool {
        let sets: Arc<[Set]> = listing.sets.as_slice().into();
        let supplements: Arc<[Supplement]> = listing.supplements.as_slice().into();
        let known = self.list.iter().any(|group| group.id == id);
        if let Some(current) = self.current.filter(|_| sets.is_empty() && !known && !listing.behind) {
            // Opened beside images: it explains them, or is read beside them.
            if let Some(group) = self.list.iter_mut().find(|group| group.id == current) {
                let is_new =
                    |one: &&Supplement| group.supplements.iter().all(|old| old.data.id != one.data.id);
                let new: Vec<_> = supplements.iter().filter(is_new).cloned().collect();
                group.supplements = group.supplements.iter().cloned().chain(new).collect();
                group.revision += 1;
                self.beside.extend(supplements.iter().cloned());
            }
            return false;
        }
        if let Some(group) = self.list.iter_mut().find(|group| group.id == id) {
            group.sets = sets;
            group.supplements = supplements;
            group.course.clone_from(&listing.course);
            group.revision += 1;
            if let Some(waiting) = &mut group.waiting {
                waiting.grew = true;
            }
            return group.waiting.is_none();
        }
        let waiting = listing.behind.then(|| Waiting::unseen(&Layout::default()));
        let (course, beginning) = (listing.course.clone(), Arc::clone(&listing.beginning));
        let group = Group { id, sets, supplements, revision: 0, course, beginning, waiting };
        // Groups of one launch are numbered as they were named, and the one that is shown is read first.
        let at = self.list.iter().position(|other| other.id > id).unwrap_or(self.list.len());
        self.list.insert(at, group);
        if listing.behind {
            return false;
        }
        commands.write(GroupCommand::Show(id));
        true
    }

    /// The group so many places further on; the last is followed by the first.
    fn beside(&self, by: isize) -> Option<GroupId> {
        let at = self.list.iter().position(|group| Some(group.id) == self.current)?;
        let count = isize::try_from(self.list.len()).ok().filter(|count| *count > 1)?;
        let next = (isize::try_from(at).ok()? + by).rem_euclid(count);
        self.list.get(usize::try_from(next).ok()?).map(|group| group.id)
    }

    /// Every instance of the groups that are open.
    fn instances(&self) -> HashSet<InstanceId> {
        let sets = self.list.iter().flat_map(|group| group.sets.iter());
        let supplements = self.list.iter().flat_map(|group| group.supplements.iter());
        let explaining = supplements.map(|supplement| supplement.data.id);
        sets.flat_map(|set| set.iter()).map(|instance| instance.id).chain(explaining).collect()
    }
}

/// Asks for another group, or for none.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupCommand {
    Show(GroupId),
    Next,
    Previous,
    /// The one on screen.
    Close,
}

/// A viewport of a group that waits.
#[derive(Component, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parked(GroupId);

/// A group was closed, and these are the instances that others still have.
#[derive(Message, Debug, Clone)]
pub(super) struct Closed {
    kept: Arc<HashSet<InstanceId>>,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Groups>().add_message::<GroupCommand>().add_message::<Closed>().add_systems(
        Update,
        (change_groups.before(hang::hang_sets), release.after(hang::hang_sets)).in_set(AppSystems::Command),
    );
}

type OnScreen<'w, 's> = Query<
    'w,
    's,
    (Entity, &'static Slot, &'static mut Screen, &'static mut Shown, Has<Active>),
    With<Viewport>,
>;

fn change_groups(
    mut asked: MessageReader<GroupCommand>,
    mut groups: ResMut<Groups>,
    mut layout: ResMut<Layout>,
    mut hung: ResMut<Hung>,
    mut history: ResMut<History>,
    mut on_screen: OnScreen,
    parked: Query<(Entity, &Parked, &Slot)>,
    opener: Option<Res<Opener>>,
    mut hang: MessageWriter<Hang>,
    mut released: MessageWriter<Closed>,
    mut commands: Commands,
) {
    // One change an update: the next is seen once the entities are what this one made of them.
    let asked: Vec<_> = asked.read().copied().collect();
    let Some(last) = asked.last().copied() else { return };
    // Of several only the last shows, but a group that opens is never passed over by a key.
    let command = asked.iter().rfind(|one| matches!(one, GroupCommand::Show(_))).copied().unwrap_or(last);
    let target = match command {
        GroupCommand::Show(id) => Some(id),
        GroupCommand::Next => groups.beside(1),
        GroupCommand::Previous => groups.beside(-1),
        GroupCommand::Close => {
            let Some(current) = groups.current else { return };
            let next = groups.beside(1);
            close(current, &mut groups, &mut history, &on_screen, opener.as_deref(), &mut commands);
            let left = groups.instances();
            released.write(Closed { kept: Arc::new(left) });
            *hung = Hung::default();
            if next.is_none() {
                hang::start_over(&mut commands, &mut layout);
                return;
            }
            next
        }
    };
    let Some(target) = target.filter(|target| groups.current != Some(*target)) else { return };
    if let Some(current) = groups.current {
        let active = on_screen.iter().find(|(.., active)| *active).map_or(0, |(_, slot, ..)| slot.0);
        for (entity, _, mut screen, mut shown, _) in &mut on_screen {
            *screen = Screen::default();
            *shown = Shown::default();
            commands.entity(entity).remove::<(Viewport, Active)>().insert(Parked(current));
        }
        let (hung, unseen) = (std::mem::take(&mut *hung), false);
        let left = Waiting { layout: *layout, hung, active, grew: false, unseen };
        if let Some(group) = groups.list.iter_mut().find(|group| group.id == current) {
            group.waiting = Some(left);
        }
    }
    let nothing_there = groups.current.is_none() && command != GroupCommand::Close;
    groups.current = Some(target);
    for passed_over in groups.list.iter_mut().filter(|group| group.id != target) {
        passed_over.waiting.get_or_insert_with(|| Waiting::unseen(&layout));
    }
    let Some(group) = groups.list.iter_mut().find(|group| group.id == target) else { return };
    if let Some(grid) = group.beginning.grid.filter(|_| group.waiting.as_ref().is_none_or(|w| w.unseen)) {
        layout.requested = grid;
    }
    let Some(waiting) = group.waiting.take() else {
        // Opened just now. The viewports of an empty window serve it.
        if !nothing_there || group.beginning.grid.is_some() {
            for (entity, ..) in on_screen.iter().filter(|_| nothing_there) {
                commands.entity(entity).despawn();
            }
            hang::start_over(&mut commands, &mut layout);
        }
        return;
    };
    let Waiting { layout: left, hung: was_hung, active, grew, unseen } = waiting;
    let requested = if unseen { layout.requested } else { left.requested };
    *layout = Layout { area: layout.area, requested, ..left };
    *hung = was_hung;
    if !parked.iter().any(|(_, Parked(of), _)| *of == target) {
        hang::start_over(&mut commands, &mut layout);
    }
    for (entity, Parked(of), slot) in &parked {
        if *of == target {
            let mut viewport = commands.entity(entity);
            viewport.remove::<Parked>().insert(Viewport);
            if slot.0 == active {
                viewport.insert(Active);
            }
        }
    }
    if grew {
        let course = group.course.clone().filter(|_| unseen);
        hang.write(Hang { sets: group.sets.to_vec(), course, beginning: Arc::clone(&group.beginning) });
    }
}

/// Takes the group on screen away with its viewports.
fn close(
    id: GroupId,
    groups: &mut Groups,
    history: &mut History,
    on_screen: &OnScreen,
    opener: Option<&Opener>,
    commands: &mut Commands,
) {
    for (entity, ..) in on_screen {
        history.forget(entity);
        commands.entity(entity).despawn();
    }
    groups.list.retain(|group| group.id != id);
    groups.current = None;
    groups.closed.insert(id);
    if let Some(opener) = opener {
        opener.give_up(id.0);
    }
}

/// Lets go of what no group needs any more.
pub(super) fn release(
    mut released: MessageReader<Closed>,
    mut library: ResMut<Library>,
    mut store: Option<ResMut<FrameStore>>,
    mut thumbnails: Option<ResMut<Thumbnails>>,
    loader: Option<Res<Loader>>,
    opener: Option<Res<Opener>>,
    mut hung: ResMut<Messages<Hang>>,
    mut commands: Commands,
) {
    let Some(Closed { kept }) = released.read().last() else { return };
    // Read messages are kept for a while, and this one holds all that was opened.
    hung.clear();
    let gone = library::forget(&mut library, &mut commands, kept);
    if let Some(opener) = opener {
        opener.forget(&gone);
    }
    if let Some(loader) = loader {
        loader.forget(&gone);
    }
    if let Some(store) = &mut store {
        store.forget(&gone);
    }
    if let Some(thumbnails) = &mut thumbnails {
        thumbnails.forget(&gone);
    }
    tracing::debug!(instances = gone.len(), "released");
}

#[cfg(test)]
#[path = "groups_tests.rs"]
mod tests;
