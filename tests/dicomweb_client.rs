//! The client of DICOMweb servers against servers that do what they should not.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says why it was skipped"
)]

mod support;

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use lightbox::dicomweb::{
    Answer, Client, ClientOptions, CredentialFile, Parts, StudyQuery, Transport, Watch, WebError,
    download_instance, find_studies,
};
use lightbox::launch::{Credentials, Secret};
use support::Scratch;
use support::stub::{Stub, answer, drip};

const PLAIN: &str = "Content-Type: application/dicom\r\n";

fn options(base: &str) -> ClientOptions {
    ClientOptions {
        credential_file: CredentialFile::None,
        pause: Duration::from_millis(10),
        silence: Duration::from_secs(5),
        ..ClientOptions::new(base)
    }
}

fn client(stub: &Stub) -> Client {
    Client::new(options(&stub.url())).expect("a client")
}

fn impatient(stub: &Stub) -> Client {
    Client::new(ClientOptions { silence: Duration::from_millis(300), tries: 1, ..options(&stub.url()) })
        .expect("a client")
}

fn basic() -> Credentials {
    Credentials::Basic { user: "anna".to_owned(), password: Secret::new("hunter2") }
}

/// The head and then the body.
fn get(client: &Client, target: &str) -> Result<Vec<u8>, WebError> {
    body(client.get(target, "*/*", &Watch::default())?)
}

fn body(mut answer: Answer) -> Result<Vec<u8>, WebError> {
    let mut bytes = Vec::new();
    answer.body.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What a client asked, most of it.
#[track_caller]
fn authorization(stub: &Stub) -> Vec<Option<String>> {
    stub.asked().iter().map(|asked| asked.header("authorization").map(str::to_owned)).collect()
}

#[test]
fn an_answer_is_told_as_it_is() {
    let stub = Stub::always(answer("200 OK", "Content-Type: multipart/related; boundary=b\r\n", "hello"));
    let client = client(&stub);
    assert_eq!(client.base(), stub.url());
    let watch = Watch::default();
    let answer = client.get("/studies?x=y", "a/b; c=\"d\"", &watch).expect("an answer");
    assert_eq!(answer.content_type, "multipart/related; boundary=b");
    assert_eq!(answer.length, Some(5));
    assert_eq!(body(answer), Ok(b"hello".to_vec()));
    assert_eq!(watch.received(), 5);
    let asked = &stub.asked()[0];
    assert_eq!(asked.target, "/dicom-web/studies?x=y");
    assert_eq!(asked.header("accept"), Some("a/b; c=\"d\""));
    assert_eq!(asked.header("user-agent"), Some(concat!("Lightbox/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(asked.header("authorization"), None);
    assert_eq!(get(&client, &format!("{}/bulk/1", stub.url())), Ok(b"hello".to_vec()));
}

#[test]
fn slow_bytes_are_waited_for_and_silence_is_not() {
    let slow = Stub::start(|_, _, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n").ok();
        drip(stream, &[7; 20], Duration::from_millis(60));
        false
    });
    assert_eq!(get(&impatient(&slow), "/x").map(|bytes| bytes.len()), Ok(20));

    let before_the_head = Stub::start(|_, _, _| {
        std::thread::sleep(Duration::from_secs(20));
        false
    });
    assert!(matches!(get(&impatient(&before_the_head), "/x"), Err(WebError::Silence(_))));

    let within_the_body = Stub::start(|_, _, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nabc").ok();
        std::thread::sleep(Duration::from_secs(20));
        false
    });
    assert!(matches!(get(&impatient(&within_the_body), "/x"), Err(WebError::Silence(_))));
}

#[test]
fn lies_about_lengths_are_found_out() {
    let too_long = Stub::always(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc".to_vec());
    assert_eq!(get(&client(&too_long), "/x"), Err(WebError::Cut));
    let huge = Stub::always(b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\nabc".to_vec());
    assert!(get(&client(&huge), "/x").is_err());
    let no_number = Stub::always(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nabc".to_vec());
    assert!(matches!(get(&client(&no_number), "/x"), Err(WebError::Nonsense(_))));

    // What is left behind a body that is said to be shorter must not become the next answer.
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: multipart/related; boundary=b\r\nContent-Length: {}\r\n\r\n",
        20
    );
    let too_short = Stub::start(move |_, _, stream| {
        stream.write_all(head.as_bytes()).ok();
        stream.write_all(b"--b\r\n\r\nabcdefghijklmnopqrstuvwxyz\r\n--b--\r\n").ok();
        true
    });
    let client = client(&too_short);
    for _ in 0..2 {
        let answer = client.get("/x", "*/*", &Watch::default()).expect("a head");
        let mut parts = Parts::of(answer).expect("parts");
        let part = parts.next().expect("readable").expect("a part");
        assert_eq!(part.read_to_vec(100), Err(WebError::Cut));
    }
}

#[test]
fn endless_bodies_are_bounded() {
    let endless = Stub::start(|asked, _, stream| {
        let json = asked.target.contains("studies?");
        let content_type = if json { "application/dicom+json" } else { "application/octet-stream" };
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n\r\n").ok();
        let block = vec![b' '; 1 << 16];
        while stream.write_all(&block).is_ok() {}
        false
    });
    let client = client(&endless);
    let watch = Watch::default();
    let answer = client.get("/x", "*/*", &watch).expect("a head");
    let mut parts = Parts::of(answer).expect("a part");
    let part = parts.next().expect("readable").expect("a part");
    assert!(matches!(part.read_to_vec(1 << 20), Err(WebError::TooLarge(_))));
    drop(parts);
    // Nobody reads: the server was held up, not listened to for ever.
    let received = watch.received();
    assert!(received < 64 << 20, "{received}");
    let found = find_studies(&StudyQuery::default(), 10).next(&client, &Watch::default());
    assert!(matches!(found, Err(WebError::TooLarge(_))));
}

#[test]
fn pages_for_people_are_no_dicom() {
    let page = "<html><body>please sign in</body></html>";
    let stub = Stub::always(answer("200 OK", "Content-Type: text/html; charset=utf-8\r\n", page));
    let client = client(&stub);
    let watch = Watch::default();
    let mut sink = Vec::new();
    let came = download_instance(&client, "1", "2", "3", &mut sink, &watch);
    assert!(matches!(came, Err(WebError::Nonsense(_))), "{came:?}");
    assert!(matches!(
        find_studies(&StudyQuery::default(), 10).next(&client, &watch),
        Err(WebError::Nonsense(_))
    ));
    // The same under a false flag.
    let stub = Stub::always(answer("200 OK", PLAIN, page.repeat(20)));
    let came = download_instance(&self::client(&stub), "1", "2", "3", &mut sink, &watch);
    assert!(matches!(came, Err(WebError::Nonsense(_))), "{came:?}");
    assert!(sink.is_empty());
}

#[test]
fn credentials_stay_with_their_server() {
    let elsewhere = Stub::always(answer("200 OK", "", "there"));
    let to = format!("Location: http://{}/other?x=y\r\n", elsewhere.address);
    let home = Stub::start(move |asked, _, stream| {
        let reply = match asked.target.as_str() {
            "/dicom-web/away" => answer("302 Found", &to, ""),
            "/dicom-web/near" => answer("307 Temporary Redirect", "Location: /dicom-web/here\r\n", ""),
            _ => answer("200 OK", "", "here"),
        };
        stream.write_all(&reply).is_ok()
    });
    let client =
        Client::new(ClientOptions { credentials: basic(), ..options(&home.url()) }).expect("a client");
    assert_eq!(get(&client, "/near"), Ok(b"here".to_vec()));
    assert_eq!(get(&client, "/away"), Ok(b"there".to_vec()));
    assert_eq!(get(&client, &format!("http://{}/bulk", elsewhere.address)), Ok(b"there".to_vec()));
    let expected = Some("Basic YW5uYTpodW50ZXIy".to_owned());
    assert_eq!(authorization(&home), vec![expected; 3]);
    assert_eq!(authorization(&elsewhere), [None, None]);
}

#[test]
fn redirects_end() {
    let stub = Stub::start(|asked, _, stream| {
        let next = format!("Location: {}x\r\n", asked.target);
        stream.write_all(&answer("301 Moved Permanently", &next, "")).is_ok()
    });
    assert!(matches!(get(&client(&stub), "/x"), Err(WebError::Nonsense(_))));
    assert_eq!(stub.asked().len(), 6);
    for location in ["file:///etc/passwd", "ftp://h/x", "http://[", "//", "javascript:1"] {
        let stub = Stub::always(answer("302 Found", &format!("Location: {location}\r\n"), ""));
        assert!(get(&client(&stub), "/x").is_err(), "{location}");
        assert_eq!(stub.asked().len(), 1, "{location}");
    }
    let nowhere = Stub::always(answer("302 Found", "", ""));
    assert!(matches!(get(&client(&nowhere), "/x"), Err(WebError::Status { code: 302, .. })));
}

#[test]
fn what_is_refused_is_asked_once() {
    let table: &[(&str, fn(&WebError) -> bool)] = &[
        ("401 Unauthorized", |error| *error == WebError::Unauthorized { asked: false }),
        ("403 Forbidden", |error| *error == WebError::Forbidden),
        ("404 Not Found", |error| matches!(error, WebError::NotFound(_))),
        ("410 Gone", |error| matches!(error, WebError::NotFound(_))),
        ("406 Not Acceptable", |error| *error == WebError::NotAcceptable),
        ("415 Unsupported Media Type", |error| *error == WebError::NotAcceptable),
        ("400 Bad Request", |error| matches!(error, WebError::Status { code: 400, .. })),
        ("501 Not Implemented", |error| matches!(error, WebError::Status { code: 501, .. })),
    ];
    for (status, is_right) in table {
        let stub = Stub::always(answer(status, "Retry-After: 0\r\n", "no"));
        let error = get(&client(&stub), "/studies/1.2?PatientName=DOE").expect_err(status);
        assert!(is_right(&error), "{status}: {error:?}");
        assert!(!error.to_string().contains("DOE"), "{error}");
        assert_eq!(stub.asked().len(), 1, "{status}");
    }
}

#[test]
fn credentials_can_be_changed_on_the_way() {
    let stub = Stub::start(|asked, _, stream| {
        let right = asked.header("authorization") == Some("Bearer t-1");
        stream.write_all(&answer(if right { "200 OK" } else { "401 Unauthorized" }, "", "x")).is_ok()
    });
    let client = client(&stub);
    assert_eq!(get(&client, "/x"), Err(WebError::Unauthorized { asked: false }));
    client.set_credentials(basic());
    assert_eq!(get(&client, "/x"), Err(WebError::Unauthorized { asked: true }));
    assert_eq!(client.credentials_kind(), "basic");
    client.set_credentials(Credentials::Bearer(Secret::new(" t-1\n")));
    assert_eq!(get(&client, "/x"), Ok(b"x".to_vec()));
    client.set_credentials(Credentials::Bearer(Secret::new("two\r\nEvil: lines")));
    let error = get(&client, "/x").expect_err("no token");
    assert!(matches!(error, WebError::Io(_)) && !error.to_string().contains("Evil"), "{error}");
}

#[test]
fn credentials_are_looked_up_and_given_ones_go_first() {
    let stub = Stub::always(answer("200 OK", "", ""));
    let scratch = Scratch::new("netrc");
    let file = scratch.file("netrc", format!("machine {} login anna password hunter2\n", stub.address));
    let with = |base: String, credentials| ClientOptions {
        credential_file: CredentialFile::At(file.clone()),
        credentials,
        ..options(&base)
    };
    let ask = |options| get(&Client::new(options).expect("a client"), "/x").expect("an answer");
    ask(with(stub.url(), Credentials::None));
    ask(with(stub.url(), Credentials::Bearer(Secret::new("t"))));
    ask(with(stub.url().replace("http://", "http://bob:pw@"), Credentials::None));
    ask(ClientOptions { credential_file: CredentialFile::At("/nowhere".into()), ..options(&stub.url()) });
    let expected = ["Basic YW5uYTpodW50ZXIy", "Bearer t", "Basic Ym9iOnB3"];
    let sent = authorization(&stub);
    assert_eq!(sent[..3], expected.map(|text| Some(text.to_owned())));
    assert_eq!(sent[3], None);
}

#[test]
fn what_may_pass_is_asked_again() {
    let busy = Stub::start(|_, before, stream| {
        let status = if before < 2 { "503 Service Unavailable" } else { "200 OK" };
        stream.write_all(&answer(status, "", "x")).is_ok()
    });
    assert_eq!(get(&client(&busy), "/x"), Ok(b"x".to_vec()));
    assert_eq!(busy.asked().len(), 3);

    let always_busy = Stub::always(answer("503 Service Unavailable", "", ""));
    let error = get(&client(&always_busy), "/x");
    assert_eq!(error, Err(WebError::Status { code: 503, reason: "Service Unavailable".to_owned() }));
    assert_eq!(always_busy.asked().len(), 3);

    let hangs_up =
        Stub::start(|_, before, stream| before > 0 && stream.write_all(&answer("200 OK", "", "x")).is_ok());
    assert_eq!(get(&client(&hangs_up), "/x"), Ok(b"x".to_vec()));

    let later = Stub::start(|_, before, stream| {
        let status = if before == 0 { "429 Too Many Requests" } else { "200 OK" };
        stream.write_all(&answer(status, "Retry-After: 1\r\n", "x")).is_ok()
    });
    let started = Instant::now();
    assert_eq!(get(&client(&later), "/x"), Ok(b"x".to_vec()));
    assert!(started.elapsed() >= Duration::from_secs(1));

    let much_later = Stub::always(answer("503 Service Unavailable", "Retry-After: 3600\r\n", ""));
    assert!(get(&client(&much_later), "/x").is_err());
    assert_eq!(much_later.asked().len(), 1);
}

#[test]
fn a_body_that_was_begun_is_never_asked_for_again() {
    let stub = Stub::always(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n".to_vec());
    assert_eq!(get(&client(&stub), "/x"), Err(WebError::Cut));
    assert_eq!(stub.asked().len(), 1);
    let reset = Stub::start(|_, _, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").ok();
        stream.shutdown(std::net::Shutdown::Both).ok();
        false
    });
    assert_eq!(get(&client(&reset), "/x"), Err(WebError::Cut));
}

#[test]
fn chunks_are_put_together_and_broken_ones_refused() {
    let good =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n".to_vec();
    assert_eq!(get(&client(&Stub::always(good)), "/x"), Ok(b"abcde".to_vec()));
    let bad = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n".to_vec();
    assert!(get(&client(&Stub::always(bad)), "/x").is_err());
}

#[test]
fn heads_that_are_none_are_refused() {
    let huge = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "y".repeat(4 << 20));
    assert!(get(&client(&Stub::always(huge)), "/x").is_err());
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: y\r\n".repeat(10_000));
    assert!(get(&client(&Stub::always(many)), "/x").is_err());
    for text in ["SSH-2.0-OpenSSH_9.2\r\n", "\0\0\0\0", "HTTP/1.1 OK\r\n\r\n"] {
        let error = get(&client(&Stub::always(text)), "/x").expect_err("no HTTP");
        assert!(matches!(error, WebError::Nonsense(_) | WebError::Cut), "{text:?}: {error:?}");
    }
}

/// Cancels after a moment and says how long it took to be told.
fn cancelled(wait: impl FnOnce(&Watch) -> Option<WebError>) -> Duration {
    let watch = Watch::default();
    let cancel = watch.cancel.clone();
    let (sender, when) = mpsc::channel();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(150));
        sender.send(Instant::now()).ok();
        cancel.cancel();
    });
    assert_eq!(wait(&watch), Some(WebError::Cancelled));
    when.recv().expect("a time").elapsed()
}

#[test]
fn a_wish_to_stop_is_heard_at_once_wherever_somebody_waits() {
    let silent = Stub::start(|asked, _, stream| {
        if asked.target.ends_with("/body") {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").ok();
        }
        std::thread::sleep(Duration::from_secs(20));
        false
    });
    // Generous beside the 100 ms it should be: other tests run at the same time.
    let soon = Duration::from_millis(500);
    let client = client(&silent);
    assert!(cancelled(|watch| client.get("/head", "*/*", watch).err()) < soon);
    assert!(cancelled(|watch| body(client.get("/body", "*/*", watch).expect("a head")).err()) < soon);
    // While waiting for a turn.
    let one = Client::new(ClientOptions { parallel: 1, ..options(&silent.url()) }).expect("a client");
    let first = one.get("/body", "*/*", &Watch::default()).expect("a head");
    assert!(cancelled(|watch| one.get("/body", "*/*", watch).err()) < soon);
    drop(first);
    // While waiting to ask again.
    let busy = Stub::always(answer("503 Service Unavailable", "Retry-After: 10\r\n", ""));
    let client = self::client(&busy);
    assert!(cancelled(|watch| client.get("/x", "*/*", watch).err()) < soon);
    // Before anything.
    let watch = Watch::default();
    watch.cancel.cancel();
    assert_eq!(client.get("/x", "*/*", &watch).err(), Some(WebError::Cancelled));
    assert_eq!(busy.asked().len(), 1);
}

#[test]
fn no_more_transfers_run_than_were_allowed() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (current, highest) = (Arc::clone(&now), Arc::clone(&most));
    let stub = Stub::start(move |_, _, stream| {
        let running = current.fetch_add(1, Ordering::SeqCst) + 1;
        highest.fetch_max(running, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(30));
        current.fetch_sub(1, Ordering::SeqCst);
        stream.write_all(&answer("200 OK", "", "x")).is_ok()
    });
    let client = Client::new(ClientOptions { parallel: 3, ..options(&stub.url()) }).expect("a client");
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| assert_eq!(get(&client, "/x"), Ok(b"x".to_vec())));
        }
    });
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[test]
fn an_answer_outlives_its_client_and_a_dropped_one_frees_its_turn() {
    let stub = Stub::start(|_, _, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc").ok();
        std::thread::sleep(Duration::from_millis(100));
        stream.write_all(b"def").is_ok()
    });
    let answer = client(&stub).get("/x", "*/*", &Watch::default()).expect("a head");
    assert_eq!(body(answer), Ok(b"abcdef".to_vec()));
    let one = Client::new(ClientOptions { parallel: 1, ..options(&stub.url()) }).expect("a client");
    for _ in 0..3 {
        drop(one.get("/x", "*/*", &Watch::default()).expect("a head"));
    }
    assert_eq!(get(&one, "/x"), Ok(b"abcdef".to_vec()));
}

#[test]
fn forms_are_asked_for_until_the_server_has_one() {
    let file = [&[0; 128][..], b"DICM", b"and so on"].concat();
    let kept = file.clone();
    let stub = Stub::start(move |asked, _, stream| {
        let bare = asked.header("accept") == Some("application/dicom");
        let reply = if bare { answer("200 OK", PLAIN, &kept) } else { answer("406 Not Acceptable", "", "") };
        stream.write_all(&reply).is_ok()
    });
    let mut sink = Vec::new();
    let came = download_instance(&client(&stub), "1.2", "1.3", "1.4", &mut sink, &Watch::default());
    assert_eq!(came.map(|came| came.bytes), Ok(file.len() as u64));
    assert_eq!(sink, file);
    let asked = stub.asked();
    assert_eq!(asked[0].target, "/dicom-web/studies/1.2/series/1.3/instances/1.4");
    assert_eq!(
        asked[0].header("accept"),
        Some("multipart/related; type=\"application/dicom\"; transfer-syntax=*")
    );
    assert_eq!(asked.len(), 3);
}

#[test]
fn what_cannot_be_reached_is_said_without_secrets() {
    let closed =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let base = format!("http://anna:hunter2@{closed}/dicom-web?token=hunter2");
    let client = Client::new(ClientOptions { tries: 1, ..options(&base) }).expect("a client");
    assert!(!client.base().contains("hunter2"));
    let error = get(&client, "/studies?PatientName=DOE").expect_err("nobody there");
    assert!(matches!(error, WebError::Connect(_)), "{error:?}");
    let text = format!("{error} {error:?}");
    assert!(
        text.contains(&closed.to_string()) && !text.contains("hunter2") && !text.contains("DOE"),
        "{text}"
    );
    let unknown =
        Client::new(ClientOptions { tries: 1, ..options("http://nowhere.invalid/") }).expect("a client");
    assert!(matches!(get(&unknown, "/x"), Err(WebError::Connect(_))));
}

#[test]
fn only_believed_certificates_are_accepted() {
    let plain = Stub::always(answer("200 OK", "", "plain"));
    let away = format!("Location: http://{}/x\r\n", plain.address);
    let address = support::tls::start(answer("200 OK", "", "safe"));
    let leads_away = support::tls::start(answer("302 Found", &away, ""));
    let scratch = Scratch::new("authority");
    let ca = Some(scratch.file("ca.pem", support::tls::AUTHORITY));
    let ask = |host: &str, port: u16, ca: Option<PathBuf>| {
        let base = format!("https://{host}:{port}/dicom-web");
        get(&Client::new(ClientOptions { ca, tries: 1, ..options(&base) }).expect("a client"), "/x")
    };
    let told = |result: Result<Vec<u8>, WebError>, words: &str| match result {
        Err(WebError::Tls(what)) => assert!(what.contains(words), "{what}"),
        other => panic!("{other:?}"),
    };
    assert_eq!(ask("localhost", address.port(), ca.clone()), Ok(b"safe".to_vec()));
    told(ask("127.0.0.1", address.port(), ca.clone()), "for another machine");
    told(ask("localhost", leads_away.port(), ca), "nothing is encrypted");
    assert!(plain.asked().is_empty());
    // A machine may have no certificates of its own, which is another error of the same kind.
    assert!(matches!(ask("localhost", address.port(), None), Err(WebError::Tls(_))));
}

#[test]
fn a_server_that_does_not_encrypt_is_told_from_one_that_is_not_there() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").ok();
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    let base = format!("https://{address}/");
    let scratch = Scratch::new("authority");
    let ca = Some(scratch.file("ca.pem", support::tls::AUTHORITY));
    let client = Client::new(ClientOptions { ca, tries: 1, ..options(&base) }).expect("a client");
    let error = get(&client, "/x").expect_err("no encryption");
    assert!(matches!(&error, WebError::Tls(what) if what.contains("does not speak TLS")), "{error:?}");
}

#[test]
fn plain_connections_to_other_machines_are_warned_of() {
    let warnings = |base: &str| Client::new(options(base)).expect("a client").warnings().len();
    assert_eq!(warnings("http://127.0.0.1:8042/dicom-web"), 0);
    assert_eq!(warnings("http://localhost/dicom-web"), 0);
    assert_eq!(warnings("https://pacs.example/dicom-web"), 0);
    assert_eq!(warnings("http://pacs.example/dicom-web"), 1);
}

#[test]
fn certificates_that_are_none_are_refused() {
    let scratch = Scratch::new("ca");
    let text = scratch.file("ca.pem", "this is no certificate");
    for ca in [text, scratch.join("missing.pem"), scratch.path().to_path_buf(), PathBuf::from("/dev/zero")] {
        let options = ClientOptions { ca: Some(ca.clone()), ..options("https://127.0.0.1:1/") };
        let error = Client::new(options).map(|_| ()).expect_err("no certificates");
        assert!(matches!(error, WebError::Io(_)), "{}: {error:?}", ca.display());
    }
}
