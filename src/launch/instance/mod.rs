//! One window a user and display: a second launch hands what it was asked to the first, and exits.
//!
//! [`claim`] decides which one a launch is. Who holds an advisory lock owns the door, a local socket or a named
//! pipe that only this user may reach; the system lets go of the lock however its holder ends, so a door that
//! was left behind is recovered by the next launch. The [`Listener`] is claimed before there is a window: whoever
//! knocks meanwhile is told to wait, and gets its answer when the application takes what it brought.
//!
//! A launch is given up by its sender only when the receiver says that it took it. Whatever else happens, a
//! refusal, another version, an end or a silence of [`PATIENCE`], the sender opens a window of its own: at worst
//! something opens twice, it is never lost. Nothing that is handed over touches a disk.
//!
//! What the words of a launch mean is not known here; a [`HandOver`] carries them so that they mean the same on
//! the other side.

mod hand_over;
mod listener;
mod place;
mod sender;
#[cfg(test)]
mod tests;
mod wire;

#[cfg(unix)]
#[path = "unix.rs"]
mod transport;

#[cfg(windows)]
#[path = "windows.rs"]
mod transport;

use std::time::{Duration, Instant};

use super::OpenPlan;

pub use hand_over::HandOver;
pub use listener::{Inbox, Listener};
pub use place::Place;
pub use sender::{Connection, NotTaken};

/// The language spoken at the door. Another number: another language.
const PROTOCOL: u32 = 1;

/// How long a launch listens to silence before it goes its own way.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// How long what was brought waits for an application that runs. Less than [`PATIENCE`], so that the sender hears
/// of it and nothing opens twice.
const TAKE_WITHIN: Duration = Duration::from_millis(2200);

/// How long it waits for one that still starts.
const START_WITHIN: Duration = Duration::from_secs(60);

/// Between two tries to find out who is there.
const PAUSE: Duration = Duration::from_millis(10);

/// What a launch is.
#[derive(Debug)]
pub enum Claimed {
    /// The first: it opens the window, and others come to it.
    First(Listener),
    /// One of the same version runs or starts, and listens.
    Running(Connection),
    /// On its own, and why: no place to meet, another version, nobody answers.
    Alone(String),
}

/// Finds out whether this launch is the first at this place.
pub fn claim(place: &Place) -> Claimed {
    claim_as(place, env!("CARGO_PKG_VERSION"))
}

fn claim_as(place: &Place, version: &str) -> Claimed {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match Listener::open(place, version) {
            Ok(Some(listener)) => return Claimed::First(listener),
            Ok(None) => {}
            Err(error) => return Claimed::Alone(format!("cannot listen for other launches: {error}")),
        }
        match Connection::open(place, version, deadline) {
            Ok(connection) => return Claimed::Running(connection),
            Err(NotTaken::Gone) if Instant::now() < deadline => std::thread::sleep(PAUSE),
            Err(error) => return Claimed::Alone(error.to_string()),
        }
    }
}

/// A launch that arrived, understood.
#[derive(Debug)]
pub struct Visit {
    pub plan: OpenPlan,
    /// The right to come to the front, as the desktop gave it to the launch.
    pub activation: Option<String>,
}

/// How a launch ended up.
#[derive(Debug)]
pub enum Shared {
    /// The window that runs has it: this process is done.
    Given,
    /// This process opens the window, and others come to it.
    First(Listener),
    /// This process opens a window that nobody comes to, and why.
    Alone(String),
}

/// Hands over to the window that runs, or becomes it. One that ends meanwhile is followed by whoever is first then.
pub fn share(place: &Place, hand_over: &HandOver) -> Shared {
    for _ in 0..3 {
        match claim(place) {
            Claimed::First(listener) => return Shared::First(listener),
            Claimed::Alone(reason) => return Shared::Alone(reason),
            Claimed::Running(connection) => match connection.hand_over(hand_over) {
                Ok(()) => return Shared::Given,
                Err(NotTaken::Gone) => {}
                Err(error) => return Shared::Alone(error.to_string()),
            },
        }
    }
    Shared::Alone(NotTaken::Gone.to_string())
}
