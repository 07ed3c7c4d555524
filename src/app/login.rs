//! Who asks a server, where it wants to know: the questions that wait for an answer.
//!
//! What is typed lives here until it is sent or the sheet is closed, and nowhere else.

use std::collections::VecDeque;

use bevy::prelude::*;

use super::opening::{Login, Opener, Source};
use crate::launch::{Credentials, Secret};

/// What a server wants to know.
pub struct Question {
    pub base: String,
    /// The server was told, and did not accept it.
    pub refused: bool,
    told: Credentials,
    asker: Asker,
}

/// Who waits for the answer.
enum Asker {
    Request(Box<Login>),
    /// The search for studies.
    Search,
}

impl From<Login> for Question {
    fn from(login: Login) -> Self {
        let Login { asked, refused, .. } = &login;
        let (base, told) = (asked.base.clone(), asked.credentials.clone());
        Self { base, refused: *refused, told, asker: Asker::Request(Box::new(login)) }
    }
}

/// The sheet that asks for a name and a password, or for a token.
#[derive(Resource, Default)]
pub struct LoginSheet {
    waiting: VecDeque<Question>,
    pub user: String,
    pub password: String,
    pub token: String,
    pub with_token: bool,
    /// The keyboard has to be put into the first field.
    pub fresh: bool,
}

impl LoginSheet {
    /// What a server wants to know before it shows something comes on screen, after what others want to know.
    pub fn ask(&mut self, login: Login) {
        self.put(login.into());
    }

    /// A server wants to know who looks for studies there.
    pub fn ask_for_search(&mut self, base: String, told: Credentials, refused: bool) {
        self.put(Question { base, refused, told, asker: Asker::Search });
    }

    fn put(&mut self, question: Question) {
        if self.waiting.is_empty() {
            self.fresh = true;
            self.with_token = matches!(question.told, Credentials::Bearer(_));
            if let Credentials::Basic { user, .. } = &question.told {
                self.user.clone_from(user);
            }
        }
        self.waiting.push_back(question);
    }

    /// The question on screen.
    pub fn current(&self) -> Option<&Question> {
        self.waiting.front()
    }

    /// Whether there is something to send.
    pub fn is_filled(&self) -> bool {
        if self.with_token { !self.token.trim().is_empty() } else { !self.user.is_empty() }
    }

    /// Sends what was typed, for every request to the same server that waits. Answers whom it was sent to and what, for
    /// others who ask that server.
    pub fn send(&mut self, opener: &Opener) -> Option<(String, Credentials)> {
        let base = self.current()?.base.clone();
        let credentials = if self.with_token {
            Credentials::Bearer(Secret::new(self.token.trim()))
        } else {
            Credentials::Basic { user: self.user.clone(), password: Secret::new(self.password.clone()) }
        };
        let (now, later) = self.waiting.drain(..).partition::<Vec<_>, _>(|question| question.base == base);
        self.waiting = later.into();
        for question in now {
            let Asker::Request(login) = question.asker else { continue };
            let Login { mut request, mut asked, .. } = *login;
            asked.credentials = credentials.clone();
            request.source = Source::Server(asked);
            opener.open_also(request);
        }
        self.forget();
        Some((base, credentials))
    }

    /// Takes the question away unanswered. Answers whether it was the search that waited.
    pub fn dismiss(&mut self) -> bool {
        let gone = self.waiting.pop_front();
        self.forget();
        gone.is_some_and(|question| matches!(question.asker, Asker::Search))
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
        assert_eq!(sheet.current().map(|question| question.base.as_str()), Some("https://a"));
        assert!(!sheet.dismiss(), "no search waited");
        assert!(sheet.password.is_empty());
        assert_eq!(sheet.current().map(|question| question.base.as_str()), Some("https://b"));
        sheet.with_token = true;
        assert!(!sheet.is_filled(), "a name is no token");
        sheet.ask_for_search("https://c".to_owned(), Credentials::None, false);
        assert!(!sheet.dismiss());
        assert!(sheet.dismiss(), "the search waited");
        assert!(sheet.current().is_none());
    }
}
