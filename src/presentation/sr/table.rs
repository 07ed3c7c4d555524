//! Tabulated values: one item that holds a whole table.

use dicom_dictionary_std::tags;

use super::code::Code;
use super::model::{Axis, Cell, Table};
use super::read::whole_numbers;
use crate::dicom::{DataSet, Tag};

/// Cells of one table.
const MAX_CELLS: usize = 1_000_000;

pub(super) fn read(data: &DataSet) -> Table {
    let Some(values) = data.item(tags::TABULATED_VALUES_SEQUENCE) else { return Table::default() };
    let axes = |sequence, number| -> Vec<Axis> {
        let items = values.items(sequence).iter().take(MAX_CELLS);
        items.map(|item| axis(item, number)).collect()
    };
    let cells = values.items(tags::CELL_VALUES_SEQUENCE).iter().take(MAX_CELLS);
    Table {
        rows: first(values, tags::NUMBER_OF_TABLE_ROWS),
        columns: first(values, tags::NUMBER_OF_TABLE_COLUMNS),
        row_names: axes(tags::TABLE_ROW_DEFINITION_SEQUENCE, tags::TABLE_ROW_NUMBER),
        column_names: axes(tags::TABLE_COLUMN_DEFINITION_SEQUENCE, tags::TABLE_COLUMN_NUMBER),
        cells: cells.map(cell).collect(),
    }
}

fn first(data: &DataSet, tag: Tag) -> u32 {
    whole_numbers(data, tag).first().copied().unwrap_or_default()
}

fn axis(item: &DataSet, number: Tag) -> Axis {
    Axis {
        number: first(item, number),
        name: Code::first(item, tags::CONCEPT_NAME_CODE_SEQUENCE),
        unit: Code::first(item, tags::MEASUREMENT_UNITS_CODE_SEQUENCE),
    }
}

/// A cell names its place and has one value, in the element its representation calls for.
fn cell(item: &DataSet) -> Cell {
    let code = Code::first(item, tags::SELECTOR_CODE_SEQUENCE_VALUE)
        .or_else(|| Code::first(item, tags::CONCEPT_CODE_SEQUENCE));
    let about = [tags::TABLE_ROW_NUMBER, tags::TABLE_COLUMN_NUMBER, tags::SELECTOR_ATTRIBUTE_VR];
    let others = || item.elements().iter().filter(|element| !about.contains(&element.tag));
    let text = match &code {
        Some(code) => code.text().to_owned(),
        None => others().find_map(|element| item.string(element.tag)).unwrap_or_default(),
    };
    Cell {
        row: first(item, tags::TABLE_ROW_NUMBER),
        column: first(item, tags::TABLE_COLUMN_NUMBER),
        text,
        code,
    }
}
