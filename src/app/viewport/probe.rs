//! The stored and the modality value under the pointer.

use bevy::prelude::*;

use super::Viewport;
use super::components::{Reading, Screen, Shown};
use super::input::Pointer;
use crate::app::AppSystems;
use crate::app::instance::{FrameKey, InstanceData};
use crate::app::loader::Loader;
use crate::display::{Appearance, Modality};

/// A pixel and what it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    pub column: u32,
    pub row: u32,
    /// Stored values: one, or one a channel; empty while they are not at hand.
    pub stored: Vec<f64>,
    /// Modality value of a grey pixel, with its unit; `None` for colour.
    pub modality: Option<f64>,
    pub unit: String,
    pub padding: bool,
}

/// The last pixel read, so that a resting pointer reads nothing.
#[derive(Default)]
struct Last {
    at: Option<(FrameKey, u32, u32)>,
    stored: Vec<f64>,
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, read_pixel.in_set(AppSystems::Bind));
}

fn read_pixel(
    pointer: Res<Pointer>,
    mut viewports: Query<(Entity, &Screen, &Shown, &mut Reading), With<Viewport>>,
    loader: Option<Res<Loader>>,
    mut last: Local<Last>,
) {
    for (entity, screen, shown, mut reading) in &mut viewports {
        let over = pointer.over == Some(entity);
        let probe = pointer
            .position
            .filter(|_| over)
            .and_then(|position| screen.local(position))
            .and_then(|local| probe(local, shown, loader.as_deref(), &mut last));
        if reading.0 != probe {
            reading.0 = probe;
        }
    }
}

fn probe(local: [f64; 2], shown: &Shown, loader: Option<&Loader>, last: &mut Last) -> Option<Probe> {
    let (key, instance) = (shown.key?, shown.instance.as_ref()?);
    let (map, shape) = (shown.map.as_ref()?, shown.shape?);
    let [x, y] = map.apply([local[0].floor() + 0.5, local[1].floor() + 0.5]);
    let inside = x >= 0.0 && y >= 0.0 && x < f64::from(shape.columns) && y < f64::from(shape.rows);
    if !inside {
        return None;
    }
    let (column, row) = (x as u32, y as u32);
    if last.at != Some((key, column, row)) || last.stored.is_empty() {
        last.stored = stored_values(instance, key, column, row, loader).unwrap_or_default();
        last.at = Some((key, column, row));
    }
    let appearance = shown.appearance.as_deref();
    let grey = appearance.filter(|a| a.palette.is_none()).zip(match last.stored.as_slice() {
        [one] => Some(*one),
        _ => None,
    });
    Some(Probe {
        column,
        row,
        stored: last.stored.clone(),
        modality: grey.map(|(appearance, stored)| modality_value(appearance, stored)),
        unit: appearance.map(|a| a.unit.clone()).unwrap_or_default(),
        padding: grey.is_some_and(|(a, v)| a.padding.is_some_and(|p| p.contains(v))),
    })
}

fn modality_value(appearance: &Appearance, stored: f64) -> f64 {
    match &appearance.modality {
        Modality::Rescale { slope, intercept } => slope * stored + intercept,
        Modality::Lut(lut) => lut.value(stored),
    }
}

/// Two bytes of the file where the file holds plain pixels, else the frame if it is still decoded.
fn stored_values(
    instance: &InstanceData,
    key: FrameKey,
    column: u32,
    row: u32,
    loader: Option<&Loader>,
) -> Option<Vec<f64>> {
    let opened = instance.peek()?;
    if let Ok(Some(values)) = opened.image.stored_at(key.frame, column, row) {
        return Some(values);
    }
    let frame = loader?.decoded(key)?;
    (0..frame.channels).map(|channel| frame.stored(column, row, channel)).collect()
}
