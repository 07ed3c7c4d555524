//! Saving how the images on screen are seen as presentation states: one for every group of images that one state can
//! be about. Headers are read and files written on a thread; what was saved is opened as one more state.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bevy::prelude::*;
use crossbeam_channel::Receiver;

use super::shown::Stated;
use crate::app::AppSystems;
use crate::app::instance::{InstanceData, Set};
use crate::app::notices::Notices;
use crate::app::opening::{Opener, Request};
use crate::app::requests::Intent;
use crate::app::viewport::{Layout, Screen, Shown, Slot, Stack, View, Viewport};
use crate::app::wake::Waker;
use crate::display::{Appearance, Voi};
use crate::geometry::{ImageShape, ViewTransform, Zoom};
use crate::presentation::gsps::write::{Identity, Seen, Shared, new_uid, state_file};
use crate::presentation::gsps::{
    DisplayedArea, FillStyle, Graphic, GraphicKind, LineStyle, PresentationState, SizeMode, Text, Turn, Units,
};

/// Images of one stack that are described at most.
const MOST: usize = 4096;
/// The line of what has none of its own.
const PLAIN: LineStyle =
    LineStyle { color: None, opacity: 1.0, gaps: None, thickness: 1.5, dashes: None, shadow: None };
/// Names that are tried before giving up.
const TRIES: u32 = 1000;

/// How one viewport shows its images.
struct Look {
    set: Set,
    /// The one on screen, and its frame.
    instance: Arc<InstanceData>,
    frame: u32,
    voi: Voi,
    inverse: bool,
    transform: ViewTransform,
    viewport: [f64; 2],
    shape: ImageShape,
    state: Option<(Arc<PresentationState>, Arc<Appearance>)>,
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
                inverse: shown.appearance.as_ref()?.inverse != look.is_inverted(),
                transform: view.transform,
                viewport: screen.size(),
                shape: shown.shape?,
                state: in_force.map(|state| (Arc::clone(&state.state), Arc::clone(&state.appearance))),
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

fn write_all(looks: &[Look]) -> Outcome {
    let mut outcome = Outcome::default();
    let mut groups: Vec<(String, Shared, Vec<Described<'_>>)> = Vec::new();
    for look in looks {
        let shared = Shared { turn: turn(&look.transform), inverse: look.inverse, ..Shared::default() };
        for instance in look.set.iter().take(MOST) {
            let opened = match instance.open() {
                Ok(opened) => opened,
                Err(why) => {
                    outcome.problems.push(format!("{why}: {}", instance.entry.path.display()));
                    continue;
                }
            };
            let own = || Appearance::read(&opened.file.data, opened.image.info(), 0);
            let is_current = instance.id == look.instance.id;
            let appearance = match look.state.as_ref().filter(|_| is_current) {
                Some((_, appearance)) => Appearance::clone(appearance),
                None => own(),
            };
            let study = instance.entry.study_uid.clone().unwrap_or_default();
            let described = Described { look, instance: Arc::clone(instance), appearance };
            let fits = groups.iter_mut().find(|(of, same, images)| {
                let modality = images.first().map(|one| &one.appearance.modality);
                let alike = same.turn == shared.turn && same.inverse == shared.inverse;
                let known = images.iter().any(|one| one.instance.id == instance.id);
                *of == study && alike && !known && modality == Some(&described.appearance.modality)
            });
            match fits {
                Some((.., images)) => images.push(described),
                None => groups.push((study, shared.clone(), vec![described])),
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
        let is_current = one.instance.id == one.look.instance.id;
        let (graphics, texts) =
            if is_current { annotations(one.look, &mut shared) } else { Default::default() };
        seen.push(Seen {
            data: &opened.file.data,
            frames: Vec::new(),
            appearance: &one.appearance,
            voi: one.look.voi.clone(),
            area: area(one.look),
            columns: info.columns,
            rows: info.rows,
            aspect: one.look.shape.pixel_aspect,
            graphics,
            texts,
        });
    }
    let bytes = state_file(identity, &shared, &seen).map_err(|why| why.to_string())?;
    let first = images.first().map(|one| one.instance.entry.path.clone()).unwrap_or_default();
    let folders = folders(&first);
    let name = format!("presentation-{}-{}", identity.date, identity.time);
    let mut last = "no folder to write in was found".to_owned();
    for folder in &folders {
        match write_new(folder, &name, &bytes) {
            Ok(path) => return Ok(path),
            Err(error) => last = format!("{error}: {}", folder.display()),
        }
    }
    Err(last)
}

/// Beside the images where they are files, else where the user keeps documents.
fn folders(image: &Path) -> Vec<PathBuf> {
    let beside = image.parent().filter(|folder| folder.is_dir()).map(Path::to_owned);
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = variable("HOME").or_else(|| variable("USERPROFILE"));
    let documents =
        variable("XDG_DOCUMENTS_DIR").or_else(|| home.as_ref().map(|home| home.join("Documents")));
    [beside, documents.filter(|folder| folder.is_dir()), home].into_iter().flatten().collect()
}

/// Writes a file under a name that is free. Nothing is ever written over.
fn write_new(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<PathBuf> {
    for number in 1..=TRIES {
        let file = if number == 1 { format!("{name}.dcm") } else { format!("{name}-{number}.dcm") };
        let path = folder.join(file);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                let written = file.write_all(bytes).and_then(|()| file.sync_all());
                if let Err(error) = written {
                    drop(file);
                    std::fs::remove_file(&path).ok();
                    return Err(error);
                }
                return Ok(path);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(std::io::ErrorKind::AlreadyExists.into())
}

fn user_name() -> String {
    ["USER", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default()
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

/// What the state in force draws on the image, in pixels of it.
fn annotations(look: &Look, shared: &mut Shared) -> (Vec<Graphic>, Vec<Text>) {
    let Some((state, _)) = &look.state else { return Default::default() };
    let uid = look.instance.entry.sop_uid.as_deref().unwrap_or_default();
    let Some(presented) = state.for_image(uid, look.frame) else { return Default::default() };
    let place = presented.coordinates(look.shape, [0.0; 2]);
    let (mut graphics, mut texts) = (Vec::new(), Vec::new());
    for (layer, annotations) in presented.annotations() {
        if shared.layer.name.is_empty() {
            shared.layer = layer.clone();
        }
        // One layer is written, so that lines say themselves what their layer said for them.
        let line = |own: Option<LineStyle>| {
            let color = own.and_then(|line| line.color).or(layer.color);
            Some(LineStyle { color, ..own.unwrap_or(PLAIN) })
        };
        let fill = |own: &Option<FillStyle>| {
            let own = own.clone()?;
            Some(FillStyle { color: own.color.or(layer.color), ..own })
        };
        for annotation in annotations {
            graphics.extend(annotation.graphics.iter().map(|graphic| {
                let map = place.map(graphic.units);
                let points = graphic.points.iter().map(|point| map.apply(*point)).collect();
                let (line, fill) = (line(graphic.line), fill(&graphic.fill));
                Graphic { units: Units::Pixel, points, line, fill, ..graphic.clone() }
            }));
            for compound in &annotation.compounds {
                let (lines, _) = compound.outlines(&place, f64::from(look.shape.columns + look.shape.rows));
                graphics.extend(lines.into_iter().map(|drawn| {
                    let mut points = drawn.points;
                    if drawn.closed {
                        points.extend(points.first().copied());
                    }
                    let kind = if points.len() == 1 { GraphicKind::Point } else { GraphicKind::Polyline };
                    Graphic {
                        kind,
                        units: Units::Pixel,
                        points,
                        filled: drawn.filled,
                        line: line(compound.line),
                        fill: fill(&compound.fill),
                        compound_id: None,
                        group: None,
                    }
                }));
            }
            texts.extend(annotation.texts.iter().map(|text| {
                let mut text = text.clone();
                if let Some(bounds) = &mut text.bounds {
                    let map = place.map(bounds.units);
                    bounds.top_left = map.apply(bounds.top_left);
                    bounds.bottom_right = map.apply(bounds.bottom_right);
                    bounds.units = Units::Pixel;
                }
                if let Some(anchor) = &mut text.anchor {
                    anchor.point = place.map(anchor.units).apply(anchor.point);
                    anchor.units = Units::Pixel;
                }
                text
            }));
        }
    }
    (graphics, texts)
}
