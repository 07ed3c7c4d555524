//! How much one event of the wheel is worth.
//!
//! On X servers whose pointer has no scroll axis (remote desktops, virtual displays) the wheel is a pair of
//! buttons, and the window system reports pressing and releasing one as a turn each. There an event counts half.

use std::sync::OnceLock;

use bevy::prelude::*;

static ANSWER: OnceLock<f64> = OnceLock::new();

/// Notches an event of one line stands for: asked for on a thread, one until the answer is there.
pub(super) fn notches_per_line() -> f64 {
    ANSWER.get().copied().unwrap_or(1.0)
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, ask);
}

#[cfg(all(unix, not(target_os = "macos")))]
fn ask() {
    let spawned = std::thread::Builder::new().name("wheel".to_owned()).spawn(|| {
        let notches = match x11::has_scroll_axis() {
            Some(false) => 0.5,
            _ => 1.0,
        };
        ANSWER.get_or_init(|| notches);
    });
    if let Err(error) = spawned {
        tracing::debug!("nobody asks about the wheel: {error}");
    }
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn ask() {}

#[cfg(all(unix, not(target_os = "macos")))]
mod x11 {
    use x11rb::protocol::xinput::{ConnectionExt as _, Device, DeviceClassData, DeviceType};

    /// Whether a pointer of the X server scrolls by an axis; `None` where there is no X server to ask, or
    /// the window is not on it.
    pub fn has_scroll_axis() -> Option<bool> {
        if std::env::var_os("WAYLAND_DISPLAY").is_some_and(|name| !name.is_empty()) {
            return None;
        }
        let (connection, _) = x11rb::connect(None).ok()?;
        connection.xinput_xi_query_version(2, 2).ok()?.reply().ok()?;
        let devices = connection.xinput_xi_query_device(Device::ALL).ok()?.reply().ok()?;
        let is_pointer = |kind| matches!(kind, DeviceType::MASTER_POINTER | DeviceType::SLAVE_POINTER);
        let scrolls = devices
            .infos
            .iter()
            .filter(|device| is_pointer(device.type_))
            .flat_map(|device| &device.classes)
            .any(|class| matches!(class.data, DeviceClassData::Scroll(_)));
        Some(scrolls)
    }
}
