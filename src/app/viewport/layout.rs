//! Grids of viewports: how many rows and columns, and where each lies.

/// Rows and columns of viewports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    pub rows: u32,
    pub columns: u32,
}

/// Pixels left between neighbouring viewports, in physical pixels.
const GAP: u32 = 2;

/// The most viewports a layout nobody asked for has.
const MOST_BY_ITSELF: u32 = 8;

impl Grid {
    pub const ONE: Self = Self { rows: 1, columns: 1 };

    /// The grid that suits a number of images on a wide screen.
    pub fn for_count(count: usize) -> Self {
        let (rows, columns) = match u32::try_from(count).unwrap_or(u32::MAX).min(MOST_BY_ITSELF) {
            0 | 1 => (1, 1),
            2 => (1, 2),
            3 => (1, 3),
            4 => (2, 2),
            5 | 6 => (2, 3),
            _ => (2, 4),
        };
        Self { rows, columns }
    }

    pub fn cells(self) -> usize {
        self.rows as usize * self.columns as usize
    }

    /// Rectangle of a slot within an area, both as left, top, width, height in physical pixels.
    pub fn cell(self, slot: usize, area: [u32; 4]) -> [u32; 4] {
        let [left, top, width, height] = area;
        let column = slot as u32 % self.columns.max(1);
        let row = slot as u32 / self.columns.max(1);
        let (x, w) = share(width, self.columns, column);
        let (y, h) = share(height, self.rows, row);
        [left + x, top + y, w, h]
    }
}

/// Offset and length of the n-th of `parts` equal parts with gaps between them.
fn share(length: u32, parts: u32, n: u32) -> (u32, u32) {
    let parts = parts.max(1);
    let room = length.saturating_sub(GAP * (parts - 1));
    let start = room * n / parts;
    let end = room * (n + 1) / parts;
    (start + GAP * n, end - start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_cover_the_area_without_overlap() {
        let grid = Grid { rows: 2, columns: 4 };
        let area = [10, 30, 1280, 690];
        let mut last = 10;
        for slot in 0..4 {
            let [x, y, w, h] = grid.cell(slot, area);
            assert_eq!(y, 30);
            assert!(x >= last && w > 0 && h > 0);
            last = x + w;
        }
        assert_eq!(last, 1290);
        let [_, y, _, h] = grid.cell(7, area);
        assert_eq!(y + h, 720);
    }

    #[test]
    fn counts_choose_the_familiar_grids() {
        let shape = |n| {
            let grid = Grid::for_count(n);
            (grid.rows, grid.columns)
        };
        assert_eq!(shape(0), (1, 1));
        assert_eq!(shape(2), (1, 2));
        assert_eq!(shape(3), (1, 3));
        assert_eq!(shape(4), (2, 2));
        assert_eq!(shape(8), (2, 4));
        assert_eq!(shape(500), (2, 4));
    }

    #[test]
    fn an_area_smaller_than_its_gaps_gives_empty_cells() {
        let grid = Grid { rows: 4, columns: 8 };
        assert_eq!(grid.cell(31, [0, 0, 3, 3])[2..], [0, 0]);
    }
}
