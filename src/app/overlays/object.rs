//! An object that was read, and its switches.

use bevy::prelude::*;

use super::content::Content;
use crate::app::AppSystems;
use crate::app::instance::InstanceData;
use crate::presentation::cad;
use crate::presentation::parametric::MapOptions;
use crate::presentation::segmentation::SegmentOptions;

/// An object that says something about images.
#[derive(Component)]
pub struct Overlay {
    pub content: Content,
    pub title: String,
    pub creator: String,
    /// As stored, for people to be made readable.
    pub date: String,
    pub time: String,
    /// Switched off by itself.
    pub hidden: bool,
    pub options: Options,
    /// Counts the changes of what it shows.
    pub revision: u32,
}

/// What can be chosen about an object.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Options {
    /// Of shutters, bitmaps and vectors of a state: the vectors and bitmaps.
    pub no_graphics: bool,
    /// Which findings of CAD.
    pub cad: cad::Shown,
    pub segments: SegmentOptions,
    pub map: MapOptions,
}

impl Overlay {
    /// Slow, for threads: what it begins with may have to be read.
    pub fn new(content: Content) -> Self {
        let about = content.about();
        Self {
            title: about.title,
            creator: about.creator,
            date: about.date,
            time: about.time,
            options: content.options(),
            content,
            hidden: false,
            revision: 0,
        }
    }

    /// Whether something of it would be seen on a frame.
    pub fn shows(&self, instance: &InstanceData, frame: u32) -> bool {
        !self.hidden
            && self.content.is_on(instance, frame)
            && match &self.content {
                // Marks may all be optional, and their frames are known without drawing them.
                Content::Cad(cad) => cad.shows(instance, frame, &self.options.cad),
                Content::Regions(reported) => !reported.drawing(instance, frame).is_empty(),
                _ => true,
            }
    }

    /// Later objects sort behind earlier ones.
    pub fn moment(&self) -> (&str, &str) {
        (&self.date, &self.time)
    }
}

/// What shall be different about an object.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    Hide(bool),
    Options(Options),
}

/// Asks an object to show itself differently.
#[derive(Message, Debug, Clone, PartialEq)]
pub struct Switch {
    pub overlay: Entity,
    pub change: Change,
}

pub(super) fn plugin(app: &mut App) {
    app.add_message::<Switch>().add_systems(Update, turn_switches.in_set(AppSystems::Command));
}

fn turn_switches(mut switches: MessageReader<Switch>, mut overlays: Query<&mut Overlay>) {
    for Switch { overlay, change } in switches.read() {
        let Ok(mut overlay) = overlays.get_mut(*overlay) else { continue };
        let same = match change {
            Change::Hide(hidden) => overlay.hidden == *hidden,
            Change::Options(options) => overlay.options == *options,
        };
        if same {
            continue;
        }
        match change {
            Change::Hide(hidden) => overlay.hidden = *hidden,
            Change::Options(options) => overlay.options = options.clone(),
        }
        overlay.revision += 1;
    }
}
