//! Fonts: Inter for Latin, Greek and Cyrillic, compiled in; for other scripts whatever the machine has,
//! looked for on a thread the first time a text needs it.

use std::sync::Arc;

use bevy::prelude::*;
use bevy_egui::{EguiContexts, egui};
use crossbeam_channel::Receiver;

use super::super::inspecting::Inspector;
use super::super::library::Instance;
use super::super::reports::OpenReports;
use super::super::searching::Searching;
use super::super::wake::Waker;

const INTER: &[u8] = include_bytes!("../../../assets/fonts/Inter-Regular-tabular.otf");

/// A script with a character that only its fonts have.
const SCRIPTS: &[(&str, &[std::ops::RangeInclusive<u32>], char)] = &[
    ("hebrew", &[0x0590..=0x05FF, 0xFB1D..=0xFB4F], 'א'),
    ("arabic", &[0x0600..=0x06FF, 0x0750..=0x077F, 0xFB50..=0xFDFF, 0xFE70..=0xFEFF], 'م'),
    ("thai", &[0x0E00..=0x0E7F], 'ก'),
    ("devanagari", &[0x0900..=0x097F], 'क'),
    ("kana", &[0x3040..=0x30FF, 0x31F0..=0x31FF], 'あ'),
    ("han", &[0x2E80..=0x2FDF, 0x3400..=0x4DBF, 0x4E00..=0x9FFF, 0xF900..=0xFAFF], '文'),
    ("hangul", &[0x1100..=0x11FF, 0x3130..=0x318F, 0xAC00..=0xD7AF], '한'),
];

/// A font of the machine.
pub struct SystemFont {
    name: String,
    bytes: Vec<u8>,
    index: u32,
}

/// Which scripts were met and which fonts were found for them.
#[derive(Resource, Default)]
struct Fallbacks {
    asked: Vec<&'static str>,
    pending: Option<Receiver<Vec<SystemFont>>>,
    found: Vec<SystemFont>,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Fallbacks>().add_systems(Update, (look_for_fonts, install_found).chain());
}

/// Installs the built-in font and any fallbacks.
pub fn install(context: &egui::Context, fallbacks: &[SystemFont]) {
    let mut fonts = egui::FontDefinitions::empty();
    fonts.font_data.insert("inter".to_owned(), Arc::new(egui::FontData::from_static(INTER)));
    let mut order = vec!["inter".to_owned()];
    for font in fallbacks {
        let mut data = egui::FontData::from_owned(font.bytes.clone());
        data.index = font.index;
        fonts.font_data.insert(font.name.clone(), Arc::new(data));
        order.push(font.name.clone());
    }
    for family in [egui::FontFamily::Proportional, egui::FontFamily::Monospace] {
        fonts.families.insert(family, order.clone());
    }
    context.set_fonts(fonts);
}

/// Notices texts that the built-in font cannot show, as instances appear and elements are listed.
fn look_for_fonts(
    new: Query<&Instance, Added<Instance>>,
    mut inspector: ResMut<Inspector>,
    mut searching: ResMut<Searching>,
    mut reports: ResMut<OpenReports>,
    mut fallbacks: ResMut<Fallbacks>,
    waker: Option<Res<Waker>>,
) {
    let mut missing: Vec<(&'static str, char)> = Vec::new();
    let mut look_at = |character: char| {
        let script = SCRIPTS
            .iter()
            .find(|(_, ranges, _)| ranges.iter().any(|range| range.contains(&u32::from(character))));
        if let Some((name, _, sample)) = script
            && !fallbacks.asked.contains(name)
            && !missing.contains(&(name, *sample))
        {
            missing.push((name, *sample));
        }
    };
    for Instance(data) in &new {
        let entry = &data.entry;
        let texts =
            [&entry.patient_name, &entry.study_description, &entry.series_description, &entry.patient_id];
        texts.into_iter().flatten().flat_map(|text| text.chars()).for_each(&mut look_at);
    }
    inspector
        .foreign
        .iter()
        .chain(&searching.foreign)
        .chain(&reports.foreign)
        .copied()
        .for_each(&mut look_at);
    if missing.is_empty() && !inspector.foreign.is_empty() {
        inspector.foreign.clear();
    }
    if missing.is_empty() && !searching.foreign.is_empty() {
        searching.foreign.clear();
    }
    if missing.is_empty() && !reports.foreign.is_empty() {
        reports.bypass_change_detection().foreign.clear();
    }
    if missing.is_empty() || fallbacks.pending.is_some() {
        return;
    }
    fallbacks.asked.extend(missing.iter().map(|(name, _)| *name));
    let (sender, receiver) = crossbeam_channel::bounded(1);
    let waker = waker.map(|waker| waker.clone());
    let spawned = std::thread::Builder::new().name("fonts".to_owned()).spawn(move || {
        sender.send(search(&missing)).ok();
        if let Some(waker) = waker {
            waker.wake();
        }
    });
    match spawned {
        Ok(_) => fallbacks.pending = Some(receiver),
        Err(error) => tracing::warn!("no thread to look for fonts: {error}"),
    }
}

fn install_found(mut fallbacks: ResMut<Fallbacks>, mut contexts: EguiContexts) {
    let Some(found) = fallbacks.pending.as_ref().and_then(|pending| pending.try_recv().ok()) else {
        return;
    };
    fallbacks.pending = None;
    fallbacks.found.extend(found);
    if let Ok(context) = contexts.ctx_mut() {
        install(context, &fallbacks.found);
    }
}

/// For each script the first plain font of the machine that has its sample character.
fn search(missing: &[(&'static str, char)]) -> Vec<SystemFont> {
    let mut database = fontdb::Database::new();
    database.load_system_fonts();
    let mut found: Vec<SystemFont> = Vec::new();
    for (script, sample) in missing {
        let has = |id| {
            database
                .with_face_data(id, |bytes, index| {
                    ttf_parser::Face::parse(bytes, index)
                        .is_ok_and(|face| face.glyph_index(*sample).is_some())
                })
                .unwrap_or(false)
        };
        let face = database
            .faces()
            .filter(|face| face.style == fontdb::Style::Normal && face.weight == fontdb::Weight::NORMAL)
            .find(|face| has(face.id));
        let font = face.and_then(|face| {
            database.with_face_data(face.id, |bytes, index| SystemFont {
                name: format!("{} {index}", face.post_script_name),
                bytes: bytes.to_vec(),
                index,
            })
        });
        match font {
            Some(font) if found.iter().any(|f| f.name == font.name) => {}
            Some(font) => found.push(font),
            None => tracing::warn!("no font of this machine has {script} characters"),
        }
    }
    found
}
