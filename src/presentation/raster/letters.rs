//! The application's font as paths, a letter at a time.

use std::collections::HashMap;

use tiny_skia::{Path, PathBuilder};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

const FONT: &[u8] = include_bytes!("../../../assets/fonts/Inter-Regular-tabular.otf");

/// One letter in units of the font, y upwards.
#[derive(Debug, Clone, Default)]
pub(super) struct Letter {
    pub path: Option<Path>,
    pub advance: f64,
}

/// The font, and the letters met so far.
pub(super) struct Letters {
    face: Face<'static>,
    known: HashMap<char, Letter>,
}

struct Pen(PathBuilder);

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}

impl Letters {
    pub fn new() -> Option<Self> {
        Some(Self { face: Face::parse(FONT, 0).ok()?, known: HashMap::new() })
    }

    /// Ascent and descent as shares of the height of a line, both positive, and that height in units of the font.
    pub fn line(&self) -> (f64, f64, f64) {
        let (up, down) = (f64::from(self.face.ascender()), -f64::from(self.face.descender()));
        let height = (up + down + f64::from(self.face.line_gap())).max(1.0);
        (up / height, down / height, height)
    }

    pub fn letter(&mut self, letter: char) -> &Letter {
        let face = &self.face;
        self.known.entry(letter).or_insert_with(|| {
            let id = face.glyph_index(letter).unwrap_or(GlyphId(0));
            let mut pen = Pen(PathBuilder::new());
            let path = face.outline_glyph(id, &mut pen).and_then(|_| pen.0.finish());
            Letter { path, advance: face.glyph_hor_advance(id).map_or(0.0, f64::from) }
        })
    }

    /// How wide words are, in units of the font.
    pub fn width(&mut self, words: &str) -> f64 {
        words.chars().map(|letter| self.letter(letter).advance).sum()
    }
}
