//! The program's icon, in the form each desktop wants. Windows and macOS wrap the same pictures each in their own way.

/// For desktops that draw icons themselves.
pub const SVG: &str = include_str!("../../../assets/icon/lightbox.svg");

const PICTURES: [(u8, &[u8]); 3] = [
    (16, include_bytes!("../../../assets/icon/lightbox-16.png")),
    (32, include_bytes!("../../../assets/icon/lightbox-32.png")),
    (48, include_bytes!("../../../assets/icon/lightbox-48.png")),
];
const LARGE: &[u8] = include_bytes!("../../../assets/icon/lightbox-256.png");

/// An icon of Windows: a table of pictures, then the pictures. A side of 256 is written as 0.
pub fn ico() -> Vec<u8> {
    let pictures: Vec<(u8, &[u8])> = PICTURES.into_iter().chain([(0, LARGE)]).collect();
    let count = pictures.len() as u16;
    let mut bytes = [0_u16, 1, count].iter().flat_map(|field| field.to_le_bytes()).collect::<Vec<u8>>();
    let mut offset = 6 + 16 * u32::from(count);
    for (side, picture) in &pictures {
        let length = picture.len() as u32;
        // Width, height, colours of a palette; then planes and bits of a pixel.
        bytes.extend([*side, *side, 0, 0, 1, 0, 32, 0]);
        bytes.extend(length.to_le_bytes());
        bytes.extend(offset.to_le_bytes());
        offset += length;
    }
    pictures.iter().for_each(|(_, picture)| bytes.extend_from_slice(picture));
    bytes
}

/// An icon of macOS: pictures with a name of four letters and a length, which counts the eight bytes of both.
pub fn icns() -> Vec<u8> {
    let [(_, small), (_, medium), _] = PICTURES;
    let mut body = Vec::new();
    for (name, picture) in [(b"icp4", small), (b"icp5", medium), (b"ic08", LARGE)] {
        body.extend_from_slice(name);
        body.extend((picture.len() as u32 + 8).to_be_bytes());
        body.extend_from_slice(picture);
    }
    let mut bytes = b"icns".to_vec();
    bytes.extend((body.len() as u32 + 8).to_be_bytes());
    bytes.append(&mut body);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(bytes: &[u8]) -> usize {
        bytes.iter().rev().fold(0, |number, byte| (number << 8) | usize::from(*byte))
    }

    #[test]
    fn every_picture_of_the_windows_icon_is_where_the_table_says() {
        let icon = ico();
        assert_eq!(icon[..6], [0, 0, 1, 0, 4, 0]);
        let mut end = 6 + 4 * 16;
        for row in icon[6..6 + 4 * 16].chunks(16) {
            let (length, offset) = (number(&row[8..12]), number(&row[12..16]));
            assert_eq!(offset, end);
            let picture = &icon[offset..offset + length];
            assert_eq!(&picture[..8], b"\x89PNG\r\n\x1a\n");
            // The last byte of the width in the picture's own header: 256 is 0 here, too.
            assert_eq!((picture[19], picture[23]), (row[0], row[1]));
            end = offset + length;
        }
        assert_eq!(end, icon.len());
    }

    #[test]
    fn every_picture_of_the_macos_icon_follows_the_one_before() {
        let icon = icns();
        let length = |at: usize| number(&icon[at..at + 4].iter().rev().copied().collect::<Vec<_>>());
        assert_eq!((&icon[..4], length(4)), (&b"icns"[..], icon.len()));
        let mut at = 8;
        for side in [16, 32, 256] {
            assert_eq!(&icon[at + 8..at + 12], b"\x89PNG");
            assert_eq!(length(at + 8 + 16), side);
            at += length(at + 4);
        }
        assert_eq!(at, icon.len());
    }
}
