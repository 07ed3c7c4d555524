//! Which overlay is about which instance, as entities between the two: they come when both are there, in any order,
//! and go with either.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;

use super::object::Overlay;
use crate::app::AppSystems;
use crate::app::instance::InstanceId;
use crate::app::library::{Instance, Library};

/// The instance something is said about.
#[derive(Component, Debug)]
#[relationship(relationship_target = ExplainedBy)]
pub struct Explains(pub Entity);

/// What is said about an instance.
#[derive(Component, Debug)]
#[relationship_target(relationship = Explains, linked_spawn)]
pub struct ExplainedBy(Vec<Entity>);

/// The overlay that says it.
#[derive(Component, Debug)]
#[relationship(relationship_target = Explaining)]
pub struct SaidBy(pub Entity);

/// Everything an overlay says about instances.
#[derive(Component, Debug)]
#[relationship_target(relationship = SaidBy, linked_spawn)]
pub struct Explaining(Vec<Entity>);

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, attach.in_set(AppSystems::Command));
}

fn attach(
    new_overlays: Query<Entity, Added<Overlay>>,
    new_instances: Query<Entity, Added<Instance>>,
    overlays: Query<(Entity, &Overlay)>,
    instances: Query<(Entity, &Instance)>,
    mut commands: Commands,
) {
    if new_overlays.is_empty() && new_instances.is_empty() {
        return;
    }
    // What an image brings along is about nothing else, and there may be one for each of a thousand slices.
    for overlay in &new_overlays {
        if overlays.get(overlay).is_ok_and(|(_, said)| said.content.own_of().is_some()) {
            commands.spawn((Explains(overlay), SaidBy(overlay)));
        }
    }
    for (overlay, said) in overlays.iter().filter(|(_, said)| said.content.own_of().is_none()) {
        let is_new = new_overlays.contains(overlay);
        for (instance, data) in &instances {
            if (is_new || new_instances.contains(instance)) && said.content.is_about(&data.0) {
                commands.spawn((Explains(instance), SaidBy(overlay)));
            }
        }
    }
}

/// Finds what is said about an instance.
#[derive(SystemParam)]
pub struct Explained<'w, 's> {
    library: Option<Res<'w, Library>>,
    instances: Query<'w, 's, &'static ExplainedBy>,
    attachments: Query<'w, 's, &'static SaidBy>,
    overlays: Query<'w, 's, &'static Overlay>,
}

impl Explained<'_, '_> {
    /// The overlays of an instance, the oldest first.
    pub fn of(&self, instance: InstanceId) -> Vec<(Entity, &Overlay)> {
        let entity = self.library.as_ref().and_then(|library| library.entity(instance));
        let explained = entity.and_then(|entity| self.instances.get(entity).ok());
        let attachments = explained.into_iter().flat_map(|by| by.0.iter());
        let overlays = attachments.filter_map(|one| {
            let SaidBy(overlay) = self.attachments.get(*one).ok()?;
            Some((*overlay, self.overlays.get(*overlay).ok()?))
        });
        let mut found: Vec<_> = overlays.collect();
        found.sort_by_key(|(entity, overlay)| (overlay.content.kind(), overlay.moment(), *entity));
        found
    }

    /// The latest presentation state of an instance.
    pub fn latest_state(&self, instance: InstanceId) -> Option<Entity> {
        let mut latest_first = self.of(instance).into_iter().rev();
        latest_first.find(|(_, overlay)| overlay.content.is_state()).map(|(entity, _)| entity)
    }

    /// Whether an overlay says something about an instance.
    pub fn is_about(&self, overlay: Entity, instance: InstanceId) -> bool {
        self.of(instance).iter().any(|(entity, _)| *entity == overlay)
    }

    pub fn get(&self, overlay: Entity) -> Option<&Overlay> {
        self.overlays.get(overlay).ok()
    }
}
