//! The elements of an object, four ways: typed values, a walk over all of them, rows to search, and JSON.
//!
//! ```sh
//! cargo run --release --no-default-features --example elements                     # a file of fixtures/
//! cargo run --release --no-default-features --example elements image.dcm "window center"
//! ```

#![allow(clippy::print_stdout, reason = "an example says what it does")]

use std::error::Error;
use std::path::PathBuf;

use lightbox::dicom::{DataSet, DicomFile, Tag, Value};
use lightbox::inspect::json::{self, JsonOptions};
use lightbox::inspect::{self, Expansion, Filter, Rows, Selector, keyword};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let fixture = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/dbt-lmlo.dcm");
    let path = arguments.next().map_or_else(fixture, PathBuf::from);
    let wanted =
        arguments.next().map_or("window center".into(), |words| words.to_string_lossy().into_owned());
    let file = DicomFile::open(&path)?;

    // Typed values, decoded when they are asked for. What is absent or malformed is `None`, never an error.
    println!(
        "columns {:?}, rows {:?}",
        file.data.int(Tag(0x0028, 0x0011)),
        file.data.int(Tag(0x0028, 0x0010))
    );
    println!("pixel spacing {:?}", file.data.floats(Tag(0x0028, 0x0030)));
    println!("patient {:?}", file.data.person_name(Tag(0x0010, 0x0010)));

    // A walk: a data set is a list of elements, and a sequence a list of data sets.
    let mut deepest = (0, String::new());
    walk(&file.data, 1, &mut deepest);
    println!("deepest {} at level {}", deepest.1, deepest.0);

    // Rows: what a panel shows, here those that `wanted` finds, with what is around them.
    let rows = Rows::read(&file, Some(0));
    println!("\n{wanted:?} in {} rows:", rows.len());
    for index in inspect::visible(&rows, &Expansion::default(), &Filter::new(&wanted)) {
        let Some(row) = rows.get(index) else { continue };
        let indent = usize::from(row.depth) * 2;
        println!("{:indent$}{} {} {} {}", "", row.tag_text(), row.name(), row.text, row.note);
    }

    // One value by its path, and JSON of a part of the object.
    let selector = Selector::parse("SharedFunctionalGroupsSequence.PixelMeasuresSequence.PixelSpacing")?;
    let found = selector.find(&file);
    for path in &found {
        println!("\n{path} = {}", inspect::full_value(&file, path, 1024)?.text);
    }
    json::write_selected(&file, &found, &JsonOptions::default(), &mut std::io::stdout())?;
    println!();
    Ok(())
}

fn walk(data: &DataSet, level: usize, deepest: &mut (usize, String)) {
    for element in data.elements() {
        if level > deepest.0 {
            *deepest = (level, keyword(element.tag).to_owned());
        }
        if let Value::Items(items) = &element.value {
            for item in items {
                walk(item, level + 1, deepest);
            }
        }
    }
}
