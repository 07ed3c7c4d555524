use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::*;
use crate::launch::Secret;

/// A meeting place of one test, with a path short enough for a socket.
struct Meeting {
    folder: PathBuf,
    place: Place,
}

impl Meeting {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("lb-{}-{number}", std::process::id()));
        let place = Place::new(&folder, "test").expect("a folder of one's own");
        Self { folder, place }
    }

    fn first(&self) -> Listener {
        match claim(&self.place) {
            Claimed::First(listener) => listener,
            other => panic!("{other:?}"),
        }
    }

    fn inbox(&self) -> Inbox<String> {
        self.first().serve(text).expect("threads")
    }
}

impl Drop for Meeting {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

/// What the tests make of a launch: its words in one line.
#[allow(clippy::unnecessary_wraps, reason = "it stands for something that can fail")]
fn text(hand_over: &HandOver) -> Result<String, String> {
    Ok(hand_over.words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" "))
}

fn words(text: &str) -> HandOver {
    HandOver::new(text.split(' ').map(OsString::from).collect())
}

/// Empties an inbox until so many are there.
fn collect<T>(inbox: &Inbox<T>, count: usize) -> Vec<T> {
    let deadline = Instant::now() + Duration::from_secs(30);
    let mut found = Vec::new();
    while found.len() < count && Instant::now() < deadline {
        found.extend(inbox.take());
        thread::sleep(Duration::from_millis(2));
    }
    found
}

#[test]
fn ten_launches_at_once_arrive_once_each() {
    let meeting = Meeting::new();
    let inbox = meeting.inbox();
    inbox.ready(|| ());
    let names: BTreeSet<String> = (0..10).map(|number| format!("--layout=1x1 -- /study/{number}")).collect();
    let arrived = thread::scope(|scope| {
        let senders: Vec<_> = names
            .iter()
            .map(|name| scope.spawn(|| matches!(share(&meeting.place, &words(name)), Shared::Given)))
            .collect();
        let arrived = collect(&inbox, names.len());
        assert!(senders.into_iter().all(|sender| sender.join().expect("a result")));
        arrived
    });
    assert_eq!(arrived.len(), names.len());
    assert_eq!(arrived.into_iter().collect::<BTreeSet<_>>(), names);
    assert!(inbox.take().is_none());
}

#[test]
fn whoever_comes_while_the_first_starts_waits_for_it() {
    let meeting = Meeting::new();
    // Nobody stands at the door yet.
    let listener = meeting.first();
    thread::scope(|scope| {
        let sender = scope.spawn(|| share(&meeting.place, &words("a b")));
        thread::sleep(Duration::from_millis(300));
        let inbox = listener.serve(text).expect("threads");
        // Nobody empties the inbox yet, for longer than a running application would be given.
        thread::sleep(TAKE_WITHIN + PATIENCE / 3);
        assert!(!sender.is_finished());
        inbox.ready(|| ());
        assert_eq!(collect(&inbox, 1), ["a b"]);
        assert!(matches!(sender.join().expect("a result"), Shared::Given));
    });
}

#[test]
fn the_application_is_woken() {
    let meeting = Meeting::new();
    let inbox = meeting.inbox();
    let (rung, rings) = crossbeam_channel::unbounded();
    inbox.ready(move || rung.send(()).unwrap_or_default());
    thread::scope(|scope| {
        let sender = scope.spawn(|| share(&meeting.place, &words("a")));
        rings.recv_timeout(Duration::from_secs(20)).expect("a ring");
        assert_eq!(inbox.take().as_deref(), Some("a"));
        assert!(matches!(sender.join().expect("a result"), Shared::Given));
    });
}

#[test]
fn an_application_that_hangs_is_given_up_and_the_launch_is_not_opened_twice() {
    let meeting = Meeting::new();
    let inbox = meeting.inbox();
    inbox.ready(|| ());
    let started = Instant::now();
    let Shared::Alone(reason) = share(&meeting.place, &words("a")) else { panic!("nobody took it") };
    assert!(reason.contains("busy"), "{reason}");
    assert!(started.elapsed() < TAKE_WITHIN + PATIENCE);
    assert!(inbox.take().is_none(), "it is open elsewhere");
}

#[test]
fn a_first_that_closes_is_followed_by_the_one_that_knocked() {
    let meeting = Meeting::new();
    let inbox = meeting.inbox();
    thread::scope(|scope| {
        let sender = scope.spawn(|| share(&meeting.place, &words("a")));
        thread::sleep(Duration::from_millis(300));
        drop(inbox);
        assert!(matches!(sender.join().expect("a result"), Shared::First(_)));
    });
}

#[test]
fn a_launch_that_is_not_understood_stays_with_its_sender() {
    let meeting = Meeting::new();
    let refuse = |_: &HandOver| Err::<(), _>("no such\nfile".to_owned());
    let inbox = meeting.first().serve(refuse).expect("threads");
    let Shared::Alone(reason) = share(&meeting.place, &words("a")) else { panic!("it was refused") };
    assert!(reason.ends_with("no suchfile"), "one line: {reason}");
    assert!(inbox.take().is_none());
}

#[test]
fn another_version_is_left_alone() {
    let meeting = Meeting::new();
    let inbox = meeting.inbox();
    inbox.ready(|| ());
    let Claimed::Alone(reason) = claim_as(&meeting.place, "9.9.9") else { panic!("another version") };
    assert!(reason.ends_with(env!("CARGO_PKG_VERSION")), "{reason}");
    assert!(inbox.take().is_none());
}

#[test]
fn everything_arrives_as_it_was_sent() {
    let meeting = Meeting::new();
    let inbox = meeting.first().serve(|hand_over| Ok(hand_over.clone())).expect("threads");
    inbox.ready(|| ());
    let mut sent = HandOver::new(vec![
        "perspecta://open?path=/a+b/%C3%A4.dcm&password=hunter2".into(),
        String::new().into(),
        "/a\n\"b\"/ä 🩻".into(),
        "x".repeat(1 << 20).into(),
    ]);
    #[cfg(unix)]
    sent.words.push(std::os::unix::ffi::OsStringExt::from_vec(b"/raw/\xff\xfe".to_vec()));
    sent.variables.insert("TOKEN".to_owned(), Secret::new("swordfish"));
    sent.folder = Some(meeting.folder.clone());
    sent.activation = Some("gnome-1_TIME7".to_owned());
    thread::scope(|scope| {
        let sender = scope.spawn(|| share(&meeting.place, &sent));
        let arrived = collect(&inbox, 1);
        assert!(arrived == [sent.clone()], "not what was sent");
        assert!(matches!(sender.join().expect("a result"), Shared::Given));
    });
    for file in std::fs::read_dir(&meeting.folder).expect("a folder") {
        let length = file.and_then(|file| file.metadata()).expect("a file").len();
        assert!(length < 64, "nothing that was handed over is on a disk");
    }
}

#[test]
fn a_launch_that_is_too_long_is_not_sent() {
    let meeting = Meeting::new();
    let inbox = meeting.inbox();
    inbox.ready(|| ());
    let Shared::Alone(reason) = share(&meeting.place, &words(&"x".repeat(5 << 20))) else {
        panic!("too long")
    };
    assert!(reason.contains("too long"), "{reason}");
}

#[cfg(unix)]
mod on_unix {
    use std::io::{Read as _, Write as _};
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::net::{UnixListener, UnixStream};

    use super::*;

    fn mode(path: &std::path::Path) -> u32 {
        std::fs::symlink_metadata(path).expect("it is there").permissions().mode() & 0o777
    }

    #[test]
    fn nobody_else_gets_in() {
        let meeting = Meeting::new();
        let _listener = meeting.first();
        assert_eq!(mode(&meeting.folder), 0o700);
        assert_eq!(mode(&meeting.place.file("sock")), 0o600);
        assert_eq!(mode(&meeting.place.file("lock")), 0o600);
    }

    #[test]
    fn a_folder_that_others_may_enter_is_not_used() {
        let meeting = Meeting::new();
        let set = |mode| {
            std::fs::set_permissions(&meeting.folder, std::fs::Permissions::from_mode(mode)).expect("ours");
        };
        for open in [0o755, 0o770, 0o701] {
            set(open);
            assert!(Place::new(&meeting.folder, "test").is_err(), "{open:o}");
        }
        set(0o700);
        assert!(Place::new(&meeting.folder, "test").is_ok());
        let link = meeting.folder.join("link");
        std::os::unix::fs::symlink(&meeting.folder, &link).expect("a link");
        assert!(Place::new(&link, "test").is_err(), "a link leads where it likes");
        assert!(Place::new(&meeting.folder.join("x".repeat(120)), "test").is_err(), "too long for a socket");
    }

    #[test]
    fn what_was_left_behind_is_recovered_and_what_is_gone_is_gone() {
        let meeting = Meeting::new();
        // A socket nobody listens at, with nobody holding the lock.
        drop(UnixListener::bind(meeting.place.file("sock")).expect("a socket"));
        assert!(meeting.place.file("sock").exists());
        let listener = meeting.first();
        drop(listener);
        assert!(!meeting.place.file("sock").exists());
        drop(meeting.first());
    }

    #[test]
    fn one_that_holds_the_door_and_says_nothing_is_given_up() {
        let meeting = Meeting::new();
        // The system lets connections in; nobody greets them.
        let _listener = meeting.first();
        let started = Instant::now();
        let Claimed::Alone(reason) = claim(&meeting.place) else { panic!("nobody answers") };
        assert!(reason.contains("does not answer"), "{reason}");
        assert!(started.elapsed() < PATIENCE * 2);
    }

    #[test]
    fn nonsense_and_silence_keep_nobody_waiting() {
        let meeting = Meeting::new();
        let inbox = meeting.inbox();
        inbox.ready(|| ());
        let body = |json: &str| {
            let mut bytes = u32::try_from(json.len()).expect("short").to_be_bytes().to_vec();
            bytes.extend_from_slice(json.as_bytes());
            bytes
        };
        let nested = "[".repeat(100_000);
        let rude: Vec<Vec<u8>> = vec![
            vec![],
            vec![0xff],
            vec![0xff; 64],
            b"GET / HTTP/1.1\r\n\r\n".to_vec(),
            vec![0, 0x40, 0, 1],
            vec![0, 0x10, 0, 0, b'{'],
            body("{}"),
            body("null"),
            body(&nested),
            body(r#"{"words":[],"variables":{},"folder":null,"activation":null,"more":1}"#),
            body(r#"{"words":[{"wide":[1]}],"folder":null,"variables":{},"activation":null}"#),
            body(r#"{"words":[{"bytes":[256]}],"folder":null,"variables":{},"activation":null}"#),
        ];
        let kept: Vec<UnixStream> = rude
            .iter()
            .map(|bytes| {
                let mut stream = UnixStream::connect(meeting.place.file("sock")).expect("a door");
                stream.write_all(bytes).ok();
                stream
            })
            .collect();
        thread::scope(|scope| {
            let started = Instant::now();
            let sender = scope.spawn(|| share(&meeting.place, &words("good")));
            assert_eq!(collect(&inbox, 1), ["good"]);
            assert!(matches!(sender.join().expect("a result"), Shared::Given));
            assert!(started.elapsed() < Duration::from_secs(2), "others were waited for");
        });
        // All of them are shown out, the silent ones too.
        for mut stream in kept {
            stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time-out");
            let mut heard = Vec::new();
            stream.read_to_end(&mut heard).ok();
            assert!(heard.len() < 200, "a greeting and no more");
        }
        assert!(inbox.take().is_none());
    }

    #[test]
    fn a_stranger_that_listens_learns_nothing() {
        let meeting = Meeting::new();
        let door = UnixListener::bind(meeting.place.file("sock")).expect("a socket");
        let stranger = thread::spawn(move || {
            let (mut stream, _) = door.accept().expect("a visitor");
            stream.write_all(b"\0\0\0\x02{}").expect("a greeting");
            let mut heard = Vec::new();
            stream.read_to_end(&mut heard).ok();
            heard
        });
        let opened = Connection::open(&meeting.place, "1", Instant::now() + PATIENCE);
        assert!(matches!(opened, Err(NotTaken::Other { .. })), "{opened:?}");
        assert!(stranger.join().expect("an end").is_empty());
    }
}
