//! The builder against the standard's layout and another library's reading.

use super::*;

fn pixel_words(image: ImageBuilder) -> Vec<u16> {
    match image.data_set().get(tags::PIXEL_DATA) {
        Some(Value::U16(words)) => words.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn samples_are_cut_to_the_bits_stored_and_lie_below_the_high_bit() {
    let image = ImageBuilder::gray(1, 4).bits(16, 10).high_bit(13).signed(true);
    let cells = [-1, -512, 511, 0];
    assert_eq!(pixel_words(image.clone().samples(cells)), [0x3FF0, 0x2000, 0x1FF0, 0]);
    assert_eq!(pixel_words(image.fill_unused_bits().samples(cells)), [0xFFFF, 0xE00F, 0xDFFF, 0xC00F]);
}

#[test]
fn windows_and_explanations_add_up_as_alternatives() {
    let data =
        ImageBuilder::gray(1, 1).named_window(40.0, 400.0, "A").named_window(-600.5, 1500.0, "B").data_set();
    assert_eq!(data.get(tags::WINDOW_CENTER), Some(&Value::Text("40\\-600.5".into())));
    assert_eq!(data.get(tags::WINDOW_WIDTH), Some(&Value::Text("400\\1500".into())));
    assert_eq!(data.get(tags::WINDOW_CENTER_WIDTH_EXPLANATION), Some(&Value::Text("A\\B".into())));
}

#[test]
fn every_native_syntax_says_the_same_to_another_library() {
    use dicom_object::from_reader;
    for syntax in [Syntax::ImplicitLittle, Syntax::ExplicitLittle, Syntax::ExplicitBig] {
        let lut =
            Lut { first: -5, bits: 12, entries: vec![7; 65_536], explanation: "X".into(), packed: false };
        let file = ImageBuilder::gray(2, 3)
            .bits(16, 12)
            .signed(true)
            .samples([-2048, -1, 0, 1, 2, 2047])
            .voi_lut(&lut)
            .padding_range(-2048, -2000)
            .syntax(syntax)
            .build();
        let object = from_reader(&file[128..]).expect("readable");
        let words =
            object.element(tags::PIXEL_DATA).expect("pixels").value().to_multi_int::<u16>().expect("words");
        assert_eq!(words, [0x800, 0xFFF, 0, 1, 2, 0x7FF]);
        let padding = object.element(tags::PIXEL_PADDING_VALUE).expect("padding");
        assert_eq!(padding.to_int::<i32>().expect("number"), -2048);
        let items = object.element(tags::VOILUT_SEQUENCE).expect("table").items().expect("items").to_vec();
        let descriptor = items[0].element(tags::LUT_DESCRIPTOR).expect("descriptor").to_multi_int::<i32>();
        assert_eq!(descriptor.expect("numbers"), [0, -5, 12]);
    }
}
