//! Searching page by page, whatever a server makes of pages.

use std::collections::HashSet;
use std::marker::PhantomData;

use super::query::{StudyQuery, instances_target, series_target};
use super::rows::{self, InstanceRow, Row, SeriesRow, StudyRow};
use super::{Transport, Watch, WebError};

/// Rows asked for at once.
const PAGE: usize = 200;
/// Longest answer to one search.
const ANSWER: u64 = 64 << 20;
/// No search means more rows than this.
const MOST: usize = 200_000;
const ACCEPT: &str = "application/dicom+json";

/// What a search finds, page after page.
///
/// A server may send less than a page while there is more, so only an empty page ends a search. One that knows no
/// pages sends everything at once or the same again: what was seen before ends it as well.
#[derive(Debug, Clone)]
pub struct Pages<R> {
    target: String,
    page: usize,
    offset: usize,
    seen: HashSet<String>,
    done: bool,
    rows: PhantomData<fn() -> R>,
}

/// Studies that are like this, `page` at a time.
pub fn find_studies(query: &StudyQuery, page: usize) -> Pages<StudyRow> {
    Pages::new(query.target(), page)
}

/// The series of a study.
pub fn find_series(study: &str) -> Pages<SeriesRow> {
    Pages::new(series_target(study), PAGE)
}

/// The instances of a study, or of one of its series.
pub fn find_instances(study: &str, series: Option<&str>) -> Pages<InstanceRow> {
    Pages::new(instances_target(study, series), PAGE)
}

impl<R: Row> Pages<R> {
    fn new(target: String, page: usize) -> Self {
        let page = page.clamp(1, 1000);
        Self { target, page, offset: 0, seen: HashSet::new(), done: false, rows: PhantomData }
    }

    /// Whether the last page was reached.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// The next rows; none when there are no more.
    ///
    /// # Errors
    /// What the transport says, or an answer that is no list of rows. The page may be asked for again.
    pub fn next(&mut self, transport: &dyn Transport, watch: &Watch) -> Result<Vec<R>, WebError> {
        if self.done {
            return Ok(Vec::new());
        }
        let joint = if self.target.contains('?') { '&' } else { '?' };
        let target = format!("{}{joint}limit={}&offset={}", self.target, self.page, self.offset);
        let answer = match transport.get(&target, ACCEPT, watch) {
            Ok(answer) => answer,
            // Beyond the end, some say that there is no such thing.
            Err(WebError::NotFound(_)) if self.offset > 0 => {
                self.done = true;
                return Ok(Vec::new());
            }
            Err(error) => return Err(error),
        };
        let bytes = read(answer.body, ANSWER)?;
        let (mut rows, count) = rows::read::<R>(&bytes, &answer.content_type)?;
        rows.retain(|row| self.seen.insert(row.uid().to_owned()));
        self.offset += count;
        // More than a page is everything there is.
        self.done = rows.is_empty() || count > self.page || self.seen.len() > MOST;
        Ok(rows)
    }

    /// All rows there are, but no page after `most` were found.
    ///
    /// # Errors
    /// As for [`next`](Self::next).
    pub fn all(mut self, most: usize, transport: &dyn Transport, watch: &Watch) -> Result<Vec<R>, WebError> {
        let mut all = Vec::new();
        while !self.done && all.len() < most {
            all.extend(self.next(transport, watch)?);
        }
        Ok(all)
    }
}

/// All studies of a patient, the newest first: the current one is among them. Identifiers are unique only for whoever
/// issued them; with `issuer` given, studies of other issuers are left out where the server names theirs.
///
/// # Errors
/// As for [`Pages::next`]. Without an identifier nothing is asked, and nothing found.
pub fn priors(
    transport: &dyn Transport,
    patient_id: &str,
    issuer: Option<&str>,
    watch: &Watch,
) -> Result<Vec<StudyRow>, WebError> {
    let patient_id = patient_id.trim();
    // A wildcard in an identifier would find other people.
    if patient_id.is_empty() || patient_id.contains(['*', '?', '\\']) {
        return Ok(Vec::new());
    }
    let query = StudyQuery { patient_id: patient_id.to_owned(), ..StudyQuery::default() };
    let mut studies = find_studies(&query, PAGE).all(MOST, transport, watch)?;
    studies.retain(|row| {
        let same_issuer = issuer.is_none_or(|issuer| row.issuer.is_empty() || row.issuer == issuer.trim());
        // Servers may match as they like.
        row.patient_id == patient_id && same_issuer
    });
    studies.sort_by(|a, b| (&b.date, &b.time, &a.study_uid).cmp(&(&a.date, &a.time, &b.study_uid)));
    Ok(studies)
}

/// Reads a body to its end within a bound.
fn read(body: impl std::io::Read, limit: u64) -> Result<Vec<u8>, WebError> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    body.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(WebError::TooLarge(format!("a list is longer than {limit} bytes")));
    }
    Ok(bytes)
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
