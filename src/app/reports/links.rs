//! Where the links of a report lead: to an image, a place on it, another report, another item.

use std::sync::Arc;

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;

use super::super::instance::{FrameKey, InstanceData, Set};
use super::super::library::Instance;
use super::super::viewport::{
    Action, Active, Hanging, Placed, Slot, Stack, Turn, ViewCommand, Viewport, protocol,
};
use super::pointed::Pointed;
use super::space;
use super::{Groups, Notices, OpenReport, OpenReports, is_read};
use crate::dicom::uid;
use crate::geometry::Plane;
use crate::presentation::sr::{Link, Place, Reference, Region3d};

/// A link of the page in front was clicked, or all that is selected is wanted.
#[derive(Message, Debug, Clone)]
pub enum FollowLink {
    One(Link),
    /// These objects side by side.
    All(Vec<Reference>),
}

/// Where objects can be found, and shown.
#[derive(SystemParam)]
pub(super) struct Around<'w, 's> {
    instances: Query<'w, 's, &'static Instance>,
    groups: Res<'w, Groups>,
    viewports: Query<'w, 's, (Entity, &'static Slot, &'static Stack, Has<Active>), With<Viewport>>,
    notices: ResMut<'w, Notices>,
    open: MessageWriter<'w, OpenReport>,
    views: MessageWriter<'w, ViewCommand>,
    turns: MessageWriter<'w, Turn>,
    hangings: MessageWriter<'w, Hanging>,
    commands: Commands<'w, 's>,
}

pub(super) fn is_it(instance: &InstanceData, reference: &Reference) -> bool {
    instance.entry.sop_uid.as_deref() == Some(reference.sop_instance_uid.as_str())
}

/// The image a reference names and the set it is in, among those of the group on screen.
pub(super) fn instance_of(groups: &Groups, reference: &Reference) -> Option<(Set, Arc<InstanceData>)> {
    let mut sets = groups.current()?.sets.iter();
    sets.find_map(|set| {
        let instance = set.iter().find(|instance| is_it(instance, reference))?;
        Some((set.clone(), Arc::clone(instance)))
    })
}

/// An image that a report names.
struct Found {
    /// The set it is looked at in.
    set: Set,
    instance: Arc<InstanceData>,
    key: FrameKey,
}

pub(super) fn follow(
    mut asked: MessageReader<FollowLink>,
    mut reports: ResMut<OpenReports>,
    mut around: Around,
) {
    for one in asked.read() {
        match one {
            FollowLink::One(Link::Item(item)) => {
                if let Some(page) = reports.active_mut() {
                    page.go_to = Some(*item);
                }
            }
            FollowLink::One(Link::Objects { objects, place }) => around.show(objects, place.as_ref()),
            FollowLink::All(objects) => around.show_all(objects),
        }
    }
}

impl Around<'_, '_> {
    /// The image of a reference among what is on screen or could be.
    fn find(&self, reference: &Reference) -> Option<Found> {
        let (set, instance) = instance_of(&self.groups, reference)?;
        let first = reference.frames.first().map(|number| number.saturating_sub(1));
        let frame = first.unwrap_or_else(|| instance.frame_at(0)).min(instance.frames() - 1);
        let key = FrameKey { instance: instance.id, frame };
        Some(Found { set, instance, key })
    }

    fn show(&mut self, objects: &[Reference], place: Option<&Place>) {
        if let (None, Some(Place::Region3d(region))) = (objects.first(), place) {
            self.show_place(region);
            return;
        }
        let Some(first) = objects.first() else {
            self.notices.warn("the report does not say which image this place is on".to_owned());
            return;
        };
        if let Some(found) = objects.iter().find_map(|reference| self.find(reference)) {
            let viewport = self.show_frame(&found);
            if let (Some(viewport), Some(Place::Region(region))) = (viewport, place) {
                self.commands.entity(viewport).insert(Pointed::at(region, found.key));
            }
            return;
        }
        if let Some(document) = self.document(first) {
            self.open.write(OpenReport::new(&document));
            return;
        }
        let missing = self.missing(first);
        self.notices.warn(missing);
    }

    /// A place in space, on the slice it is nearest to.
    fn show_place(&mut self, region: &Region3d) {
        let Some((set, instance, frame)) = space::slice(&self.groups, region) else {
            self.notices.warn("no slice that is open lies where this place is".to_owned());
            return;
        };
        let key = FrameKey { instance: instance.id, frame };
        // Where on the slice is known once its header was read.
        let plane = instance.peek().and_then(|opened| Plane::read(&opened.file.data, frame));
        let viewport = self.show_frame(&Found { set, instance, key });
        let flat = plane.and_then(|plane| space::on(&plane, region));
        if let (Some(viewport), Some(flat)) = (viewport, flat) {
            self.commands.entity(viewport).insert(Pointed::at(&flat, key));
        }
    }

    /// Another report, or a document.
    fn document(&self, reference: &Reference) -> Option<Arc<InstanceData>> {
        let mut supplements = self.groups.current()?.supplements.iter();
        let found = supplements.find(|one| is_read(one.kind) && is_it(&one.data, reference));
        found.map(|one| Arc::clone(&one.data))
    }

    /// Brings a frame on screen: where its set is already, else in the viewport keys act on.
    fn show_frame(&mut self, found: &Found) -> Option<Entity> {
        let shows = |stack: &Stack| {
            stack.position_of(found.key).is_some()
                && stack.instances.iter().any(|instance| instance.id == found.key.instance)
        };
        let there = (self.viewports.iter())
            .filter(|(_, _, stack, _)| shows(stack))
            .max_by_key(|(.., active)| *active);
        if let Some((viewport, slot, stack, _)) = there {
            self.turns.write(Turn::See(slot.0));
            self.views.write(ViewCommand::one(viewport, Action::Activate));
            if let Some(position) = stack.position_of(found.key) {
                self.views.write(ViewCommand::one(viewport, Action::Frame(position)));
            }
            return Some(viewport);
        }
        let (viewport, ..) = self.viewports.iter().find(|(.., active)| *active)?;
        let position = Stack::new(found.set.clone()).position_of(found.key)?;
        self.views.write(ViewCommand::one(viewport, Action::Show(found.set.clone())));
        self.views.write(ViewCommand::one(viewport, Action::Frame(position)));
        Some(viewport)
    }

    /// Hangs objects side by side, each as it is.
    fn show_all(&mut self, objects: &[Reference]) {
        let mut slots = Vec::new();
        let mut missing = Vec::new();
        for reference in objects {
            let Some(found) = self.find(reference) else {
                missing.push(reference);
                continue;
            };
            let set = Set::from(vec![Arc::clone(&found.instance)]);
            let alone = protocol::by_itself(&set);
            let position = Stack::new(set).position_of(found.key).unwrap_or_default();
            slots.push(Placed { position, ..alone });
        }
        match (missing.as_slice(), slots.is_empty()) {
            ([], _) => {}
            ([only], _) => {
                let missing = self.missing(only);
                self.notices.warn(missing);
            }
            (_, true) => self.notices.warn("none of the selected images is among what is open".to_owned()),
            (several, false) => self.notices.warn(format!(
                "{} of {} selected objects are not among what is open",
                several.len(),
                objects.len()
            )),
        }
        if !slots.is_empty() {
            self.hangings.write(Hanging { grid: None, slots, continues: false });
        }
    }

    /// Why an object cannot be shown.
    fn missing(&self, reference: &Reference) -> String {
        if self.instances.iter().any(|instance| is_it(&instance.0, reference)) {
            return format!(
                "the image was opened by itself, beside what is on screen: {}",
                reference.sop_instance_uid
            );
        }
        let class = uid::sop_class_name(&reference.sop_class_uid);
        let image = reference.sop_class_uid.is_empty() || class.to_ascii_lowercase().contains("image");
        let what = if image { "image".to_owned() } else { class };
        format!("the {what} is not among what is open: {}", reference.sop_instance_uid)
    }
}
