//! Supplements of the library are read on a thread, one after the other, and become overlays. What an image brings along
//! itself is an overlay on the image's own entity, there with the image and read when it is drawn.

use bevy::prelude::*;
use crossbeam_channel::{Receiver, Sender};

use super::content::Content;
use super::object::Overlay;
use crate::app::AppSystems;
use crate::app::instance::Supplement;
use crate::app::library::Instance;
use crate::app::wake::Waker;

/// The thread that reads, started with the first object.
#[derive(Resource, Default)]
pub(super) struct Reader {
    thread: Option<(Sender<(Entity, Supplement)>, Receiver<(Entity, Option<Overlay>)>)>,
    /// Objects that are not read yet.
    pub open: usize,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Reader>().add_systems(
        Update,
        (ask, take, bring_along)
            .chain()
            .in_set(AppSystems::Receive)
            .after(crate::app::library::receive_listings),
    );
}

fn ask(
    new: Query<(Entity, &Supplement), Added<Supplement>>,
    mut reader: ResMut<Reader>,
    waker: Option<Res<Waker>>,
) {
    for (entity, supplement) in &new {
        if reader.thread.is_none() {
            let waker = waker.as_deref().cloned().unwrap_or_default();
            reader.thread = start(waker);
        }
        let asked = reader.thread.as_ref().is_some_and(|(sender, _)| {
            let wanted = (entity, supplement.clone());
            sender.send(wanted).is_ok()
        });
        reader.open += usize::from(asked);
    }
}

fn start(waker: Waker) -> Option<(Sender<(Entity, Supplement)>, Receiver<(Entity, Option<Overlay>)>)> {
    let (sender, wanted) = crossbeam_channel::unbounded::<(Entity, Supplement)>();
    let (done, results) = crossbeam_channel::unbounded();
    let run = move || {
        for (entity, supplement) in &wanted {
            let read = Content::read(&supplement).map(Overlay::new);
            if done.send((entity, read)).is_err() {
                return;
            }
            if wanted.is_empty() {
                waker.wake();
            }
        }
    };
    let spawned = std::thread::Builder::new().name("overlays".to_owned()).spawn(run);
    spawned.ok().map(|_| (sender, results))
}

fn take(mut reader: ResMut<Reader>, known: Query<(), With<Supplement>>, mut commands: Commands) {
    let Reader { thread: Some((_, results)), open } = &mut *reader else { return };
    for (entity, overlay) in results.try_iter() {
        *open = open.saturating_sub(1);
        // It may have been closed meanwhile.
        if let (Some(overlay), true) = (overlay, known.contains(entity)) {
            commands.entity(entity).insert(overlay);
        }
    }
}

fn bring_along(new: Query<(Entity, &Instance), Added<Instance>>, mut commands: Commands) {
    for (entity, Instance(data)) in &new {
        let covered = data.entry.covered;
        if covered.any() {
            commands.entity(entity).insert(Overlay::new(Content::Own(data.id, covered)));
        }
    }
}
