//! That marks lie where the phantom has something.

use super::*;
use crate::demo::exposure::SPACING;
use crate::demo::people::exposure;
use crate::dicom::DicomFile;
use crate::presentation::cad::{CadReport, Kind, Shown};
use crate::presentation::sr::Report;

#[test]
fn marks_lie_on_what_the_phantom_shows() {
    // Half the resolution still shows the calcifications.
    const COARSER: f32 = 2.0;
    let file = DicomFile::from_bytes(current()).expect("a file");
    let report = Report::read(&file.data).expect("a report");
    let cad = CadReport::of(&report).expect("a CAD report");
    let entries = library(Round::Current);
    for (entry, plate) in entries.iter().zip([None, Some(LEFT_CC), None, Some(LEFT_MLO)]) {
        if plate.is_none() {
            continue;
        }
        let picture = exposure(Round::Current, Side::Left, entry.view.projection).render(SPACING * COARSER);
        let sample = |x: f64, y: f64| {
            let (column, row) = ((x / f64::from(COARSER)) as usize, (y / f64::from(COARSER)) as usize);
            f64::from(picture.samples[row * picture.columns + column])
        };
        let around = |[x, y]: [f64; 2], from: f64, to: f64| {
            let ring = (0..40).flat_map(|k| {
                let (sin, cos) = (f64::from(k) * std::f64::consts::TAU / 40.0).sin_cos();
                (0..8).map(move |step| (from + (to - from) * f64::from(step) / 8.0, sin, cos))
            });
            let values: Vec<f64> = ring.map(|(r, sin, cos)| sample(x + r * cos, y + r * sin)).collect();
            let brightest = values.iter().copied().fold(0.0, f64::max);
            (values.iter().sum::<f64>() / values.len() as f64, brightest)
        };
        let uid = &entry.evidence(&MAMMO_NOW).uid;
        let drawing = cad.drawing(uid, 0, &Shown::default());
        let mut specks = 0;
        for symbol in &drawing.symbols {
            let finding = &cad.findings[symbol.of.expect("a finding") as usize];
            if finding.kind == Kind::Density && finding.parent.is_some() {
                let (inside, outside) = (around(symbol.at, 0.0, 50.0).0, around(symbol.at, 150.0, 200.0).0);
                assert!(inside > 1.15 * outside, "{inside} {outside}");
            }
            if finding.in_cluster {
                let ((_, bright), (usual, _)) = (around(symbol.at, 0.0, 3.0), around(symbol.at, 10.0, 16.0));
                specks += usize::from(bright > 1.15 * usual);
            }
        }
        // One may lie beside another, which brightens what is around it.
        assert!(specks >= 20, "{specks}");
    }
}
