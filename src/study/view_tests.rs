use super::*;
use crate::dicom::Element;
use crate::dicom::testing::{cs, data_set, ds, lo, sequence, text};
use dicom_core::VR;

fn coded(code: &str, scheme: &str, meaning: &str, more: Vec<Element>) -> DataSet {
    let mut elements = vec![
        text(tags::CODE_VALUE, VR::SH, code),
        text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, scheme),
        lo(tags::CODE_MEANING, meaning),
    ];
    elements.extend(more);
    data_set(elements)
}

fn with_view(item: DataSet) -> DataSet {
    data_set(vec![cs(tags::VIEW_POSITION, "CC"), sequence(tags::VIEW_CODE_SEQUENCE, vec![item])])
}

fn seen(data: &DataSet) -> Seen {
    identify(data, true)
}

#[test]
fn the_code_wins_over_the_text_in_every_scheme() {
    // Code value, scheme, and the abbreviation of the standard's table.
    for (code, scheme, short) in [
        ("399192008", "SCT", "XCCL"),
        ("Y-X1770", "SNM3", "XCCL"),
        ("R-1024B", "SRT", "XCCM"),
        ("R-102CF", "SNM3", "XCC"),
        ("R-10226", "SNM3", "MLO"),
        ("r-10226", "99SDM", "MLO"),
        ("399260004", "DCM", "ML"),
        ("LMO", "MQCM", "LMO"),
        ("441555000", "SCT", "ISO"),
        ("G-8310", "SRT", "specimen"),
        ("unknown", "SCT", "CC"),
        ("R-10226", "99VENDOR", "CC"),
    ] {
        let data = with_view(coded(code, scheme, "", Vec::new()));
        assert_eq!(seen(&data).view.as_deref(), Some(short), "{code} {scheme}");
    }
    assert_eq!(seen(&data_set(vec![])), Seen::default());
}

#[test]
fn a_private_code_counts_by_its_meaning() {
    let data = with_view(coded("7", "99VENDOR", "Medio-Lateral Oblique", Vec::new()));
    assert_eq!(seen(&data).view.as_deref(), Some("MLO"));
}

#[test]
fn modifiers_lie_within_the_view() {
    let modifiers = ["399055006", "R-102D6", "R-102D5"].map(|code| coded(code, "SRT", "", Vec::new()));
    let nested = sequence(tags::VIEW_MODIFIER_CODE_SEQUENCE, modifiers.into());
    let data = with_view(coded("R-10242", "SRT", "", vec![nested]));
    let short: Vec<&str> = seen(&data).modifiers.into_iter().map(Modifier::short).collect();
    assert_eq!(short, ["ID", "mag", "spot"]);
    // Each code stands for one modifier.
    let mut codes: Vec<_> = Modifier::ALL.iter().flat_map(|modifier| modifier.codes()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), 28);
}

#[test]
fn view_positions_may_carry_their_modifier() {
    for (position, view, modifiers) in [
        ("CCID", "CC", &[Modifier::ImplantDisplaced][..]),
        ("mlo", "MLO", &[]),
        ("XCCL", "XCCL", &[]),
        ("MLO SPOT", "MLO", &[Modifier::Spot]),
        ("OTHER", "OTHER", &[]),
    ] {
        let data = data_set(vec![cs(tags::VIEW_POSITION, position)]);
        let seen = seen(&data);
        assert_eq!((seen.view.as_deref(), &seen.modifiers[..]), (Some(view), modifiers), "{position}");
    }
    let chest = identify(&data_set(vec![cs(tags::VIEW_POSITION, "LL")]), false);
    assert_eq!(chest.view.as_deref(), Some("LL"));
}

#[test]
fn sides_come_from_the_image_then_the_frame_then_the_series() {
    let anatomy =
        sequence(tags::FRAME_ANATOMY_SEQUENCE, vec![data_set(vec![cs(tags::FRAME_LATERALITY, "L")])]);
    let shared = sequence(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![data_set(vec![anatomy])]);
    let series = cs(tags::LATERALITY, "R");
    let data = data_set(vec![shared.clone(), series.clone()]);
    assert_eq!(seen(&data).laterality.as_deref(), Some("L"));
    let data = data_set(vec![shared, series.clone(), cs(tags::IMAGE_LATERALITY, "RIGHT")]);
    assert_eq!(seen(&data).laterality.as_deref(), Some("R"));
    assert_eq!(seen(&data_set(vec![series])).laterality.as_deref(), Some("R"));
}

#[test]
fn descriptions_are_believed_where_they_leave_no_choice() {
    let of = |description: &str| {
        let seen = seen(&data_set(vec![lo(tags::SERIES_DESCRIPTION, description)]));
        (seen.laterality.unwrap_or_default(), seen.view.unwrap_or_default())
    };
    let is = |side: &str, view: &str| (side.to_owned(), view.to_owned());
    assert_eq!(of("R CC"), is("R", "CC"));
    assert_eq!(of("LMLO Tomosynthesis"), is("L", "MLO"));
    assert_eq!(of("left breast, xccl"), is("L", "XCCL"));
    assert_eq!(of("ACC 12345 CCD"), is("", ""));
    assert_eq!(of("CC and MLO right"), is("R", ""));
    assert_eq!(of("Right and left MLO"), is("", "MLO"));
    assert_eq!(of("contrast 5 ml"), is("", ""));
    assert_eq!(of("L ML"), is("L", "ML"));
    // Other descriptions step in, and images that are no mammograms are not read into.
    let data = data_set(vec![lo(tags::SERIES_DESCRIPTION, "Standard"), lo(tags::PROTOCOL_NAME, "LCC")]);
    assert_eq!(seen(&data).view.as_deref(), Some("CC"));
    assert_eq!(identify(&data, false), Seen::default());
}

#[test]
fn a_stand_or_a_small_paddle_gives_the_modifier_away() {
    let data = data_set(vec![
        ds(tags::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR, "1.8"),
        lo(tags::PADDLE_DESCRIPTION, "SPOT COMPRESSION 9CM"),
    ]);
    assert_eq!(seen(&data).modifiers, [Modifier::Magnification, Modifier::Spot]);
    let data = data_set(vec![ds(tags::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR, "1.07")]);
    assert!(seen(&data).modifiers.is_empty());
}
