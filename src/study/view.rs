//! Which mammography view an image shows, in the short form readers use.

use dicom_dictionary_std::tags;

use crate::dicom::DataSet;

/// View codes (PS3.16 CID 4014): SNOMED CT, the older SNOMED RT codes, and the short form.
const VIEWS: &[(&str, &[&str], &str)] = &[
    ("399260004", &["R-10224"], "ML"),
    ("399368009", &["R-10226"], "MLO"),
    ("399352003", &["R-10228"], "LM"),
    ("399099002", &["R-10230"], "LMO"),
    ("399162004", &["R-10242"], "CC"),
    ("399196006", &["R-10244"], "FB"),
    ("399188001", &["R-102D0"], "SIO"),
    ("441555000", &["R-40AAA"], "ISO"),
    ("399192008", &["R-1024A", "Y-X1770"], "XCCL"),
    ("399101009", &["R-1024B", "Y-X1771"], "XCCM"),
];

/// The view: by its code where there is a known one, else as _View Position_ says.
pub(super) fn view(data: &DataSet) -> Option<String> {
    let coded = data.item(tags::VIEW_CODE_SEQUENCE).and_then(|item| item.string(tags::CODE_VALUE));
    let known = coded.as_deref().and_then(|code| {
        let code = code.trim();
        VIEWS.iter().find(|(sct, srt, _)| *sct == code || srt.contains(&code)).map(|(.., short)| *short)
    });
    let position = || data.string(tags::VIEW_POSITION).map(|text| text.trim().to_owned());
    known.map(str::to_owned).or_else(position).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::testing::{cs, data_set, sequence, text};
    use dicom_core::VR;

    fn coded(code: &str) -> DataSet {
        let item = data_set(vec![text(tags::CODE_VALUE, VR::SH, code)]);
        data_set(vec![cs(tags::VIEW_POSITION, "CC"), sequence(tags::VIEW_CODE_SEQUENCE, vec![item])])
    }

    #[test]
    fn the_code_wins_over_the_text() {
        assert_eq!(view(&coded("399192008")).as_deref(), Some("XCCL"));
        assert_eq!(view(&coded("R-10226")).as_deref(), Some("MLO"));
        assert_eq!(view(&coded("unknown")).as_deref(), Some("CC"));
        assert_eq!(view(&data_set(vec![])), None);
    }
}
