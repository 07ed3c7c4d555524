use std::cell::Cell;
use std::collections::HashSet;
use std::rc::Rc;
use std::time::Duration;

use super::*;
use crate::app::instance::InstanceId;
use crate::cine::{Clock, Mode, Pace};

/// A picture that is held as long as its number is among those on screen.
struct Fake {
    bytes: u64,
    key: FrameKey,
    shown: Rc<Cell<Option<FrameKey>>>,
}

impl Picture for Fake {
    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn is_free(&self) -> bool {
        self.shown.get() != Some(self.key)
    }
}

fn key(instance: u32, frame: u32) -> FrameKey {
    FrameKey { instance: InstanceId(instance), frame }
}

fn at(detail: u32) -> Detail {
    Detail::Level(detail)
}

struct Store {
    store: Residency<Fake>,
    shown: Rc<Cell<Option<FrameKey>>>,
    made: usize,
    most: u64,
}

impl Store {
    fn new(budget: u64) -> Self {
        Self { store: Residency::new(budget), shown: Rc::default(), made: 0, most: 0 }
    }

    /// Puts a picture where there is room for it; says whether there was.
    fn put(&mut self, key: FrameKey, bytes: u64) -> bool {
        let picture = match self.store.make_room(key, at(1), bytes, |_| true) {
            Room::New => {
                self.made += 1;
                Fake { bytes, key, shown: Rc::clone(&self.shown) }
            }
            Room::Instead(old) => Fake { key, ..old },
            Room::None => return false,
        };
        self.store.insert(key, at(1), picture);
        self.most = self.most.max(self.store.bytes());
        true
    }

    fn need(&mut self, needs: impl IntoIterator<Item = (FrameKey, u32)>) {
        let needs = needs.into_iter().map(|(key, distance)| (key, Need { distance, level: 1 }));
        self.store.need(needs.collect::<HashMap<_, _>>());
    }
}

#[test]
fn the_farthest_goes_first_and_its_place_is_taken() {
    let mut store = Store::new(30);
    store.need((0..5).map(|frame| (key(0, frame), frame)));
    assert!([3, 1, 2].into_iter().all(|frame| store.put(key(0, frame), 10)));
    assert!(store.put(key(0, 0), 10));
    assert!(!store.store.has(key(0, 3), at(1)), "the farthest has gone");
    assert!(store.store.has(key(0, 2), at(1)));
    assert_eq!((store.made, store.store.bytes()), (3, 30), "its texture was used again");
    assert!(!store.put(key(0, 4), 10), "what is needed later than all the rest does not come in");
}

#[test]
fn what_nobody_asked_for_goes_before_what_is_wanted_at_another_level() {
    let mut store = Store::new(30);
    store.need([(key(0, 0), 0), (key(0, 1), 1), (key(0, 2), 2)]);
    store.store.insert(key(0, 1), at(3), Fake { bytes: 10, key: key(0, 1), shown: Rc::clone(&store.shown) });
    assert!(store.put(key(9, 9), 10) && store.put(key(0, 2), 10) && store.put(key(0, 0), 10));
    assert!(!store.store.has(key(9, 9), at(1)));
    assert!(store.put(key(0, 1), 10));
    assert!(!store.store.has(key(0, 1), at(3)));
    assert!(store.store.has(key(0, 2), at(1)));
}

#[test]
fn what_is_on_screen_stays_and_what_is_due_comes_in_whatever_it_costs() {
    let mut store = Store::new(10);
    store.need([(key(0, 0), 0), (key(0, 1), 1)]);
    assert!(store.put(key(0, 1), 10));
    store.shown.set(Some(key(0, 1)));
    assert!(store.put(key(0, 0), 10), "the viewport must show something");
    assert!(store.store.has(key(0, 1), at(1)));
    store.shown.set(None);
    assert!(store.put(key(0, 0), 10));
    assert_eq!(store.store.bytes(), 10);
}

#[test]
fn eight_volumes_of_sixty_frames_play_within_the_budget() {
    const FRAME: u64 = 600_000;
    // Room for ten frames each: far from all.
    let mut store = Store::new(80 * FRAME);
    let mut clocks: Vec<Clock> =
        (0..8).map(|_| Clock::new(60, &Pace { fps: 24.0, ..Pace::default() })).collect();
    clocks.iter_mut().for_each(|clock| clock.play(Duration::ZERO));
    if let Some(clock) = clocks.last_mut() {
        clock.set_mode(Mode::Sweep, Duration::ZERO);
    }
    let mut shown = 0;
    let mut seen = HashSet::new();
    for tick in 0..600u32 {
        let now = Duration::from_secs_f64((f64::from(tick) + 0.5) / 24.0);
        let mut needs = Vec::new();
        for (instance, clock) in (0..).zip(&clocks) {
            needs.extend((0..60).map(|frame| (key(instance, frame), clock.distance(frame, now))));
        }
        store.need(needs);
        // The decoders deliver the next of each stack that is not there, four frames ahead at most.
        for (instance, clock) in (0..).zip(&clocks) {
            let due = clock.frame_at(now);
            let next = std::iter::once(due).chain(clock.ahead(now).take(4));
            let missing: Vec<_> =
                next.map(|frame| key(instance, frame)).filter(|key| !store.store.has(*key, at(1))).collect();
            for key in missing.into_iter().take(2) {
                assert!(store.put(key, FRAME), "what is next always comes in");
            }
            shown += u32::from(store.store.has(key(instance, due), at(1)));
            seen.insert(key(instance, due));
        }
    }
    assert!(store.most <= 80 * FRAME, "{} bytes", store.most);
    assert_eq!(store.made, 80, "textures go round in a ring");
    assert_eq!((shown, seen.len()), (8 * 600, 8 * 60));
}

#[test]
fn what_is_set_aside_is_not_there_for_frames() {
    let mut store = Residency::<Fake>::new(100);
    let shown = Rc::new(Cell::new(None));
    let picture = |frame| Fake { bytes: 30, key: key(1, frame), shown: Rc::clone(&shown) };
    for frame in 0..3 {
        store.insert(key(1, frame), at(0), picture(frame));
    }
    store.set_aside(40);
    assert_eq!(store.budget(), 60);
    store.need(HashMap::from([(key(1, 3), Need { distance: 0, level: 0 })]));
    assert!(!matches!(store.make_room(key(1, 3), at(0), 30, |_| false), Room::None));
    store.insert(key(1, 3), at(0), picture(3));
    assert_eq!(store.bytes(), 60);
    store.set_aside(140);
    assert_eq!(store.budget(), 0);
}
