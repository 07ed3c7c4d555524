//! The clock of a stack that plays: which frame is due at a time.
//!
//! What is due is computed from when playing began and never added up, so that late updates lose frames and
//! not time. Times are those of any clock that only goes forward.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::Pace;
use super::pace::{FASTEST, SLOWEST};

/// What follows the last frame.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The first one.
    #[default]
    Loop,
    /// The one before, back to the first.
    Sweep,
    /// Nothing.
    Once,
}

impl Mode {
    pub fn name(self) -> &'static str {
        match self {
            Self::Loop => "loop",
            Self::Sweep => "sweep",
            Self::Once => "once",
        }
    }

    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Loop => Self::Sweep,
            Self::Sweep => Self::Once,
            Self::Once => Self::Loop,
        }
    }
}

/// A share of a frame that is shown early rather than waited for again: timers are not exact.
const EARLY: f64 = 1e-6;

/// Seconds the rate that was reached is taken over.
const RECENT: f64 = 2.0;

/// The clock of one stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Clock {
    frames: u32,
    position: u32,
    fps: f64,
    /// Seconds each frame stands at its own pace, where they vary.
    times: Option<Arc<[f64]>>,
    mode: Mode,
    backwards: bool,
    trim: (u32, u32),
    run: Option<Run>,
    dropped: u64,
    due: u64,
    recent: VecDeque<bool>,
}

/// Playing since some time.
#[derive(Debug, Clone, PartialEq)]
struct Run {
    /// When the cycle began, in seconds; before the clock itself began where playing set in later in it.
    origin: f64,
    /// When each frame of the cycle ends, in seconds after the origin; empty where all stand equally long.
    ends: Vec<f64>,
    /// The last that was due, counted from the origin, and whether it has been shown.
    tick: u64,
    shown: bool,
}

impl Clock {
    /// A clock that stands at the first frame of a stack.
    pub fn new(frames: u32, pace: &Pace) -> Self {
        let last = frames.max(1) - 1;
        let times = pace.times.clone().filter(|times| times.len() == frames as usize);
        Self {
            frames: frames.max(1),
            position: 0,
            fps: pace.fps.clamp(SLOWEST, FASTEST),
            times,
            mode: pace.mode,
            backwards: false,
            trim: pace.trim.filter(|(first, end)| first <= end && *end <= last).unwrap_or((0, last)),
            run: None,
            dropped: 0,
            due: 0,
            recent: VecDeque::new(),
        }
    }

    pub fn frames(&self) -> u32 {
        self.frames
    }

    pub fn is_playing(&self) -> bool {
        self.run.is_some()
    }

    pub fn fps(&self) -> f64 {
        self.fps
    }

    pub fn mode(&self) -> Mode {
        self.mode
    }

    pub fn is_backwards(&self) -> bool {
        self.backwards
    }

    /// First and last frame that are played.
    pub fn trim(&self) -> (u32, u32) {
        self.trim
    }

    /// Frames that were due and not shown since playing began.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Frames that were due since playing began, the one that is due now left out.
    pub fn due(&self) -> u64 {
        self.due
    }

    /// Frames a second that were really shown of late; `None` until there is something to tell.
    pub fn reached_fps(&self) -> Option<f64> {
        let shown = self.recent.iter().filter(|shown| **shown).count();
        let enough = self.is_playing() && self.recent.len() as f64 >= self.fps / 2.0;
        enough.then(|| shown as f64 / self.recent.len() as f64 * self.fps)
    }

    /// Starts playing at the current frame, or at the beginning where that is not among those played or is
    /// the end of what is played once.
    pub fn play(&mut self, now: Duration) {
        self.play_in_step(now, now);
    }

    /// Starts playing, with its frames due when those of a clock of the same rate are that has one due at
    /// `beat`: one picture of the window then serves both.
    pub fn play_in_step(&mut self, now: Duration, beat: Duration) {
        let (first, last) = self.trim;
        let outside = !(first..=last).contains(&self.position);
        let at_end = self.mode == Mode::Once && self.position == self.end();
        if outside || at_end {
            self.position = if self.backwards { last } else { first };
        }
        (self.dropped, self.due) = (0, 0);
        self.recent.clear();
        let tick = self.tick_of(self.position);
        let late = if self.times.is_none() {
            (now.as_secs_f64() - beat.as_secs_f64()).rem_euclid(self.fps.recip())
        } else {
            0.0
        };
        self.anchor(tick, late, now);
    }

    pub fn pause(&mut self, now: Duration) {
        self.position = self.frame_at(now);
        self.run = None;
    }

    /// Stands, or plays on, at another frame.
    pub fn seek(&mut self, position: u32, now: Duration) {
        self.position = position.min(self.frames - 1);
        if self.run.is_some() {
            let (first, last) = self.trim;
            self.anchor(self.tick_of(self.position.clamp(first, last)), 0.0, now);
        }
    }

    /// Another rate; the frame that is due stays due, for as much of its time as it had left.
    pub fn set_fps(&mut self, fps: f64, now: Duration) {
        let fps = if fps.is_finite() { fps.clamp(SLOWEST, FASTEST) } else { self.fps };
        let state = self.run.as_ref().map(|run| self.tick_and_share(run, now));
        self.fps = fps;
        if let Some((tick, share)) = state {
            self.recent.clear();
            let late = share * self.stands(self.frame_of(tick));
            self.anchor(tick, late, now);
        }
    }

    pub fn set_mode(&mut self, mode: Mode, now: Duration) {
        self.change(now, |clock| clock.mode = mode);
    }

    pub fn set_backwards(&mut self, backwards: bool, now: Duration) {
        self.change(now, |clock| clock.backwards = backwards);
    }

    /// Plays only these frames and what lies between them.
    pub fn set_trim(&mut self, first: u32, last: u32, now: Duration) {
        let end = self.frames - 1;
        let (first, last) = (first.min(end), last.min(end));
        self.change(now, |clock| clock.trim = (first.min(last), last.max(first)));
    }

    fn change(&mut self, now: Duration, apply: impl FnOnce(&mut Self)) {
        let position = self.frame_at(now);
        let playing = self.run.is_some();
        apply(self);
        if playing {
            self.seek(position, now);
        }
    }

    /// The frame that is due.
    pub fn frame_at(&self, now: Duration) -> u32 {
        match &self.run {
            Some(run) => self.frame_of(self.tick_and_share(run, now).0),
            None => self.position,
        }
    }

    /// The frame that is due, and whether playing ended with it.
    pub fn advance(&mut self, now: Duration) -> u32 {
        let frame = self.frame_at(now);
        if let Some(run) = &self.run {
            self.position = frame;
            let end = u64::from(self.cycle());
            if self.mode == Mode::Once && self.tick_and_share(run, now).0 >= end {
                self.pause(now);
            }
        }
        frame
    }

    /// Says whether what is due is on screen. To be told at every picture of the window.
    pub fn note(&mut self, now: Duration, shown: bool) {
        let Some(run) = &self.run else { return };
        let (tick, _) = self.tick_and_share(run, now);
        let (before, was_shown) = (run.tick, run.shown);
        let passed = tick.saturating_sub(before);
        if passed > 0 {
            self.due += passed;
            self.dropped += passed - u64::from(was_shown);
            let keep = (self.fps * RECENT).ceil() as usize;
            self.recent.push_back(was_shown);
            self.recent.extend(std::iter::repeat_n(false, (passed - 1).min(keep as u64) as usize));
            while self.recent.len() > keep {
                self.recent.pop_front();
            }
        }
        if let Some(run) = &mut self.run {
            run.shown = shown || (passed == 0 && was_shown);
            run.tick = tick;
        }
    }

    /// Time until the next frame is due; `None` while nothing plays.
    pub fn until_next(&self, now: Duration) -> Option<Duration> {
        let run = self.run.as_ref()?;
        let (tick, _) = self.tick_and_share(run, now);
        let due = run.origin + self.begins(run, tick + 1);
        Some(Duration::from_secs_f64((due - now.as_secs_f64()).clamp(0.0, LONGEST_WAIT)))
    }

    /// Frames in the order they are due, without the one that is; each once.
    pub fn ahead(&self, now: Duration) -> impl Iterator<Item = u32> + '_ {
        let tick = match &self.run {
            Some(run) => self.tick_and_share(run, now).0,
            None => self.tick_of(self.position),
        };
        let (end, once) = (u64::from(self.cycle()), self.mode == Mode::Once);
        (1..end).map(move |k| tick + k).take_while(move |tick| !once || *tick < end).map(|k| self.frame_of(k))
    }

    /// How many frames later a frame is due than the one that is; those not to be played last of all.
    pub fn distance(&self, frame: u32, now: Duration) -> u32 {
        let (first, last) = self.trim;
        let apart = frame.abs_diff(self.frame_at(now));
        let Some(run) = self.run.as_ref().filter(|_| (first..=last).contains(&frame)) else {
            return if self.run.is_some() { self.cycle() + apart } else { apart };
        };
        let (end, tick) = (u64::from(self.cycle()), self.tick_and_share(run, now).0);
        let to = |at: u64| {
            if self.mode == Mode::Once && at < tick { end + tick - at } else { (at + end - tick % end) % end }
        };
        let there = self.tick_of(frame);
        let back = if self.mode == Mode::Sweep { (end - there) % end } else { there };
        u32::try_from(to(there).min(to(back))).unwrap_or(u32::MAX)
    }

    /// The last frame that is played.
    fn end(&self) -> u32 {
        if self.backwards { self.trim.0 } else { self.trim.1 }
    }

    fn played(&self) -> u32 {
        self.trim.1 - self.trim.0 + 1
    }

    /// Frames until it begins again.
    fn cycle(&self) -> u32 {
        match self.mode {
            Mode::Loop | Mode::Once => self.played(),
            Mode::Sweep => (2 * self.played()).saturating_sub(2).max(1),
        }
    }

    /// The frame that is due as the n-th of a run.
    fn frame_of(&self, tick: u64) -> u32 {
        let (played, cycle) = (self.played(), self.cycle());
        let within = (tick % u64::from(cycle)) as u32;
        let step = match self.mode {
            Mode::Once => u32::try_from(tick).unwrap_or(u32::MAX).min(played - 1),
            Mode::Sweep if within >= played => cycle - within,
            Mode::Loop | Mode::Sweep => within,
        };
        if self.backwards { self.trim.1 - step } else { self.trim.0 + step }
    }

    /// When in a cycle a frame is first due.
    fn tick_of(&self, frame: u32) -> u64 {
        let (first, last) = self.trim;
        let frame = frame.clamp(first, last);
        u64::from(if self.backwards { last - frame } else { frame - first })
    }

    /// Seconds a frame stands at the rate in force.
    fn stands(&self, frame: u32) -> f64 {
        let Some(times) = &self.times else { return self.fps.recip() };
        let total: f64 = times.iter().sum();
        let own = times.get(frame as usize).copied().unwrap_or_default();
        own * times.len() as f64 / (total * self.fps)
    }

    /// Begins a run in which a frame has been due for some time already.
    fn anchor(&mut self, tick: u64, late: f64, now: Duration) {
        let ends = match self.times {
            None => Vec::new(),
            Some(_) => (0..u64::from(self.cycle()))
                .scan(0.0, |end, k| {
                    *end += self.stands(self.frame_of(k));
                    Some(*end)
                })
                .collect(),
        };
        let shown = self.run.as_ref().is_some_and(|run| run.shown);
        let mut run = Run { origin: 0.0, ends, tick, shown };
        run.origin = now.as_secs_f64() - late - self.begins(&run, tick);
        self.run = Some(run);
    }

    /// Seconds after the origin at which the n-th frame is due.
    fn begins(&self, run: &Run, tick: u64) -> f64 {
        let Some(&cycle) = run.ends.last() else { return tick as f64 / self.fps };
        let count = run.ends.len() as u64;
        let within = (tick % count) as usize;
        let before = within.checked_sub(1).and_then(|last| run.ends.get(last)).copied().unwrap_or(0.0);
        (tick / count) as f64 * cycle + before
    }

    /// What is due, counted from the origin, and how much of its time is over.
    fn tick_and_share(&self, run: &Run, now: Duration) -> (u64, f64) {
        let elapsed = (now.as_secs_f64() - run.origin).max(0.0);
        let Some(&cycle) = run.ends.last() else {
            let ticks = elapsed * self.fps + EARLY;
            return (ticks as u64, ticks.fract());
        };
        let elapsed = elapsed + EARLY / self.fps;
        let whole = (elapsed / cycle).floor();
        let rest = elapsed - whole * cycle;
        let within = run.ends.partition_point(|end| *end <= rest).min(run.ends.len() - 1);
        let tick = whole as u64 * run.ends.len() as u64 + within as u64;
        let began = self.begins(run, tick) - whole * cycle;
        (tick, ((rest - began) / self.stands(self.frame_of(tick))).clamp(0.0, 1.0))
    }
}

/// Seconds beyond which nobody has to be woken by name.
const LONGEST_WAIT: f64 = 3600.0;

#[cfg(test)]
#[path = "clock_tests.rs"]
mod tests;
