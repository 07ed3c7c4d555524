//! A real archive on loopback for the time of a test: Orthanc with its DICOMweb plugin, where it is installed.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::Scratch;
use super::program::wait_until;

const PLUGIN: &str = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so";
const PROGRAMS: [&str; 2] = ["/usr/sbin/Orthanc", "/usr/bin/Orthanc"];

/// A running archive; it ends with this value.
pub struct Archive {
    child: Child,
    pub port: u16,
    password: Option<(String, String)>,
    _folder: Scratch,
}

impl Archive {
    /// Starts one; `None`, with a line that says so, where there is none to start.
    pub fn start(password: Option<(&str, &str)>) -> Option<Self> {
        let program = PROGRAMS.into_iter().find(|program| Path::new(program).exists());
        let Some(program) = program.filter(|_| Path::new(PLUGIN).exists()) else {
            // Not through the macro, whose lines are kept back where tests run.
            writeln!(std::io::stderr(), "skipped: Orthanc and its DICOMweb plugin are not installed").ok();
            return None;
        };
        let folder = Scratch::new("archive");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
        let users = password.map_or("{}".to_owned(), |(user, word)| format!(r#"{{"{user}":"{word}"}}"#));
        let dir = folder.path().display().to_string();
        let settings = format!(
            r#"{{"Name":"test","StorageDirectory":"{dir}","IndexDirectory":"{dir}","HttpPort":{port},
            "DicomServerEnabled":false,"RemoteAccessAllowed":false,"AuthenticationEnabled":{},
            "RegisteredUsers":{users},"Plugins":["{PLUGIN}"],"DicomWeb":{{"Enable":true,"Root":"/dicom-web/"}}}}"#,
            password.is_some()
        );
        let file = folder.file("orthanc.json", settings);
        let child = Command::new(program)
            .arg(file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Orthanc starts");
        let password = password.map(|(user, word)| (user.to_owned(), word.to_owned()));
        let archive = Self { child, port, password, _folder: folder };
        let up = || {
            archive.request("GET", "/system", &[]).is_some_and(|answer| answer.starts_with("HTTP/1.1 200"))
        };
        assert!(wait_until(up, Duration::from_secs(60)), "Orthanc does not answer");
        Some(archive)
    }

    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}/dicom-web", self.port)
    }

    /// Gives it an object to keep.
    #[track_caller]
    pub fn store(&self, object: &[u8]) {
        let answer = self.request("POST", "/instances", object).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// Ends it before its time.
    pub fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }

    fn request(&self, method: &str, path: &str, body: &[u8]) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
        let credentials = self.password.as_ref().map_or(String::new(), |(user, word)| {
            format!("Authorization: Basic {}\r\n", base64(format!("{user}:{word}").as_bytes()))
        });
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{credentials}Content-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        Some(String::from_utf8_lossy(&answer).into_owned())
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        self.kill();
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let value =
            three.iter().fold(0_u32, |value, byte| value << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for digit in 0..4 {
            let index = value >> (18 - 6 * digit) & 63;
            text.push(if digit > three.len() { '=' } else { char::from(DIGITS[index as usize]) });
        }
    }
    text
}
