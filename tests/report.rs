//! Structured reports: what is read of them, how the page is set, what is written, and what the command answers.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use dicom_dictionary_std::tags;
use lightbox::dicom::write::{DataSet, coded, item};
use lightbox::dicom::{DicomFile, VR};
use lightbox::presentation::sr::{
    Body, Completion, Content, Document, ItemId, Link, Place, Relationship, Report, Shape, Verification,
    write_html, write_json, write_text,
};
use serde_json::Value;

use support::Scratch;
use support::program::viewer;
use support::report::*;

const MM: Coded = ("mm", "UCUM", "millimeter");
const TITLE: Coded = ("126000", "DCM", "Imaging Measurement Report");
const FINDING: Coded = ("121071", "DCM", "Finding");
const GROUP: Coded = ("125007", "DCM", "Measurement Group");

fn read(data: &DataSet) -> Report {
    let read = DicomFile::from_bytes(file(data)).expect("a file");
    Report::read(&read.data).expect("a report")
}

fn as_text(report: &Report) -> String {
    let mut out = Vec::new();
    write_text(&Document::of(report), &mut out).expect("memory");
    String::from_utf8(out).expect("UTF-8")
}

fn as_html(report: &Report) -> String {
    let mut out = Vec::new();
    write_html(&Document::of(report), &mut out).expect("memory");
    String::from_utf8(out).expect("UTF-8")
}

fn as_json(report: &Report) -> Value {
    let mut out = Vec::new();
    write_json(report, &mut out).expect("memory");
    serde_json::from_slice(&out).expect("JSON")
}

/// A report about a lesion, as TID 1500 orders it.
fn measurements() -> DataSet {
    let mean = code("HAS CONCEPT MOD", ("121401", "DCM", "Derivation"), ("373098007", "SCT", "Mean"));
    let method =
        code("HAS CONCEPT MOD", ("370129005", "SCT", "Measurement Method"), ("126020", "DCM", "Caliper"));
    let on = image("SELECTED FROM", "1.2.3.4", &[3]);
    let outline =
        region("INFERRED FROM", ("121055", "DCM", "Path"), "POLYLINE", &[10.5, 20.0, 30.0, 20.0], vec![on]);
    let missing = content("CONTAINS", "NUM", ("118565006", "SCT", "Volume"), |d| {
        d.sequence(tags::MEASURED_VALUE_SEQUENCE, vec![]);
        d.code(tags::NUMERIC_VALUE_QUALIFIER_CODE_SEQUENCE, ("114006", "DCM", "Measurement failure"));
    });
    let group = section(
        GROUP,
        vec![
            text("HAS OBS CONTEXT", ("112039", "DCM", "Tracking Identifier"), "Mass 1"),
            code("CONTAINS", FINDING, ("4147007", "SCT", "Mass")),
            number(("103339001", "SCT", "Long Axis"), "12.5", MM, vec![method, outline]),
            number(("103340004", "SCT", "Short Axis"), "7.25", MM, vec![mean]),
            missing,
        ],
    );
    report(COMPREHENSIVE_3D, TITLE, vec![section(("126010", "DCM", "Imaging Measurements"), vec![group])])
}

#[test]
fn the_head_says_who_and_what_state() {
    let report = read(&measurements());
    assert_eq!(report.header.kind, "Comprehensive 3D SR");
    assert_eq!(report.header.completion, Completion::Partial);
    assert_eq!(report.header.verification, Verification::Unverified);
    let page = Document::of(&report);
    assert_eq!(page.title.text, "Imaging Measurement Report");
    let status: Vec<(&str, bool)> = page.status.iter().map(|s| (s.text.as_str(), s.provisional)).collect();
    assert_eq!(status, [("Partial", true), ("Not verified", true)]);
    let text = as_text(&report);
    assert!(text.contains("Measurement Method / Derivation"), "{text}");
    assert!(text.contains("Patient:   Beispiel, Berta, ID B-1, born 1960-02-29\n"), "{text}");
    assert!(text.contains("Written:   2026-03-01 10:15:30\n"), "{text}");
}

#[test]
fn measurements_become_a_table_with_method_qualifier_and_notes() {
    let page = Document::of(&read(&measurements()));
    let rows = page.blocks.iter().find_map(|block| match &block.body {
        Body::Measurements { rows, .. } => Some(rows),
        _ => None,
    });
    let rows = rows.expect("a table");
    let cells: Vec<[&str; 3]> =
        rows.iter().map(|row| [&*row.name.text, &*row.value.text, &*row.unit.text]).collect();
    assert_eq!(cells, [["Long Axis", "12.5", "mm"], ["Short Axis", "7.25", "mm"], ["Volume", "—", ""]]);
    assert_eq!(rows[0].method[0].text, "Caliper");
    assert_eq!(rows[1].method[0].text, "Mean");
    assert_eq!(rows[2].qualifiers[0].text, "Measurement failure");
    let note = &rows[0].notes[0];
    assert_eq!(note.relationship, Some(Relationship::InferredFrom));
    // The region leads to its image, the frame of it, and the place there.
    let Some(Link::Objects { objects, place: Some(Place::Region(region)) }) = &note.value[0].link else {
        panic!("{note:?}");
    };
    assert_eq!((objects[0].sop_instance_uid.as_str(), objects[0].frames.as_slice()), ("1.2.3.4", &[3][..]));
    assert_eq!(
        (&region.shape, region.points.as_slice()),
        (&Shape::Polyline, &[[10.5, 20.0], [30.0, 20.0]][..])
    );
    let levels: Vec<u8> = page
        .blocks
        .iter()
        .filter(|block| matches!(block.body, Body::Heading { .. }))
        .map(|block| block.level)
        .collect();
    assert_eq!(levels, [1, 2]);
}

/// One item of every value type.
fn everything() -> DataSet {
    let measured = |fill: fn(&mut DataSet)| {
        item(|d| {
            d.sequence(tags::MEASUREMENT_UNITS_CODE_SEQUENCE, vec![coded(MM)]);
            fill(d);
        })
    };
    let simple = |kind, tag, value: &'static str| {
        content("CONTAINS", kind, ("1", "99T", kind), |d| {
            d.text(tag, value);
        })
    };
    let wave = item(|d| {
        d.text(tags::REFERENCED_SOP_CLASS_UID, "1.2.840.10008.5.1.4.1.1.9.1.1")
            .text(tags::REFERENCED_SOP_INSTANCE_UID, "1.2.3.9")
            .int(tags::REFERENCED_WAVEFORM_CHANNELS, [1, 2, 1, 5]);
    });
    let picture = item(|d| {
        d.text(tags::REFERENCED_SOP_CLASS_UID, MAMMOGRAM)
            .text(tags::REFERENCED_SOP_INSTANCE_UID, "1.2.3.8")
            .int(tags::REFERENCED_FRAME_NUMBER, [2, 4])
            .int(tags::REFERENCED_SEGMENT_NUMBER, [7])
            .sequence(
                tags::REFERENCED_SOP_SEQUENCE,
                vec![object("1.2.840.10008.5.1.4.1.1.11.1", "1.2.3.7", &[])],
            );
    });
    let cell = |row, column, value: &'static str| {
        item(|d| {
            d.int(tags::TABLE_ROW_NUMBER, [row])
                .int(tags::TABLE_COLUMN_NUMBER, [column])
                .text(tags::SELECTOR_ATTRIBUTE_VR, "DS")
                .text(tags::SELECTOR_DS_VALUE, value);
        })
    };
    let column = |number, name| {
        item(|d| {
            d.int(tags::TABLE_COLUMN_NUMBER, [number])
                .code(tags::CONCEPT_NAME_CODE_SEQUENCE, ("c", "99T", name));
        })
    };
    let table = item(|d| {
        d.int(tags::NUMBER_OF_TABLE_ROWS, [2])
            .int(tags::NUMBER_OF_TABLE_COLUMNS, [2])
            .sequence(tags::TABLE_COLUMN_DEFINITION_SEQUENCE, vec![column(1, "Depth"), column(2, "Dose")])
            .sequence(
                tags::CELL_VALUES_SEQUENCE,
                vec![cell(1, 1, "5"), cell(1, 2, "0.75"), cell(2, 2, "0.5")],
            );
    });
    let with = |kind: &'static str, name: &'static str, fill: &dyn Fn(&mut DataSet)| {
        content("CONTAINS", kind, ("2", "99T", name), |d| fill(d))
    };
    let items = vec![
        text("CONTAINS", ("1", "99T", "Words"), "Dense breasts."),
        code("CONTAINS", FINDING, ("4147007", "SCT", "Mass")),
        with("NUM", "Several", &|d| {
            let plain = measured(|d| {
                d.text(tags::NUMERIC_VALUE, "1.50");
            });
            let float = measured(|d| {
                d.real(tags::FLOATING_POINT_VALUE, [2.75]);
            });
            let third = measured(|d| {
                d.int(tags::RATIONAL_NUMERATOR_VALUE, [1]).int(tags::RATIONAL_DENOMINATOR_VALUE, [3]);
            });
            d.sequence(tags::MEASURED_VALUE_SEQUENCE, vec![plain, float, third]);
        }),
        simple("DATE", tags::DATE, "20260228"),
        simple("TIME", tags::TIME, "235959.5"),
        simple("DATETIME", tags::DATE_TIME, "20260228235959+0100"),
        simple("UIDREF", tags::UID, "1.2.3.99"),
        simple("PNAME", tags::PERSON_NAME, "Roe^Richard"),
        with("COMPOSITE", "Object", &|d| {
            d.sequence(tags::REFERENCED_SOP_SEQUENCE, vec![object(COMPREHENSIVE, "1.2.3.6", &[])]);
        }),
        with("IMAGE", "Picture", &|d| {
            d.sequence(tags::REFERENCED_SOP_SEQUENCE, vec![picture.clone()]);
        }),
        with("WAVEFORM", "Wave", &|d| {
            d.sequence(tags::REFERENCED_SOP_SEQUENCE, vec![wave.clone()]);
        }),
        with("SCOORD3D", "Volume Surface", &|d| {
            d.text(tags::GRAPHIC_TYPE, "ELLIPSOID")
                .real(tags::GRAPHIC_DATA, [1.5, -2.0, 3.0, 4.0, 5.0, 6.0])
                .text(tags::REFERENCED_FRAME_OF_REFERENCE_UID, "1.2.3.5");
        }),
        with("TCOORD", "Moments", &|d| {
            d.text(tags::TEMPORAL_RANGE_TYPE, "SEGMENT").real(tags::REFERENCED_TIME_OFFSETS, [0.5, 2.25]);
        }),
        with("TABLE", "Depth doses", &|d| {
            d.sequence(tags::TABULATED_VALUES_SEQUENCE, vec![table.clone()]);
        }),
        with("HOLOGRAM", "News", &|d| {
            d.text(tags::TEXT_VALUE, "nobody knows this").text(tags::OBSERVATION_DATE_TIME, "20260102");
        }),
    ];
    let shapes = [("POINT", 1), ("MULTIPOINT", 3), ("POLYLINE", 3), ("CIRCLE", 2), ("ELLIPSE", 4)];
    let regions = shapes.map(|(shape, count)| {
        let points: Vec<f64> = (0..2 * count).map(f64::from).collect();
        region(
            "CONTAINS",
            ("3", "99T", "Region"),
            shape,
            &points,
            vec![image("SELECTED FROM", "1.2.3.4", &[])],
        )
    });
    report(COMPREHENSIVE_3D, TITLE, items.into_iter().chain(regions).collect())
}

#[test]
fn every_value_type_is_read_and_written() {
    let report = read(&everything());
    let types: Vec<&str> = report.children(ItemId::ROOT).map(|(_, item)| item.content.value_type()).collect();
    assert_eq!(
        types,
        [
            "TEXT",
            "CODE",
            "NUM",
            "DATE",
            "TIME",
            "DATETIME",
            "UIDREF",
            "PNAME",
            "COMPOSITE",
            "IMAGE",
            "WAVEFORM",
            "SCOORD3D",
            "TCOORD",
            "TABLE",
            "HOLOGRAM",
            "SCOORD",
            "SCOORD",
            "SCOORD",
            "SCOORD",
            "SCOORD"
        ]
    );
    // Where lines break does not matter here.
    let text = as_text(&report).split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        "Dense breasts.",
        "Mass",
        "1.50 mm, 2.75 mm, 1/3 mm",
        "2026-02-28",
        "23:59:59.5",
        "2026-02-28 23:59:59 +01:00",
        "1.2.3.99",
        "Roe, Richard",
        "Comprehensive SR, UID 1.2.3.6",
        "frames 2 and 4, segment 7, with presentation state, UID 1.2.3.8",
        "channels 1.2 1.5, UID 1.2.3.9",
        "ellipsoid (1.5, -2, 3) (4, 5, 6) mm",
        "segment, 0.5, 2.25 s",
        "Depth Dose",
        "0.75",
        "a value of the unknown type HOLOGRAM",
        "TextValue: nobody knows this",
        "(observed 2026-01-02)",
        "point (0, 1) on",
        "ellipse (0, 1) (2, 3) (4, 5) (6, 7) on",
        "Warning: an item has an unknown value type and is shown as it is: HOLOGRAM",
    ] {
        assert!(text.contains(said), "{said} is not in\n{text}");
    }
    let json = as_json(&report);
    let items = json["content"]["items"].as_array().expect("items");
    assert_eq!(items[2]["values"][2]["fraction"], serde_json::json!([1, 3]));
    assert_eq!(items[3]["value"], "20260228", "values in JSON are as stored");
    assert_eq!(items[9]["references"][0]["presentation_state"]["sop_instance_uid"], "1.2.3.7");
    assert_eq!(items[10]["references"][0]["channels"], serde_json::json!([[1, 2], [1, 5]]));
    assert_eq!(items[13]["value_type"], "TABLE");
    assert_eq!(items[15]["id"], "1.16");
    assert_eq!(json["header"]["completion"], "PARTIAL");
}

#[test]
fn items_by_reference_are_found_and_cycles_end() {
    let items = vec![
        section(("111028", "DCM", "Image Library"), vec![image("CONTAINS", "1.2.3.1", &[])]),
        // A finding whose outline is on an image of the library, and which refers to itself and its parent.
        section(
            FINDING,
            vec![region(
                "CONTAINS",
                ("111041", "DCM", "Outline"),
                "CIRCLE",
                &[5.0, 5.0, 9.0, 5.0],
                vec![by_reference("SELECTED FROM", &[1, 1, 1])],
            )],
        ),
        content("CONTAINS", "CODE", FINDING, |d| {
            let below = vec![
                by_reference("INFERRED FROM", &[1, 3]),
                by_reference("INFERRED FROM", &[1, 3, 1]),
                by_reference("INFERRED FROM", &[1]),
                by_reference("INFERRED FROM", &[1, 77, 2]),
                by_reference("INFERRED FROM", &[1, 2, 1]),
            ];
            d.code(tags::CONCEPT_CODE_SEQUENCE, ("4147007", "SCT", "Mass"))
                .sequence(tags::CONTENT_SEQUENCE, below);
        }),
    ];
    let report = read(&report(COMPREHENSIVE, ("111036", "DCM", "Mammography CAD Report"), items));
    let outline = report.at(&[1, 2, 1]).expect("the outline");
    assert_eq!(report.path(outline), [1, 2, 1]);
    assert_eq!(report.selected_from(outline)[0].sop_instance_uid, "1.2.3.1");
    let targets: Vec<Option<Vec<u32>>> = report
        .children(report.at(&[1, 3]).expect("the finding"))
        .map(|(_, item)| match &item.content {
            Content::ByReference(reference) => reference.target.map(|target| report.path(target)),
            other => panic!("{other:?}"),
        })
        .collect();
    // To its own parent and the root is allowed; to itself, to another reference or nowhere is not.
    assert_eq!(targets, [Some(vec![1, 3]), None, Some(vec![1]), None, Some(vec![1, 2, 1])]);
    let text = as_text(&report);
    assert!(text.contains("circle (5, 5) (9, 5) on"), "{text}");
    assert!(text.contains("inferred from:  Finding: Mass"), "{text}");
    assert!(as_html(&report).contains("<a href=\"#r0-0\""), "a link to the root");
    assert!(text.contains("Warning: a reference to another item of the report leads nowhere"), "{text}");
}

#[test]
fn key_objects_are_listed() {
    let modifier =
        code("HAS CONCEPT MOD", ("113011", "DCM", "Document Title Modifier"), ("113017", "DCM", "Dose"));
    let items = vec![
        modifier,
        text("CONTAINS", ("113012", "DCM", "Key Object Description"), "Look at these"),
        image("CONTAINS", "1.2.3.1", &[]),
        image("CONTAINS", "1.2.3.2", &[4]),
    ];
    let data = report(KEY_OBJECTS, ("113001", "DCM", "Rejected for Quality Reasons"), items);
    let keys = read(&data).key_objects().expect("key objects");
    assert!(keys.reason.expect("a reason").is("113001", "DCM"));
    assert_eq!(keys.modifiers[0].text(), "Dose");
    assert_eq!(keys.descriptions, ["Look at these"]);
    let uids: Vec<&str> = keys.objects.iter().map(|object| object.sop_instance_uid.as_str()).collect();
    assert_eq!(uids, ["1.2.3.1", "1.2.3.2"]);
    assert_eq!(read(&measurements()).key_objects(), None);
}

#[test]
fn text_of_any_script_stays_as_it_is() {
    let arabic = "كتلة في الثدي الأيمن";
    let japanese = "右乳房上外側に境界明瞭な腫瘤を認める。".repeat(8);
    let items = vec![
        text("CONTAINS", ("1", "99T", "الموجودات"), arabic),
        text("CONTAINS", ("2", "99T", "所見"), &japanese),
        text("CONTAINS", ("3", "99T", "Evil"), "<script>alert(1)</script> \"&\" \u{1b}[31m"),
    ];
    let unicode = read(&report(COMPREHENSIVE, ("1", "99T", "تقرير"), items));
    let text = as_text(&unicode);
    assert!(text.contains(arabic));
    assert!(text.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 100), "{text}");
    let joined: String = text.split_whitespace().collect();
    assert!(joined.contains(&japanese), "every character arrives");
    assert!(!text.contains('\u{1b}'));
    let page = as_html(&unicode);
    assert!(page.contains(arabic) && page.contains(&japanese) && page.contains("dir=\"auto\""));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &quot;&amp;&quot;"));
    assert!(!page.contains("<script") && !page.contains('\u{1b}'));

    // The same in a set of one byte a character.
    let mut latin = report(COMPREHENSIVE, ("1", "99T", "Bericht"), vec![]);
    let mut said = text_item_in_latin();
    said.text(tags::RELATIONSHIP_TYPE, "CONTAINS");
    latin.text(tags::SPECIFIC_CHARACTER_SET, "ISO_IR 100").sequence(tags::CONTENT_SEQUENCE, vec![said]);
    assert!(as_text(&read(&latin)).contains("Verkürzt"));
}

fn text_item_in_latin() -> DataSet {
    item(|d| {
        let bytes = lightbox::dicom::write::Value::Bytes(b"Verk\xFCrzt".to_vec());
        d.text(tags::VALUE_TYPE, "TEXT").put(tags::TEXT_VALUE, VR::UT, bytes);
    })
}

#[test]
fn continuous_sections_read_on() {
    let said = |words| text("CONTAINS", ("121071", "DCM", "Finding"), words);
    let items = vec![
        said("A lesion of"),
        number(("103339001", "SCT", "Long Axis"), "12", MM, vec![]),
        said("was seen"),
        said("."),
    ];
    let mut data = report(COMPREHENSIVE, ("1", "99T", "Findings"), items);
    data.text(tags::CONTINUITY_OF_CONTENT, "CONTINUOUS");
    let text = as_text(&read(&data));
    assert!(text.contains("Finding: A lesion of 12 mm [Long Axis] was seen."), "{text}");
}

#[test]
fn ten_thousand_items_are_all_shown() {
    let group = |n: usize| {
        let named = text("CONTAINS", ("1", "99T", "Name"), &format!("finding number {n};"));
        let sizes = (0..7).map(|m| number(("2", "99T", "Size"), &format!("{n}.{m}"), MM, vec![]));
        section(GROUP, std::iter::once(named).chain(sizes).collect())
    };
    let report = read(&report(COMPREHENSIVE, TITLE, (0..1112).map(group).collect()));
    assert_eq!(report.len(), 1 + 1112 * 9);
    let page = Document::of(&report);
    let shown: BTreeSet<ItemId> = page
        .blocks
        .iter()
        .flat_map(|block| match &block.body {
            Body::Measurements { rows, .. } => rows.iter().map(|row| row.item).collect(),
            _ => vec![block.item],
        })
        .collect();
    assert_eq!(shown.len(), report.len() - 1, "all but the title");
    let text = as_text(&report);
    assert!((0..1112).all(|n| text.contains(&format!("finding number {n};"))));
}

#[test]
fn deep_nesting_ends() {
    let mut deep = text("CONTAINS", FINDING, "the bottom");
    for _ in 0..300 {
        deep = section(FINDING, vec![deep]);
    }
    let report = read(&report(COMPREHENSIVE, TITLE, vec![deep]));
    assert!(report.len() < 200, "{} items", report.len());
    as_text(&report);
    as_html(&report);
    as_json(&report);
}

#[test]
fn the_command_writes_every_format_and_nothing_over_a_file() {
    let scratch = Scratch::new("report");
    let path = scratch.file("report.dcm", file(&measurements()));
    let given = path.to_str().expect("a path");
    let text = viewer(["report", given]).expect(0).stdout;
    assert!(text.starts_with("Imaging Measurement Report\n=========="), "{text}");
    let json = viewer(["report", "--format", "json", given]).expect(0).json();
    assert_eq!(json["title"]["value"], "126000");

    let page = scratch.join("page.html");
    let target = page.to_str().expect("a path");
    viewer(["report", "--format", "html", "-o", target, given]).expect(0);
    assert!(std::fs::read_to_string(&page).expect("a page").starts_with("<!DOCTYPE html>"));
    std::fs::write(&page, "mine").expect("a file");
    let refused = viewer(["report", "-o", target, given]).expect(4);
    assert!(refused.stderr.contains("another file is there already"), "{}", refused.stderr);
    assert_eq!(std::fs::read_to_string(&page).expect("a page"), "mine");
    viewer(["report", "-o", target, "--overwrite", given]).expect(0);
    assert!(std::fs::read_to_string(&page).expect("a page").starts_with("Imaging"));
    assert_eq!(scratch.names(), ["page.html", "report.dcm"]);
}

#[test]
fn what_is_no_report_says_what_it_is() {
    let scratch = Scratch::new("report-not");
    let image = support::dicom::Object::gray16("1.2.3", 2, 1, &[1, 2]).to_file();
    let image = scratch.file("image.dcm", image);
    let words = scratch.file("words.txt", "no DICOM");
    let report = scratch.file("report.dcm", file(&measurements()));
    let ran = viewer([&"report".into(), &image]).expect(1);
    assert!(ran.stderr.contains("no structured report; it is Secondary Capture Image"), "{}", ran.stderr);
    viewer([&"report".into(), &words]).expect(1);
    viewer([&"report".into(), &scratch.join("missing.dcm")]).expect(4);
    viewer(["report"]).expect(2);
    // One that can be written is written; of several JSON is a list.
    let ran =
        viewer(["report", "--format", "json"].map(Into::into).iter().chain([&image, &report])).expect(0);
    assert_eq!(ran.json().as_array().map(Vec::len), Some(1));
}
