//! What other launches bring to this window: opened here, each as a group of its own, while the window comes to the
//! front.

use std::sync::Arc;
use std::time::Duration;

use bevy::prelude::*;
use bevy::window::{PrimaryWindow, RawHandleWrapper};

use crossbeam_channel::Receiver;

use super::AppSystems;
use super::notices::Notices;
use super::opening::{Opener, Requests};
use super::searching::Searching;
use super::studies::StudyPanel;
use super::wake::Waker;
use crate::launch::instance::{Inbox, Visit};

/// When the window comes to the front, unless the first picture brings it there before: drawing what is to be
/// replaced would keep those busy who bring what replaces it.
const RAISE_AFTER: Duration = Duration::from_millis(80);

#[derive(Resource)]
struct Incoming {
    inbox: Arc<Inbox<Visit>>,
    /// What is being opened already, for the window to know.
    visits: Option<Receiver<Visit>>,
}

/// Lets other launches bring what they want opened.
pub(super) fn listen(app: &mut App, inbox: Inbox<Visit>) {
    app.insert_resource(Incoming { inbox: Arc::new(inbox), visits: None })
        .add_systems(Update, receive_visits.in_set(AppSystems::Receive));
}

/// Takes what is brought and starts opening it, from the first update on.
fn take_visits(inbox: &Arc<Inbox<Visit>>, opener: Opener, waker: Waker) -> Receiver<Visit> {
    let (visitor, visits) = crossbeam_channel::unbounded();
    let (knock, knocks) = crossbeam_channel::bounded(1);
    let taker = Arc::clone(inbox);
    let spawned = std::thread::Builder::new().name("visits".to_owned()).spawn(move || {
        loop {
            while let Some(visit) = taker.take() {
                let requests = Requests::from(&visit.plan);
                let opens = !requests.groups.is_empty();
                opener.launch(requests);
                if visitor.send(visit).is_err() {
                    return;
                }
                if opens { waker.wake_after(RAISE_AFTER) } else { waker.wake() }
            }
            if knocks.recv().is_err() {
                return;
            }
        }
    });
    match spawned {
        Ok(_) => inbox.ready(move || {
            // One knock that is not heard yet stands for all.
            knock.try_send(()).ok();
        }),
        Err(error) => tracing::error!("other launches cannot be heard, no thread could be started: {error}"),
    }
    visits
}

fn receive_visits(
    mut incoming: ResMut<Incoming>,
    waker: Res<Waker>,
    opener: Res<Opener>,
    mut studies: ResMut<StudyPanel>,
    mut searching: ResMut<Searching>,
    mut notices: ResMut<Notices>,
    mut windows: Query<(&mut Window, Option<&RawHandleWrapper>), With<PrimaryWindow>>,
) {
    let Incoming { inbox, visits } = &mut *incoming;
    let visits = visits.get_or_insert_with(|| take_visits(inbox, opener.clone(), waker.clone()));
    for Visit { plan, activation } in visits.try_iter() {
        for (mut window, handle) in &mut windows {
            raise(&mut window, handle, activation.as_deref());
        }
        for notice in &plan.notices {
            notices.warn(notice.clone());
        }
        if plan.studies && !studies.is_open() {
            studies.toggle();
        }
        searching.take_plan(&plan);
    }
}

/// Brings the window to the front, as far as the window system lets it.
fn raise(window: &mut Window, handle: Option<&RawHandleWrapper>, activation: Option<&str>) {
    window.set_minimized(false);
    window.focused = true;
    #[cfg(all(unix, not(target_os = "macos")))]
    if let Some(handle) = handle {
        x11::raise(handle, activation);
    }
    #[cfg(not(all(unix, not(target_os = "macos"))))]
    let _ = (handle, activation);
}

/// X11's window managers keep windows from coming forward by themselves. They let one through that shows when the
/// user asked for it, which the launch brings along, or that is named by somebody who speaks for the user.
#[cfg(all(unix, not(target_os = "macos")))]
mod x11 {
    use bevy::window::RawHandleWrapper;
    use winit::raw_window_handle::RawWindowHandle;
    use x11rb::connection::Connection as _;
    use x11rb::protocol::xproto::{ClientMessageEvent, ConnectionExt as _, EventMask};

    /// Whoever acts for the user, as a pager does.
    const FOR_THE_USER: u32 = 2;

    pub fn raise(handle: &RawHandleWrapper, activation: Option<&str>) {
        let window = match handle.get_window_handle() {
            RawWindowHandle::Xlib(handle) => u32::try_from(handle.window).ok(),
            RawWindowHandle::Xcb(handle) => Some(handle.window.get()),
            _ => None,
        };
        if let Some(window) = window {
            activate(window, activation.map_or(x11rb::CURRENT_TIME, time));
        }
    }

    fn activate(window: u32, time: u32) -> Option<()> {
        let (connection, screen) = x11rb::connect(None).ok()?;
        let root = connection.setup().roots.get(screen)?.root;
        let atom = connection.intern_atom(false, b"_NET_ACTIVE_WINDOW").ok()?.reply().ok()?.atom;
        let event = ClientMessageEvent::new(32, window, atom, [FOR_THE_USER, time, 0, 0, 0]);
        let mask = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        connection.send_event(false, root, mask, event).ok()?.check().ok()
    }

    /// When the user asked for a launch, as the name of its activation says at its end.
    fn time(activation: &str) -> u32 {
        let digits = activation.rsplit_once("_TIME").map(|(_, digits)| digits);
        digits.and_then(|digits| digits.parse().ok()).unwrap_or(x11rb::CURRENT_TIME)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_time_of_an_activation_is_at_its_end() {
            assert_eq!(time("gnome-shell-1234-host-nautilus-0_TIME4711"), 4711);
            assert_eq!(time("c9ad8f0e-wayland"), x11rb::CURRENT_TIME);
            assert_eq!(time("x_TIME99999999999"), x11rb::CURRENT_TIME);
        }
    }
}
