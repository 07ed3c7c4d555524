//! Asking a server, on a thread: page by page, and for the earlier studies of a patient.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::Sender;

use super::places;
use crate::app::wake::Waker;
use crate::dicomweb::{self, Pages, StudyQuery, StudyRow, Transport, Watch, WebError};
use crate::launch::Credentials;

/// Studies looked for at once.
pub const PAGE: usize = 100;
/// Earlier studies that are opened beside one.
pub const MOST_PRIORS: usize = 3;
/// What is no reason to compare two studies.
const WITHOUT_IMAGES: &[&str] = &["SR", "PR", "KO", "SEG", "DOC", "AU", "OT", "REG"];

/// A server to ask, and what should be known about it.
pub type Way =
    Arc<dyn Fn(&str, &Credentials) -> Result<(Arc<dyn Transport>, Vec<String>), WebError> + Send + Sync>;

/// What a thread has to say.
pub enum News {
    /// What the user should know about the server.
    Warnings(Vec<String>),
    Rows(Vec<StudyRow>),
    /// The searches came to their end for now.
    Ended(Searches, Result<Option<WebError>, WebError>),
    /// The other studies of a patient.
    Priors(Box<StudyRow>, Result<Vec<StudyRow>, WebError>),
}

/// What a thread needs to be heard.
pub struct Voice {
    pub sender: Sender<News>,
    pub waker: Option<Waker>,
}

impl Voice {
    fn say(&self, news: News) {
        if self.sender.send(news).is_ok()
            && let Some(waker) = &self.waker
        {
            waker.wake();
        }
    }
}

/// Whom to ask.
pub struct Whom {
    pub way: Way,
    pub base: String,
    pub credentials: Credentials,
    /// Where servers that answered are written down.
    pub folder: Option<PathBuf>,
}

/// Several searches whose answers are one list.
pub struct Searches {
    pages: Vec<Pages<StudyRow>>,
    seen: HashSet<String>,
}

impl Searches {
    pub fn new(queries: &[StudyQuery]) -> Self {
        let pages = queries.iter().map(|query| dicomweb::find_studies(query, PAGE)).collect();
        Self { pages, seen: HashSet::new() }
    }

    /// Whether there is nothing more to be found.
    pub fn is_done(&self) -> bool {
        self.pages.iter().all(Pages::is_done)
    }

    /// A page more of each. A server may refuse one kind of search and answer another: that is told in the end where
    /// something was answered, and an error where nothing was.
    fn next(
        &mut self,
        transport: &dyn Transport,
        watch: &Watch,
        found: &dyn Fn(Vec<StudyRow>),
    ) -> Result<Option<WebError>, WebError> {
        let mut refused = None;
        let mut answered = false;
        let mut at = 0;
        while let Some(pages) = self.pages.get_mut(at) {
            match Self::page(&mut self.seen, pages, transport, watch, found) {
                Ok(()) => {
                    answered = true;
                    at += 1;
                }
                Err(error) if is_about_the_question(&error) => {
                    refused = Some(error);
                    self.pages.remove(at);
                }
                Err(error) => return Err(error),
            }
        }
        match refused {
            Some(error) if !answered => Err(error),
            refused => Ok(refused),
        }
    }

    /// Servers may send less than a page while there is more.
    fn page(
        seen: &mut HashSet<String>,
        pages: &mut Pages<StudyRow>,
        transport: &dyn Transport,
        watch: &Watch,
        found: &dyn Fn(Vec<StudyRow>),
    ) -> Result<(), WebError> {
        let mut count = 0;
        while count < PAGE && !pages.is_done() {
            if watch.cancel.is_cancelled() {
                return Err(WebError::Cancelled);
            }
            let mut rows = pages.next(transport, watch)?;
            count += rows.len();
            rows.retain(|row| seen.insert(row.study_uid.clone()));
            if !rows.is_empty() {
                found(rows);
            }
        }
        Ok(())
    }
}

/// Whether another question to the same server may be answered.
fn is_about_the_question(error: &WebError) -> bool {
    match error {
        WebError::NotAcceptable | WebError::TooLarge(_) | WebError::Nonsense(_) => true,
        WebError::Status { code, .. } => (400..500).contains(code) || *code == 501,
        _ => false,
    }
}

/// Looks for studies.
pub fn search(whom: &Whom, mut searches: Searches, watch: &Watch, voice: &Voice) {
    let asked = reach(whom, voice)
        .and_then(|transport| searches.next(transport.as_ref(), watch, &|rows| voice.say(News::Rows(rows))));
    if asked.is_ok() {
        remember(whom.folder.as_deref(), &whom.base);
    }
    voice.say(News::Ended(searches, asked));
}

/// Looks for the earlier studies of the patient of one.
pub fn find_priors(whom: &Whom, of: StudyRow, watch: &Watch, voice: &Voice) {
    let issuer = Some(of.issuer.as_str()).filter(|issuer| !issuer.is_empty());
    let all = reach(whom, voice)
        .and_then(|transport| dicomweb::priors(transport.as_ref(), &of.patient_id, issuer, watch));
    let priors = all.map(|all| earlier(&of, all));
    voice.say(News::Priors(Box::new(of), priors));
}

fn reach(whom: &Whom, voice: &Voice) -> Result<Arc<dyn Transport>, WebError> {
    let (transport, warnings) = (whom.way)(&whom.base, &whom.credentials)?;
    if !warnings.is_empty() {
        voice.say(News::Warnings(warnings));
    }
    Ok(transport)
}

fn remember(folder: Option<&Path>, base: &str) {
    if let Some(Err(error)) = folder.map(|folder| places::remember(folder, base)) {
        tracing::warn!("the server is not remembered: {error}");
    }
}

/// Of all studies of a patient, the newest first, those to compare one with.
pub fn earlier(of: &StudyRow, all: Vec<StudyRow>) -> Vec<StudyRow> {
    let images = |row: &StudyRow| -> HashSet<String> {
        let with_images = row.modalities.iter().filter(|one| !WITHOUT_IMAGES.contains(&one.as_str()));
        with_images.cloned().collect()
    };
    let wanted = images(of);
    let fits = |row: &StudyRow| {
        let theirs = images(row);
        wanted.is_empty() || theirs.is_empty() || !theirs.is_disjoint(&wanted)
    };
    let is_before = |row: &StudyRow| of.date.is_empty() || (&row.date, &row.time) <= (&of.date, &of.time);
    let mut all = all;
    all.retain(|row| row.study_uid != of.study_uid && is_before(row) && fits(row));
    all.truncate(MOST_PRIORS);
    all
}
