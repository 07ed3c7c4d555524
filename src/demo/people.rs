//! Who was examined and what was found: the fictional facts behind the demo study.

use super::breast::{Pose, Projection};
use super::exposure::{Exposure, Side};
use super::lesions::{Cluster, Mass, Node};

/// The two rounds of screening in the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    Prior,
    Current,
}

/// The exposure of one view: a mass grows in the left breast and calcifications appear there; the
/// right breast stays as it was.
pub fn exposure(round: Round, side: Side, projection: Projection) -> Exposure {
    let oblique = projection == Projection::MediolateralOblique;
    let left = side == Side::Left;
    let view = 2 * u32::from(left) + u32::from(oblique);
    let now = round == Round::Current;
    let pose = match (round, view) {
        (Round::Prior, 0) => Pose { shift: (1.6, -2.0), stretch: (0.975, 1.012) },
        (Round::Prior, 1) => Pose { shift: (-1.5, 2.4), stretch: (1.012, 0.99) },
        (Round::Prior, 2) => Pose { shift: (-2.2, 1.8), stretch: (1.018, 0.985) },
        (Round::Prior, _) => Pose { shift: (2.0, -2.6), stretch: (0.98, 1.01) },
        (Round::Current, 0) => Pose { shift: (0.4, 1.0), stretch: (1.0, 1.0) },
        (Round::Current, _) => Pose { shift: (0.0, 0.0), stretch: (1.0, 1.0) },
    };
    Exposure {
        side,
        projection,
        anatomy: 1964 + view,
        grain: 100 + view + 10 * u32::from(now),
        density: if now { 0.50 } else { 0.54 },
        pose,
        mass: left.then_some(Mass {
            at: if oblique { (-52.0, -37.0) } else { (-50.0, -25.0) },
            radius: if now { 6.4 } else { 3.4 },
        }),
        cluster: (left && now).then_some(Cluster { at: if oblique { (-31.0, 5.0) } else { (-32.0, 15.0) } }),
        node: oblique.then_some(Node {
            at: if left { (-84.0, -92.0) } else { (-80.0, -88.0) },
            radius: if left { 4.6 } else { 5.2 },
        }),
    }
}
