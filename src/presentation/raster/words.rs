//! Words at their places: wrapped to boxes, on lines, with shadows and lines that lead to what they are about.

use tiny_skia::Transform;

use super::canvas::Canvas;
use super::letters::Letters;
use crate::geometry::Affine;
use crate::presentation::drawing::{Paint, Shade, Side, Words, WordsPlace};
use crate::presentation::labels::{Block, Taken, is_left};

/// Letters of a text that are drawn at most.
const LONGEST: usize = 20_000;
/// What a leaning letter leans by, and how much of its height a bold one is thicker by.
const LEAN: f32 = 0.2;
const BOLD: f64 = 0.045;

pub(super) fn draw(
    canvas: &mut Canvas,
    letters: &mut Letters,
    taken: &mut Taken,
    words: &Words,
    there: &Affine,
) {
    let height = words.font.height * canvas.density;
    if !(height.is_finite() && height > 0.0) {
        return;
    }
    let (up, _, units) = letters.line();
    let scale = height / units;
    let text: String = words.text.chars().take(LONGEST).collect();
    let widest = |letters: &mut Letters, lines: &[String]| {
        lines.iter().map(|line| letters.width(line) * scale).fold(0.0, f64::max)
    };
    let (lines, area, across, down) = match words.place {
        WordsPlace::Beside { at, offset, across, down } => {
            let [x, y] = there.apply(at);
            let [dx, dy] = offset.map(|v| v * canvas.density);
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            let width = widest(letters, &lines);
            // What does not fit at the right of a mark is at its left.
            let (x, across) = match across {
                Side::Start if is_left(x, dx, width, [0.0, canvas.width()]) => (x - dx, Side::End),
                across => (x + dx, across),
            };
            (lines, Block { min: [x, y + dy], max: [x, y + dy] }, across, down)
        }
        WordsPlace::Within { from, to, across, down } => {
            let (a, b) = (there.apply(from), there.apply(to));
            let area = Block { min: [a[0].min(b[0]), a[1].min(b[1])], max: [a[0].max(b[0]), a[1].max(b[1])] };
            let width = (area.max[0] - area.min[0]) / scale;
            (wrapped(letters, &text, width), area, across, down)
        }
    };
    let widths: Vec<f64> = lines.iter().map(|line| letters.width(line) * scale).collect();
    let widest = widest(letters, &lines);
    let size = [widest, height * lines.len() as f64];
    let left = |width: f64| place(area.min[0], area.max[0], width, across);
    let top = place(area.min[1], area.max[1], size[1], down);
    let mut block = Block { min: [left(widest), top], max: [left(widest) + size[0], top + size[1]] };
    if matches!(words.place, WordsPlace::Beside { .. }) {
        block = taken.room(block, canvas.density);
    }
    if let Some((to, line)) = &words.leader
        && let Some(ends) = leader(block, there.apply(*to), canvas.density)
    {
        canvas.stroke(&ends, false, Some(line), None);
    }
    let center = [0, 1].map(|axis| f64::midpoint(block.min[axis], block.max[axis]));
    if !canvas.sees(center, size[0].hypot(size[1]) + height) {
        return;
    }
    let shadows: Vec<(f64, [f64; 2], Paint)> = match words.shadow {
        Some(Shade { outlined: true, offset, paint }) => {
            // A rim of a pixel at least: nobody asks for one that is not there.
            vec![(2.0 * offset[0].abs().max(offset[1].abs()).max(1.0), [0.0; 2], paint)]
        }
        Some(Shade { offset, paint, .. }) => vec![(0.0, offset, paint)],
        None => Vec::new(),
    };
    // all shadows are below all letters
    let passes = shadows.into_iter().chain([(0.0, [0.0; 2], words.paint)]);
    for (thicker, offset, paint) in passes {
        let moved = offset.map(|v| v * canvas.density);
        let mut y = block.min[1] + up * height;
        for (line, width) in lines.iter().zip(&widths) {
            let at = [left(*width) + moved[0], y + moved[1]];
            let row = Row { at, scale, thicker: thicker * canvas.density, paint };
            row.draw(canvas, letters, line, *width, words);
            y += height;
        }
    }
}

/// One line of words.
struct Row {
    /// Where it begins, on the line letters stand on.
    at: [f64; 2],
    /// Pixels of the picture for a unit of the font.
    scale: f64,
    thicker: f64,
    paint: Paint,
}

impl Row {
    fn draw(&self, canvas: &mut Canvas, letters: &mut Letters, line: &str, width: f64, words: &Words) {
        let (scale, height) = (self.scale as f32, words.font.height * canvas.density);
        let bold = if words.font.bold { height * BOLD } else { 0.0 };
        let thicker = (self.thicker + bold) / self.scale;
        let lean = if words.font.italic { LEAN } else { 0.0 };
        let [mut x, y] = self.at;
        for letter in line.chars() {
            let letter = letters.letter(letter);
            if let Some(path) = &letter.path {
                let at = Transform::from_row(scale, 0.0, lean * scale, -scale, x as f32, y as f32);
                canvas.letter(path, self.paint, at, thicker);
            }
            x += letter.advance * self.scale;
        }
        if words.font.underlined {
            let below = y + height * 0.1;
            let mut under = crate::presentation::drawing::Line::plain(self.paint.color, 1.0);
            under.paint = self.paint;
            under.thickness = (words.font.height / 15.0).max(1.0) + self.thicker / canvas.density;
            canvas.stroke(&[[self.at[0], below], [self.at[0] + width, below]], false, Some(&under), None);
        }
    }
}

/// Where something of a size begins between two ends.
fn place(from: f64, to: f64, size: f64, side: Side) -> f64 {
    match side {
        // words beside a point begin there, or end there
        Side::Start => from,
        Side::Middle => (from + to - size) / 2.0,
        Side::End => to - size,
    }
}

/// Lines no wider than a box, as far as words are not. A box that is not wider than a letter wraps nothing.
fn wrapped(letters: &mut Letters, text: &str, width: f64) -> Vec<String> {
    let least = letters.width("M");
    let space = letters.width(" ");
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        if width <= least {
            lines.push(paragraph.to_owned());
            continue;
        }
        let (mut line, mut used) = (String::new(), 0.0);
        for word in paragraph.split(' ') {
            let needed = letters.width(word);
            if !line.is_empty() && used + space + needed > width {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            if !line.is_empty() {
                line.push(' ');
                used += space;
            }
            line.push_str(word);
            used += needed;
        }
        lines.push(line);
    }
    lines
}

/// From the edge of a block of words to a point outside of it.
fn leader(block: Block, to: [f64; 2], density: f64) -> Option<[[f64; 2]; 2]> {
    let gap = 2.0 * density;
    let from = [0, 1].map(|axis| to[axis].clamp(block.min[axis] - gap, block.max[axis] + gap));
    ((from[0] - to[0]).hypot(from[1] - to[1]) > 1.0).then_some([from, to])
}
