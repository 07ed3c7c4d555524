//! Stacks that scroll together: which frame of one belongs to a frame of another.

use super::planes::is_parallel;

/// A stack as another one sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    pub frames: u32,
    /// The frame of reference with the normal, and where each frame lies along it in millimetres, in the order
    /// of the stack.
    pub place: Option<(String, [f64; 3], Vec<f64>)>,
}

/// The position in a stack that belongs to a position in the one that leads: the nearest by millimetres where
/// both lie in one frame of reference and look the same way, else the same share of the stack.
pub fn follow(leader: &Track, position: u32, follower: &Track) -> u32 {
    let last = follower.frames.saturating_sub(1);
    by_place(leader, position, follower).unwrap_or_else(|| {
        let end = leader.frames.saturating_sub(1).max(1);
        let share = f64::from(position.min(end)) / f64::from(end);
        (share * f64::from(last)).round() as u32
    })
}

fn by_place(leader: &Track, position: u32, follower: &Track) -> Option<u32> {
    let ((frame, normal, depths), (other, other_normal, others)) =
        (leader.place.as_ref()?, follower.place.as_ref()?);
    if frame != other || !is_parallel(*normal, *other_normal) {
        return None;
    }
    let depth = depths.get(position as usize)?;
    let apart = |at: &f64| (at - depth).abs();
    let nearest = others.iter().enumerate().min_by(|(_, a), (_, b)| apart(a).total_cmp(&apart(b)))?;
    u32::try_from(nearest.0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(frames: u32) -> Track {
        Track { frames, place: None }
    }

    fn placed(frame: &str, depths: &[f64]) -> Track {
        let place = Some((frame.to_owned(), [0.0, 0.0, 1.0], depths.to_vec()));
        Track { frames: depths.len() as u32, place }
    }

    #[test]
    fn stacks_of_other_lengths_meet_at_their_ends_and_in_the_middle() {
        let (long, short) = (plain(61), plain(31));
        for (position, expected) in [(0, 0), (30, 15), (60, 30), (1, 1), (99, 30)] {
            assert_eq!(follow(&long, position, &short), expected);
        }
        assert_eq!(follow(&short, 15, &long), 30);
        assert_eq!(follow(&plain(1), 0, &long), 0);
        assert_eq!(follow(&long, 60, &plain(1)), 0);
    }

    #[test]
    fn within_one_frame_of_reference_millimetres_count() {
        let whole = placed("1.2", &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        let part = placed("1.2", &[2.0, 2.5, 3.0]);
        assert_eq!(follow(&whole, 0, &part), 0);
        assert_eq!(follow(&whole, 3, &part), 2);
        assert_eq!(follow(&whole, 5, &part), 2);
        assert_eq!(follow(&part, 1, &whole), 2);
        // Elsewhere, or looking another way: by their share.
        assert_eq!(follow(&whole, 5, &placed("1.3", &[5.0, 4.0])), 1);
        let mut turned = part;
        if let Some((_, normal, _)) = &mut turned.place {
            *normal = [0.0, 1.0, 0.0];
        }
        assert_eq!(follow(&whole, 5, &turned), 2);
    }
}
