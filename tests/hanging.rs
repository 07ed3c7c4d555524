//! Hanging over real files: however the demo's mammograms are stored, they come out the same; nothing is lost; and
//! the program says from outside what hangs where.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says why it was skipped"
)]

mod support;

use std::collections::HashSet;
use std::path::Path;

use lightbox::demo::{VARIANTS, Variant, write_variant};
use lightbox::dicom::Tag;
use lightbox::geometry::{ImageShape, Justify, ViewTransform};
use lightbox::hanging::{Hanging, Scale, Slot, Step, hang, lay_out, shipped};
use lightbox::study::{DisplaySet, ScanOptions, ScanReport, display_sets, scan};
use support::Scratch;
use support::dicom::Object;
use support::program::viewer;

/// Pixels of three millimetres: small files of the whole breast.
const COARSER: f32 = 32.0;
const PIXEL_PADDING_VALUE: Tag = Tag(0x0028, 0x0120);

struct Hung {
    report: ScanReport,
    sets: Vec<DisplaySet>,
    hanging: Hanging,
}

fn hung(folder: &Path, asked: Option<&str>) -> Hung {
    let report = scan(vec![folder.to_path_buf()], &ScanOptions::default(), &|_| {});
    let sets = display_sets(&report.index);
    let hanging = hang(&report.index, &sets, &shipped(), asked).expect("a hanging");
    Hung { report, sets, hanging }
}

fn variant(scratch: &Scratch, variant: Variant) {
    write_variant(scratch.path(), variant, COARSER).expect("files");
}

/// Everything hangs somewhere, and every cell has its slot.
#[track_caller]
fn assert_whole(hanging: &Hanging, sets: usize, name: &str) {
    let hung: HashSet<usize> = hanging.steps.iter().flat_map(Step::sets).collect();
    assert_eq!(hung.len(), sets, "{name}: {:?}", hanging.steps);
    for step in &hanging.steps {
        assert_eq!(step.slots.len() as u32, step.grid.0 * step.grid.1, "{name}");
    }
}

impl Hung {
    /// The folder of what a slot shows, as the variants name them: `current/RCC`.
    fn folder(&self, slot: &Slot) -> String {
        let Some(set) = slot.set else { return String::new() };
        let parts: Vec<_> = self.sets[set].instances[0]
            .path
            .iter()
            .rev()
            .skip(1)
            .take(2)
            .map(|p| p.to_string_lossy())
            .collect();
        format!("{}/{}", parts[1], parts[0])
    }

    fn folders(&self, step: usize) -> Vec<String> {
        self.hanging.steps[step].slots.iter().map(|slot| self.folder(slot)).collect()
    }

    fn assert_whole(&self, name: &str) {
        assert_whole(&self.hanging, self.sets.len(), name);
    }

    /// How many of the first and of the last columns of a viewport show breast and no air, from top to bottom.
    fn breast_at_edges(&self, slot: &Slot) -> (usize, usize) {
        let entry = &self.sets[slot.set.expect("an image")].instances[0];
        let file = entry.open().expect("a file");
        let air = file.data.int(PIXEL_PADDING_VALUE).expect("padding") as f64;
        let frame = file.image().and_then(|image| image.decode(0)).expect("a frame");
        let viewport = [120.0, 120.0];
        let shape = ImageShape::square(frame.columns, frame.rows);
        let (quarter_turns, flip) = slot.turn;
        let view = ViewTransform { quarter_turns, flip, justify: slot.justify, ..ViewTransform::default() };
        let map = view.map(shape, viewport);
        let count = |x: f64| {
            let shown = (0..120).filter(|y| {
                let [column, row] = map.apply([x, f64::from(*y) + 0.5]);
                let inside = (0.0..f64::from(frame.columns)).contains(&column)
                    && (0.0..f64::from(frame.rows)).contains(&row);
                inside && frame.stored(column as u32, row as u32, 0) != Some(air)
            });
            shown.count()
        };
        (count(1.0), count(118.0))
    }
}

#[test]
fn whatever_way_they_are_stored_chest_walls_meet() {
    let expected: Vec<String> = ["current", "prior"]
        .iter()
        .flat_map(|round| ["RCC", "LCC", "RMLO", "LMLO"].map(|view| format!("{round}/{view}")))
        .collect();
    let chosen = ["flipped", "transposed", "monochrome1", "mixed"];
    for (name, stored) in VARIANTS.iter().filter(|(name, _)| chosen.contains(name)) {
        let scratch = Scratch::new(&format!("stored-{name}"));
        variant(&scratch, *stored);
        let hung = hung(scratch.path(), None);
        assert_eq!(hung.hanging.name, "mg-current-prior", "{name}");
        assert_eq!(hung.hanging.steps[0].grid, (2, 4));
        assert_eq!(hung.folders(0), expected, "{name}");
        for slot in &hung.hanging.steps[0].slots {
            let place = format!("{name} {}", slot.label);
            let right = slot.label.starts_with('R');
            assert_eq!(slot.justify, if right { Justify::Right } else { Justify::Left }, "{place}");
            assert_eq!(slot.scale, Scale::SameSize);
            // The letters the standard hanging has, worked out from what is stored and how it is turned.
            let entry = &hung.sets[slot.set.expect("an image")].instances[0];
            let view =
                ViewTransform { quarter_turns: slot.turn.0, flip: slot.turn.1, ..ViewTransform::default() };
            let edges = entry.orientation.as_ref().expect("letters").edges(&view);
            let wanted = match (right, slot.label.contains("MLO")) {
                (true, false) => ("P", "L"),
                (true, true) => ("P", "F"),
                (false, false) => ("A", "R"),
                (false, true) => ("A", "F"),
            };
            assert_eq!((edges.right.as_str(), edges.bottom.as_str()), wanted, "{place}");
            // And the pixels: breast along the edge it keeps to, air along the other.
            let (left_edge, right_edge) = hung.breast_at_edges(slot);
            let (wall, front) = if right { (right_edge, left_edge) } else { (left_edge, right_edge) };
            assert!(wall > 60 && front == 0, "{place}: {wall} {front}");
        }
        hung.assert_whole(name);
    }
}

#[test]
fn missing_views_leave_their_place_black() {
    let scratch = Scratch::new("missing");
    variant(&scratch, Variant::Missing);
    let hung = hung(scratch.path(), None);
    let first = &hung.hanging.steps[0];
    assert_eq!(first.grid, (2, 4));
    let folders =
        ["current/RCC", "current/LCC", "current/RMLO", "", "", "prior/LCC", "prior/RMLO", "prior/LMLO"];
    assert_eq!(hung.folders(0), folders);
    let said = |slot: &Slot| (slot.label.clone(), slot.note.clone().unwrap_or_default());
    assert_eq!(said(&first.slots[3]), ("LMLO".to_owned(), "missing".to_owned()));
    assert_eq!(said(&first.slots[4]), ("RCC prior".to_owned(), "missing".to_owned()));
    hung.assert_whole("missing");
}

#[test]
fn special_views_follow_the_standard_ones_and_say_what_they_are() {
    let scratch = Scratch::new("extra");
    variant(&scratch, Variant::Extra);
    let hung = hung(scratch.path(), None);
    assert_eq!(hung.hanging.name, "mg-current-prior");
    assert!(hung.folders(0)[..2] == ["current/RCC", "current/LCC"], "{:?}", hung.folders(0));
    let last = hung.hanging.steps.len() - 1;
    assert_eq!(hung.folders(last), ["current/RCC-XCCL", "current/LCC-spot", "current/LCC-spot-mag"]);
    let slots = &hung.hanging.steps[last].slots;
    assert_eq!((slots[0].label.as_str(), slots[0].note.as_deref()), ("RXCCL", None));
    assert_eq!(slots[1].note.as_deref(), Some("spot compression"));
    assert_eq!(slots[2].note.as_deref(), Some("magnification, spot compression"));
    assert_eq!(slots[0].justify, Justify::Right);
    hung.assert_whole("extra");
}

#[test]
fn of_one_side_alone_nothing_stays_black() {
    let scratch = Scratch::new("left");
    variant(&scratch, Variant::Left);
    let hung = hung(scratch.path(), None);
    assert_eq!(hung.hanging.steps[0].grid, (2, 2));
    assert_eq!(hung.folders(0), ["current/LCC", "current/LMLO", "prior/LCC", "prior/LMLO"]);
    assert!(hung.hanging.steps[0].slots.iter().all(|slot| slot.justify == Justify::Left));
    let four = self::hung(&scratch.join("current"), Some("mg-4up"));
    assert_eq!(four.hanging.steps[0].grid, (2, 1));
}

#[test]
fn nothing_is_lost_by_any_protocol_or_layout() {
    for (name, kind) in &VARIANTS[6..] {
        let scratch = Scratch::new(&format!("whole-{name}"));
        variant(&scratch, *kind);
        for protocol in shipped() {
            hung(scratch.path(), Some(&protocol.name)).assert_whole(&format!("{name} {}", protocol.name));
        }
        let Hung { report, sets, .. } = hung(scratch.path(), Some("generic"));
        for grid in [(1, 1), (1, 2), (1, 3), (2, 2), (2, 4), (4, 8), (3, 3)] {
            let hanging = lay_out(&report.index, &sets, grid);
            assert!(hanging.steps.iter().all(|step| step.grid == grid));
            assert_whole(&hanging, sets.len(), &format!("{name} {grid:?}"));
        }
    }
}

#[test]
fn a_chosen_grid_fills_in_the_order_of_reading() {
    let scratch = Scratch::new("layout");
    variant(&scratch, Variant::Missing);
    let report = scan(vec![scratch.path().to_path_buf()], &ScanOptions::default(), &|_| {});
    let sets = display_sets(&report.index);
    let labels = |grid: (u32, u32), step: usize| -> Vec<String> {
        lay_out(&report.index, &sets, grid).steps[step].slots.iter().map(|slot| slot.label.clone()).collect()
    };
    let row = ["RCC", "LCC", "RMLO", "LMLO"];
    let below = ["RCC prior", "LCC prior", "RMLO prior", "LMLO prior"];
    assert_eq!(labels((2, 4), 0), [row, below].concat());
    assert_eq!(labels((2, 2), 0), row);
    assert_eq!(labels((1, 3), 0), ["RCC", "LCC", "RMLO"]);
    assert_eq!(labels((1, 3), 1), ["LCC prior", "RMLO prior", "LMLO prior"]);
    assert_eq!(labels((1, 2), 1), ["RMLO", "LCC prior"]);
}

#[test]
fn the_program_says_what_hangs_where() {
    let scratch = Scratch::new("program");
    variant(&scratch, Variant::Mixed);
    let folder = scratch.path().display().to_string();
    let answer = viewer(["hang", "--json", "--protocol", "mg-4up", &folder]).expect(0).json();
    assert_eq!(answer["protocol"], "mg-4up");
    assert_eq!(answer["steps"][0]["grid"]["rows"], 2);
    let slots = answer["steps"][0]["slots"].as_array().expect("slots");
    let justified: Vec<_> = slots.iter().map(|slot| slot["justify"].as_str().expect("an edge")).collect();
    assert_eq!(justified, ["right", "left", "right", "left"]);
    assert_eq!(slots[2]["orientation"]["row"], "P");
    let text = viewer(["hang", "--layout", "1x2", &folder]).expect(0);
    assert!(text.stdout.contains("step 4"), "{}", text.stdout);

    let own = scratch.file(
        "mine.toml",
        "name = \"mine\"\ntitle = \"Mine\"\n[[step]]\ntitle = \"Only one\"\ngrid = \"1x1\"\n\
         slots = [{ show = { side = \"L\", view = \"MLO\", study = \"prior\" }, scale = \"actual\", window = \"full\" }]\n",
    );
    let answer =
        viewer(["hang", "--json", "--protocol", own.to_str().expect("a path"), &folder]).expect(0).json();
    assert_eq!((&answer["protocol"], &answer["title"]), (&"mine".into(), &"Mine".into()));
    let slot = &answer["steps"][0]["slots"][0];
    assert_eq!(
        (&slot["label"], &slot["scale"], &slot["window"]),
        (&"LMLO prior".into(), &"actual".into(), &"full".into())
    );

    let wrong = viewer(["hang", "--protocol", "mg-9up", &folder]).expect(2);
    assert!(wrong.stderr.contains("mg-current-prior"), "{}", wrong.stderr);
    viewer(["hang", "--protocol", "nowhere.toml", &folder]).expect(4);
    let bad = scratch.file(
        "bad.toml",
        "name = \"bad\"\ntitle = \"Bad\"\n[[step]]\ntitle = \"x\"\ngrid = \"9x9\"\nslots = []\n",
    );
    let bad = viewer(["hang", "--protocol", bad.to_str().expect("a path"), &folder]).expect(2);
    assert!(bad.stderr.contains("9x9") && bad.stderr.contains("line 5"), "{}", bad.stderr);
    let listed = viewer(["hang", "--list"]).expect(0);
    assert!(shipped().iter().all(|protocol| listed.stdout.contains(&protocol.name)));
}

#[test]
fn slices_hang_beside_the_series_they_resemble() {
    let scratch = Scratch::new("stacks");
    for (study, date, series) in
        [("1.1", "20260101", ["Axial 5 mm", "Coronal"]), ("1.2", "20240101", ["Coronal", "Axial 5 mm"])]
    {
        for (at, description) in series.iter().enumerate() {
            for slice in 0..3 {
                let uid = format!("{study}.{at}.{slice}");
                let object = Object::gray16(&uid, 2, 2, &[1, 2, 3, 4])
                    .text(0x0020_000d, "UI", study)
                    .text(0x0020_000e, "UI", &format!("{study}.{at}"))
                    .text(0x0010_0020, "LO", "P1")
                    .text(0x0008_0060, "CS", "CT")
                    .text(0x0008_0020, "DA", date)
                    .text(0x0008_103e, "LO", description)
                    .text(0x0020_0011, "IS", &at.to_string())
                    .text(0x0020_0013, "IS", &slice.to_string());
                scratch.file(&format!("{date}/{description}/{slice}.dcm"), object.to_file());
            }
        }
    }
    let hung = hung(scratch.path(), None);
    assert_eq!(hung.hanging.name, "stack-compare");
    assert_eq!(hung.folders(0), ["20260101/Axial 5 mm", "20240101/Axial 5 mm"]);
    hung.assert_whole("stacks");
    assert_eq!(hung.hanging.steps[0].slots[0].justify, Justify::Center);
}
