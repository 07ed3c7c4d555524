//! Which pictures stay on the GPU: accounts for their bytes and never lets them exceed a budget.
//!
//! What is farthest from being needed goes first. What is in use, because a viewport or the renderer holds
//! it, cannot go. The texture of a picture that goes is taken for one of the same size that comes. Nothing
//! here knows what a picture is made of.

use std::collections::HashMap;
use std::hash::BuildHasher;

use crate::app::instance::FrameKey;

/// Which picture of a frame: a level, or the preview that stands in for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Detail {
    Preview,
    Level(u32),
}

/// More levels than any image has.
const LEVELS: u32 = 32;

/// Something that occupies memory.
pub trait Picture {
    fn bytes(&self) -> u64;
    /// Nobody but the store holds it.
    fn is_free(&self) -> bool;
}

/// How soon a frame is needed, in frames, and at which level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    pub distance: u32,
    pub level: u32,
}

/// A picture of a frame that is needed soon, at another level than it is needed at.
const OF_ANOTHER_LEVEL: u64 = 1 << 32;
/// A picture of a frame nobody has asked for.
const UNASKED: u64 = 1 << 33;

/// What to do with a picture that arrives.
#[derive(Debug, PartialEq, Eq)]
pub enum Room<T> {
    /// There is room for a new one.
    New,
    /// This one of the same size may be overwritten.
    Instead(T),
    /// Everything else is needed sooner.
    None,
}

struct Resident<T> {
    picture: T,
    used: u64,
}

/// The pictures on the GPU.
pub struct Residency<T> {
    resident: HashMap<(FrameKey, Detail), Resident<T>>,
    /// How many pictures there are of each frame that has any.
    frames: HashMap<FrameKey, u32>,
    needs: HashMap<FrameKey, Need>,
    bytes: u64,
    budget: u64,
    /// Of the budget, bytes that somebody else needs.
    aside: u64,
    now: u64,
}

impl<T: Picture> Residency<T> {
    pub fn new(budget: u64) -> Self {
        Self {
            resident: HashMap::new(),
            frames: HashMap::new(),
            needs: HashMap::new(),
            bytes: 0,
            budget,
            aside: 0,
            now: 0,
        }
    }

    /// Bytes there may be in all.
    pub fn budget(&self) -> u64 {
        self.budget.saturating_sub(self.aside)
    }

    pub fn aside(&self) -> u64 {
        self.aside
    }

    /// Leaves so many bytes of the budget to pictures that are made here.
    pub fn set_aside(&mut self, bytes: u64) {
        self.aside = bytes;
    }

    pub fn set_budget(&mut self, budget: u64) {
        self.budget = budget;
    }

    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Close enough to the budget for it to matter what is needed.
    pub fn is_pressed(&self) -> bool {
        self.bytes > self.budget() / 2
    }

    /// Says how soon frames are needed; what is not said is needed last.
    pub fn need<S: BuildHasher>(&mut self, needs: HashMap<FrameKey, Need, S>) {
        self.needs.clear();
        self.needs.extend(needs);
    }

    /// Another round: what is taken from now on was used later than what was taken before.
    pub fn begin(&mut self) {
        self.now += 1;
    }

    pub fn has(&self, key: FrameKey, detail: Detail) -> bool {
        self.resident.contains_key(&(key, detail))
    }

    pub fn has_any(&self, key: FrameKey) -> bool {
        self.frames.contains_key(&key)
    }

    pub fn peek(&self, key: FrameKey, detail: Detail) -> Option<&T> {
        self.resident.get(&(key, detail)).map(|resident| &resident.picture)
    }

    /// The picture of a frame nearest to a level, finer ones first, a preview last.
    pub fn nearest(&self, key: FrameKey, level: u32) -> Option<Detail> {
        if !self.has_any(key) {
            return None;
        }
        let finer = (0..=level).rev();
        let order = finer.chain(level + 1..LEVELS).map(Detail::Level).chain([Detail::Preview]);
        order.into_iter().find(|detail| self.has(key, *detail))
    }

    /// A picture, noted as used.
    pub fn take(&mut self, key: FrameKey, detail: Detail) -> Option<&T> {
        let resident = self.resident.get_mut(&(key, detail))?;
        resident.used = self.now;
        Some(&resident.picture)
    }

    /// Makes room for a picture that arrives, at the cost of those that are needed later. What is on screen or
    /// about to be comes in even where nothing can go.
    pub fn make_room(
        &mut self,
        key: FrameKey,
        detail: Detail,
        bytes: u64,
        fits: impl Fn(&T) -> bool,
    ) -> Room<T> {
        let rank = self.rank(key, detail);
        while self.bytes + bytes > self.budget() {
            let now = self.now;
            let farthest = self
                .resident
                .iter()
                .filter(|(place, resident)| resident.picture.is_free() && **place != (key, detail))
                .map(|((key, detail), resident)| {
                    ((self.rank(*key, *detail), now - resident.used), (*key, *detail))
                })
                .max_by_key(|(order, _)| *order);
            let Some((_, place)) = farthest.filter(|((other, _), _)| *other > rank || rank == 0) else {
                return if rank == 0 { Room::New } else { Room::None };
            };
            let Some(gone) = self.remove(place.0, place.1) else { return Room::None };
            if gone.bytes() == bytes && self.bytes + bytes <= self.budget() && fits(&gone) {
                return Room::Instead(gone);
            }
        }
        Room::New
    }

    pub fn insert(&mut self, key: FrameKey, detail: Detail, picture: T) {
        self.remove(key, detail);
        self.bytes += picture.bytes();
        *self.frames.entry(key).or_default() += 1;
        self.resident.insert((key, detail), Resident { picture, used: self.now });
    }

    pub fn remove(&mut self, key: FrameKey, detail: Detail) -> Option<T> {
        let gone = self.resident.remove(&(key, detail))?.picture;
        self.bytes -= gone.bytes();
        if let Some(count) = self.frames.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                self.frames.remove(&key);
            }
        }
        Some(gone)
    }

    /// Keeps only what belongs to some frames.
    pub fn retain(&mut self, keep: impl Fn(&FrameKey) -> bool) {
        self.resident.retain(|(key, _), _| keep(key));
        self.frames.retain(|key, _| keep(key));
        self.needs.retain(|key, _| keep(key));
        self.bytes = self.resident.values().map(|resident| resident.picture.bytes()).sum();
    }

    pub fn clear(&mut self) {
        self.resident.clear();
        self.frames.clear();
        self.bytes = 0;
    }

    /// How late a picture is needed; 0 is now.
    fn rank(&self, key: FrameKey, detail: Detail) -> u64 {
        match self.needs.get(&key) {
            None => UNASKED,
            Some(need) if matches!(detail, Detail::Level(level) if level != need.level) => {
                OF_ANOTHER_LEVEL + u64::from(need.distance)
            }
            Some(need) => u64::from(need.distance),
        }
    }
}

#[cfg(test)]
#[path = "residency_tests.rs"]
mod tests;
