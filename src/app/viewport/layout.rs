//! Grids of viewports: how many rows and columns, which page of them is on screen, and where each lies.

use bevy::prelude::Resource;

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
    /// The largest that can be asked for on a wide screen; on a high one it is the other way round.
    pub const LARGEST: Self = Self { rows: 4, columns: 8 };

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

    /// Rectangle of a cell within an area, both as left, top, width, height in physical pixels.
    pub fn cell(self, cell: usize, area: [u32; 4]) -> [u32; 4] {
        let [left, top, width, height] = area;
        let column = cell as u32 % self.columns.max(1);
        let row = cell as u32 / self.columns.max(1);
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

/// How the viewports are arranged.
///
/// Slots are counted through all pages: with two rows of four, slot 8 is the first of the second page.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Asked for by the user; otherwise the number of images decides.
    pub requested: Option<Grid>,
    pub grid: Grid,
    /// Area of the viewports in the window: left, top, width, height in physical pixels.
    pub area: [u32; 4],
    /// The page on screen, from 0.
    pub page: usize,
    /// Slots that have something to show, and those before them.
    pub used: usize,
    /// The slot that has the whole area for itself for now.
    pub maximized: Option<usize>,
}

impl Default for Layout {
    fn default() -> Self {
        Self { requested: None, grid: Grid::ONE, area: [0, 0, 1, 1], page: 0, used: 0, maximized: None }
    }
}

impl Layout {
    /// Rectangle of a slot in the window, where it is on screen.
    pub fn cell(&self, slot: usize) -> Option<[u32; 4]> {
        match self.maximized {
            Some(only) => (only == slot).then_some(self.area),
            None => {
                let cell = slot.checked_sub(self.first()).filter(|cell| *cell < self.grid.cells())?;
                Some(self.grid.cell(cell, self.area))
            }
        }
    }

    /// Whether a slot is on screen.
    pub fn shows(&self, slot: usize) -> bool {
        match self.maximized {
            Some(only) => only == slot,
            None => self.slots().contains(&slot),
        }
    }

    /// The slots of the page.
    pub fn slots(&self) -> std::ops::Range<usize> {
        self.first()..self.first() + self.grid.cells()
    }

    fn first(&self) -> usize {
        self.page * self.grid.cells()
    }

    /// How many pages there are, at least one.
    pub fn pages(&self) -> usize {
        self.used.div_ceil(self.grid.cells().max(1)).max(1)
    }

    /// The page a slot is on.
    pub fn page_of(&self, slot: usize) -> usize {
        slot / self.grid.cells().max(1)
    }

    /// Whether more than one viewport could be on screen.
    pub fn has_several(&self) -> bool {
        self.grid.cells() > 1
    }
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
    fn every_grid_up_to_four_by_eight_fills_the_area_either_way() {
        let area = [3, 31, 1279, 689];
        for rows in 1..=8 {
            for columns in 1..=8 {
                let grid = Grid { rows, columns };
                let cells: Vec<_> = (0..grid.cells()).map(|n| grid.cell(n, area)).collect();
                let of_row = |n: u32| cells.iter().skip((n * columns) as usize).take(columns as usize);
                let width: u32 = of_row(0).map(|cell| cell[2]).sum();
                assert_eq!(width + GAP * (columns - 1), 1279, "{rows}x{columns}");
                let height: u32 = (0..rows).filter_map(|n| of_row(n).next()).map(|cell| cell[3]).sum();
                assert_eq!(height + GAP * (rows - 1), 689, "{rows}x{columns}");
                let (least, most) = (cells.iter().map(|c| c[2]).min(), cells.iter().map(|c| c[2]).max());
                assert!(most.zip(least).is_some_and(|(most, least)| most - least <= 1));
            }
        }
    }

    #[test]
    fn counts_choose_the_familiar_grids() {
        let shape = |n| {
            let grid = Grid::for_count(n);
            (grid.rows, grid.columns)
        };
        let familiar = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 500].map(shape);
        let expected =
            [(1, 1), (1, 1), (1, 2), (1, 3), (2, 2), (2, 3), (2, 3), (2, 4), (2, 4), (2, 4), (2, 4)];
        assert_eq!(familiar, expected);
    }

    #[test]
    fn an_area_smaller_than_its_gaps_gives_empty_cells() {
        let grid = Grid { rows: 4, columns: 8 };
        assert_eq!(grid.cell(31, [0, 0, 3, 3])[2..], [0, 0]);
    }

    #[test]
    fn a_page_shows_its_slots_and_a_maximized_one_only_itself() {
        let layout = Layout {
            grid: Grid { rows: 1, columns: 3 },
            area: [0, 0, 300, 100],
            page: 1,
            used: 8,
            ..Layout::default()
        };
        assert_eq!(layout.pages(), 3);
        assert_eq!((0..9).filter(|slot| layout.shows(*slot)).collect::<Vec<_>>(), [3, 4, 5]);
        assert_eq!(layout.cell(3).map(|cell| cell[0]), Some(0));
        assert_eq!((layout.cell(2), layout.cell(6)), (None, None));
        let alone = Layout { maximized: Some(4), ..layout };
        assert_eq!((alone.cell(4), alone.cell(3)), (Some([0, 0, 300, 100]), None));
        assert!(alone.shows(4) && !alone.shows(5));
    }
}
