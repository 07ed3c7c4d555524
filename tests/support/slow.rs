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

/// A running proxy; it ends with this value.
pub struct Slow {
    pub port: u16,
    received: Arc<AtomicU64>,
    ended: Arc<AtomicBool>,
}

impl Slow {
    pub fn before(port: u16, line: Line) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let own = listener.local_addr().expect("an address").port();
        let (received, ended) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let slow = Self { port: own, received: Arc::clone(&received), ended: Arc::clone(&ended) };
        // When the line is free again, in nanoseconds since the start.
        let (free, start) = (Arc::new(AtomicU64::new(0)), Instant::now());
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                let (Ok(client), Ok(server)) = (client, TcpStream::connect(("127.0.0.1", port))) else {
                    continue;
                };
                client.set_nodelay(true).ok();
                server.set_nodelay(true).ok();
                let (Ok(from), Ok(to)) = (client.try_clone(), server.try_clone()) else { continue };
                pass(from, to, Line { rate: 0, latency: line.latency / 2 }, None, Arc::clone(&free), start);
                let (count, free) = (Some(Arc::clone(&received)), Arc::clone(&free));
                pass(server, client, Line { latency: line.latency / 2, ..line }, count, free, start);
            }
        });
        slow
    }

    /// Bytes that went to clients.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}/dicom-web", self.port)
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        TcpStream::connect(("127.0.0.1", self.port)).ok();
    }
}

/// Passes one direction on: read at once up to a bound, written when the time has come.
fn pass(
    mut from: TcpStream,
    mut to: TcpStream,
    line: Line,
    count: Option<Arc<AtomicU64>>,
    free: Arc<AtomicU64>,
    start: Instant,
) {
    let (sender, due) = mpsc::sync_channel::<(Instant, Vec<u8>)>(64);
    std::thread::spawn(move || {
        let mut block = vec![0; 16 << 10];
        while let Ok(read @ 1..) = from.read(&mut block) {
            if sender.send((Instant::now() + line.latency, block[..read].to_vec())).is_err() {
                break;
            }
        }
    });
    std::thread::spawn(move || {
        while let Ok((when, bytes)) = due.recv() {
            std::thread::sleep(when.saturating_duration_since(Instant::now()));
            if line.rate > 0 {
                let takes = bytes.len() as u64 * 1_000_000_000 / line.rate;
                let now = start.elapsed().as_nanos() as u64;
                let turn = free
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |free| Some(free.max(now) + takes));
                let turn = turn.unwrap_or(now).max(now) + takes;
                std::thread::sleep(Duration::from_nanos(turn.saturating_sub(now)));
            }
            if to.write_all(&bytes).is_err() {
                break;
            }
            if let Some(count) = &count {
                count.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            }
        }
        to.shutdown(Shutdown::Write).ok();
    });
}
