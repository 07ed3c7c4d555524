//! Waking the event loop from other threads. Nothing is drawn while nothing changes, so whoever has news
//! must say so: one wake-up a batch.

use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::*;
use bevy::winit::{EventLoopProxy, EventLoopProxyWrapper, WinitUserEvent};

/// Handed to threads before there is an event loop; wakes it once there is one.
#[derive(Resource, Clone, Default)]
pub struct Waker(Arc<Mutex<Option<EventLoopProxy<WinitUserEvent>>>>);

impl Waker {
    /// Asks for an update of the application. Without a window this does nothing: such runs never sleep.
    pub fn wake(&self) {
        let guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(proxy) = guard.as_ref() {
            // An event loop that is gone needs no news.
            proxy.send_event(WinitUserEvent::WakeUp).ok();
        }
    }

    /// Connects the waker to the running event loop.
    pub fn connect(&self, proxy: &EventLoopProxyWrapper) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((**proxy).clone());
    }
}
