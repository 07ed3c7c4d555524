//! Choosing and placing over tables of headers that no file has to be written for.

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::geometry::{ImageShape, Justify, Orientation};
use crate::study::{DisplaySet, Entry, ImageKind, Modifier, StudyIndex, display_sets};

/// A mammogram: study, side, view.
fn mammogram(study: &str, side: &str, view: &str) -> Entry {
    Entry {
        study_uid: Some(study.into()),
        // Newer studies have higher numbers.
        study_date: Some(format!("202{study}0101")),
        patient_id: Some("P1".into()),
        modality: Some("MG".into()),
        kind: ImageKind::Presentation,
        laterality: Some(side.into()),
        view_position: Some(view.into()),
        frames: 1,
        has_pixels: true,
        ..Entry::default()
    }
}

/// Each in a series of its own.
fn case(entries: Vec<Entry>) -> (StudyIndex, Vec<DisplaySet>) {
    let numbered = entries.into_iter().enumerate().map(|(at, entry)| {
        let uid = format!("1.{at}");
        let series_number = Some(at as i64);
        Arc::new(Entry {
            sop_uid: Some(uid.clone()),
            series_uid: Some(uid),
            series_number,
            order: at,
            ..entry
        })
    });
    let index = StudyIndex::from_entries(numbered.collect());
    let sets = display_sets(&index);
    (index, sets)
}

fn hung(entries: Vec<Entry>, asked: Option<&str>) -> Hanging {
    let (index, sets) = case(entries);
    hang(&index, &sets, &shipped(), asked).expect("a hanging")
}

fn labels(hanging: &Hanging, step: usize) -> Vec<String> {
    hanging.steps[step].slots.iter().map(|slot| slot.label.clone()).collect()
}

fn four(study: &str) -> Vec<Entry> {
    [("R", "CC"), ("L", "CC"), ("R", "MLO"), ("L", "MLO")].map(|(s, v)| mammogram(study, s, v)).into()
}

#[test]
fn every_shipped_protocol_can_be_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/protocols");
    let (good, bad) = in_folder(&folder);
    assert!(bad.is_empty(), "{}", bad[0]);
    let mut own: Vec<String> = shipped().into_iter().map(|protocol| protocol.name).collect();
    let mut names: Vec<String> = good.into_iter().map(|protocol| protocol.name).collect();
    own.sort();
    names.sort();
    assert_eq!(own, names);
}

#[test]
fn what_is_there_decides_the_protocol() {
    let volume = |study: &str, side: &str, view: &str| Entry {
        kind: ImageKind::Tomosynthesis,
        frames: 60,
        ..mammogram(study, side, view)
    };
    let one = |side: &str, view: &str| vec![mammogram("6", side, view)];
    let and = |mut a: Vec<Entry>, b: Vec<Entry>| {
        a.extend(b);
        a
    };
    let ct = Entry { modality: Some("CT".into()), kind: ImageKind::Plain, ..mammogram("6", "", "") };
    let volumes = four("6")
        .iter()
        .map(|e| volume("6", e.laterality.as_deref().unwrap(), e.view_position.as_deref().unwrap()))
        .collect::<Vec<_>>();
    for (entries, name, grid) in [
        (one("R", "CC"), "generic", (1, 1)),
        (and(one("R", "CC"), one("L", "CC")), "mg-cc", (1, 2)),
        (and(one("L", "MLO"), one("R", "MLO")), "mg-mlo", (1, 2)),
        (and(one("L", "MLO"), one("L", "CC")), "mg-left", (1, 2)),
        (four("6"), "mg-4up", (2, 2)),
        (four("6")[..3].to_vec(), "mg-4up", (2, 2)),
        (and(four("6"), four("4")), "mg-current-prior", (2, 4)),
        (and(four("6"), four("4")[1..].to_vec()), "mg-current-prior", (2, 4)),
        (and(one("L", "MLO"), vec![mammogram("4", "L", "MLO")]), "mg-compare", (1, 2)),
        (and(four("6"), volumes.clone()), "mg-dbt", (2, 4)),
        (and(four("6"), vec![volume("6", "L", "MLO")]), "mg-4up", (2, 2)),
        (vec![ct.clone(), ct.clone(), ct], "generic", (1, 3)),
        (Vec::new(), "generic", (0, 0)),
    ] {
        let count = entries.len();
        let hanging = hung(entries, None);
        let first = hanging.steps.first().map_or((0, 0), |step| step.grid);
        assert_eq!((hanging.name.as_str(), first), (name, grid), "{count} images");
    }
}

#[test]
fn numbers_choose_grids() {
    for (count, grid) in
        [(1, (1, 1)), (2, (1, 2)), (3, (1, 3)), (4, (2, 2)), (8, (2, 4)), (32, (4, 8)), (99, (4, 8))]
    {
        assert_eq!(grid_for(count), grid);
    }
    for count in 1..=32 {
        let (rows, columns) = grid_for(count);
        assert!((rows * columns) as usize >= count && rows <= columns, "{count}");
    }
    let plain = |n: usize| vec![Entry { has_pixels: true, frames: 1, ..Entry::default() }; n];
    let steps = hung(plain(40), None).steps;
    assert_eq!(steps.iter().map(|step| step.sets().count()).collect::<Vec<_>>(), [32, 8]);
}

#[test]
fn patients_are_never_compared() {
    let mut other = four("4");
    for entry in &mut other {
        entry.patient_id = Some("P2".into());
    }
    let entries = [four("6"), other].concat();
    assert_eq!(hung(entries.clone(), None).name, "generic");
    // Asked for, the newer patient hangs, and the other follows without being a prior.
    let hanging = hung(entries, Some("mg-current-prior"));
    assert_eq!(hanging.steps[0].grid, (1, 4));
    assert_eq!(labels(&hanging, hanging.steps.len() - 1), ["RCC", "LCC", "RMLO", "LMLO"]);
    // One ID of two hospitals.
    let mut elsewhere = four("4");
    for entry in &mut elsewhere {
        entry.birth_date = Some("19500101".into());
    }
    assert_eq!(hung([four("6"), elsewhere].concat(), None).name, "generic");
}

#[test]
fn only_studies_of_the_modality_are_current_and_prior() {
    let ultrasound = Entry { modality: Some("US".into()), kind: ImageKind::Plain, ..mammogram("9", "", "") };
    let hanging = hung([vec![ultrasound], four("6"), four("4")].concat(), None);
    assert_eq!(hanging.name, "mg-current-prior");
    assert_eq!(labels(&hanging, 0)[3..5], ["LMLO", "RCC prior"]);
    assert_eq!(hanging.steps.last().unwrap().sets().count(), 1);
}

#[test]
fn raw_images_hang_only_alone() {
    let raw = |entry: &Entry| Entry { kind: ImageKind::Processing, ..entry.clone() };
    let both: Vec<Entry> = four("6").iter().flat_map(|entry| [raw(entry), entry.clone()]).collect();
    let hanging = hung(both, None);
    assert_eq!(hanging.name, "mg-4up");
    assert_eq!(hanging.steps.iter().flat_map(Step::sets).collect::<std::collections::HashSet<_>>().len(), 4);
    assert_eq!(hanging.notes.len(), 1);
    let alone = hung(four("6").iter().map(raw).collect(), None);
    assert_eq!(alone.name, "mg-4up");
    assert_eq!(alone.steps[0].slots[0].note.as_deref(), Some("for processing"));
}

#[test]
fn special_views_step_in_only_for_missing_ones() {
    let spot = Entry { modifiers: vec![Modifier::Spot], ..mammogram("6", "R", "CC") };
    let hanging = hung([vec![spot.clone()], four("6")].concat(), Some("mg-4up"));
    assert_eq!(hanging.steps[0].slots[0].note, None);
    assert_eq!(hanging.steps.last().unwrap().slots[0].note.as_deref(), Some("spot compression"));
    let hanging = hung([vec![spot], four("6")[1..].to_vec()].concat(), Some("mg-4up"));
    let first = &hanging.steps[0].slots[0];
    assert_eq!((first.label.as_str(), first.note.as_deref()), ("RCC", Some("spot compression")));
    // An exaggerated view is another view.
    let hanging = hung([vec![mammogram("6", "R", "XCCL")], four("6")[1..].to_vec()].concat(), Some("mg-4up"));
    assert_eq!(hanging.steps[0].slots[0].set, None);
}

#[test]
fn sides_and_directions_decide_the_edge() {
    // Side, view, stored directions; the turn and the edge worked out by hand.
    for (side, view, stored, turn, justify) in [
        ("L", "CC", "A R", (0, false), Justify::Left),
        ("L", "CC", "P R", (0, true), Justify::Left),
        ("L", "CC", "P L", (2, false), Justify::Left),
        ("R", "CC", "P L", (0, false), Justify::Right),
        ("R", "MLO", "A F", (0, true), Justify::Right),
        ("R", "MLO", "F A", (1, false), Justify::Right),
        ("L", "MLO", "AR FL", (0, false), Justify::Left),
        ("L", "XCCL", "A R", (0, false), Justify::Left),
        // Columns that lead somewhere unexpected: the rows decide.
        ("L", "CC", "P F", (0, true), Justify::Left),
        // A view nobody knows.
        ("R", "", "A F", (0, true), Justify::Right),
        // No directions: as stored, by the side.
        ("R", "CC", "", (0, false), Justify::Right),
        ("L", "MLO", "", (0, false), Justify::Left),
        // No side: as stored, by the directions.
        ("", "CC", "P L", (0, false), Justify::Right),
        ("", "", "", (0, false), Justify::Center),
        ("L", "specimen", "A R", (0, false), Justify::Center),
    ] {
        let mut entry = mammogram("6", side, view);
        entry.orientation = stored
            .split_once(' ')
            .map(|(row, column)| Orientation { row: row.to_owned(), column: column.to_owned() });
        let hanging = hung(vec![entry], Some("single"));
        let slot = &hanging.steps[0].slots[0];
        assert_eq!((slot.turn, slot.justify), (turn, justify), "{side} {view} {stored}");
    }
}

#[test]
fn one_scale_shows_all_of_every_view() {
    let shape = |columns, rows, mm| ImageShape { columns, rows, pixel_aspect: 1.0, pixel_mm: mm };
    let view = |shape, quarter_turns| Sized { shape, quarter_turns, viewport: [300.0, 500.0] };
    // 200 x 250 mm in 300 x 500: 1.5 a millimetre across, 2 down; 180 x 240 mm turned: 300/240 and 500/180.
    let views = [
        view(shape(2000, 2500, Some(0.1)), 0),
        view(shape(1800, 2400, Some(0.1)), 1),
        view(shape(100, 100, None), 0),
    ];
    let same = same_size(&views);
    assert!((same.per_millimetre.unwrap() - 1.25).abs() < 1e-12);
    assert_eq!(same.without, [2]);
    assert!((same_size(&views[..1]).per_millimetre.unwrap() - 1.5).abs() < 1e-12);
    assert_eq!(same_size(&views[2..]), SameSize { per_millimetre: None, without: vec![0] });
    assert_eq!(same_size(&[]), SameSize::default());
}

const HEAD: &str = "name = \"own\"\ntitle = \"Own\"\n";
const STEP: &str = "[[step]]\ntitle = \"One\"\ngrid = \"1x2\"\n";

#[track_caller]
fn complaint(text: &str) -> String {
    Protocol::parse(text, Path::new("own.toml")).expect_err("a complaint").to_string()
}

#[test]
fn mistakes_in_a_protocol_say_where_and_what_is_allowed() {
    let slots = |slots: &str| format!("{HEAD}{STEP}slots = [{slots}]\n");
    for (text, parts) in [
        (
            format!("{HEAD}colour = 1\n{STEP}slots = [{{ show = {{}} }}]"),
            &["colour", "automatic", "line 3"][..],
        ),
        (slots("{ show = { view = \"CC\", colour = 1 } }"), &["colour", "laterality or side"][..1]),
        (slots("{ show = { kind = \"3d\" } }"), &["3d", "tomosynthesis", "line 6"]),
        (slots("{ show = { study = \"old\" } }"), &["old", "prior 2"]),
        (slots("{ show = {}, orientation = \"up\" }"), &["up", "standard", "L\\P"]),
        (slots("{ show = {}, scale = \"big\" }"), &["big", "same-size", "true-size"]),
        (slots("{ show = {}, justify = \"top\" }"), &["top", "chest-wall"]),
        (slots("{ show = { where = \"colour=red\" } }"), &["colour", "series_description"]),
        (slots("{ show = [] }"), &["empty list"]),
        (slots("{ show = {} }, { show = {} }, { show = {} }"), &["3 slots", "1x2", "step 1"]),
        (slots("{}"), &["shows nothing"]),
        (slots("{ show = { like = 1 } }"), &["like = 1", "slot 1"]),
        (format!("{HEAD}step = []\n"), &["1 to 64 steps"]),
        (format!("name = \"a b\"\ntitle = \"\"\n{STEP}slots = [{{ show = {{}} }}]"), &["a b", "letters"]),
        ("name = [".to_owned(), &["cannot be read"]),
    ] {
        let complaint = complaint(&text);
        for part in parts {
            assert!(complaint.contains(part), "{part} in: {complaint}");
        }
        assert!(complaint.ends_with(": own.toml") && !complaint.contains('\n'), "{complaint}");
    }
}

#[test]
fn a_protocol_says_how_and_the_users_own_come_first() {
    let text = format!(
        "{HEAD}[when]\nmodality = [\"MG\"]\nwhere = \"study_date=2026\"\n{STEP}scale = \"fit\"\nslots = [\n\
         {{ show = [{{ view = \"XCC*\" }}, {{ side = \"L\", view = \"CC\" }}], label = \"first\", justify = \"center\" }},\n\
         {{ show = {{ side = \"R\" }}, orientation = \"A\\\\R\", scale = \"actual\", window = \"lung\" }},\n]\n"
    );
    let text = text.replace("\"A\\R\"", "'A\\R'");
    let own = Protocol::parse(&text, Path::new("own.toml")).unwrap_or_else(|error| panic!("{error}"));
    let mut entries = four("6");
    entries[0].orientation = Some(Orientation { row: "P".into(), column: "L".into() });
    let (index, sets) = case(entries);
    let all = named(vec![own.clone(), Protocol { name: "MG-4up".into(), ..own }], shipped());
    assert_eq!(all.iter().filter(|protocol| protocol.name.eq_ignore_ascii_case("mg-4up")).count(), 1);
    let hanging = hang(&index, &sets, &all, Some("OWN")).expect("a hanging");
    let [first, second] = &hanging.steps[0].slots[..] else { panic!("two slots") };
    assert_eq!((first.label.as_str(), first.justify, first.scale), ("first", Justify::Center, Scale::Fit));
    assert_eq!((second.scale, &second.window), (Scale::Actual, &Window::Preset("lung".into())));
    // Hung the other way round than usual, the chest wall is on the other side.
    assert_eq!((second.turn, second.justify), ((2, false), Justify::Left));
    assert!(hang(&index, &sets, &all, Some("nothing")).is_err());
}

#[test]
fn the_example_of_the_readme_is_a_protocol() {
    let readme = include_str!("../../README.md");
    let from = readme.find("A protocol is a TOML file").expect("the section");
    let block = readme[from..].split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let example = Protocol::parse(block.expect("an example"), Path::new("README.md"));
    let example = example.unwrap_or_else(|error| panic!("{error}"));
    let [step] = &example.steps[..] else { panic!("one step") };
    assert_eq!((step.slots.len(), step.slots[0].show.0.len(), step.slots[1].required), (2, 2, true));
}
