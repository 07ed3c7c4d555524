//! Files made wrong on purpose: whatever is in one, it costs an error and no more.
//!
//! Good files are cut, flipped, stretched and shuffled, each in a way that follows from a number. No case may
//! panic, take two seconds of one processor, or half a gigabyte. `cargo test --release --test hostile` runs
//! some hundred cases over files made here; `-- --ignored` runs more than twenty thousand, over the folder
//! `LIGHTBOX_CORPUS` names as well. A case that fails says what to put into `LIGHTBOX_CASE` to run it alone.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it did"
)]

#[path = "../support/mod.rs"]
mod support;

mod exercise;
mod memory;
mod mutate;
mod originals;
mod structure;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use exercise::{Got, exercise};
use mutate::{Random, cuts, mutate};
use originals::{Original, corpus, synthetic};
use structure::{Mark, marks};

/// Processor time of one case.
const LONGEST: Duration = Duration::from_secs(2);
/// Bytes of one case.
const LARGEST: u64 = 512 << 20;
/// A case still running after this long hangs, however busy the machine is.
const HANGS: Duration = Duration::from_secs(120);

/// What is done to an original.
#[derive(Debug, Clone, Copy)]
enum Case {
    Whole,
    Cut(usize),
    Mutation(u64),
}

struct Subject {
    original: Original,
    marks: Vec<Mark>,
    cuts: Vec<usize>,
}

impl Subject {
    fn new(original: Original) -> Self {
        let marks = marks(&original.bytes);
        let cuts = cuts(&marks);
        Self { original, marks, cuts }
    }

    /// The bytes of a case, and what was done to them.
    fn make(&self, case: Case) -> (Vec<u8>, String) {
        let bytes = &self.original.bytes;
        match case {
            Case::Whole => (bytes.clone(), "nothing".to_owned()),
            Case::Cut(number) => {
                let at = self.cuts.get(number).copied().unwrap_or(0).min(bytes.len());
                (bytes[..at].to_vec(), format!("cut at {at}"))
            }
            Case::Mutation(number) => {
                mutate(bytes, &self.marks, &mut Random::new(&self.original.name, number))
            }
        }
    }

    fn name(&self, case: Case) -> String {
        let name = &self.original.name;
        match case {
            Case::Whole => format!("{name}:whole"),
            Case::Cut(number) => format!("{name}:cut:{number}"),
            Case::Mutation(number) => format!("{name}:mutation:{number}"),
        }
    }
}

/// What happened, over all cases.
#[derive(Default)]
struct Totals {
    got: [usize; 4],
    failures: Vec<String>,
    slowest: (Duration, String),
    largest: (u64, String),
}

/// Time this thread was on a processor, where the system says so.
fn busy() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split_whitespace().next()?.parse().ok()?))
}

fn run_one(subject: &Subject, case: Case, totals: &Mutex<Totals>) {
    let name = subject.name(case);
    let (bytes, done) = subject.make(case);
    let (clock, start) = (busy(), Instant::now());
    let (result, peak) =
        memory::measured(|| std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| exercise(bytes))));
    let took = match (clock, busy()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => start.elapsed(),
    };
    let mut totals = totals.lock().unwrap();
    let mut fail = |what: String| totals.failures.push(format!("{what}: LIGHTBOX_CASE='{name}' ({done})"));
    match result {
        Ok(_) if took > LONGEST => fail(format!("took {took:?}")),
        Ok(_) if peak > LARGEST => fail(format!("took {} MiB", peak >> 20)),
        Ok(_) => {}
        Err(_) => fail("panicked".to_owned()),
    }
    if let Ok(got) = result {
        totals.got[got as usize] += 1;
    }
    if took > totals.slowest.0 {
        totals.slowest = (took, name.clone());
    }
    if peak > totals.largest.0 {
        totals.largest = (peak, name);
    }
}

/// Runs all cases on a few threads, with somebody watching.
fn run(subjects: &[Subject], cases: &[(usize, Case)]) {
    let totals = Mutex::new(Totals::default());
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(1, |n| n.get().min(8));
    let running: Vec<Mutex<Option<(Instant, usize)>>> = (0..workers).map(|_| Mutex::new(None)).collect();
    let trace = std::env::var_os("LIGHTBOX_TRACE").is_some();
    let left = AtomicUsize::new(workers);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for slot in &running {
            let (next, totals, left) = (&next, &totals, &left);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(&(subject, case)) = cases.get(number) else { break };
                    *slot.lock().unwrap() = Some((Instant::now(), number));
                    if trace {
                        eprintln!("{}", subjects[subject].name(case));
                    }
                    run_one(&subjects[subject], case, totals);
                    *slot.lock().unwrap() = None;
                }
                left.fetch_sub(1, Ordering::Relaxed);
            });
        }
        while left.load(Ordering::Relaxed) > 0 {
            std::thread::sleep(Duration::from_millis(20));
            for slot in &running {
                if let Some((since, number)) = *slot.lock().unwrap()
                    && since.elapsed() > HANGS
                {
                    let (subject, case) = cases[number];
                    eprintln!("hangs: LIGHTBOX_CASE='{}'", subjects[subject].name(case));
                    std::process::abort();
                }
            }
        }
    });
    let totals = totals.into_inner().unwrap();
    let [refused, elements, image, picture] = totals.got;
    eprintln!(
        "{} cases in {:.0?}: {refused} refused, {elements} without an image, {image} with one that cannot be \
         decoded, {picture} with a picture\nslowest {:?} ({})\nlargest {} KiB ({})\nprocess {} MiB",
        cases.len(),
        started.elapsed(),
        totals.slowest.0,
        totals.slowest.1,
        totals.largest.0 >> 10,
        totals.largest.1,
        memory::high_water().unwrap_or(0) >> 20,
    );
    let (shown, all) = (totals.failures.iter().take(40).cloned().collect::<Vec<_>>(), totals.failures.len());
    assert!(all == 0, "{all} of {} cases failed:\n  {}", cases.len(), shown.join("\n  "));
    // Decoders in C keep their own books; all threads together stay below what each may take.
    let most = LARGEST * workers as u64;
    assert!(memory::high_water().is_none_or(|bytes| bytes < most), "the process took more than {most} bytes");
}

/// The one case that was asked for.
fn asked_for(subjects: &[Subject]) -> Option<Vec<(usize, Case)>> {
    let wanted = std::env::var("LIGHTBOX_CASE").ok()?;
    let found = subjects.iter().position(|s| wanted.starts_with(&format!("{}:", s.original.name)));
    let Some(index) = found else { return Some(Vec::new()) };
    let case = match wanted[subjects[index].original.name.len() + 1..].split_once(':') {
        Some(("cut", number)) => Case::Cut(number.parse().expect("a number")),
        Some((_, number)) => Case::Mutation(number.parse().expect("a number")),
        None => Case::Whole,
    };
    Some(vec![(index, case)])
}

/// Cases of one subject: some cuts, spread over the file, and some mutations.
fn cases(index: usize, subject: &Subject, most_cuts: usize, mutations: u64) -> Vec<(usize, Case)> {
    let step = subject.cuts.len().div_ceil(most_cuts.max(1)).max(1);
    let whole = std::iter::once(Case::Whole);
    let cut = (0..subject.cuts.len()).step_by(step).map(Case::Cut);
    whole.chain(cut).chain((0..mutations).map(Case::Mutation)).map(|case| (index, case)).collect()
}

#[test]
fn a_good_file_made_wrong_costs_an_error_and_no_more() {
    let subjects: Vec<_> = synthetic().into_iter().map(Subject::new).collect();
    for subject in &subjects {
        let (bytes, _) = subject.make(Case::Whole);
        assert_eq!(exercise(bytes), Got::Picture, "{}", subject.original.name);
        assert!(
            subject.marks.iter().any(|mark| mark.tag >> 16 == 0x7FE0) || subject.original.name == "deflated"
        );
    }
    let all: Vec<_> =
        subjects.iter().enumerate().flat_map(|(index, subject)| cases(index, subject, 20, 60)).collect();
    assert!(all.len() >= 500);
    run(&subjects, &asked_for(&subjects).unwrap_or(all));
}

#[test]
#[ignore = "takes minutes"]
fn twenty_thousand_wrong_files() {
    let mut subjects: Vec<_> = synthetic().into_iter().map(Subject::new).collect();
    if let Some(folder) = std::env::var_os("LIGHTBOX_CORPUS") {
        subjects.extend(corpus(Path::new(&folder)).into_iter().map(Subject::new));
    }
    // More on a quiet evening.
    let wanted = std::env::var("LIGHTBOX_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(25_000);
    let share = u64::max(wanted, 25_000) / subjects.len() as u64;
    let all: Vec<_> = subjects
        .iter()
        .enumerate()
        .flat_map(|(index, subject)| cases(index, subject, usize::MAX, share.max(60)))
        .collect();
    assert!(all.len() >= 20_000);
    run(&subjects, &asked_for(&subjects).unwrap_or(all));
}
