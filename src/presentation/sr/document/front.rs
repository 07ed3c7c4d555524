//! The head of the page: title, state, and facts about the document; of CAD reports how processing went.

use super::super::super::cad::CadReport;
use super::super::header::{Completion, Evidence, Header, Person, Verification};
use super::super::model::{Reference, Report};
use super::super::words;
use super::values::object;
use super::{Document, Fact, Inline, Status};

/// Documents that are listed as links; the rest is counted.
const MOST_LINKS: usize = 8;

/// The page without its blocks.
pub(super) fn of(report: &Report) -> Document {
    let header = &report.header;
    let mut warnings = report.warnings.clone();
    // Of what CAD did, whether it worked is what a reader must know first.
    let processed = CadReport::of(report).map(|cad| {
        warnings.extend(cad.warnings.iter().cloned());
        Status { text: cad.status.words(), provisional: !cad.status.is_complete() }
    });
    Document {
        title: report.title().map_or_else(|| Inline::plain(header.kind.clone()), Inline::coded),
        kind: header.kind.clone(),
        status: processed.into_iter().chain(status(header)).collect(),
        facts: facts(header),
        warnings,
        blocks: Vec::new(),
    }
}

fn status(header: &Header) -> Vec<Status> {
    let mut found = Vec::new();
    let mut say = |text: String, provisional| found.push(Status { text, provisional });
    let why = header.completion_description.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
    match &header.completion {
        Completion::Complete => say(format!("Complete{why}"), false),
        Completion::Partial => say(format!("Partial{why}"), true),
        Completion::Other(term) => say(format!("Completion {term}{why}"), true),
        Completion::Unstated => {}
    }
    match &header.verification {
        Verification::Verified => say("Verified".to_owned(), false),
        Verification::Unverified => say("Not verified".to_owned(), true),
        Verification::Other(term) => say(format!("Verification {term}"), true),
        Verification::Unstated => {}
    }
    match header.preliminary {
        Some(true) => say("Preliminary".to_owned(), true),
        Some(false) => say("Final".to_owned(), false),
        None => {}
    }
    found
}

/// Facts in the order in which they are written.
#[derive(Default)]
struct Facts(Vec<Fact>);

impl Facts {
    /// Parts of one fact; those that are not known are left out, and so is a fact without any.
    fn say<const N: usize>(&mut self, name: &str, parts: [Option<String>; N]) {
        let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        if !parts.is_empty() {
            self.0.push(Fact { name: name.to_owned(), value: vec![Inline::plain(parts.join(", "))] });
        }
    }

    fn people(&mut self, name: &str, people: &[Person]) {
        for person in people {
            let who = person.name.as_deref().map(words::person);
            let who = who.or_else(|| person.code.as_ref().map(|code| code.text().to_owned()));
            let when = person.date_time.as_deref().map(words::date_time);
            self.say(name, [who, person.organization.clone(), when, person.part.clone()]);
        }
    }

    fn documents(&mut self, name: &str, documents: &[Evidence]) {
        let mut value: Vec<Inline> = documents
            .iter()
            .take(MOST_LINKS)
            .map(|document| {
                let reference = Reference {
                    sop_class_uid: document.object.sop_class_uid.clone(),
                    sop_instance_uid: document.object.sop_instance_uid.clone(),
                    ..Reference::default()
                };
                object(&reference, None)
            })
            .collect();
        if let Some(more) = documents.len().checked_sub(MOST_LINKS + 1) {
            value.push(Inline::plain(format!("and {} more", more + 1)));
        }
        if !value.is_empty() {
            self.0.push(Fact { name: name.to_owned(), value });
        }
    }

    fn evidence(&mut self, name: &str, evidence: &[Evidence]) {
        if evidence.is_empty() {
            return;
        }
        let mut studies: Vec<&str> = evidence.iter().map(|object| object.study_uid.as_str()).collect();
        studies.sort_unstable();
        studies.dedup();
        let count = |number: usize, one: &str, many: &str| {
            if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
        };
        let objects = count(evidence.len(), "object", "objects");
        let text = format!("{objects} of {}", count(studies.len(), "study", "studies"));
        self.say(name, [Some(text)]);
    }
}

fn facts(header: &Header) -> Vec<Fact> {
    let mut facts = Facts::default();
    let Header { patient, study, series, .. } = header;
    facts.say(
        "Patient",
        [
            patient.name.as_deref().map(words::person),
            patient.id.as_ref().map(|id| format!("ID {id}")),
            patient.birth_date.as_deref().map(|date| format!("born {}", words::date(date))),
            patient.sex.as_deref().map(sex),
            patient.age.clone(),
        ],
    );
    let moment = |date: &Option<String>, time: &Option<String>| {
        let date = date.as_deref().map(words::date)?;
        let time = time.as_deref().map(words::time);
        Some(time.map_or(date.clone(), |time| format!("{date} {time}")))
    };
    facts.say("Study", [study.description.clone(), moment(&study.date, &study.time)]);
    facts.say("Accession", [study.accession.clone()]);
    facts.say("Referred by", [study.referring_physician.as_deref().map(words::person)]);
    let number = series.number.map(|number| format!("number {number}"));
    facts.say("Series", [series.description.clone(), number]);
    facts.say("Written", [moment(&header.content_date, &header.content_time)]);
    facts.people("Verified by", &header.verifying_observers);
    facts.people("Author", &header.authors);
    facts.people("Participant", &header.participants);
    facts.say("Institution", [header.institution.clone(), header.department.clone()]);
    facts.say("Kept by", [header.custodian.clone()]);
    facts.say("Made with", [header.manufacturer.clone(), header.model.clone(), header.software.clone()]);
    for request in &header.requests {
        let code = request.procedure_code.as_ref().map(|code| code.text().to_owned());
        let procedure = request.procedure.clone().or(code);
        let accession = request.accession.clone().filter(|number| Some(number) != study.accession.as_ref());
        let accession = accession.map(|number| format!("accession {number}"));
        facts.say("Requested", [procedure, request.reason.clone(), request.procedure_id.clone(), accession]);
    }
    for code in &header.procedures {
        facts.0.push(Fact { name: "Performed".to_owned(), value: vec![Inline::coded(code)] });
    }
    facts.documents("Follows", &header.predecessors);
    facts.documents("Same as", &header.identical_documents);
    facts.evidence("Based on", &header.current_evidence);
    facts.evidence("Looked at", &header.other_evidence);
    facts.0
}

fn sex(term: &str) -> String {
    match term {
        "F" => "female",
        "M" => "male",
        "O" => "other sex",
        term => term,
    }
    .to_owned()
}
