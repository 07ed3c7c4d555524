//! How large the pixels of the window's monitor are: as the user calibrated them, else as the system says.
//!
//! X servers know millimetres; other window systems are not asked, so that without a calibration nothing is
//! claimed there. Calibrations are kept by the monitor's name in `monitors.toml` in the configuration folder.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use bevy::prelude::*;
use bevy::window::{Monitor, OnMonitor, PrimaryWindow};

use super::AppSystems;
use super::notices::Notices;
use super::viewport::{Action, ViewCommand};
use crate::geometry::Pitch;
use crate::launch::config_dir;

/// What monitors the system knows, by name.
static SYSTEM: OnceLock<Vec<(String, Pitch)>> = OnceLock::new();

/// Where there is no pitch to begin a calibration with.
const USUAL: Pitch = Pitch { mm: 0.25, calibrated: false };

/// The monitor of the window.
#[derive(Resource, Debug, Default, Clone, PartialEq)]
pub struct ScreenPitch {
    name: String,
    pub pitch: Option<Pitch>,
}

/// What the user measured.
#[derive(Resource, Debug, Default)]
struct Calibrations(BTreeMap<String, f64>);

/// The sheet with the outline of a card.
#[derive(Resource, Debug, Default)]
pub struct Calibration {
    /// Width of the outline in physical pixels, while the sheet is open.
    pub card: Option<f64>,
    /// Asks for what is on the sheet to be kept.
    pub keep: bool,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<ScreenPitch>()
        .init_resource::<Calibrations>()
        .init_resource::<Calibration>()
        .add_systems(Startup, (ask_system, read_calibrations))
        .add_systems(
            Update,
            (find_pitch, keep_calibration, ask_for_calibration).chain().in_set(AppSystems::Receive),
        );
}

impl ScreenPitch {
    /// What is written beside a picture at true size.
    pub fn label(&self) -> &'static str {
        match self.pitch {
            Some(Pitch { calibrated: true, .. }) => "true size",
            Some(_) => "true size · not calibrated",
            None => "not calibrated",
        }
    }
}

impl Calibration {
    /// Opens the sheet with what is known of the monitor.
    pub fn open(&mut self, screen: &ScreenPitch) {
        self.card = Some(screen.pitch.unwrap_or(USUAL).card()[0].round());
    }
}

fn find_pitch(
    window: Query<Option<&OnMonitor>, With<PrimaryWindow>>,
    monitors: Query<&Monitor>,
    calibrations: Res<Calibrations>,
    mut screen: ResMut<ScreenPitch>,
) {
    let on = window.single().ok().flatten().and_then(|on| monitors.get(on.0).ok());
    let name = on.and_then(|monitor| monitor.name.clone()).unwrap_or_default();
    let stored = calibrations.0.get(&name).and_then(|mm| Pitch::stored(*mm));
    let system = SYSTEM.get().map(Vec::as_slice).unwrap_or_default();
    let named = || system.iter().find(|(of, _)| *of == name);
    let only = || system.first().filter(|_| system.len() == 1);
    let pitch = stored.or_else(|| named().or_else(only).map(|(_, pitch)| *pitch));
    screen.set_if_neq(ScreenPitch { name, pitch });
}

fn keep_calibration(
    mut sheet: ResMut<Calibration>,
    screen: Res<ScreenPitch>,
    mut calibrations: ResMut<Calibrations>,
    mut notices: ResMut<Notices>,
) {
    if !sheet.keep {
        return;
    }
    let card = sheet.card.take();
    sheet.keep = false;
    let Some(pitch) = card.and_then(Pitch::from_card) else { return };
    calibrations.0.insert(screen.name.clone(), pitch.mm);
    if let Err(error) = write(&calibrations.0) {
        notices.warn(format!("the calibration holds until the window closes, it could not be kept: {error}"));
    }
}

/// True size was asked for on a monitor nobody knows anything about.
fn ask_for_calibration(
    mut commands: MessageReader<ViewCommand>,
    screen: Res<ScreenPitch>,
    mut sheet: ResMut<Calibration>,
) {
    let asked = commands.read().filter(|command| command.action == Action::TrueSize).count() > 0;
    if asked && screen.pitch.is_none() && sheet.card.is_none() {
        sheet.open(&screen);
    }
}

fn file() -> Option<PathBuf> {
    Some(config_dir()?.join("monitors.toml"))
}

fn read_calibrations(mut calibrations: ResMut<Calibrations>, mut notices: ResMut<Notices>) {
    let Some(path) = file().filter(|path| path.is_file()) else { return };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            return notices.warn(format!("the calibrations could not be read, {error}: {}", path.display()));
        }
    };
    match parse(&text) {
        Some(read) => calibrations.0 = read,
        None => notices.warn(format!("the calibrations are not valid TOML: {}", path.display())),
    }
}

fn parse(text: &str) -> Option<BTreeMap<String, f64>> {
    let table: toml::Table = text.parse().ok()?;
    let pitches = table.into_iter().filter_map(|(name, value)| Some((name, value.as_float()?)));
    Some(pitches.collect())
}

fn write(calibrations: &BTreeMap<String, f64>) -> Result<(), String> {
    let path = file().ok_or("there is no folder for settings")?;
    let failed = |error: std::io::Error| format!("{error}: {}", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let new = path.with_extension("new");
    std::fs::write(&new, print(calibrations)).and_then(|()| std::fs::rename(&new, &path)).map_err(failed)
}

/// Millimetres from pixel to pixel, a line a monitor.
fn print(calibrations: &BTreeMap<String, f64>) -> String {
    let mut text = String::from("# Millimetres from one pixel to the next, measured with a card.\n");
    for (name, mm) in calibrations {
        let safe: String = name.chars().filter(|c| !c.is_control()).collect();
        let quoted = safe.replace('\\', "\\\\").replace('"', "\\\"");
        text.push_str(&format!("\"{quoted}\" = {mm:.6}\n"));
    }
    text
}

#[cfg(all(unix, not(target_os = "macos")))]
fn ask_system() {
    let spawned = std::thread::Builder::new().name("monitors".to_owned()).spawn(|| {
        SYSTEM.get_or_init(|| x11::monitors().unwrap_or_default());
    });
    if let Err(error) = spawned {
        tracing::debug!("nobody asks about the monitors: {error}");
    }
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn ask_system() {}

#[cfg(all(unix, not(target_os = "macos")))]
mod x11 {
    use x11rb::connection::Connection as _;
    use x11rb::protocol::randr::ConnectionExt as _;
    use x11rb::protocol::xproto::ConnectionExt as _;

    use crate::geometry::Pitch;

    /// Names and pitches as the X server has them; `None` where there is none, or the window is not on it.
    pub fn monitors() -> Option<Vec<(String, Pitch)>> {
        if std::env::var_os("WAYLAND_DISPLAY").is_some_and(|name| !name.is_empty()) {
            return None;
        }
        let (connection, screen) = x11rb::connect(None).ok()?;
        let root = connection.setup().roots.get(screen)?.root;
        let reply = connection.randr_get_monitors(root, true).ok()?.reply().ok()?;
        let mut found = Vec::new();
        for monitor in reply.monitors {
            let pixels = [monitor.width, monitor.height].map(u32::from);
            let millimetres = [monitor.width_in_millimeters, monitor.height_in_millimeters];
            let Some(pitch) = Pitch::from_system(pixels, millimetres) else { continue };
            let name = connection.get_atom_name(monitor.name).ok()?.reply().ok()?.name;
            found.push((String::from_utf8_lossy(&name).into_owned(), pitch));
        }
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calibrations_come_back_as_they_were_kept() {
        let kept: BTreeMap<_, _> =
            [("DP-1".to_owned(), 0.165), (r#"odd "name" \ of it"#.to_owned(), 0.27), (String::new(), 0.2)]
                .into();
        assert_eq!(parse(&print(&kept)), Some(kept));
        assert_eq!(parse("not = [toml"), None);
    }
}
