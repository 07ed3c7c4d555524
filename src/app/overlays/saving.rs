//! Saving how the images on screen are seen as presentation states: one for every group of images that one state can
//! be about. Headers are read and files written on a thread; what was saved is opened as one more state.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bevy::prelude::*;
use crossbeam_channel::Receiver;

use super::shown::Stated;
use crate::app::AppSystems;
use crate::app::instance::{InstanceData, Opened, Set};
use crate::app::notices::Notices;
use crate::app::opening::{Opener, Request};
use crate::app::requests::Intent;
use crate::app::viewport::{Layout, Screen, Shown, Slot, Stack, View, Viewport};
use crate::app::wake::Waker;
use crate::display::{Appearance, Voi};
use crate::geometry::{ImageShape, ViewTransform, Zoom, pixel_aspect};
use crate::launch::{document_dirs, user_name, write_new};
use crate::presentation::gsps::write::{Drawn, Identity, Seen, Shared, kept, new_uid, state_file};
use crate::presentation::gsps::{
    DisplayedArea, GraphicLayer, PresentationLut, PresentationState, Presented, SizeMode, Turn,
};

/// Images of one stack that are described at most.
const MOST: usize = 4096;
/// How one viewport shows its images.
struct Look {
    set: Set,
    /// The one on screen, and its frame.
    instance: Arc<InstanceData>,
    frame: u32,
    voi: Voi,
    /// What the image, or the state in force, says of it.
    appearance: Arc<Appearance>,
    /// Black and white are exchanged by the user.
    inverted: bool,
    transform: ViewTransform,
    viewport: [f64; 2],
    shape: ImageShape,
    state: Option<Arc<PresentationState>>,
}

/// What the thread has to say: the files that were written, and what went wrong.
#[derive(Default)]
struct Outcome {
    written: Vec<PathBuf>,
    problems: Vec<String>,
}

#[derive(Resource, Default)]
struct Saving(Option<Receiver<Outcome>>);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Saving>().add_systems(Update, (save, finish).chain().in_set(AppSystems::Command));
}

fn save(
    mut intents: MessageReader<Intent>,
    viewports: Query<(&Slot, &Stack, &View, &Screen, &Shown, &Stated), With<Viewport>>,
    layout: Res<Layout>,
    mut saving: ResMut<Saving>,
    waker: Option<Res<Waker>>,
    mut notices: ResMut<Notices>,
) {
    let asked = intents.read().filter(|intent| **intent == Intent::SaveState).count() > 0;
    if !asked || saving.0.is_some() {
        return;
    }
    let mut seen: Vec<_> = viewports.iter().filter(|(slot, ..)| layout.shows(slot.0)).collect();
    seen.sort_by_key(|(slot, ..)| slot.0);
    let looks: Vec<Look> = seen
        .into_iter()
        .filter_map(|(_, stack, view, screen, shown, stated)| {
            let look = shown.look.as_ref()?;
            let in_force = stated.0.as_ref().filter(|state| Some(state.key) == shown.key);
            Some(Look {
                set: stack.instances.clone(),
                instance: shown.instance.clone()?,
                frame: shown.key?.frame,
                voi: look.chosen().clone(),
                appearance: Arc::clone(shown.appearance.as_ref()?),
                inverted: look.is_inverted(),
                transform: view.transform,
                viewport: screen.size(),
                shape: shown.shape?,
                state: in_force.map(|state| Arc::clone(&state.state)),
            })
        })
        .collect();
    if looks.is_empty() {
        notices.warn("there is no image on screen whose look could be saved".to_owned());
        return;
    }
    let (sender, receiver) = crossbeam_channel::bounded(1);
    let waker = waker.as_deref().cloned().unwrap_or_default();
    let spawned = std::thread::Builder::new().name("saving".to_owned()).spawn(move || {
        sender.send(write_all(&looks)).ok();
        waker.wake();
    });
    match spawned {
        Ok(_) => saving.0 = Some(receiver),
        Err(error) => notices.error(format!("nothing was saved, no thread could be started: {error}")),
    }
}

fn finish(mut saving: ResMut<Saving>, opener: Option<Res<Opener>>, mut notices: ResMut<Notices>) {
    let Some(receiver) = &saving.0 else { return };
    let outcome = match receiver.try_recv() {
        Ok(outcome) => outcome,
        Err(crossbeam_channel::TryRecvError::Empty) => return,
        Err(crossbeam_channel::TryRecvError::Disconnected) => Outcome::default(),
    };
    saving.0 = None;
    for problem in outcome.problems {
        notices.error(problem);
    }
    for path in &outcome.written {
        notices.warn(format!("saved as a presentation state: {}", path.display()));
    }
    if let (Some(opener), false) = (opener, outcome.written.is_empty()) {
        opener.open_also(Request::from(outcome.written));
    }
}

/// An image with its header, as one look has it.
struct Described<'a> {
    look: &'a Look,
    instance: Arc<InstanceData>,
    appearance: Appearance,
}

impl Look {
    /// How an image of the stack appears with this look, and what becomes of its greys at the end.
    fn of(&self, instance: &InstanceData, opened: &Opened) -> (Appearance, PresentationLut) {
        let uid = instance.entry.sop_uid.as_deref().unwrap_or_default();
        let is_current = instance.id == self.instance.id;
        let info = opened.image.info();
        let frame = if is_current { self.frame } else { 0 };
        // Frames are shown as they are, and not as what is left of them without a mask.
        let presented = self.state.as_ref().and_then(|state| state.for_image(uid, frame));
        let presented = presented.map(Presented::unmasked);
        let own = || Appearance::read(&opened.file.data, info, 0);
        let appearance = match &presented {
            _ if is_current => Appearance::clone(&self.appearance),
            Some(presented) => presented.appearance(&own(), info),
            None => own(),
        };
        let is_gray = info.samples_per_pixel == 1 && appearance.palette.is_none();
        let lut = match presented.map(|presented| &presented.state.presentation_lut) {
            Some(table @ PresentationLut::Table(_)) if is_gray => table.clone(),
            _ if appearance.inverse => PresentationLut::Inverse,
            _ => PresentationLut::Identity,
        };
        (appearance, if self.inverted { lut.inverted() } else { lut })
    }

    /// What the state in force draws on an image.
    fn drawn(&self, instance: &InstanceData, opened: &Opened) -> (Vec<GraphicLayer>, Vec<Drawn>) {
        let Some(state) = &self.state else { return Default::default() };
        let uid = instance.entry.sop_uid.as_deref().unwrap_or_default();
        kept(state, uid, self.shape_of(instance, opened))
    }

    fn shape_of(&self, instance: &InstanceData, opened: &Opened) -> ImageShape {
        if instance.id == self.instance.id {
            return self.shape;
        }
        let info = opened.image.info();
        let pixel_aspect = pixel_aspect(&opened.file.data, 0);
        ImageShape { pixel_aspect, ..ImageShape::square(info.columns, info.rows) }
    }
}

fn write_all(looks: &[Look]) -> Outcome {
    let mut outcome = Outcome::default();
    let mut groups: Vec<(String, Shared, Vec<Described<'_>>)> = Vec::new();
    for look in looks {
        for instance in look.set.iter().take(MOST) {
            let opened = match instance.open() {
                Ok(opened) => opened,
                Err(why) => {
                    outcome.problems.push(format!("{why}: {}", instance.entry.path.display()));
                    continue;
                }
            };
            let (appearance, lut) = look.of(instance, opened);
            let shared = Shared { turn: turn(&look.transform), lut, ..Shared::default() };
            let study = instance.entry.study_uid.clone().unwrap_or_default();
            let described = Described { look, instance: Arc::clone(instance), appearance };
            let fits = groups.iter_mut().find(|(of, same, images)| {
                let modality = images.first().map(|one| &one.appearance.modality);
                let alike = same.turn == shared.turn && same.lut == shared.lut;
                let known = images.iter().any(|one| one.instance.id == instance.id);
                *of == study && alike && !known && modality == Some(&described.appearance.modality)
            });
            match fits {
                Some((.., images)) => images.push(described),
                None => groups.push((study, shared, vec![described])),
            }
        }
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let local = chrono::Local::now();
    let series = new_uid(now.as_nanos(), u64::from(std::process::id()));
    for (number, (_, shared, images)) in (1u32..).zip(&groups) {
        let identity = Identity {
            instance_uid: new_uid(now.as_nanos() + u128::from(number), u64::from(std::process::id())),
            series_uid: series.clone(),
            label: "LIGHTBOX".to_owned(),
            description: local.format("saved %Y-%m-%d %H:%M").to_string(),
            creator: user_name(),
            date: local.format("%Y%m%d").to_string(),
            time: local.format("%H%M%S").to_string(),
            series_number: 900,
            instance_number: number,
        };
        match write_one(&identity, shared, images) {
            Ok(path) => outcome.written.push(path),
            Err(why) => outcome.problems.push(format!("a presentation state was not saved: {why}")),
        }
    }
    outcome
}

fn write_one(identity: &Identity, shared: &Shared, images: &[Described<'_>]) -> Result<PathBuf, String> {
    let opened: Vec<_> = images.iter().filter_map(|one| Some((one, one.instance.peek()?))).collect();
    let mut shared = shared.clone();
    let mut seen = Vec::with_capacity(opened.len());
    for (one, opened) in &opened {
        let info = opened.image.info();
        let (layers, mut drawn) = one.look.drawn(&one.instance, opened);
        shared.take_up(layers, &mut drawn);
        seen.push(Seen {
            data: &opened.file.data,
            frames: Vec::new(),
            appearance: &one.appearance,
            voi: one.look.voi.clone(),
            area: area(one.look),
            columns: info.columns,
            rows: info.rows,
            aspect: one.look.shape_of(&one.instance, opened).pixel_aspect,
            drawn,
        });
    }
    let bytes = state_file(identity, &shared, &seen).map_err(|why| why.to_string())?;
    let first = images.first().map(|one| one.instance.entry.path.clone()).unwrap_or_default();
    let name = format!("presentation-{}-{}", identity.date, identity.time);
    let mut last = "no folder to write in was found".to_owned();
    for folder in folders(&first) {
        match write_new(&folder, &name, "dcm", &bytes) {
            Ok(path) => return Ok(path),
            Err(error) => last = format!("{error}: {}", folder.display()),
        }
    }
    Err(last)
}

/// Beside the images where they are files, else where the user keeps documents.
fn folders(image: &Path) -> impl Iterator<Item = PathBuf> {
    let beside = image.parent().filter(|folder| folder.is_dir()).map(Path::to_owned);
    beside.into_iter().chain(document_dirs())
}

fn turn(transform: &ViewTransform) -> Turn {
    Turn { quarters: transform.quarter_turns, flip: transform.flip }
}

/// The part of the image that is seen; `None` for all of it.
fn area(look: &Look) -> Option<DisplayedArea> {
    if look.transform.zoom == Zoom::Fit && look.transform.center == [0.0; 2] {
        return None;
    }
    let map = look.transform.map(look.shape, look.viewport);
    let [width, height] = look.viewport;
    let corners = [[0.0, 0.0], [width, 0.0], [0.0, height], [width, height]].map(|corner| map.apply(corner));
    let ends = [0, 1].map(|axis| {
        let along = corners.map(|corner| corner[axis]);
        let low = along.into_iter().fold(f64::INFINITY, f64::min);
        let high = along.into_iter().fold(f64::NEG_INFINITY, f64::max);
        (low.round() as i64 + 1, (high.round() as i64).max(low.round() as i64 + 1))
    });
    // Named is the pixel that is at the top left once the image is turned.
    let (from, to) = (map.apply([0.0, 0.0]), map.apply([width, height]));
    let pick = |axis: usize, first: bool| {
        let forwards = from[axis] <= to[axis];
        if forwards == first { ends[axis].0 } else { ends[axis].1 }
    };
    Some(DisplayedArea {
        scope: Default::default(),
        top_left: [pick(0, true), pick(1, true)],
        bottom_right: [pick(0, false), pick(1, false)],
        mode: SizeMode::ScaleToFit,
        spacing: None,
        aspect: Some(look.shape.pixel_aspect),
        of_matrix: false,
    })
}
