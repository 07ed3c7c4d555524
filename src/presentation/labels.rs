//! Where words beside marks go, on a picture as in a window: at the side where they fit, and below others that are there.

/// Words that make room for each other, and how often each is moved at most.
const POLITE: usize = 200;
const MOVES: usize = 8;

/// A rectangle of what is drawn on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Block {
    pub min: [f64; 2],
    pub max: [f64; 2],
}

/// Where words are already.
#[derive(Debug, Default)]
pub struct Taken(Vec<Block>);

impl Taken {
    /// How many words have their place, of those that make room for each other.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Words that would lie on others, by more than the least, go below them.
    pub fn room(&mut self, mut block: Block, least: f64) -> Block {
        if self.0.len() >= POLITE {
            return block;
        }
        for _ in 0..MOVES {
            let Some(other) = self.0.iter().find(|other| other.lies_on(block, least)) else { break };
            let down = other.max[1] - block.min[1];
            block.min[1] += down;
            block.max[1] += down;
        }
        self.0.push(block);
        block
    }
}

impl Block {
    fn lies_on(self, other: Self, least: f64) -> bool {
        [0, 1]
            .iter()
            .all(|&axis| self.min[axis] + least < other.max[axis] && other.min[axis] + least < self.max[axis])
    }
}

/// Whether words of a width, `by` away from their mark, belong to the left of it within a row from left to right: what
/// does not fit at the right is at the left if that has room.
pub fn is_left(mark: f64, by: f64, width: f64, [left, right]: [f64; 2]) -> bool {
    mark + by + width > right && mark <= right && mark - by - width >= left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_do_not_fit_at_the_right_of_their_mark_are_at_its_left() {
        let room = [100.0, 300.0];
        assert!(!is_left(150.0, 8.0, 60.0, room));
        assert!(is_left(280.0, 8.0, 60.0, room));
        // Wider than either side: at the right, as everywhere.
        assert!(!is_left(280.0, 8.0, 190.0, room));
        assert!(!is_left(400.0, 8.0, 60.0, room));
    }
}
