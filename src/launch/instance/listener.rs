//! The side that listens: a thread at the door, one for each visitor, and the [`Inbox`] the application empties.
//!
//! A visitor that is slow, silent or talks nonsense keeps one thread for two seconds and nobody else waiting.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::transport::{Door, Stream};
use super::wire::{Answer, Greeting, hear_launch, say};
use super::{HandOver, PATIENCE, Place, START_WITHIN, TAKE_WITHIN};

/// How long a visitor may take to say what it wants.
const SPEAK_WITHIN: Duration = Duration::from_secs(2);

/// How often one that waits is told that it is not forgotten. Well below [`PATIENCE`].
const REASSURE: Duration = Duration::from_millis(400);

/// Visitors at one time. Those beyond them are sent away, and come again or open windows of their own.
const MOST_VISITORS: usize = 128;

/// The door of the first launch, open already; visitors wait in front of it.
#[derive(Debug)]
pub struct Listener {
    door: Door,
    place: Place,
    greeting: Greeting,
}

/// Launches that were brought, each as what `read` made of it.
///
/// Whoever empties it says [`Self::ready`] once, when it runs. With this the door shuts.
pub struct Inbox<T> {
    arrivals: Receiver<Arrival<T>>,
    house: Arc<House>,
}

/// What the threads share.
struct House {
    place: Place,
    greeting: Greeting,
    closed: AtomicBool,
    visitors: AtomicUsize,
    running: Mutex<Option<Running>>,
}

/// The application, once it runs.
struct Running {
    since: Instant,
    wake: Arc<dyn Fn() + Send + Sync>,
}

struct Arrival<T> {
    item: T,
    ticket: Ticket,
}

const PENDING: u8 = 0;
const TAKEN: u8 = 1;
const WITHDRAWN: u8 = 2;

/// Decides once and for all whether something was taken or withdrawn. Going away, it is withdrawn.
struct Ticket {
    state: Arc<AtomicU8>,
    taken: Sender<()>,
}

impl Ticket {
    fn take(&self) -> bool {
        let taken = settle(&self.state, TAKEN);
        if taken {
            self.taken.send(()).ok();
        }
        taken
    }
}

fn settle(state: &AtomicU8, to: u8) -> bool {
    state.compare_exchange(PENDING, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
}

impl Listener {
    /// Opens the door at this place, or answers `None` where somebody else has it.
    pub(super) fn open(place: &Place, version: &str) -> io::Result<Option<Self>> {
        let door = Door::open(place)?;
        Ok(door.map(|door| Self { door, place: place.clone(), greeting: Greeting::of(version) }))
    }

    /// Listens at a place if nobody does, without a word to whoever does.
    pub fn at(place: &Place) -> Option<Self> {
        Self::open(place, env!("CARGO_PKG_VERSION")).ok().flatten()
    }

    /// Lets visitors in from now on. `read` is called on the visitor's thread and makes of its words what the
    /// inbox holds; where it cannot, it says why, and the visitor keeps its launch.
    ///
    /// # Errors
    /// The system has no thread left.
    pub fn serve<T: Send + 'static>(
        self,
        read: impl Fn(&HandOver) -> Result<T, String> + Send + Sync + 'static,
    ) -> io::Result<Inbox<T>> {
        let Self { door, place, greeting } = self;
        let (sender, arrivals) = crossbeam_channel::unbounded();
        let house = Arc::new(House {
            place,
            greeting,
            closed: AtomicBool::new(false),
            visitors: AtomicUsize::new(0),
            running: Mutex::new(None),
        });
        let porter = Porter { house: Arc::clone(&house), sender, read: Arc::new(read) };
        thread::Builder::new().name("launches".to_owned()).spawn(move || porter.stand_at(&door))?;
        Ok(Inbox { arrivals, house })
    }
}

impl<T> Inbox<T> {
    /// Says that the application runs and will look in here whenever `wake` is called.
    pub fn ready(&self, wake: impl Fn() + Send + Sync + 'static) {
        let mut running = self.house.running.lock().unwrap_or_else(PoisonError::into_inner);
        *running = Some(Running { since: Instant::now(), wake: Arc::new(wake) });
    }

    /// The next launch, which is the receiver's from now on: its sender is told, and ends.
    pub fn take(&self) -> Option<T> {
        // Those whose senders went their own way meanwhile are passed over.
        self.arrivals.try_iter().find_map(|arrival| arrival.ticket.take().then_some(arrival.item))
    }
}

impl<T> Drop for Inbox<T> {
    fn drop(&mut self) {
        self.house.closed.store(true, Ordering::Release);
        // The porter waits for somebody to knock.
        Stream::connect(&self.house.place).ok();
    }
}

impl<T> std::fmt::Debug for Inbox<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inbox").field("waiting", &self.arrivals.len()).finish_non_exhaustive()
    }
}

impl House {
    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Since when the application runs.
    fn running_since(&self) -> Option<Instant> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|running| running.since)
    }

    fn wake(&self) {
        let guard = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let wake = guard.as_ref().map(|running| Arc::clone(&running.wake));
        drop(guard);
        if let Some(wake) = wake {
            wake();
        }
    }
}

/// Lets visitors in.
struct Porter<T> {
    house: Arc<House>,
    sender: Sender<Arrival<T>>,
    read: Arc<dyn Fn(&HandOver) -> Result<T, String> + Send + Sync>,
}

impl<T: Send + 'static> Porter<T> {
    fn stand_at(&self, door: &Door) {
        loop {
            let visitor = door.accept();
            if self.house.is_closed() {
                return;
            }
            match visitor {
                Ok(stream) => self.let_in(stream),
                Err(error) => {
                    tracing::debug!("a visitor got lost: {error}");
                    // Short of descriptors or memory: what is missing now may be there soon.
                    thread::sleep(super::PAUSE);
                }
            }
        }
    }

    fn let_in(&self, stream: Stream) {
        let house = Arc::clone(&self.house);
        if house.visitors.fetch_add(1, Ordering::AcqRel) >= MOST_VISITORS {
            house.visitors.fetch_sub(1, Ordering::AcqRel);
            return;
        }
        let leaving = Leaving(Arc::clone(&house));
        let (sender, read) = (self.sender.clone(), Arc::clone(&self.read));
        let attend = move || {
            let _leaving = leaving;
            if let Err(error) = attend(stream, &house, &sender, &*read) {
                tracing::debug!("a launch was not taken over: {error}");
            }
        };
        thread::Builder::new().name("launch".to_owned()).spawn(attend).ok();
    }
}

/// Makes room for another visitor, however this one leaves.
struct Leaving(Arc<House>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.visitors.fetch_sub(1, Ordering::AcqRel);
    }
}

/// One visitor, from greeting to farewell.
fn attend<T>(
    mut stream: Stream,
    house: &House,
    sender: &Sender<Arrival<T>>,
    read: &dyn Fn(&HandOver) -> Result<T, String>,
) -> io::Result<()> {
    let deadline = Instant::now() + SPEAK_WITHIN;
    say(&mut stream, &house.greeting, deadline)?;
    let hand_over = hear_launch(&mut stream, deadline)?;
    let mut tell = |answer: Answer| say(&mut stream, &answer, Instant::now() + PATIENCE);
    let item = match read(&hand_over) {
        Ok(item) => item,
        Err(reason) => return tell(Answer::Refused(reason.chars().take(200).collect())),
    };
    // Reading may have taken its time, and who does not wait any more must not be served.
    tell(Answer::Waiting)?;
    let (taken, news) = crossbeam_channel::bounded(1);
    let state = Arc::new(AtomicU8::new(PENDING));
    let queued = Instant::now();
    if sender.send(Arrival { item, ticket: Ticket { state: Arc::clone(&state), taken } }).is_err() {
        return tell(Answer::Closing);
    }
    house.wake();
    loop {
        match news.recv_timeout(REASSURE) {
            Ok(()) => return tell(Answer::Taken),
            Err(RecvTimeoutError::Disconnected) => return tell(Answer::Closing),
            Err(RecvTimeoutError::Timeout) => {}
        }
        let late = match house.running_since() {
            None => queued.elapsed() > START_WITHIN,
            Some(since) => since.max(queued).elapsed() > TAKE_WITHIN,
        };
        if late {
            if settle(&state, WITHDRAWN) {
                return tell(Answer::Refused("it is busy".to_owned()));
            }
            // Taken in this very moment.
            return tell(Answer::Taken);
        }
        if let Err(error) = tell(Answer::Waiting) {
            // Nobody waits: it opens on the other side, and not here as well.
            settle(&state, WITHDRAWN);
            return Err(error);
        }
    }
}
