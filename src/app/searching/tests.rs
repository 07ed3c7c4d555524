//! The search against a server that is a function, without a window.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::asking::{MOST_PRIORS, earlier};
use super::*;
use crate::app::opening::Source;
use crate::dicomweb::{Answer, Transport};
use crate::launch::Secret;

type Reply = dyn Fn(&str, &Watch) -> Result<String, WebError> + Send + Sync;

/// A server that answers as a function says, and remembers what it was asked.
struct Stub {
    reply: Box<Reply>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Transport for Stub {
    fn base(&self) -> &str {
        "http://stub/rs"
    }

    fn get(&self, target: &str, _: &str, watch: &Watch) -> Result<Answer, WebError> {
        self.asked.lock().unwrap().push(target.to_owned());
        let body = (self.reply)(target, watch)?;
        let body = Box::new(std::io::Cursor::new(body.into_bytes()));
        Ok(Answer { content_type: "application/dicom+json".to_owned(), length: None, body })
    }
}

struct Bench {
    searching: Searching,
    asked: Arc<Mutex<Vec<String>>>,
    credentials: Arc<Mutex<Vec<Credentials>>>,
}

impl Bench {
    fn new(reply: impl Fn(&str, &Watch) -> Result<String, WebError> + Send + Sync + 'static) -> Self {
        let (asked, credentials) = (Arc::default(), Arc::<Mutex<Vec<Credentials>>>::default());
        let mut searching = Searching { server: "http://stub/rs".to_owned(), ..Searching::default() };
        let (log, told) = (Arc::clone(&asked), Arc::clone(&credentials));
        let reply: Arc<Reply> = Arc::new(reply);
        let way: Way = Arc::new(move |_, credentials| {
            told.lock().unwrap().push(credentials.clone());
            let reply = Arc::clone(&reply);
            let reply = Box::new(move |target: &str, watch: &Watch| reply(target, watch));
            Ok((Arc::new(Stub { reply, asked: Arc::clone(&log) }), vec!["not encrypted".to_owned()]))
        });
        searching.way = Some(way);
        Self { searching, asked, credentials }
    }

    /// Until the thread has nothing more to say. Answers with what the server wants to know.
    fn rest(&mut self) -> Option<(String, Credentials, bool)> {
        let patience = Instant::now() + Duration::from_secs(20);
        loop {
            let question = self.searching.follow();
            if question.is_some() || self.searching.task.is_none() {
                return question;
            }
            assert!(Instant::now() < patience, "the search does not end");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn search(&mut self, text: &str) {
        self.searching.form.text = text.to_owned();
        self.searching.search();
        assert_eq!(*self.searching.state(), State::Running);
        assert!(self.rest().is_none());
    }

    fn uids(&self) -> Vec<&str> {
        self.searching.found().iter().map(|row| row.study_uid.as_str()).collect()
    }

    fn opened(&mut self) -> Option<(Vec<String>, Credentials)> {
        match self.searching.take_ready()?.source {
            Source::Server(asked) => Some((asked.wanted.studies, asked.credentials)),
            Source::Paths { .. } => None,
        }
    }
}

fn row(uid: &str, date: &str, modality: &str) -> String {
    let element =
        |tag: &str, vr: &str, value: &str| format!(r#""{tag}":{{"vr":"{vr}","Value":["{value}"]}}"#);
    format!(
        "{{{},{},{},{},{}}}",
        element("0020000D", "UI", uid),
        element("00080020", "DA", date),
        element("00080061", "CS", modality),
        element("00100020", "LO", "P 1"),
        r#""00100010":{"vr":"PN","Value":[{"Alphabetic":"Yamada^Tarou","Ideographic":"山田^太郎"}]}"#
    )
}

/// A page of a list, as the address of a request asks for it.
fn page(rows: &[String], target: &str) -> String {
    let number = |name: &str| -> usize {
        let (_, rest) = target.split_once(&format!("{name}=")).expect("a page");
        rest.split('&').next().and_then(|digits| digits.parse().ok()).expect("a number")
    };
    let rows: Vec<_> = rows.iter().skip(number("offset")).take(number("limit")).cloned().collect();
    format!("[{}]", rows.join(","))
}

#[test]
fn several_searches_become_one_list_with_the_newest_first() {
    let mut bench = Bench::new(|target, _| {
        let by_id = [row("1.1", "20240101", "MG"), row("1.3", "20260101", "MG")];
        let by_name = [row("1.3", "20260101", "MG"), row("1.2", "20250101", "MG")];
        let none: &[String] = &[];
        Ok(match () {
            () if target.contains("PatientID=A1") => page(&by_id, target),
            () if target.contains("PatientName=A1*") => page(&by_name, target),
            () => page(none, target),
        })
    });
    bench.search("A1");
    assert_eq!(bench.uids(), ["1.3", "1.2", "1.1"]);
    assert_eq!(*bench.searching.state(), State::Done);
    assert!(!bench.searching.has_more(), "all searches came to their end");
    assert_eq!(bench.searching.notes(), ["not encrypted"]);
    assert!(bench.searching.foreign.contains(&'山'));
    assert!(bench.searching.is_current());
    bench.searching.form.text.push('2');
    assert!(!bench.searching.is_current(), "Enter looks again");

    // The chosen one stays chosen, and the arrows end with the list.
    assert_eq!(bench.searching.chosen(), Some(0));
    bench.searching.choose_beside(1);
    assert_eq!(bench.searching.chosen(), Some(1));
    bench.searching.choose_beside(10);
    assert_eq!(bench.searching.chosen(), Some(2));
    bench.searching.choose_beside(-10);
    assert_eq!(bench.searching.chosen(), Some(0));
}

#[test]
fn a_long_list_comes_page_by_page() {
    let rows: Vec<_> =
        (0..250).map(|n| row(&format!("1.{n}"), &format!("{}", 20_260_101 - n), "CT")).collect();
    let mut bench = Bench::new(move |target, _| Ok(page(&rows, target)));
    bench.search("");
    assert_eq!((bench.searching.found().len(), bench.searching.has_more()), (100, true));
    bench.searching.choose(99);
    bench.searching.more();
    assert!(!bench.searching.has_more(), "it is being asked for");
    bench.rest();
    assert_eq!((bench.searching.found().len(), bench.searching.chosen()), (200, Some(99)));
    bench.searching.more();
    bench.rest();
    assert_eq!((bench.searching.found().len(), bench.searching.has_more()), (250, false));
    bench.searching.more();
    assert_eq!(*bench.searching.state(), State::Done);
}

#[test]
fn modality_and_dates_go_into_every_search() {
    let mut bench = Bench::new(|_, _| Ok("[]".to_owned()));
    bench.searching.form = Form {
        text: "4711".to_owned(),
        modality: Some("MG"),
        period: Period::Own,
        dates: "2026-01..2026-02".to_owned(),
    };
    bench.searching.search();
    bench.rest();
    let asked = bench.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 2);
    for target in &asked {
        assert!(target.contains("StudyDate=20260101-20260231&ModalitiesInStudy=MG&"), "{target}");
    }
    bench.searching.form.dates = "last week".to_owned();
    bench.searching.search();
    assert!(matches!(bench.searching.state(), State::Failed(_)), "that is no date");
    assert_eq!(bench.asked.lock().unwrap().len(), 2, "and nobody was asked");

    let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 2).expect("a day");
    let date = |period| {
        let form = Form { period, ..Form::default() };
        form.queries(today).expect("a search").first().map(|query| query.study_date.clone())
    };
    let dates = [Period::Any, Period::Today, Period::Week, Period::Month].map(date);
    let expected = ["", "20260302", "20260224-", "20260201-"];
    assert_eq!(dates, expected.map(|date| Some(date.to_owned())));
    // What was typed as a date is meant so.
    let form = Form { text: "2025-05-05".to_owned(), period: Period::Today, ..Form::default() };
    assert_eq!(form.queries(today).expect("a search")[0].study_date, "2025-05-05");
}

#[test]
fn a_new_search_ends_the_one_before() {
    let mut bench = Bench::new(|target, watch| {
        if !target.contains("Slow") {
            return Ok(page(&[row("1.1", "20260101", "MG")], target));
        }
        while !watch.cancel.is_cancelled() {
            std::thread::sleep(Duration::from_millis(1));
        }
        Err(WebError::Cancelled)
    });
    bench.searching.form.text = "Slow".to_owned();
    bench.searching.search();
    let first = bench.searching.task.as_ref().map(|task| task.cancel.clone()).expect("a search");
    bench.search("Quick");
    assert!(first.is_cancelled());
    assert_eq!(bench.uids(), ["1.1"]);

    bench.searching.form.text = "Slow".to_owned();
    bench.searching.search();
    bench.searching.stop();
    assert_eq!(*bench.searching.state(), State::Stopped);
    bench.searching.show();
    bench.searching.search();
    bench.searching.close();
    assert_eq!((bench.searching.is_open(), bench.searching.state()), (false, &State::Stopped));
}

#[test]
fn who_asks_is_asked_for_once_and_goes_along_with_what_is_opened() {
    let mut bench = Bench::new(|target, _| Ok(page(&[row("1.1", "20260101", "MG")], target)));
    let anna = Credentials::Basic { user: "anna".to_owned(), password: Secret::new("secret") };
    let bob = Credentials::Basic { user: "bob".to_owned(), password: Secret::new("wrong") };
    let way = bench.searching.way.take().expect("a way");
    let known = anna.clone();
    bench.searching.way = Some(Arc::new(move |base, credentials| match credentials {
        credentials if *credentials == known => way(base, credentials),
        credentials => Err(WebError::Unauthorized { asked: !credentials.is_none() }),
    }));
    bench.searching.search();
    assert_eq!(bench.rest(), Some(("http://stub/rs".to_owned(), Credentials::None, false)));
    assert_eq!(*bench.searching.state(), State::AsksWho { refused: false });
    bench.searching.let_in("http://elsewhere/rs", &anna);
    assert_eq!(*bench.searching.state(), State::AsksWho { refused: false }, "another server");
    bench.searching.let_in("http://stub/rs", &bob);
    assert_eq!(bench.rest(), Some(("http://stub/rs".to_owned(), bob, true)));
    bench.searching.left_out();
    let State::Failed(trouble) = bench.searching.state() else { panic!("nobody was let in") };
    assert!(trouble.sign_in && !trouble.error.contains("wrong"));

    bench.searching.sign_in();
    assert_eq!(bench.rest(), Some(("http://stub/rs".to_owned(), Credentials::None, false)));
    bench.searching.let_in("http://stub/rs", &anna);
    assert!(bench.rest().is_none());
    assert_eq!(bench.uids(), ["1.1"]);
    bench.searching.open_chosen(false);
    assert_eq!(bench.opened(), Some((vec!["1.1".to_owned()], anna)));
    assert!(bench.opened().is_none(), "it is opened once");
}

#[test]
fn a_login_in_the_address_is_taken_out_of_it() {
    let mut bench = Bench::new(|target, _| Ok(page(&[], target)));
    bench.searching.server = " HTTP://anna:secret@stub/rs/studies/1.2.3.4/ ".to_owned();
    bench.searching.search();
    bench.rest();
    assert_eq!(
        (bench.searching.server.as_str(), bench.searching.form.text.as_str()),
        ("http://stub/rs", "1.2.3.4")
    );
    let anna = Credentials::Basic { user: "anna".to_owned(), password: Secret::new("secret") };
    assert_eq!(*bench.credentials.lock().unwrap(), [anna]);
    assert_eq!(bench.searching.places(), ["http://stub/rs"]);

    for (wrong, said) in [("", "no server"), ("pacs", "http://"), ("http://anna:secret@/rs", "host")] {
        bench.searching.server = wrong.to_owned();
        bench.searching.search();
        let State::Failed(trouble) = bench.searching.state() else { panic!("{wrong}") };
        assert!(trouble.error.contains(said) && !trouble.error.contains("secret"), "{}", trouble.error);
    }
}

#[test]
fn one_refused_search_does_not_spoil_the_others() {
    let mut bench = Bench::new(|target, _| {
        if target.contains("AccessionNumber") {
            return Err(WebError::Status { code: 400, reason: "unknown".to_owned() });
        }
        Ok(page(&[row("1.1", "20260101", "MG")], target))
    });
    bench.search("4711");
    assert_eq!((bench.uids(), bench.searching.state()), (vec!["1.1"], &State::Done));
    assert!(bench.searching.notes().iter().any(|note| note.contains("400")));

    let mut bench = Bench::new(|_, _| Err(WebError::Connect("nobody listens there".to_owned())));
    bench.search("4711");
    assert!(matches!(bench.searching.state(), State::Failed(_)));
    assert_eq!(bench.asked.lock().unwrap().len(), 1, "a server that is not there is asked once");

    let mut bench = Bench::new(|_, _| panic!("a mistake"));
    bench.search("4711");
    assert_eq!(*bench.searching.state(), State::Failed(Trouble::ended()));
}

#[test]
fn earlier_studies_come_along() {
    let rows = [
        row("1.1", "20220101", "MG"),
        row("1.2", "20230101", "CT"),
        row("1.3", "20240101", r"SR\\MG"),
        row("1.4", "20250101", "MG"),
        row("1.5", "20260101", "MG"),
        row("1.6", "20270101", "MG"),
    ];
    let mut bench = Bench::new(move |target, _| match target {
        target if target.contains("StudyDate=2026") => Ok(page(&rows[4..5], target)),
        target if target.contains("PatientID=P%201") => Ok(page(&rows, target)),
        _ => Ok("[]".to_owned()),
    });
    bench.search("2026");
    bench.searching.show();
    bench.searching.open_chosen(true);
    assert_eq!(*bench.searching.state(), State::LookingForPriors);
    assert!(bench.opened().is_none());
    bench.rest();
    let (studies, _) = bench.opened().expect("a request");
    assert_eq!(studies, ["1.5", "1.4", "1.3", "1.1"]);
    assert!(!bench.searching.is_open() && bench.searching.said.is_empty());
}

#[test]
fn a_study_without_earlier_ones_is_opened_alone() {
    let mut bench = Bench::new(|target, _| {
        if target.contains("PatientID=P%201") {
            return Err(WebError::Silence(30));
        }
        Ok(page(&[row("1.1", "20260101", "MG")], target))
    });
    bench.search("Yamada");
    bench.searching.open_chosen(true);
    bench.rest();
    assert_eq!(bench.opened().map(|(studies, _)| studies), Some(vec!["1.1".to_owned()]));
    assert_eq!(bench.searching.said.len(), 1);
}

#[test]
fn what_is_compared_is_earlier_and_of_the_same_kind() {
    let study = |uid: &str, date: &str, modalities: &[&str]| StudyRow {
        study_uid: uid.to_owned(),
        date: date.to_owned(),
        modalities: modalities.iter().map(|one| (*one).to_owned()).collect(),
        ..StudyRow::default()
    };
    let all: Vec<_> =
        (0..9).map(|n| study(&n.to_string(), &format!("{}", 20_250_109 - n), &["MG"])).collect();
    let uids = |rows: Vec<StudyRow>| rows.into_iter().map(|row| row.study_uid).collect::<Vec<_>>();
    assert_eq!(uids(earlier(&study("3", "20250106", &["MG"]), all.clone())), ["4", "5", "6"]);
    assert_eq!(earlier(&study("9", "", &[]), all.clone()).len(), MOST_PRIORS);
    // A report beside the images is no reason to compare.
    let reports = vec![study("1", "20250101", &["CT", "SR"]), study("2", "20240101", &[])];
    assert_eq!(uids(earlier(&study("9", "20260101", &["MG", "SR"]), reports)), ["2"]);
}
