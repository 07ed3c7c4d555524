//! What is open, as entities: studies, series and instances, related as their names say.
//!
//! The library mirrors the listings that arrive from [`Opener`]; it decides nothing about what is shown.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bevy::prelude::*;

use super::AppSystems;
use super::groups::{GroupCommand, GroupId, Groups};
use super::instance::{InstanceData, InstanceId, Set, Supplement};
use super::login::LoginSheet;
use super::notices::Notices;
use super::opening::{Beginning, Listing, Opener, Progress, Report, Summary};
use super::textures::FrameStore;
use super::viewport::protocol::Course;

/// A study.
#[derive(Component, Debug)]
pub struct Study;

/// A series of a study.
#[derive(Component, Debug)]
pub struct Series;

/// Relates a series to its study.
#[derive(Component, Debug)]
#[relationship(relationship_target = SeriesOfStudy)]
pub struct InStudy(pub Entity);

/// The series of a study; they go when it goes.
#[derive(Component, Debug)]
#[relationship_target(relationship = InStudy, linked_spawn)]
pub struct SeriesOfStudy(Vec<Entity>);

/// An instance of a series.
#[derive(Component, Clone)]
pub struct Instance(pub Arc<InstanceData>);

/// Relates an instance to its series.
#[derive(Component, Debug)]
#[relationship(relationship_target = InstancesOfSeries)]
pub struct InSeries(pub Entity);

/// The instances of a series; they go when it goes.
#[derive(Component, Debug)]
#[relationship_target(relationship = InSeries, linked_spawn)]
pub struct InstancesOfSeries(Vec<Entity>);

/// Finds the entities by what identifies them in the files.
#[derive(Resource, Default)]
pub struct Library {
    studies: HashMap<String, Entity>,
    series: HashMap<(Entity, String), Entity>,
    /// The entity of an instance, and that of its series.
    instances: HashMap<InstanceId, (Entity, Entity)>,
    /// How far the running scan is.
    pub scanning: Option<Progress>,
}

/// What shall be hung, written when a listing brought something to show.
#[derive(Message)]
pub struct Hang {
    pub sets: Vec<Set>,
    /// How they hang; without it one after the other.
    pub course: Option<Course>,
    pub beginning: Arc<Beginning>,
}

impl From<Vec<Set>> for Hang {
    fn from(sets: Vec<Set>) -> Self {
        Self { sets, course: None, beginning: Arc::default() }
    }
}

impl Library {
    /// The entity of an instance.
    pub fn entity(&self, instance: InstanceId) -> Option<Entity> {
        self.instances.get(&instance).map(|(entity, _)| *entity)
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Library>()
        .add_message::<Hang>()
        .add_systems(Update, receive_listings.in_set(AppSystems::Receive));
}

pub(super) fn receive_listings(
    opener: Res<Opener>,
    mut library: ResMut<Library>,
    mut groups: ResMut<Groups>,
    mut store: ResMut<FrameStore>,
    mut commands: Commands,
    mut group_commands: MessageWriter<GroupCommand>,
    mut hang: MessageWriter<Hang>,
    mut notices: ResMut<Notices>,
    mut login: ResMut<LoginSheet>,
) {
    while let Some(report) = opener.try_take() {
        let listing = match report {
            Report::Progress(progress) => {
                library.scanning = Some(progress);
                continue;
            }
            Report::Login(wanted) => {
                login.ask(wanted);
                continue;
            }
            Report::Listing(listing) => listing,
        };
        match listing.complete {
            Some(_) => library.scanning = None,
            None => drop(library.scanning.get_or_insert_default()),
        }
        let id = GroupId(listing.request);
        if groups.is_closed(id) {
            // It came too late: what it made known again is forgotten again.
            let listed = listing.instances().map(|data| data.id);
            opener.forget(&listed.filter(|id| !library.instances.contains_key(id)).collect());
            continue;
        }
        record(&mut library, &mut commands, &listing);
        if let Some(summary) = &listing.complete {
            tell(summary, &listing, &mut notices);
            for note in listing.course.iter().flat_map(|course| &course.hanging.notes) {
                notices.warn(note.clone());
            }
        }
        // Supplements alone are shown once it is certain that there is nothing else.
        let any = !listing.sets.is_empty() || (listing.complete.is_some() && !listing.supplements.is_empty());
        if any {
            store.expect(listing.sets.iter().flat_map(|set| set.iter()).map(|data| data.id));
            if groups.receive(id, &listing, &mut group_commands) {
                let Listing { sets, course, beginning, .. } = listing;
                hang.write(Hang { sets, course, beginning });
            }
        }
    }
}

/// Says what the user should know about a scan that ended.
fn tell(summary: &Summary, listing: &Listing, notices: &mut Notices) {
    for problem in &summary.failed {
        notices.error(format!("{}: {}", problem.error, problem.path.display()));
    }
    for note in &summary.notes {
        notices.warn(format!("{}: {}", note.error, note.path.display()));
    }
    if summary.stopped {
        notices.warn(format!("reading was stopped; {} objects were found until then", summary.found));
    }
    tracing::info!(target: "launch", found = summary.found, skipped = summary.skipped, "everything scanned");
    match listing.index.duplicates {
        0 => {}
        1 => notices.warn("one object is there twice and is shown once".to_owned()),
        n => notices.warn(format!("{n} objects are there more than once and are shown once")),
    }
    if let Some(explained) = &summary.nothing_matched {
        notices.warn(explained.clone());
    } else if listing.sets.is_empty()
        && listing.supplements.is_empty()
        && !summary.stopped
        && !summary.asks_who
    {
        notices.warn(match (summary.found, summary.failed.len()) {
            (0, 0) => "no DICOM objects there".to_owned(),
            (0, _) => "nothing there could be opened".to_owned(),
            _ => "the objects there have no images".to_owned(),
        });
    }
}

/// Takes away the entities of all instances but those that are kept, and of series and studies that are left
/// without any. Answers which instances are gone.
pub(super) fn forget(
    library: &mut Library,
    commands: &mut Commands,
    kept: &HashSet<InstanceId>,
) -> HashSet<InstanceId> {
    let mut gone = HashSet::new();
    let mut series_left = HashSet::new();
    library.instances.retain(|id, (entity, series)| {
        if kept.contains(id) {
            series_left.insert(*series);
            return true;
        }
        gone.insert(*id);
        commands.entity(*entity).despawn();
        false
    });
    let mut studies_left = HashSet::new();
    library.series.retain(|(study, _), series| {
        let stays = series_left.contains(series);
        if stays {
            studies_left.insert(*study);
        } else {
            commands.entity(*series).despawn();
        }
        stays
    });
    library.studies.retain(|_, study| {
        let stays = studies_left.contains(study);
        if !stays {
            commands.entity(*study).despawn();
        }
        stays
    });
    gone
}

/// Spawns what is new in a listing.
fn record(library: &mut Library, commands: &mut Commands, listing: &Listing) {
    let shown: HashMap<_, _> = listing
        .sets
        .iter()
        .flat_map(|set| set.iter())
        .map(|data| (data.entry.path.as_path(), data))
        .collect();
    let explaining: HashMap<_, _> =
        listing.supplements.iter().map(|one| (one.data.entry.path.as_path(), one)).collect();
    let Library { studies, series, instances, .. } = library;
    for study in &listing.index.studies {
        let study_entity = *studies.entry(study.key.clone()).or_insert_with(|| commands.spawn(Study).id());
        for one in &study.series {
            let series_entity = *series
                .entry((study_entity, one.key.clone()))
                .or_insert_with(|| commands.spawn((Series, InStudy(study_entity))).id());
            for entry in &one.instances {
                let path = entry.path.as_path();
                if let Some(data) = shown.get(path) {
                    instances.entry(data.id).or_insert_with(|| {
                        let instance = (Instance(Arc::clone(data)), InSeries(series_entity));
                        (commands.spawn(instance).id(), series_entity)
                    });
                } else if let Some(supplement) = explaining.get(path) {
                    instances.entry(supplement.data.id).or_insert_with(|| {
                        let supplement = (Supplement::clone(supplement), InSeries(series_entity));
                        (commands.spawn(supplement).id(), series_entity)
                    });
                }
            }
        }
    }
}
