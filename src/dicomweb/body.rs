//! Bytes on their way from the thread that receives them to the one that reads them: in order, bounded, and
//! stopped at once.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use tokio::sync::Semaphore;

use super::client::Engine;
use super::{Watch, WebError};

/// Bytes received and not yet read, of one body.
const WINDOW: u32 = 4 << 20;
/// How often a thread that waits looks whether it still should.
const TICK: Duration = Duration::from_millis(20);

/// What the head of an answer says.
#[derive(Debug, Default)]
pub struct Head {
    pub content_type: String,
    pub length: Option<u64>,
}

enum Message {
    Head(Head),
    Bytes(Box<dyn AsRef<[u8]> + Send>, u32),
    End(Result<(), WebError>),
}

/// Two ends of a way.
pub fn channel(watch: Watch) -> (Outlet, Inlet) {
    let (sender, receiver) = unbounded();
    let window = Arc::new(Semaphore::new(WINDOW as usize));
    let outlet = Outlet { sender, window: Arc::clone(&window), watch: watch.clone() };
    (outlet, Inlet { receiver, window, watch, task: None, engine: None, current: None, ended: None })
}

/// The end of the one who receives.
pub struct Outlet {
    sender: Sender<Message>,
    window: Arc<Semaphore>,
    watch: Watch,
}

impl Outlet {
    pub fn head(&self, head: Head) {
        self.sender.send(Message::Head(head)).ok();
    }

    /// Hands on some bytes, once there is room for them. False where nobody wants them any more.
    pub async fn bytes(&self, bytes: impl AsRef<[u8]> + Send + 'static) -> bool {
        let length = bytes.as_ref().len();
        if length == 0 {
            return true;
        }
        self.watch.add(length as u64);
        let cost = u32::try_from(length).unwrap_or(WINDOW).min(WINDOW);
        match self.window.acquire_many(cost).await {
            Ok(room) => room.forget(),
            Err(_) => return false,
        }
        self.sender.send(Message::Bytes(Box::new(bytes), cost)).is_ok()
    }

    pub fn end(&self, how: Result<(), WebError>) {
        self.sender.send(Message::End(how)).ok();
    }
}

/// The end of the one who reads. Dropping it ends the transfer.
pub struct Inlet {
    receiver: Receiver<Message>,
    window: Arc<Semaphore>,
    watch: Watch,
    task: Option<tokio::task::AbortHandle>,
    /// Keeps the receiving thread for as long as somebody reads.
    engine: Option<Arc<Engine>>,
    current: Option<Chunk>,
    ended: Option<Result<(), WebError>>,
}

struct Chunk {
    bytes: Box<dyn AsRef<[u8]> + Send>,
    used: usize,
    cost: u32,
}

impl Inlet {
    /// What to end when nobody waits any more.
    pub fn drives(&mut self, task: tokio::task::AbortHandle, engine: Arc<Engine>) {
        self.task = Some(task);
        self.engine = Some(engine);
    }

    /// Waits for the head.
    pub fn head(&mut self) -> Result<Head, WebError> {
        loop {
            match self.wait()? {
                Message::Head(head) => return Ok(head),
                Message::End(how) => {
                    self.ended = Some(how.clone());
                    return how.map(|()| Head::default());
                }
                // Bytes only ever follow a head.
                Message::Bytes(..) => {}
            }
        }
    }

    fn wait(&self) -> Result<Message, WebError> {
        loop {
            if self.watch.cancel.is_cancelled() {
                if let Some(task) = &self.task {
                    task.abort();
                }
                return Err(WebError::Cancelled);
            }
            match self.receiver.recv_timeout(TICK) {
                Ok(message) => return Ok(message),
                Err(RecvTimeoutError::Timeout) => {}
                // The receiving thread is gone.
                Err(RecvTimeoutError::Disconnected) => return Err(WebError::Cut),
            }
        }
    }
}

impl Read for Inlet {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            if let Some(chunk) = &mut self.current {
                let left = (*chunk.bytes).as_ref().get(chunk.used..).unwrap_or_default();
                let count = left.len().min(into.len());
                if let (Some(to), Some(from)) = (into.get_mut(..count), left.get(..count)) {
                    to.copy_from_slice(from);
                }
                chunk.used += count;
                if count > 0 && !self.watch.cancel.is_cancelled() {
                    return Ok(count);
                }
                self.window.add_permits(chunk.cost as usize);
                self.current = None;
            }
            match &self.ended {
                Some(Ok(())) => return Ok(0),
                Some(Err(error)) => return Err(error.clone().into()),
                None => {}
            }
            match self.wait() {
                Ok(Message::Bytes(bytes, cost)) => self.current = Some(Chunk { bytes, used: 0, cost }),
                Ok(Message::End(how)) => self.ended = Some(how),
                Ok(Message::Head(_)) => {}
                Err(error) => self.ended = Some(Err(error)),
            }
        }
    }
}

impl Drop for Inlet {
    fn drop(&mut self) {
        self.window.close();
        // A body that ended or nearly did leaves its connection to others; the rest is told by the closed window.
        if let Some(task) = self.task.take().filter(|_| self.watch.cancel.is_cancelled()) {
            task.abort();
        }
    }
}
