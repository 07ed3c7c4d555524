//! The side that knocks: hears who is there, gives its launch away, and waits to hear that it was taken.

use std::fmt;
use std::io;
use std::time::Instant;

use super::transport::Stream;
use super::wire::{Answer, Greeting, hear, pack_launch};
use super::{HandOver, PATIENCE, Place, START_WITHIN};

/// Why a launch stays with the one who wanted to give it away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotTaken {
    /// Nobody is there, or not any more.
    Gone,
    /// The window that runs says nothing.
    Silent,
    /// It is of another version.
    Other { version: String },
    /// It will not have it, and why.
    Refused(String),
}

impl fmt::Display for NotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("the running window ended while it was asked"),
            Self::Silent => f.write_str("the running window does not answer"),
            Self::Other { version } => write!(f, "the running window is of another version: {version}"),
            Self::Refused(reason) => write!(f, "the running window did not take it: {reason}"),
        }
    }
}

impl std::error::Error for NotTaken {}

impl From<io::Error> for NotTaken {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{InvalidData, TimedOut, WouldBlock};
        match error.kind() {
            TimedOut | WouldBlock => Self::Silent,
            // What does not speak our language is not ours.
            InvalidData => Self::Other { version: "unknown".to_owned() },
            _ => Self::Gone,
        }
    }
}

/// The window that runs, of this version, listening.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
}

impl Connection {
    /// Knocks, and hears who is there.
    pub(super) fn open(place: &Place, version: &str, deadline: Instant) -> Result<Self, NotTaken> {
        let mut stream = Stream::connect(place).map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => NotTaken::Refused("it is not the user's own".to_owned()),
            _ => NotTaken::Gone,
        })?;
        let greeting: Greeting = hear(&mut stream, deadline)?;
        if greeting == Greeting::of(version) {
            Ok(Self { stream })
        } else {
            Err(NotTaken::Other { version: sober(&greeting.version) })
        }
    }

    /// Gives a launch away. Once this is done the window that runs has it.
    ///
    /// # Errors
    /// Why it is still here.
    pub fn hand_over(mut self, hand_over: &HandOver) -> Result<(), NotTaken> {
        let packed = pack_launch(hand_over).map_err(|error| NotTaken::Refused(error.to_string()))?;
        let started = Instant::now();
        self.stream.send(&packed, started + PATIENCE)?;
        loop {
            match hear(&mut self.stream, Instant::now() + PATIENCE)? {
                Answer::Taken => return Ok(()),
                Answer::Closing => return Err(NotTaken::Gone),
                Answer::Refused(reason) => return Err(NotTaken::Refused(sober(&reason))),
                Answer::Waiting if started.elapsed() > START_WITHIN + PATIENCE => {
                    return Err(NotTaken::Silent);
                }
                Answer::Waiting => {}
            }
        }
    }
}

/// What another process said, fit to be shown on one line.
fn sober(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
