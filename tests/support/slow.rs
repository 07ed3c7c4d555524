//! A line that is far and narrow: a proxy on loopback that passes bytes on late and not too many at a time, and
//! counts them.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How far and how narrow.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// Added to the way there and back together.
    pub latency: Duration,
    /// Bytes a second towards the client, all connections together; 0 for no limit.
    pub rate: u64,
}

impl Line {
    /// 50 ms and 20 Mbit/s.
    pub const FAR: Self = Self { latency: Duration::from_millis(50), rate: 2_500_000 };
    /// As it is.
    pub const PLAIN: Self = Self { latency: Duration::ZERO, rate: 0 };
}

/// A running proxy; it ends with this value, and cuts what runs through it.
pub struct Slow {
    pub port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    line: Line,
    start: Instant,
    /// When the line is free again, in nanoseconds since the start.
    free: AtomicU64,
    received: AtomicU64,
    ended: AtomicBool,
}

impl Slow {
    pub fn before(port: u16, line: Line) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let own = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared {
            line,
            start: Instant::now(),
            free: AtomicU64::new(0),
            received: AtomicU64::new(0),
            ended: AtomicBool::new(false),
        });
        let slow = Self { port: own, shared: Arc::clone(&shared) };
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if shared.ended.load(Ordering::Relaxed) {
                    return;
                }
                let (Ok(client), Ok(server)) = (client, TcpStream::connect(("127.0.0.1", port))) else {
                    continue;
                };
                client.set_nodelay(true).ok();
                server.set_nodelay(true).ok();
                let (Ok(from), Ok(to)) = (client.try_clone(), server.try_clone()) else { continue };
                pass(from, to, false, &shared);
                pass(server, client, true, &shared);
            }
        });
        slow
    }

    /// Bytes that went to clients.
    pub fn received(&self) -> u64 {
        self.shared.received.load(Ordering::Relaxed)
    }

    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}/dicom-web", self.port)
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        TcpStream::connect(("127.0.0.1", self.port)).ok();
    }
}

/// Passes one direction on: read at once up to a bound, written when the time has come.
fn pass(mut from: TcpStream, mut to: TcpStream, to_client: bool, shared: &Arc<Shared>) {
    let (sender, due) = mpsc::sync_channel::<(Instant, Vec<u8>)>(64);
    let latency = shared.line.latency / 2;
    std::thread::spawn(move || {
        let mut block = vec![0; 16 << 10];
        while let Ok(read @ 1..) = from.read(&mut block) {
            if sender.send((Instant::now() + latency, block[..read].to_vec())).is_err() {
                break;
            }
        }
    });
    let shared = Arc::clone(shared);
    std::thread::spawn(move || {
        while let Ok((when, bytes)) = due.recv() {
            std::thread::sleep(when.saturating_duration_since(Instant::now()));
            if to_client && shared.line.rate > 0 {
                std::thread::sleep(shared.turn(bytes.len() as u64));
            }
            if shared.ended.load(Ordering::Relaxed) || to.write_all(&bytes).is_err() {
                break;
            }
            if to_client {
                shared.received.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            }
        }
        to.shutdown(Shutdown::Both).ok();
    });
}

impl Shared {
    /// Takes its turn on the line; how long until these bytes are through.
    fn turn(&self, bytes: u64) -> Duration {
        let takes = bytes * 1_000_000_000 / self.line.rate;
        let now = self.start.elapsed().as_nanos() as u64;
        let after = |free: u64| Some(free.max(now) + takes);
        let before = self.free.fetch_update(Ordering::Relaxed, Ordering::Relaxed, after).unwrap_or(now);
        Duration::from_nanos(before.max(now) + takes - now)
    }
}
