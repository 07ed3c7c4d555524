use super::super::{Opening, OverlayBits};
use super::*;

const IMAGE: ImageShape = ImageShape::square(8, 4);

fn plane(group: u16, columns: u32, rows: u32, origin: [i64; 2], bits: &[u8]) -> OverlayPlane {
    OverlayPlane {
        group,
        columns,
        rows,
        origin,
        region: false,
        label: String::new(),
        description: String::new(),
        frames: 1,
        first_frame: None,
        bits: OverlayBits::Packed(bits.into()),
    }
}

/// What lies over the image: a letter a pixel.
fn picture(cover: &Cover) -> Vec<String> {
    let mut below = crate::display::RgbImage { width: 8, height: 4, pixels: vec![100; 8 * 4 * 3] };
    cover.put_on(&mut below, &Affine::IDENTITY);
    let letter = |pixel: &[u8]| match pixel {
        [100, ..] => '.',
        [255, ..] => '#',
        [0, ..] => 'o',
        _ => '?',
    };
    below.pixels.chunks(8 * 3).map(|row| row.chunks(3).map(letter).collect()).collect()
}

#[test]
fn a_small_bitmap_is_a_small_picture() {
    // two rows of three, 1 0 1 and 0 1 0, from the fifth column and second row on
    let planes = [plane(0x6000, 3, 2, [4, 1], &[0b01_0101])];
    let cover = image_cover(&planes, None, IMAGE, 5).expect("a cover");
    assert_eq!((cover.width, cover.height), (3, 2));
    assert_eq!(picture(&cover), ["........", "....#.#.", ".....#..", "........"]);
}

#[test]
fn what_is_outside_or_off_is_no_picture() {
    let outside = [plane(0x6000, 3, 2, [-3, 0], &[0xFF]), plane(0x6002, 3, 2, [0, 4], &[0xFF])];
    assert_eq!(image_cover(&outside, None, IMAGE, 0), None);
    assert_eq!(image_cover(&[plane(0x6000, 8, 4, [0, 0], &[0; 4])], None, IMAGE, 0), None);
    let half = [plane(0x6000, 2, 1, [-1, 0], &[0xFF])];
    let cover = image_cover(&half, None, IMAGE, 0).expect("a cover");
    assert_eq!((cover.width, cover.height), (1, 1));
}

#[test]
fn shutters_close_over_bitmaps() {
    let openings = vec![Opening::Rectangle { left: 2, right: 6, upper: 2, lower: 3 }];
    let shutter = Shutter { openings, overlay_group: Some(0x6002), ..Shutter::default() };
    // all of the image, and its third column
    let planes = [plane(0x6002, 1, 4, [2, 0], &[0x0F]), plane(0x6000, 8, 4, [0, 0], &[0xFF; 4])];
    let cover = image_cover(&planes, Some(&shutter), IMAGE, 0).expect("a cover");
    assert_eq!(picture(&cover), ["oooooooo", "o#o###oo", "o#o###oo", "oooooooo"]);
}

#[test]
fn a_cover_that_is_too_large_is_thinned_out() {
    let openings = vec![Opening::Rectangle { left: 101, right: 300, upper: 101, lower: 200 }];
    let shutter = Shutter { openings, ..Shutter::default() };
    let pile = Pile { planes: Vec::new(), openings: Some(&shutter) };
    let image = ImageShape::square(1000, 500);
    let cover = pile.cover(image, 0, 130).expect("a cover");
    assert!(cover.width <= 130 && cover.height <= 130);
    let back = cover.to_image.invert().expect("a way back");
    let is_covered = |x: f64, y: f64| {
        let [x, y] = back.apply([x, y]);
        cover.pixels[y as usize * cover.width as usize + x as usize][3] == 255
    };
    assert!(!is_covered(110.0, 110.0) && !is_covered(290.0, 190.0));
    assert!(is_covered(90.0, 150.0) && is_covered(310.0, 150.0) && is_covered(200.0, 210.0));
    assert!(is_covered(999.5, 499.5));
}
