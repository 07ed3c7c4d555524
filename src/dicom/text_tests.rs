//! Text in every character set, against the examples of PS3.5 and other encoders.

use super::*;

fn decode(sets: &str, bytes: &[u8]) -> String {
    CharacterSets::parse(sets).decode(bytes, VR::PN)
}

// The examples of PS3.5 annexes H, I, J and K.
#[test]
fn japanese_names_of_the_standard() {
    let kanji = b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B";
    assert_eq!(decode("\\ISO 2022 IR 87", kanji), "Yamada^Tarou=山田^太郎=やまだ^たろう");
    let katakana = b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J";
    assert_eq!(decode("ISO 2022 IR 13\\ISO 2022 IR 87", katakana), "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう");
}

#[test]
fn korean_name_of_the_standard() {
    let name =
        b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf";
    assert_eq!(decode("\\ISO 2022 IR 149", name), "Hong^Gildong=洪^吉洞=홍^길동");
}

#[test]
fn chinese_names_of_the_standard() {
    let utf8 = "Wang^XiaoDong=王^小东=".as_bytes();
    assert_eq!(decode("ISO_IR 192", utf8), "Wang^XiaoDong=王^小东=");
    let gb = b"Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab=";
    assert_eq!(decode("GB18030", gb), "Wang^XiaoDong=王^小东=");
    let escaped = b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=";
    assert_eq!(decode("\\ISO 2022 IR 58", escaped), "Zhang^XiaoDong=张^小东=");
}

#[test]
fn single_byte_sets() {
    assert_eq!(decode("ISO_IR 100", b"Buc^J\xe9r\xf4me"), "Buc^Jérôme");
    assert_eq!(decode("ISO_IR 144", b"\xbb\xee\xda\xe1\xd5\xdc\xd1\xe3\xe0\xd3"), "Люксембург");
    assert_eq!(decode("ISO_IR 138", b"\xf9\xf8\xe5\xef"), "שרון");
    assert_eq!(decode("ISO_IR 127", b"\xe2\xc8\xc7\xe6\xea"), "قباني");
    assert_eq!(decode("iso-8859-1", b"\xe9"), "é");
}

#[test]
fn code_extensions_between_single_byte_sets() {
    let both = b"\x1b-F\xc4\xe9^\x1b-L\xbb\xee";
    assert_eq!(decode("ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 126", both), "Δι^Лю");
}

#[test]
fn undeclared_text_is_tolerated() {
    assert_eq!(decode("", "Äneas".as_bytes()), "Äneas");
    assert_eq!(decode("", b"\xc4neas"), "Äneas");
    let odd = CharacterSets::parse("KLINGON");
    assert_eq!(odd.unknown(), Some("KLINGON"));
    assert_eq!(odd.decode(b"\x1b\x1b(", VR::LO).chars().count(), 3);
}

/// Encoded by another program, a row for each set of PS3.3 C.12.1.1.2.
#[test]
fn every_set_without_code_extensions() {
    for (sets, bytes, expected) in [
        ("ISO_IR 101", b"\xaelu\xbbou\xe8k\xfd k\xf9\xf2", "Žluťoučký kůň"),
        ("ISO_IR 109", b"\xc6u \xfei \xf8uas?", "Ĉu ŝi ĝuas?"),
        ("ISO_IR 110", b"\xa9\xf3\xbale \xabirts", "Šķēle Ģirts"),
        ("ISO_IR 144", b"\xc9\xe3\xda\xd8\xdd \xa1\xd6", "Щукин Ёж"),
        ("ISO_IR 127", b"\xe5\xd1\xcd\xc8\xc7", "مرحبا"),
        ("ISO_IR 126", b"\xd9\xec\xdd\xe3\xe1 \xc0", "Ωμέγα ΐ"),
        ("ISO_IR 138", b"\xf9\xec\xe5\xed", "שלום"),
        ("ISO_IR 148", b"\xc7a\xf0r\xfd \xdd\xd0\xde", "Çağrı İĞŞ"),
        ("ISO_IR 166", b"\xbb\xc3\xd0\xe0\xb7\xc8\xe4\xb7\xc2", "ประเทศไทย"),
        ("ISO_IR 203", b"\xbduvre 5 \xa4", "œuvre 5 €"),
        ("ISO_IR 13", b"\xd4\xcf\xc0\xde ABC", "ﾔﾏﾀﾞ ABC"),
        ("GBK", b"\xcd\xf5^\xd0\xa1\x96|", "王^小東"),
        ("GB18030", b"\x819\xef1\x952\x837 \x810\x848", "㐂𠀋 ©"),
        ("ISO_IR 192", b"\xf0\xa0\xae\xb7\xe9\x87\x8e^\xe5\xae\xb6", "𠮷野^家"),
    ] as [(&str, &[u8], &str); 14]
    {
        assert_eq!(decode(sets, bytes), expected, "{sets}");
    }
}

#[test]
fn every_single_byte_set_by_its_escape() {
    let bytes = b"\x1b-A\xe9^\x1b-B\xf9^\x1b-C\xf8^\x1b-D\xbb^\x1b-L\xc9^\x1b-G\xe5^\x1b-F\xd9^\x1b-H\xf9^\x1b-M\xf0^\x1b-T\xe4^\x1b-b\xa4^";
    assert_eq!(decode("ISO 2022 IR 6\\ISO 2022 IR 100", bytes), "é^ů^ĝ^ģ^Щ^م^Ω^ש^ğ^ไ^€^");
}

#[test]
fn supplementary_kanji_and_blanks_between_them() {
    assert_eq!(decode("\\ISO 2022 IR 159", b"\x1b$(D0!0\"\x1b(B"), "丂丄");
    assert_eq!(decode("\\ISO 2022 IR 87", b"\x1b$B;3 ED\x1b(B"), "山 田");
}

#[test]
fn katakana_in_the_lower_half() {
    assert_eq!(decode("ISO 2022 IR 13\\ISO 2022 IR 87", b"\x1b(ITO@^\x1b(J^A"), "ﾔﾏﾀﾞ^A");
}

// PS3.5 I.3 and K.3: every line begins anew.
#[test]
fn designations_end_with_the_line_and_with_the_value() {
    let korean = CharacterSets::parse("\\ISO 2022 IR 149");
    let text = b"The 1st line includes \x1b$)C\xb1\xe6\xb5\xbf.\r\nThe 2nd line includes \x1b$)C\xb1\xe6\xb5\xbf, too.\r\nThe 3rd line.";
    let expected = "The 1st line includes 길동.\r\nThe 2nd line includes 길동, too.\r\nThe 3rd line.";
    assert_eq!(korean.decode(text, VR::LT), expected);
    let chinese = CharacterSets::parse("\\ISO 2022 IR 58");
    let text = b"1. \x1b$)A\xb5\xda\xd2\xbb\xd0\xd0\xce\xc4\xd7\xd6\xa1\xa3\r\n2. \x1b$)A\xb5\xda\xb6\xfe\xd0\xd0\xce\xc4\xd7\xd6\xa1\xa3\r\n3. ";
    assert_eq!(chinese.decode(text, VR::LT), "1. 第一行文字。\r\n2. 第二行文字。\r\n3. ");

    // The Greek set is designated in the first value or component and gone in the second, Latin-1 is back.
    let sets = CharacterSets::parse("ISO 2022 IR 100\\ISO 2022 IR 126");
    for (delimiter, vr) in
        [(b'\\', VR::LO), (b'^', VR::PN), (b'=', VR::PN), (b'\n', VR::LT), (b'\x0c', VR::ST)]
    {
        let bytes = [&b"\x1b-F\xc4"[..], &[delimiter], b"\xc4"].concat();
        assert_eq!(sets.decode(&bytes, vr), format!("Δ{}Ä", char::from(delimiter)), "{vr:?}");
    }
    // What parts nothing ends nothing.
    for (letter, vr) in [(b'\\', VR::UT), (b'^', VR::LO), (b'=', VR::SH)] {
        let bytes = [&b"\x1b-F\xc4"[..], &[letter], b"\xc4"].concat();
        assert_eq!(sets.decode(&bytes, vr), format!("Δ{}Δ", char::from(letter)), "{vr:?}");
    }
}
