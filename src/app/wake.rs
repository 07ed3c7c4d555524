//! Waking the event loop from other threads. Nothing is drawn while nothing changes, so whoever has news
//! must say so: one wake-up a batch.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::winit::{EventLoopProxy, EventLoopProxyWrapper, WinitUserEvent};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

/// Handed to threads before there is an event loop; wakes it once there is one.
#[derive(Resource, Clone, Default)]
pub struct Waker {
    proxy: Arc<Mutex<Option<EventLoopProxy<WinitUserEvent>>>>,
    /// Leads to the thread that wakes later, started when somebody first asks for it.
    timer: Arc<OnceLock<Option<Sender<Instant>>>>,
}

impl Waker {
    /// Asks for an update of the application. Without a window this does nothing: such runs never sleep.
    pub fn wake(&self) {
        let guard = self.proxy.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(proxy) = guard.as_ref() {
            // An event loop that is gone needs no news.
            proxy.send_event(WinitUserEvent::WakeUp).ok();
        }
    }

    /// Asks for an update once a time has passed.
    pub fn wake_after(&self, delay: Duration) {
        let Some(at) = Instant::now().checked_add(delay) else { return };
        let timer = self.timer.get_or_init(|| {
            let (sender, deadlines) = crossbeam_channel::unbounded();
            // The thread must not keep its own channel open.
            let waker = Self { proxy: Arc::clone(&self.proxy), timer: Arc::default() };
            let run = move || keep_time(&deadlines, &|| waker.wake());
            let spawned = std::thread::Builder::new().name("timer".to_owned()).spawn(run);
            spawned.ok().map(|_| sender)
        });
        if let Some(timer) = timer {
            timer.send(at).ok();
        }
    }

    /// Connects the waker to the running event loop.
    pub fn connect(&self, proxy: &EventLoopProxyWrapper) {
        *self.proxy.lock().unwrap_or_else(PoisonError::into_inner) = Some((**proxy).clone());
    }
}

/// Rings at the nearest of the deadlines it is given; those that pass meanwhile are met by the same ring.
fn keep_time(deadlines: &Receiver<Instant>, ring: &dyn Fn()) {
    let mut next: Option<Instant> = None;
    loop {
        let news = match next {
            None => deadlines.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(at) => deadlines.recv_deadline(at),
        };
        match news {
            Ok(at) => next = Some(next.map_or(at, |next| next.min(at))),
            Err(RecvTimeoutError::Timeout) => {
                next = None;
                ring();
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_deadline_rings_and_the_others_do_not_wait_for_it() {
        let (sender, deadlines) = crossbeam_channel::unbounded();
        let (rung, rings) = crossbeam_channel::unbounded();
        let timer = std::thread::spawn(move || keep_time(&deadlines, &|| rung.send(()).unwrap_or_default()));
        let now = Instant::now();
        sender.send(now + Duration::from_secs(3600)).expect("a timer");
        sender.send(now).expect("a timer");
        rings.recv_timeout(Duration::from_secs(20)).expect("a ring long before the hour");
        drop(sender);
        timer.join().expect("an end");
        assert!(rings.try_recv().is_err(), "the hour has not passed");
    }
}
