//! An image under a presentation state, for `viewer render --state`.

use std::path::{Path, PathBuf};

use dicom_dictionary_std::tags;

use super::exit::{Exit, Failure, explain};
use super::files::open_object;
use super::output::complain;
use super::values::RenderSize;
use crate::dicom::{DicomFile, Error, Frame, Image, ImageInfo};
use crate::display::{Appearance, Look, RgbImage, Voi, choose_level};
use crate::geometry::{Affine, ImageShape, pixel_aspect};
use crate::presentation::gsps::{
    NotSubtracted, OverlayPlane, Placed, PresentationState, Presented, of_differences, paint,
};
use crate::presentation::raster::draw;

/// Pictures of one pixel for one of the image are no larger than this a side.
const MAX_SIDE: f64 = 32768.0;

/// Why there is no difference to show.
enum Unmade {
    Frame(Error),
    Difference(NotSubtracted),
}

impl From<Error> for Unmade {
    fn from(error: Error) -> Self {
        Self::Frame(error)
    }
}

impl From<NotSubtracted> for Unmade {
    fn from(why: NotSubtracted) -> Self {
        Self::Difference(why)
    }
}

/// A state and what of the image it needs.
pub struct Stated {
    state: PresentationState,
    path: PathBuf,
    instance_uid: String,
    frame: u32,
    info: ImageInfo,
    shape: ImageShape,
    /// Bitmaps of the image.
    planes: Vec<OverlayPlane>,
}

impl Stated {
    pub fn open(path: &Path, file: &DicomFile, image: &Image, frame: u32) -> Result<Self, Failure> {
        let unread = |what: String| Failure::new(Exit::Nothing, format!("{what}: {}", path.display()));
        let object = open_object(path).map_err(|error| unread(explain(&error)))?;
        let state = PresentationState::read_file(&object).map_err(|why| unread(why.to_string()))?;
        let info = image.info().clone();
        let (planes, doubts) = OverlayPlane::on_frame(file, image, frame);
        for warning in state.warnings.iter().chain(&doubts) {
            complain(&format!("{warning}: {}", path.display()));
        }
        let pixel_aspect = pixel_aspect(&file.data, frame);
        let stated = Self {
            path: path.to_owned(),
            instance_uid: file.data.uid(tags::SOP_INSTANCE_UID).unwrap_or_default(),
            frame,
            shape: ImageShape { pixel_aspect, ..ImageShape::square(info.columns, info.rows) },
            state,
            info,
            planes,
        };
        for warning in stated.presented()?.warnings(&Appearance::read(&file.data, &stated.info, frame)) {
            complain(&format!("{warning}: {}", path.display()));
        }
        Ok(stated)
    }

    fn presented(&self) -> Result<Presented<'_>, Failure> {
        self.state.for_image(&self.instance_uid, self.frame).ok_or_else(|| {
            let path = self.path.display();
            Failure::new(
                Exit::Nothing,
                format!("the presentation state is about other images or frames: {path}"),
            )
        })
    }

    pub fn appearance(&self, own: &Appearance) -> Result<Appearance, Failure> {
        Ok(self.presented()?.appearance(own, &self.info))
    }

    pub fn look(&self, appearance: &Appearance, voi: Voi, invert: bool) -> Result<Look, Failure> {
        Ok(self.presented()?.look(appearance, &self.info, voi, invert))
    }

    pub fn has_mask(&self) -> bool {
        self.presented().is_ok_and(|presented| presented.mask.is_some())
    }

    /// The frame less its mask, and how the differences are to be seen.
    pub fn subtracted(&self, image: &Image, appearance: &Appearance) -> Result<(Frame, Appearance), Failure> {
        let failed = |why: &str| Failure::new(Exit::Nothing, format!("{why}: {}", self.path.display()));
        let mask = self.presented()?.mask.ok_or_else(|| failed("there is no mask"))?;
        let decode = |frame| Ok(image.decode(frame)?);
        let frame =
            mask.subtracted(self.frame, image.frame_count(), appearance, decode).map_err(|why: Unmade| {
                match why {
                    Unmade::Frame(error) => failed(&explain(&error)),
                    Unmade::Difference(why) => failed(&why.to_string()),
                }
            })?;
        Ok((frame, of_differences(appearance)))
    }

    /// The size of the picture, the way from its pixels to those of the image, and how far that may be reduced.
    pub fn place(&self, size: RenderSize) -> Result<([u32; 2], Affine, u32), Failure> {
        let presented = self.presented()?;
        let rect = presented.rect(self.info.columns, self.info.rows);
        let turn = self.state.turn;
        match size {
            RenderSize::Native => {
                let [width, height] = turn.size(rect.size);
                if width > MAX_SIDE || height > MAX_SIDE {
                    return Err(Failure::usage(format!(
                        "the displayed area is too large to be drawn pixel by pixel; use --size: {}",
                        self.path.display()
                    )));
                }
                let back = turn.map(rect.size).invert().unwrap_or(Affine::IDENTITY);
                let map = back.then(&Affine::translation(rect.min[0], rect.min[1]));
                Ok(([width as u32, height as u32], map, 0))
            }
            RenderSize::Fit(width, height) => {
                let area = [f64::from(width), f64::from(height)];
                let shape = presented.area.map_or(self.shape, |area| area.shape(self.shape));
                let view = presented.view(self.shape, area, None);
                let level = choose_level(view.scale(shape, area).recip());
                Ok(([width, height], view.map(shape, area), level))
            }
        }
    }

    /// What comes on top of the pixels. Says whether there are colours now.
    pub fn paint(&self, picture: &mut RgbImage, map: &Affine, is_gray: bool, graphics: bool) -> bool {
        let Ok(presented) = self.presented() else { return !is_gray };
        let placed = Placed { map, image: self.shape, frame: self.frame, graphics };
        let colored = paint(picture, &presented, &self.planes, &placed, is_gray);
        if !graphics {
            return colored;
        }
        let drawing = presented.drawing(&presented.coordinates(self.shape, [0.0; 2]));
        draw(&drawing, picture, map, density(picture));
        let (pixels, _) = picture.pixels.as_chunks::<3>();
        colored || !drawing.is_empty() && pixels.iter().any(|[r, g, b]| r != g || g != b)
    }
}

/// Pixels of a picture for one of a screen: lines and letters look as they do where all of the picture is seen.
pub(super) fn density(picture: &RgbImage) -> f64 {
    const SCREEN: f64 = 1000.0;
    (f64::from(picture.width.min(picture.height)) / SCREEN).max(1.0)
}
