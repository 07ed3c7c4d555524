//! The formulas of PS3.3 C.11.2.1, worked by hand.

use super::*;
use crate::dicom::testing::{cs, data_set, ds, lo, lut_item, sequence};

fn close(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-12, "{a} is not {b}");
}

#[test]
fn linear_at_its_corners_for_8_12_and_16_bits() {
    for (center, width) in [(128.0, 256.0), (2048.0, 4096.0), (32768.0, 65536.0), (40.0, 400.0)] {
        let voi = Voi::Linear { center, width };
        let (low, high) = (center - 0.5 - (width - 1.0) / 2.0, center - 0.5 + (width - 1.0) / 2.0);
        assert_eq!(voi.apply(low), 0.0);
        assert_eq!(voi.apply(low - 0.5), 0.0);
        close(voi.apply(low + 0.5), 0.5 / (width - 1.0));
        close(voi.apply(high), 1.0);
        assert_eq!(voi.apply(high + 0.5), 1.0);
        close(voi.apply(high - 0.5), 1.0 - 0.5 / (width - 1.0));
        close(voi.apply(center - 0.5), 0.5);
    }
}

#[test]
fn the_examples_of_the_standard() {
    // C.11.2.1.2.1: c=2048 w=4096 is the identity over 12 bits; c=2048 w=1 and c=0 w=100 are given there
    let identity = Voi::Linear { center: 2048.0, width: 4096.0 };
    for x in 0..4096 {
        close(identity.apply(f64::from(x)), f64::from(x) / 4095.0);
    }
    let threshold = Voi::Linear { center: 2048.0, width: 1.0 };
    assert_eq!([2047.0, 2047.5, 2_047.500_001, 2048.0].map(|x| threshold.apply(x)), [0.0, 0.0, 1.0, 1.0]);
    let hundred = Voi::Linear { center: 0.0, width: 100.0 };
    assert_eq!(hundred.apply(-50.0), 0.0);
    assert_eq!(hundred.apply(49.0001), 1.0);
    close(hundred.apply(0.0), (0.0 + 0.5) / 99.0 + 0.5);
}

#[test]
fn linear_exact_takes_fractions() {
    let voi = Voi::LinearExact { center: 0.25, width: 0.5 };
    assert_eq!(
        [-1.0, 0.0, 0.125, 0.25, 0.375, 0.5, 0.6].map(|x| voi.apply(x)),
        [0.0, 0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
    );
}

#[test]
fn sigmoid_at_its_centre_its_shoulders_and_its_extremes() {
    let voi = Voi::Sigmoid { center: 100.0, width: 50.0 };
    close(voi.apply(100.0), 0.5);
    close(voi.apply(125.0), 1.0 / (1.0 + (-2.0f64).exp()));
    close(voi.apply(75.0), 1.0 / (1.0 + 2.0f64.exp()));
    assert_eq!([-1e300, 1e300].map(|x| voi.apply(x)), [0.0, 1.0]);
}

#[test]
fn a_table_is_scaled_by_its_declared_bits() {
    let lut = Lut { first: 0, bits: 12, data: vec![0, 2047, 4095].into(), explanation: String::new() };
    let voi = Voi::Lut(lut);
    close(voi.apply(1.0), 2047.0 / 4095.0);
    assert_eq!([-5.0, 2.0, 50.0].map(|x| voi.apply(x)), [0.0, 1.0, 1.0]);
    assert_eq!(voi.nearest_window(), (1.5, 3.0));
}

#[test]
fn full_range_maps_both_ends_exactly() {
    for (min, max) in [(0.0, 4095.0), (-1024.0, 3071.0), (0.0, 1.0), (0.25, 0.75), (-3.5, 1e6)] {
        let voi = Voi::full_range(min, max);
        assert_eq!(voi.apply(min), 0.0, "{min}..{max}");
        assert_eq!((voi.apply(max) * 255.0).round(), 255.0, "{min}..{max}");
        close(voi.apply(max), 1.0);
        close(voi.apply(f64::midpoint(min, max)), 0.5);
    }
    assert_eq!(Voi::full_range(0.0, 4095.0), Voi::Linear { center: 2048.0, width: 4096.0 });
    let constant = Voi::full_range(7.0, 7.0);
    assert_eq!([7.0, 8.0].map(|x| constant.apply(x)), [0.0, 1.0]);
    assert_eq!(Voi::full_range(0.5, 0.5).apply(0.5), 0.0);
}

#[test]
fn widths_a_function_does_not_allow() {
    assert_eq!(Voi::window("LINEAR", 0.0, 0.5), None);
    assert_eq!(Voi::window("", 0.0, 0.0), None);
    assert_eq!(Voi::window("LINEAR_EXACT", 0.0, 0.0), None);
    assert_eq!(Voi::window("SIGMOID", 0.0, -1.0), None);
    assert_eq!(Voi::window("LINEAR", f64::NAN, 5.0), None);
    assert_eq!(Voi::window("LINEAR", 1.0, 1.0), Some(Voi::Linear { center: 1.0, width: 1.0 }));
    assert_eq!(Voi::window("LINEAR_EXACT ", 1.0, 0.5), Some(Voi::LinearExact { center: 1.0, width: 0.5 }));
    assert_eq!(Voi::window("SOMETHING", 1.0, 2.0), Some(Voi::Linear { center: 1.0, width: 2.0 }));
}

#[test]
fn every_window_and_every_table_is_an_alternative() {
    let place = data_set(vec![
        ds(tags::WINDOW_CENTER, "40\\-600\\7\\1"),
        ds(tags::WINDOW_WIDTH, "400\\1500\\0"),
        lo(tags::WINDOW_CENTER_WIDTH_EXPLANATION, "SOFT\\LUNG "),
        sequence(
            tags::VOILUT_SEQUENCE,
            vec![
                lut_item([2, 0, 8], &[0, 255], "HARD"),
                lut_item([2, 0, 8], &[], "EMPTY"),
                lut_item([2, 0, 8], &[255, 0], ""),
            ],
        ),
    ]);
    let choices = VoiChoice::read(&place, (0.0, 4095.0));
    let names: Vec<_> = choices.iter().map(|c| c.explanation.as_str()).collect();
    assert_eq!(names, ["SOFT", "LUNG", "HARD", "LUT 3"]);
    assert_eq!(choices[1].voi, Voi::Linear { center: -600.0, width: 1500.0 });
    assert!(choices.iter().all(|c| c.origin == VoiOrigin::Object));
}

#[test]
fn the_function_holds_for_every_window() {
    let place = data_set(vec![
        ds(tags::WINDOW_CENTER, "0.5\\2"),
        ds(tags::WINDOW_WIDTH, "0.25\\4"),
        cs(tags::VOILUT_FUNCTION, "SIGMOID"),
    ]);
    let choices = VoiChoice::read(&place, (0.0, 1.0));
    assert_eq!(choices[0].voi, Voi::Sigmoid { center: 0.5, width: 0.25 });
    assert_eq!(choices[1].explanation, "window 2");
}

#[test]
fn dragging_keeps_the_function_and_its_limits() {
    let sigmoid = Voi::Sigmoid { center: 1.0, width: 2.0 };
    assert_eq!(sigmoid.with_window(5.0, 7.0), Voi::Sigmoid { center: 5.0, width: 7.0 });
    let linear = Voi::Linear { center: 1.0, width: 2.0 };
    assert_eq!(linear.with_window(5.0, -3.0), Voi::Linear { center: 5.0, width: 1.0 });
}
