//! Finding words on a page. Upper and lower case are the same.

use std::ops::Range;
use std::time::{Duration, Instant};

use super::strips::Sheet;
use crate::presentation::sr::Document;

/// Places that are counted at most.
const MOST: usize = 10_000;
/// How long an update looks; what is left is looked at in the next.
const SLICE: Duration = Duration::from_millis(6);

/// A place where the words stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    pub strip: usize,
    /// Which of the texts of the strip.
    pub text: usize,
    /// Bytes of that text.
    pub range: Range<usize>,
}

/// What is looked for, and where it was found so far.
#[derive(Debug, Default)]
pub struct Search {
    /// The field is shown.
    pub open: bool,
    /// The field shall get the keyboard.
    pub focus: bool,
    words: String,
    found: Vec<Match>,
    /// The strip that is looked at next.
    next: usize,
    done: bool,
    current: Option<usize>,
}

impl Search {
    pub fn words(&self) -> &str {
        &self.words
    }

    /// Looks for something else.
    pub fn set(&mut self, words: String) {
        if self.words != words {
            let (open, focus) = (self.open, self.focus);
            *self = Self { open, focus, words, ..Self::default() };
        }
    }

    pub fn close(&mut self) {
        self.open = false;
        self.set(String::new());
    }

    /// How many places there are, and whether all were looked at.
    pub fn count(&self) -> (usize, bool) {
        (self.found.len(), self.done)
    }

    /// The number of the place that was gone to, from 0.
    pub fn current(&self) -> Option<usize> {
        self.current
    }

    /// The places in a strip, each with whether it is the one that was gone to.
    pub fn in_strip(&self, strip: usize) -> impl Iterator<Item = (&Match, bool)> {
        let from = self.found.partition_point(|found| found.strip < strip);
        let here = self.found.get(from..).unwrap_or_default().iter().enumerate();
        here.take_while(move |(_, found)| found.strip == strip)
            .map(move |(at, found)| (found, self.current == Some(from + at)))
    }

    /// Goes to the next place, or the one before; round and round.
    pub fn go(&mut self, by: isize, seen: usize) -> Option<&Match> {
        let count = isize::try_from(self.found.len()).ok().filter(|count| *count > 0)?;
        let at = match self.current.and_then(|at| isize::try_from(at).ok()) {
            Some(at) => (at + by).rem_euclid(count),
            // The first one goes from where the reader is.
            None => {
                let from = self.found.partition_point(|found| found.strip < seen);
                let from = isize::try_from(from).ok()?;
                (if by < 0 { from - 1 } else { from }).rem_euclid(count)
            }
        };
        self.current = usize::try_from(at).ok();
        self.found.get(self.current?)
    }

    /// Looks on for a moment. Answers whether there is more to look at.
    pub fn follow(&mut self, document: &Document, sheet: &Sheet) -> bool {
        if self.done || self.words.trim().is_empty() {
            return false;
        }
        let until = Instant::now() + SLICE;
        let words = folded(self.words.trim());
        while let Some(strip) = sheet.strips.get(self.next) {
            for (text, rich) in sheet.texts(document, strip).iter().enumerate() {
                let places = places(&rich.text, &words);
                let number = self.next;
                self.found.extend(places.into_iter().map(|range| Match { strip: number, text, range }));
            }
            self.next += 1;
            if self.found.len() >= MOST {
                self.found.truncate(MOST);
                break;
            }
            if Instant::now() > until {
                return true;
            }
        }
        self.done = true;
        false
    }
}

fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Where some words stand in a text, as its bytes. The words are in lower case.
fn places(text: &str, words: &str) -> Vec<Range<usize>> {
    if words.is_empty() || (text.is_ascii() && !words.is_ascii()) {
        return Vec::new();
    }
    if text.is_ascii() {
        let lower = text.to_ascii_lowercase();
        return lower.match_indices(words).map(|(at, found)| at..at + found.len()).collect();
    }
    // A letter may become several in lower case, of other lengths: every byte knows the letter it is of.
    let mut lower = String::with_capacity(text.len());
    let mut letters = Vec::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        for small in c.to_lowercase() {
            lower.push(small);
            letters.resize(lower.len(), at..at + c.len_utf8());
        }
    }
    let place = |(at, found): (usize, &str)| {
        let (first, last) = (letters.get(at)?, letters.get(at + found.len() - 1)?);
        Some(first.start..last.end)
    };
    lower.match_indices(words).filter_map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_their_case() {
        assert_eq!(places("Mass and mass", "mass"), [0..4, 9..13]);
        assert_eq!(places("ÄRZTE ärzte", &folded("Ärzte")), [0..6, 7..13]);
        // The letter with a dot becomes two characters; the place is still that of the whole letter.
        assert_eq!(places("İstanbul", "i").first(), Some(&(0..2)));
        assert_eq!(places("右乳房の腫瘤", "腫瘤").first(), Some(&(12..18)));
        assert!(places("plain", "é").is_empty());
        assert!(places("", "a").is_empty());
    }
}
