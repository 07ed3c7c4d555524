//! A study on a server becomes entries, as if its files lay here.
//!
//! Metadata first: each instance is an entry with its header as soon as it was read, and its pixels come when
//! somebody wants to see them. Where a server has no metadata its objects are fetched whole. A server that cannot
//! be reached still has the studies whose metadata was kept.

use std::collections::HashSet;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crossbeam_channel::Sender;
use dicom_dictionary_std::tags;

use super::arriving::Arriving;
use super::cache::Draft;
use super::instance::{self, Place};
use super::json::{self, Instance};
use super::places::is_part;
use super::retrieve;
use super::server::{Server, WHOLE_WAYS};
use super::{Answer, Parts, Watch, WebError};
use crate::dicom::{DicomFile, FileSource};
use crate::study::Entry;

const METADATA: &str = "application/dicom+json";
/// Whole objects fetched at the same time where there is no metadata.
const OBJECTS: usize = 4;
/// Metadata of a study beyond this is no metadata.
const MOST_METADATA: u64 = 8 << 30;
/// Entries of one request are numbered from multiples of this.
const ORDER: usize = 1 << 24;

/// What to open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// At least one; the first is the current one.
    pub studies: Vec<String>,
    /// Only these series, where any are named.
    pub series: Vec<String>,
    /// Only this instance.
    pub instance: Option<String>,
}

/// What could not be opened.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The study, series or instance, as a path below the server's root.
    pub what: String,
    pub error: WebError,
}

/// How it went.
#[derive(Debug, Default)]
pub struct Report {
    pub found: usize,
    pub problems: Vec<Problem>,
    /// What could only be opened because it was kept: the server cannot be reached.
    pub offline: Vec<String>,
    /// The user ended it.
    pub cancelled: bool,
}

/// What one request for metadata brings.
struct Job {
    /// `/studies/…` or `/studies/…/series/…`.
    target: String,
    study: String,
    order: usize,
    /// That it is not there is no problem: the series may be one of another study.
    optional: bool,
}

enum Said {
    Entry(Arc<Entry>),
    Problem(Problem),
    Offline(String),
}

/// Opens studies and hands over each instance as soon as its header is there, on this thread.
///
/// # Errors
/// Nothing could be opened; the first reason.
pub fn open(
    server: &Arc<Server>,
    wanted: &Wanted,
    watch: &Watch,
    on_entry: &dyn Fn(Arc<Entry>),
) -> Result<Report, WebError> {
    let jobs = jobs(wanted)?;
    let (sender, said) = crossbeam_channel::bounded(64);
    let next = AtomicUsize::new(0);
    let seen = Mutex::new(HashSet::new());
    let mut report = Report::default();
    std::thread::scope(|scope| {
        for _ in 0..server.options.parallel.clamp(1, jobs.len().max(1)) {
            let (sender, jobs, next, seen) = (sender.clone(), &jobs, &next, &seen);
            scope.spawn(move || {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if watch.cancel.is_cancelled() {
                        return;
                    }
                    Opening { server, wanted, watch, job, sender: &sender, seen }.run();
                }
            });
        }
        drop(sender);
        for said in said {
            match said {
                Said::Entry(entry) => {
                    report.found += 1;
                    on_entry(entry);
                }
                Said::Problem(problem) => report.problems.push(problem),
                Said::Offline(what) => report.offline.push(what),
            }
        }
    });
    report.cancelled = watch.cancel.is_cancelled();
    if report.found > 0 {
        return Ok(report);
    }
    if report.cancelled {
        return Err(WebError::Cancelled);
    }
    let first = report.problems.into_iter().next();
    Err(first.map_or_else(|| WebError::NotFound(wanted.studies.join(", ")), |problem| problem.error))
}

fn jobs(wanted: &Wanted) -> Result<Vec<Job>, WebError> {
    let uids = wanted.studies.iter().chain(&wanted.series).chain(&wanted.instance);
    if let Some(wrong) = uids.into_iter().find(|uid| !is_part(uid)) {
        return Err(WebError::Address(format!("this is no UID: {}", wrong.escape_debug())));
    }
    let mut jobs = Vec::new();
    for study in &wanted.studies {
        let job = |below: String, optional| Job {
            target: format!("/studies/{study}{below}"),
            study: study.clone(),
            order: 0,
            optional,
        };
        match (&wanted.series[..], &wanted.instance) {
            ([], _) => jobs.push(job(String::new(), false)),
            ([series], Some(instance)) => {
                jobs.push(job(format!("/series/{series}/instances/{instance}"), wanted.studies.len() > 1));
            }
            (all, _) => {
                let optional = wanted.studies.len() > 1;
                jobs.extend(all.iter().map(|series| job(format!("/series/{series}"), optional)));
            }
        }
    }
    for (number, job) in jobs.iter_mut().enumerate() {
        job.order = number * ORDER;
    }
    Ok(jobs)
}

/// One job on one thread.
struct Opening<'a> {
    server: &'a Arc<Server>,
    wanted: &'a Wanted,
    watch: &'a Watch,
    job: &'a Job,
    sender: &'a Sender<Said>,
    /// Instances that were handed over.
    seen: &'a Mutex<HashSet<String>>,
}

impl Opening<'_> {
    fn run(&self) {
        let result = self.metadata();
        match result {
            Err(WebError::Cancelled) | Ok(()) => {}
            Err(WebError::NotFound(_)) if self.job.optional => {}
            Err(error) => self.say(Said::Problem(Problem { what: self.job.target.clone(), error })),
        }
    }

    fn say(&self, said: Said) {
        self.sender.send(said).ok();
    }

    /// Hands over an entry, unless there was one for this instance.
    fn emit(&self, entry: Entry) {
        let uid = entry.sop_uid.clone().unwrap_or_default();
        if self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(uid) {
            self.say(Said::Entry(Arc::new(entry)));
        }
    }

    fn metadata(&self) -> Result<(), WebError> {
        let target = format!("{}/metadata", self.job.target);
        let key = self.server.key("metadata", &target, "");
        let answer = match self.server.transport.get(&target, METADATA, self.watch) {
            Ok(answer) => answer,
            Err(error) if error.is_passing() => return self.kept(&target, error),
            Err(WebError::NotFound(what)) => {
                // Either there is no such study, or there is no metadata of it.
                return self.without_metadata().map_err(|_| WebError::NotFound(what));
            }
            Err(error @ (WebError::NotAcceptable | WebError::Nonsense(_) | WebError::Status { .. })) => {
                return self.without_metadata().map_err(|_| error);
            }
            Err(error) => return Err(error),
        };
        let cache = self.server.options.cache.as_ref();
        let mut draft = cache.and_then(|cache| cache.draft(&key, "").ok());
        let tee = Tee { inner: answer.body.take(MOST_METADATA), draft: &mut draft };
        let (mut found, mut later) = (0, Vec::new());
        let read = json::read_instances(tee, &mut |instance| {
            // As long as this answer is read it holds a turn at the server; nobody who does may wait for another.
            if instance::wants_more(&instance) {
                later.push((instance, found));
            } else {
                self.instance(instance, &target, found);
            }
            found += 1;
            !self.watch.cancel.is_cancelled()
        });
        for (instance, number) in later {
            self.instance(instance, &target, number);
        }
        match read {
            Ok(()) => {
                if let Some(draft) = draft.filter(|_| found > 0 && !self.watch.cancel.is_cancelled()) {
                    draft.keep().ok();
                }
                Ok(())
            }
            Err(WebError::Nonsense(_)) if found == 0 => self.without_metadata(),
            Err(error) if error.is_passing() => self.kept(&target, error),
            Err(error) => Err(error),
        }
    }

    /// The metadata that was kept when the server could be reached.
    fn kept(&self, target: &str, error: WebError) -> Result<(), WebError> {
        let key = self.server.key("metadata", target, "");
        let kept = self.server.options.cache.as_ref().and_then(|cache| cache.get(&key));
        let Some((_, text)) = kept else { return Err(error) };
        let mut found = 0;
        json::read_instances(text.as_slice(), &mut |instance| {
            self.instance(instance, target, found);
            found += 1;
            true
        })?;
        self.say(Said::Offline(self.job.target.clone()));
        Ok(())
    }

    /// An instance as metadata tells of it.
    fn instance(&self, instance: Instance, request: &str, number: usize) {
        let wanted = self.wanted.instance.as_deref();
        let uid = instance.data.uid(tags::SOP_INSTANCE_UID).unwrap_or_default();
        if wanted.is_some_and(|wanted| wanted != uid) {
            return;
        }
        let place = Place { study: &self.job.study, request, order: self.job.order + number };
        match instance::entry(self.server, instance, &place, self.watch) {
            Ok(entry) => self.emit(entry),
            Err(error) => {
                let what = format!("{} ({})", self.job.target, uid.escape_debug());
                self.say(Said::Problem(Problem { what, error }));
            }
        }
    }

    /// Objects as they are: those a search lists, or all in one answer.
    fn without_metadata(&self) -> Result<(), WebError> {
        match self.listed() {
            Ok(targets) if !targets.is_empty() => {
                self.objects(&targets);
                Ok(())
            }
            _ => self.all_at_once(),
        }
    }

    fn listed(&self) -> Result<Vec<String>, WebError> {
        if self.job.target.contains("/instances/") {
            return Ok(vec![self.job.target.clone()]);
        }
        let target = format!("{}/instances", self.job.target);
        let answer = self.server.transport.get(&target, METADATA, self.watch)?;
        let mut targets = Vec::new();
        let in_series = self.job.target.split_once("/series/").map(|(_, series)| series.to_owned());
        json::read_instances(answer.body.take(MOST_METADATA), &mut |Instance { data, .. }| {
            let series = data.uid(tags::SERIES_INSTANCE_UID).or_else(|| in_series.clone());
            let uid = data.uid(tags::SOP_INSTANCE_UID);
            if let (Some(series), Some(uid)) =
                (series.filter(|uid| is_part(uid)), uid.filter(|uid| is_part(uid)))
                && self.wanted.instance.as_ref().is_none_or(|wanted| *wanted == uid)
            {
                targets.push(format!("/studies/{}/series/{series}/instances/{uid}", self.job.study));
            }
            true
        })?;
        Ok(targets)
    }

    fn objects(&self, targets: &[String]) {
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..OBJECTS.min(targets.len()) {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some(target) = targets.get(number) else { return };
                        if self.watch.cancel.is_cancelled() {
                            return;
                        }
                        match retrieve::object(self.server, target) {
                            Ok((file, _)) => self.object(file, target, number),
                            Err(error) => {
                                self.say(Said::Problem(Problem { what: target.clone(), error }));
                            }
                        }
                    }
                });
            }
        });
    }

    fn object(&self, file: DicomFile, target: &str, number: usize) {
        let path = format!("{}{target}", self.server.transport.base()).into();
        let mut entry = Entry::read(&file, path, self.job.order + number);
        entry.header = Some(Arc::new(file));
        self.emit(entry);
    }

    /// The whole study, series or instance in one answer.
    fn all_at_once(&self) -> Result<(), WebError> {
        let server = self.server;
        let answer = server.get_by(&self.job.target, &WHOLE_WAYS, &server.whole_way, self.watch)?;
        let Answer { content_type, body, .. } = answer;
        let mut parts = Parts::new(body, &content_type)?;
        let mut number = 0;
        while let Some(part) = parts.next()? {
            let failed = |error: io::Error| WebError::Io(format!("there is no place for what came: {error}"));
            let mut draft = Draft::temporary().map_err(failed)?;
            let (path, start) = draft.place();
            let path = path.to_path_buf();
            let length = part.copy_to(&mut draft, u64::MAX)?;
            let source = FileSource::open(&path).map_err(|error| WebError::Io(error.to_string()))?;
            let there = Arriving::whole(
                source,
                start,
                length,
                format!("{}{}", server.transport.base(), self.job.target),
            );
            drop(draft);
            number += 1;
            match DicomFile::from_source(Arc::new(there)) {
                Ok(file) => {
                    let uid = file.data.uid(tags::SOP_INSTANCE_UID).filter(|uid| is_part(uid));
                    if self.wanted.instance.as_ref().is_none_or(|wanted| Some(wanted) == uid.as_ref()) {
                        let target = format!("{}/instances/{}", self.job.target, uid.unwrap_or_default());
                        self.object(file, &target, number);
                    }
                }
                Err(error) => {
                    let what = format!("{} (object {number})", self.job.target);
                    self.say(Said::Problem(Problem { what, error: WebError::Nonsense(error.to_string()) }));
                }
            }
        }
        if number == 0 {
            return Err(WebError::NotFound(self.job.target.clone()));
        }
        Ok(())
    }
}

/// Keeps what is read.
struct Tee<'a, R> {
    inner: R,
    draft: &'a mut Option<Draft>,
}

impl<R: Read> Read for Tee<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buf)?;
        if let Some(draft) = self.draft
            && draft.write_all(buf.get(..count).unwrap_or_default()).is_err()
        {
            *self.draft = None;
        }
        Ok(count)
    }
}
