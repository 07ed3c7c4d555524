//! Who asks a server, where it wants to know: the questions that wait for an answer.
//!
//! What is typed lives here until it is sent or the sheet is closed, and nowhere else.

use std::collections::VecDeque;

use bevy::prelude::*;

use super::opening::{Login, Opener, Request, Source};
use crate::launch::{Credentials, Secret};

/// The sheet that asks for a name and a password, or for a token.
#[derive(Resource, Default)]
pub struct LoginSheet {
    waiting: VecDeque<Login>,
    pub user: String,
    pub password: String,
    pub token: String,
    pub with_token: bool,
    /// The keyboard has to be put into the first field.
    pub fresh: bool,
}

impl LoginSheet {
    /// What a server wants to know comes on screen, after what others want to know.
    pub fn ask(&mut self, login: Login) {
        if self.waiting.is_empty() {
            self.fresh = true;
            self.with_token = matches!(login.asked.credentials, Credentials::Bearer(_));
            if let Credentials::Basic { user, .. } = &login.asked.credentials {
                self.user.clone_from(user);
            }
        }
        self.waiting.push_back(login);
    }

    /// The question on screen.
    pub fn current(&self) -> Option<&Login> {
        self.waiting.front()
    }

    /// Whether there is something to send.
    pub fn is_filled(&self) -> bool {
        if self.with_token { !self.token.trim().is_empty() } else { !self.user.is_empty() }
    }

    /// Sends what was typed, for every request to the same server that waits.
    pub fn send(&mut self, opener: &Opener) {
        let Some(base) = self.current().map(|login| login.asked.base.clone()) else { return };
        let credentials = if self.with_token {
            Credentials::Bearer(Secret::new(self.token.trim()))
        } else {
            Credentials::Basic { user: self.user.clone(), password: Secret::new(self.password.clone()) }
        };
        let (now, later) = self.waiting.drain(..).partition::<Vec<_>, _>(|login| login.asked.base == base);
        self.waiting = later.into();
        for Login { mut request, mut asked, .. } in now {
            asked.credentials = credentials.clone();
            request.source = Source::Server(asked);
            opener.open_also(request);
        }
        self.forget();
    }

    /// Takes the question away unanswered.
    pub fn dismiss(&mut self) -> Option<Request> {
        let gone = self.waiting.pop_front().map(|login| login.request);
        self.forget();
        gone
    }

    fn forget(&mut self) {
        self.password.clear();
        self.token.clear();
        self.fresh = true;
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<LoginSheet>();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::opening::Asked;
    use crate::dicomweb::Wanted;

    fn login(base: &str) -> Login {
        let asked =
            Asked { base: base.to_owned(), credentials: Credentials::None, wanted: Wanted::default() };
        Login { request: asked.clone().into(), asked, refused: false }
    }

    #[test]
    fn questions_wait_for_each_other_and_what_was_typed_does_not_stay() {
        let mut sheet = LoginSheet::default();
        sheet.ask(login("https://a"));
        sheet.ask(login("https://b"));
        assert!(!sheet.is_filled());
        sheet.user = "anna".to_owned();
        sheet.password = "secret".to_owned();
        assert!(sheet.is_filled());
        assert_eq!(sheet.current().map(|login| login.asked.base.as_str()), Some("https://a"));
        assert!(sheet.dismiss().is_some());
        assert!(sheet.password.is_empty());
        assert_eq!(sheet.current().map(|login| login.asked.base.as_str()), Some("https://b"));
        sheet.with_token = true;
        assert!(!sheet.is_filled(), "a name is no token");
    }
}
