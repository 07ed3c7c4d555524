//! What a launch gives to the window that runs: words that mean the same there, and what the sender alone has.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

use crate::launch::Secret;

/// The longest name of an activation that is believed.
const LONGEST_TOKEN: usize = 4096;

/// One launch, on its way to another process of the same version.
///
/// It exists in memory and on the socket, never on a disk. Printed for debugging it says how much it holds, since
/// a word can be a link with a password in it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct HandOver {
    /// What would be typed after the program's name to the same end from any folder.
    pub words: Vec<OsString>,
    /// The folder it was typed in, for paths inside of links.
    pub folder: Option<PathBuf>,
    /// Variables of the sender's environment that decide about servers: who asks, and the proof.
    pub variables: BTreeMap<String, Secret>,
    /// The right to come to the front, as the desktop gave it to the sender.
    pub activation: Option<String>,
}

impl HandOver {
    pub fn new(words: Vec<OsString>) -> Self {
        Self { words, ..Self::default() }
    }

    /// Takes along the variables of these names, as far as they are set, and the right to come to the front.
    #[must_use]
    pub fn with_environment(mut self, names: &[&str], variable: &dyn Fn(&str) -> Option<OsString>) -> Self {
        for name in names {
            if let Some(value) = variable(name).and_then(|value| value.into_string().ok()) {
                self.variables.insert((*name).to_owned(), Secret::new(value));
            }
        }
        let token = |name| variable(name).as_deref().and_then(OsStr::to_str).and_then(sound_token);
        self.activation = token("XDG_ACTIVATION_TOKEN").or_else(|| token("DESKTOP_STARTUP_ID"));
        self
    }

    /// A variable of the sender's environment.
    pub fn variable(&self, name: &str) -> Option<&Secret> {
        self.variables.get(name)
    }
}

/// A token that may be passed on to the window system.
pub(super) fn sound_token(token: &str) -> Option<String> {
    let sound = !token.is_empty() && token.len() <= LONGEST_TOKEN && !token.chars().any(char::is_control);
    sound.then(|| token.to_owned())
}

impl fmt::Debug for HandOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandOver")
            .field("words", &self.words.len())
            .field("variables", &self.variables)
            .field("folder", &self.folder)
            .field("activation", &self.activation.is_some())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_carried_is_what_was_named_and_it_is_never_printed() {
        let environment = |name: &str| match name {
            "TOKEN" => Some(OsString::from("eyJhbGciOi")),
            "XDG_ACTIVATION_TOKEN" => Some(OsString::from("gnome-1-2_TIME77")),
            "OTHER" => Some(OsString::from("unasked")),
            _ => None,
        };
        let words = vec![OsString::from("perspecta://open?password=hunter2")];
        let hand_over = HandOver::new(words).with_environment(&["TOKEN", "USER"], &environment);
        assert_eq!(hand_over.variable("TOKEN").map(Secret::reveal), Some("eyJhbGciOi"));
        assert_eq!(hand_over.variables.len(), 1);
        assert_eq!(hand_over.activation.as_deref(), Some("gnome-1-2_TIME77"));
        let printed = format!("{hand_over:?} {hand_over:#?}");
        for secret in ["hunter2", "eyJ", "TIME77"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }

    #[test]
    fn a_token_that_is_none_is_left_out() {
        for token in ["", "a\nb", &"x".repeat(LONGEST_TOKEN + 1)] {
            assert_eq!(sound_token(token), None);
        }
        assert_eq!(sound_token("ok").as_deref(), Some("ok"));
    }
}
