//! Finding a study on a server: what is looked for and where, what was found, and how far that is.
//!
//! Plain state that knows no interface. Servers are asked on a thread (`asking`), whose news [`Searching::follow`]
//! takes in; a new search ends the one before. What was typed to be let in stays in memory until the window closes.

mod asking;
mod form;
mod places;
#[cfg(test)]
mod tests;
mod trouble;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use bevy::prelude::*;
use crossbeam_channel::{Receiver, TryRecvError};

use self::asking::{News, Searches, Voice, Way, Whom};
use self::places::Places;
use super::AppSystems;
use super::login::LoginSheet;
use super::notices::Notices;
use super::opening::{Asked, Opener, Request};
use super::wake::Waker;
use crate::dicomweb::{StudyRow, Wanted, Watch, WebError};
use crate::launch::{Credentials, OpenPlan, SearchPlan, parse_server};
use crate::study::CancelToken;

pub use form::{Form, MODALITIES, Period};
pub use trouble::Trouble;

/// The search for studies.
#[derive(Resource, Default)]
pub struct Searching {
    open: bool,
    /// The keyboard has to be put into the field of the search.
    pub fresh: bool,
    /// The server, as it is typed.
    pub server: String,
    pub form: Form,
    /// The list was changed by other means than the pointer: the chosen row has to be brought into sight.
    pub reveal: bool,
    /// Characters that the built-in font may lack, until somebody looked for them.
    pub foreign: Vec<char>,
    places: Places,
    logins: HashMap<String, Credentials>,
    way: Option<Way>,
    waker: Option<Waker>,
    /// What the list answers: the server, and what was looked for there.
    answered: Option<(String, Form)>,
    found: Vec<StudyRow>,
    chosen: Option<String>,
    state: State,
    notes: Vec<String>,
    task: Option<Task>,
    rest: Option<Searches>,
    ready: Option<Request>,
    said: Vec<String>,
    /// The user wants to say who asks.
    signs_in: bool,
}

/// How far the search is.
#[derive(Debug, Default, PartialEq)]
pub enum State {
    /// Nothing was looked for yet.
    #[default]
    Idle,
    Running,
    /// A study was chosen, and earlier ones of its patient are looked for.
    LookingForPriors,
    Done,
    Stopped,
    Failed(Trouble),
    /// The server wants to know who asks; `refused` where it was told and did not accept it.
    AsksWho {
        refused: bool,
    },
}

/// A thread at work, which ends when nobody wants to hear of it.
struct Task {
    cancel: CancelToken,
    news: Receiver<News>,
}

impl Drop for Task {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// Whether it is there, and what stands in it.
impl Searching {
    pub fn is_open(&self) -> bool {
        self.open
    }

    pub fn state(&self) -> &State {
        &self.state
    }

    pub fn toggle(&mut self) {
        if self.open { self.close() } else { self.show() }
    }

    fn show(&mut self) {
        self.open = true;
        self.fresh = true;
        if self.server.trim().is_empty() {
            self.server = self.places.all().into_iter().next().unwrap_or_default();
        }
    }

    /// Closes it; what was found stays for the next time.
    pub fn close(&mut self) {
        self.open = false;
        self.stop();
    }

    /// What a launch says about servers.
    pub fn take_plan(&mut self, plan: &OpenPlan) {
        if let Some(remote) = &plan.remote {
            self.offer(&remote.base_url, &remote.credentials);
        }
        if let Some(SearchPlan { base_url, credentials, .. }) = &plan.search {
            self.offer(base_url, credentials);
            self.server.clone_from(base_url);
            self.show();
        }
    }

    fn offer(&mut self, base: &str, credentials: &Credentials) {
        self.places.offer(base);
        self.learn(base, credentials);
    }

    /// Servers to choose from.
    pub fn places(&mut self) -> Vec<String> {
        self.places.all()
    }

    /// What was found, the newest first.
    pub fn found(&self) -> &[StudyRow] {
        &self.found
    }

    /// What else the user should know.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Whether the list answers what stands in the fields.
    pub fn is_current(&self) -> bool {
        self.answered.as_ref().is_some_and(|(base, form)| *base == self.server.trim() && *form == self.form)
    }

    /// Whether there may be more than what was found.
    pub fn has_more(&self) -> bool {
        self.task.is_none() && self.rest.as_ref().is_some_and(|rest| !rest.is_done())
    }

    /// The place of the chosen study in the list: the first until another is chosen.
    pub fn chosen(&self) -> Option<usize> {
        let at = |uid: &String| self.found.iter().position(|row| row.study_uid == *uid);
        self.chosen.as_ref().and_then(at).or_else(|| (!self.found.is_empty()).then_some(0))
    }

    pub fn choose(&mut self, at: usize) {
        self.chosen = self.found.get(at).map(|row| row.study_uid.clone());
    }

    /// Chooses the study so many places further on.
    pub fn choose_beside(&mut self, by: isize) {
        if let Some(at) = self.chosen() {
            self.choose(at.saturating_add_signed(by).min(self.found.len().saturating_sub(1)));
            self.reveal = true;
        }
    }
}

/// Asking.
impl Searching {
    /// Looks for what stands in the fields, in place of what was looked for before.
    pub fn search(&mut self) {
        self.search_on(chrono::Local::now().date_naive());
    }

    fn search_on(&mut self, today: chrono::NaiveDate) {
        self.task = None;
        self.rest = None;
        self.notes.clear();
        let place = match parse_server(&self.server) {
            Ok(place) => place,
            Err(_) if self.server.trim().is_empty() => return self.fail(Trouble::no_server()),
            Err(error) => return self.fail(Trouble::of_input(error.to_string())),
        };
        self.server.clone_from(&place.base_url);
        self.learn(&place.base_url, &place.credentials);
        if let Some(study) = place.study {
            self.form.text = study;
        }
        let queries = match self.form.queries(today) {
            Ok(queries) => queries,
            Err(error) => return self.fail(Trouble::of_input(error)),
        };
        self.found.clear();
        self.chosen = None;
        self.reveal = true;
        self.answered = Some((place.base_url.clone(), self.form.clone()));
        self.ask(&place.base_url, Searches::new(&queries));
    }

    /// Goes on where the list ends.
    pub fn more(&mut self) {
        if !self.has_more() {
            return;
        }
        if let Some(((base, _), rest)) = self.answered.clone().zip(self.rest.take()) {
            self.ask(&base, rest);
        }
    }

    fn ask(&mut self, base: &str, searches: Searches) {
        self.state = State::Running;
        self.work(base, |whom, watch, voice| asking::search(&whom, searches, &watch, &voice));
    }

    /// Ends what is under way.
    pub fn stop(&mut self) {
        if self.task.take().is_some() {
            self.state = State::Stopped;
        }
    }

    /// Opens the chosen study, alone or with earlier ones of its patient.
    pub fn open_chosen(&mut self, with_priors: bool) {
        let row = self.chosen().and_then(|at| self.found.get(at)).cloned();
        let Some((row, (base, _))) = row.zip(self.answered.clone()) else { return };
        if !with_priors {
            return self.open_studies(&base, vec![row.study_uid]);
        }
        self.state = State::LookingForPriors;
        self.work(&base, |whom, watch, voice| asking::find_priors(&whom, row, &watch, &voice));
    }

    fn open_studies(&mut self, base: &str, studies: Vec<String>) {
        let asked = Asked {
            base: base.to_owned(),
            credentials: self.login(base),
            wanted: Wanted { studies, ..Wanted::default() },
        };
        self.ready = Some(Request::from(asked));
        self.close();
        if self.state != State::Stopped {
            self.state = State::Done;
        }
    }

    /// What is to be opened, once.
    pub fn take_ready(&mut self) -> Option<Request> {
        self.ready.take()
    }

    fn work(&mut self, base: &str, work: impl FnOnce(Whom, Watch, Voice) + Send + 'static) {
        let Some(way) = self.way.clone() else { return self.fail(Trouble::no_thread()) };
        let (sender, news) = crossbeam_channel::unbounded();
        let cancel = CancelToken::default();
        let voice = Voice { sender, waker: self.waker.clone() };
        let folder = self.places.folder().map(PathBuf::from);
        let whom = Whom { way, base: base.to_owned(), credentials: self.login(base), folder };
        let watch = Watch::ended_by(cancel.clone());
        let run = move || work(whom, watch, voice);
        match std::thread::Builder::new().name("search".to_owned()).spawn(run) {
            Ok(_) => self.task = Some(Task { cancel, news }),
            Err(error) => {
                tracing::error!("nothing can be looked for, no thread could be started: {error}");
                self.fail(Trouble::no_thread());
            }
        }
    }

    fn fail(&mut self, trouble: Trouble) {
        self.task = None;
        self.state = State::Failed(trouble);
    }
}

/// Who asks.
impl Searching {
    fn login(&self, base: &str) -> Credentials {
        self.logins.get(base).cloned().unwrap_or_default()
    }

    fn learn(&mut self, base: &str, credentials: &Credentials) {
        if !credentials.is_none() {
            self.logins.insert(base.to_owned(), credentials.clone());
        }
    }

    /// Somebody said who asks a server. A search that waited for it goes on.
    pub fn let_in(&mut self, base: &str, credentials: &Credentials) {
        self.learn(base, credentials);
        let waits = matches!(self.state, State::AsksWho { .. });
        if waits && self.answered.as_ref().is_some_and(|(asked, _)| asked == base) {
            self.search();
        }
    }

    /// The user wants to say who asks, though nothing waits for it.
    pub fn sign_in(&mut self) {
        self.signs_in = true;
        if let Some(waker) = &self.waker {
            waker.wake();
        }
    }

    /// Nobody says who asks.
    pub fn left_out(&mut self) {
        if let State::AsksWho { refused } = self.state {
            if let Some((base, _)) = &self.answered {
                self.logins.remove(base);
            }
            self.fail(Trouble::of(&WebError::Unauthorized { asked: refused }));
        }
    }
}

/// Hearing.
impl Searching {
    /// Takes in what the thread has to say. Answers with a server that wants to know who asks.
    fn follow(&mut self) -> Option<(String, Credentials, bool)> {
        if std::mem::take(&mut self.signs_in)
            && let Some((base, _)) = &self.answered
        {
            self.state = State::AsksWho { refused: false };
            return Some((base.clone(), self.login(base), false));
        }
        loop {
            let news = match self.task.as_ref()?.news.try_recv() {
                Ok(news) => news,
                Err(TryRecvError::Empty) => return None,
                Err(TryRecvError::Disconnected) => {
                    self.fail(Trouble::ended());
                    return None;
                }
            };
            match news {
                News::Warnings(warnings) => self.notes.extend(warnings),
                News::Rows(rows) => self.take_in(rows),
                News::Ended(rest, outcome) => {
                    self.task = None;
                    return self.end(rest, outcome);
                }
                News::Priors(of, priors) => {
                    self.task = None;
                    self.open_with(&of, priors);
                    return None;
                }
            }
        }
    }

    fn take_in(&mut self, rows: Vec<StudyRow>) {
        let texts = rows.iter().flat_map(|row| [&row.patient_name, &row.description, &row.patient_id]);
        self.foreign.extend(texts.flat_map(|text| text.chars()).filter(|letter| !letter.is_ascii()));
        self.foreign.sort_unstable();
        self.foreign.dedup();
        self.found.extend(rows);
        self.found.sort_by(|a, b| (&b.date, &b.time, &a.study_uid).cmp(&(&a.date, &a.time, &b.study_uid)));
    }

    fn end(
        &mut self,
        rest: Searches,
        outcome: Result<Option<WebError>, WebError>,
    ) -> Option<(String, Credentials, bool)> {
        self.rest = Some(rest);
        let base = self.answered.as_ref().map(|(base, _)| base.clone()).unwrap_or_default();
        match outcome {
            Ok(refused) => {
                self.places.answered(&base);
                let partly = |error| format!("a part of the search was not answered, {error}");
                self.notes.extend(refused.map(partly));
                self.state = State::Done;
            }
            Err(WebError::Unauthorized { asked }) => {
                self.state = State::AsksWho { refused: asked };
                let credentials = self.login(&base);
                return Some((base, credentials, asked));
            }
            Err(WebError::Cancelled) => self.state = State::Stopped,
            Err(error) => self.fail(Trouble::of(&error)),
        }
        None
    }

    /// The chosen study matters more than those before it.
    fn open_with(&mut self, of: &StudyRow, priors: Result<Vec<StudyRow>, WebError>) {
        let priors = priors.unwrap_or_else(|error| {
            self.said.push(format!("the study is opened alone, its earlier ones were not found: {error}"));
            Vec::new()
        });
        if priors.is_empty() && self.said.is_empty() {
            self.said
                .push("the server has no earlier study of this patient that could be compared".to_owned());
        }
        let Some((base, _)) = self.answered.clone() else { return };
        let studies = std::iter::once(of).chain(&priors).map(|row| row.study_uid.clone()).collect();
        self.state = State::Done;
        self.open_studies(&base, studies);
    }
}

/// Lets the search reach servers.
pub(super) fn connect(searching: &mut Searching, opener: &Opener, waker: &Waker) {
    let opener = opener.clone();
    searching.waker = Some(waker.clone());
    searching.way = Some(Arc::new(move |base, credentials| {
        let reached = opener.servers().reach(base, credentials)?;
        Ok((reached.transport, reached.warnings))
    }));
}

pub(super) fn plugin(app: &mut App) {
    let places = Places::kept_in(crate::launch::config_dir());
    app.insert_resource(Searching { places, ..Searching::default() })
        .add_systems(Update, follow_search.in_set(AppSystems::Receive));
}

fn follow_search(
    mut searching: ResMut<Searching>,
    mut sheet: ResMut<LoginSheet>,
    mut notices: ResMut<Notices>,
    opener: Option<Res<Opener>>,
) {
    if let Some((base, credentials, refused)) = searching.follow() {
        sheet.ask_for_search(base, credentials, refused);
    }
    if let (Some(opener), Some(request)) = (opener, searching.take_ready()) {
        opener.open_also(request);
    }
    for said in std::mem::take(&mut searching.said) {
        notices.warn(said);
    }
}
