//! A server on a socket that does exactly what a test tells it, which is seldom what a server should do.

use std::io::{BufRead as _, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What was asked.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Listens until the process ends; every connection has a thread of its own.
#[derive(Clone)]
pub struct Stub {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Stub {
    /// `answer` gets the request, how many came before it, and the connection. A connection serves as many
    /// requests as `answer` says true to.
    pub fn start(answer: impl Fn(&Asked, usize, &mut TcpStream) -> bool + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let stub = Self { address: listener.local_addr().expect("an address"), asked: Arc::default() };
        let (answer, seen) = (Arc::new(answer), Arc::clone(&stub.asked));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
                std::thread::spawn(move || {
                    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
                    let mut stream = stream;
                    stream.set_nodelay(true).ok();
                    while let Some(request) = read(&mut reader) {
                        let before = {
                            let mut all = seen.lock().expect("the list");
                            all.push(request.clone());
                            all.len() - 1
                        };
                        if !answer(&request, before, &mut stream) {
                            return;
                        }
                    }
                });
            }
        });
        stub
    }

    /// Always the same bytes, then the end of the connection.
    pub fn always(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |_, _, stream| {
            stream.write_all(&bytes).ok();
            false
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}/dicom-web", self.address)
    }

    /// Everything that was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("the list").clone()
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
    let mut asked = Asked { target: line.split(' ').nth(1)?.to_owned(), ..Asked::default() };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => {
                asked.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            }
            None => return Some(asked),
        }
    }
}

/// A whole answer with its length.
pub fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// Writes bytes one by one, so far apart.
pub fn drip(stream: &mut TcpStream, bytes: &[u8], pause: Duration) {
    for byte in bytes {
        if stream.write_all(&[*byte]).is_err() {
            return;
        }
        std::thread::sleep(pause);
    }
}
