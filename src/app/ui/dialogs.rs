//! Opening by dialog and by dropping, quitting, panels on and off.

use std::path::PathBuf;

use bevy::prelude::*;
use bevy::window::FileDragAndDrop;
use crossbeam_channel::Receiver;

use crate::app::AppSystems;
use crate::app::inspecting::Inspector;
use crate::app::loader::Loader;
use crate::app::notices::Notices;
use crate::app::opening::Opener;
use crate::app::requests::{Intent, Panels, has_dialogs};
use crate::app::searching::Searching;
use crate::app::studies::StudyPanel;
use crate::app::textures::FrameStore;
use crate::app::wake::Waker;

/// A dialog that is open, on a thread of its own: the images stay usable meanwhile.
#[derive(Resource, Default)]
struct Dialog(Option<Receiver<Vec<PathBuf>>>);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Dialog>()
        .add_systems(Update, (follow_intents, open_chosen, open_dropped).chain().in_set(AppSystems::Receive));
}

fn follow_intents(
    mut intents: MessageReader<Intent>,
    mut panels: ResMut<Panels>,
    mut inspector: ResMut<Inspector>,
    mut studies: ResMut<StudyPanel>,
    mut searching: ResMut<Searching>,
    opener: Option<Res<Opener>>,
    mut dialog: ResMut<Dialog>,
    waker: Option<Res<Waker>>,
    mut notices: ResMut<Notices>,
    mut store: Option<ResMut<FrameStore>>,
    loader: Option<Res<Loader>>,
    mut exit: MessageWriter<AppExit>,
) {
    for intent in intents.read() {
        match intent {
            Intent::ToggleHelp => panels.help = !panels.help,
            Intent::StopReading => {
                if let Some(opener) = &opener {
                    opener.stop();
                }
                if let Some(loader) = &loader {
                    loader.stop_fetching();
                }
            }
            Intent::Retry => {
                if let Some(loader) = &loader {
                    loader.resume_fetching();
                }
                if let Some(store) = &mut store {
                    store.forgive();
                }
            }
            Intent::ToggleTags => inspector.toggle(),
            Intent::ToggleOverlays => panels.overlays = !panels.overlays,
            Intent::ToggleStudies => studies.toggle(),
            Intent::FindTags => inspector.find(),
            Intent::FindStudy => searching.toggle(),
            Intent::Quit => drop(exit.write(AppExit::Success)),
            Intent::OpenFiles | Intent::OpenFolder if !has_dialogs() => {
                notices.warn(
                    "this desktop has no file dialog (xdg-desktop-portal or zenity); drop files on the window \
                     or name them when starting the viewer"
                        .to_owned(),
                );
            }
            Intent::OpenFiles | Intent::OpenFolder if dialog.0.is_none() => {
                let folder = *intent == Intent::OpenFolder;
                dialog.0 = Some(ask(folder, waker.as_deref().cloned().unwrap_or_default()));
            }
            // A dialog is open; looks and reports are seen to where they are known.
            Intent::OpenFiles
            | Intent::OpenFolder
            | Intent::SaveState
            | Intent::ToggleReport
            | Intent::FindOnPage => {}
        }
    }
}

/// Opens the system's dialog; the answer is empty when it was cancelled.
fn ask(folder: bool, waker: Waker) -> Receiver<Vec<PathBuf>> {
    let (sender, receiver) = crossbeam_channel::bounded(1);
    let spawned = std::thread::Builder::new().name("dialog".to_owned()).spawn(move || {
        let dialog = rfd::FileDialog::new();
        let paths = if folder {
            dialog.set_title("Open a folder").pick_folders()
        } else {
            dialog.set_title("Open DICOM files").pick_files()
        };
        sender.send(paths.unwrap_or_default()).ok();
        waker.wake();
    });
    if let Err(error) = spawned {
        tracing::error!("no dialog, no thread could be started: {error}");
    }
    receiver
}

fn open_chosen(mut dialog: ResMut<Dialog>, opener: Option<Res<Opener>>) {
    let Some(receiver) = &dialog.0 else { return };
    match receiver.try_recv() {
        Ok(paths) => {
            dialog.0 = None;
            if let (Some(opener), false) = (opener, paths.is_empty()) {
                opener.open(paths);
            }
        }
        Err(crossbeam_channel::TryRecvError::Disconnected) => dialog.0 = None,
        Err(crossbeam_channel::TryRecvError::Empty) => {}
    }
}

fn open_dropped(
    mut events: MessageReader<FileDragAndDrop>,
    mut panels: ResMut<Panels>,
    opener: Option<Res<Opener>>,
) {
    let mut dropped = Vec::new();
    for event in events.read() {
        match event {
            FileDragAndDrop::HoveredFile { .. } => panels.dropping = true,
            FileDragAndDrop::HoveredFileCanceled { .. } => panels.dropping = false,
            FileDragAndDrop::DroppedFile { path_buf, .. } => {
                panels.dropping = false;
                dropped.push(path_buf.clone());
            }
        }
    }
    if let (Some(opener), false) = (opener, dropped.is_empty()) {
        opener.open(dropped);
    }
}
