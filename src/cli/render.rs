//! `viewer render`: one frame, off screen, into a PNG.
//!
//! The two engines run the same pipeline: `gpu` with the shader the window uses, `cpu` with the reference in
//! `display`. What they make agrees within one grey level, and comparing them is what the option is for.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::exit::{Exit, Failure, explain};
use super::output::complain;
use super::over::Over;
use super::slab::{self, Slices};
use super::stated::Stated;
use super::values::{self, RenderSize, SlabValue, WindowValue};
use super::{files, screen};
use crate::dicom::{DicomFile, Error, Frame, Image, ImageInfo, Reduced};
use crate::display::{
    self, Appearance, Interpolation, Look, NotCombined, RgbImage, TexelImage, TexelKind, Voi, VoiChoice,
    choose_level, combine, render_rows,
};
use crate::geometry::{Affine, ImageShape, ViewTransform, pixel_aspect};
use crate::picture;

const EXAMPLES: &str = "\
EXAMPLES
  viewer render image.dcm -o image.png               As the window would show it, pixel for pixel
  viewer render ct.dcm -o lung.png --window=-600,1500
  viewer render mammo.dcm -o second.png --voi 2      The object's second window or LUT
  viewer render cine.dcm -o f12.png --frame 12       The thirteenth frame: frames count from zero
  viewer render tomo.dcm -o slab.png --frame 20 --slab max,10
  viewer render image.dcm -o small.png --size 800x600 --engine cpu
  viewer render image.dcm -o seen.png --state pr.dcm  As a presentation state wants it seen
  viewer render ct.dcm -o liver.png --over seg.dcm   With a segmentation, a map or the marks of a report over it
  viewer render us.dcm -o burnt.png --overlays       With the overlay planes and the shutter of the image itself
  viewer render mammo.dcm -o thumbnail.png --size 256x256 --quick";

/// Write one frame as a PNG, without a window and without text
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct RenderArgs {
    /// DICOM file
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Where the PNG goes
    #[arg(short, long, value_name = "OUT.png")]
    output: PathBuf,

    /// Which frame, counted from zero
    #[arg(long, value_name = "N", default_value_t = 0)]
    frame: u32,

    /// Centre and width of the window, in modality values; colour images have no window
    #[arg(long, value_name = "C,W", value_parser = values::window, allow_hyphen_values = true,
          group = "voi_choice")]
    window: Option<WindowValue>,

    /// One of the object's own windows and LUTs, counted from one
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), group = "voi_choice")]
    voi: Option<u32>,

    /// From the smallest value of the frame to the largest
    #[arg(long, group = "voi_choice")]
    full_range: bool,

    /// Swap black and white
    #[arg(long)]
    invert: bool,

    /// Fit the image into this size, or one output pixel per image pixel
    #[arg(long, value_name = "WxH|native", value_parser = values::render_size, default_value = "native")]
    size: RenderSize,

    /// Combine the slices around the frame: max, mean or min over so many millimetres
    #[arg(long, value_name = "MODE,MM", value_parser = values::slab, conflicts_with = "quick")]
    slab: Option<SlabValue>,

    /// Decode no finer than the picture needs, where the compression has a way to: for thumbnails. Smaller
    /// pictures of JPEG 2000 come many times sooner, and a little sharper or softer than the average of all pixels
    #[arg(long)]
    quick: bool,

    /// As a softcopy presentation state wants the image seen: its window, area, masks, shutters, bitmaps, graphics
    /// and text; drawn by the engine cpu
    #[arg(long, value_name = "PR.dcm", conflicts_with_all = ["quick", "slab"])]
    state: Option<PathBuf>,

    /// Without the bitmaps, graphics and text over the image that the state shows; shutters stay
    #[arg(long, requires = "state")]
    no_graphics: bool,

    /// With what a segmentation, a parametric map, CAD or another report says over it; may be given several times;
    /// drawn by the engine cpu
    #[arg(long, value_name = "OBJECT.dcm", conflicts_with = "quick")]
    over: Vec<PathBuf>,

    /// With the overlay planes and the shutter the image itself brings along; drawn by the engine cpu. With --state
    /// the state says which of them are shown
    #[arg(long, conflicts_with_all = ["quick", "state"])]
    overlays: bool,

    /// What computes the picture [default: gpu, or cpu with --state, --over and --overlays]
    #[arg(long, value_enum)]
    engine: Option<Engine>,
}

/// What computes the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Engine {
    /// The shader that draws the window
    Gpu,
    /// The plain reference it is compared with; needs no graphics driver
    Cpu,
}

impl RenderArgs {
    pub fn run(self) -> Result<ExitCode, Failure> {
        files::check_target(&self.output)?;
        let has_more = self.state.is_some() || !self.over.is_empty() || self.overlays;
        let engine = match (self.engine, has_more) {
            (Some(Engine::Gpu), true) => {
                return Err(Failure::usage(
                    "presentation states and what lies over an image are drawn by the engine cpu only"
                        .to_owned(),
                ));
            }
            (None, true) => Engine::Cpu,
            (wish, _) => wish.unwrap_or(Engine::Gpu),
        };
        let mut scene = self.read()?;
        let mut is_gray = scene.image.kind != TexelKind::Rgb;
        let (stated, over) = (scene.stated.take(), std::mem::take(&mut scene.over));
        let map = scene.map;
        let mut drawn = match engine {
            Engine::Gpu => {
                let Scene { image, look, map, size, slices, .. } = &scene;
                match slices {
                    Some(slices) => screen::draw_slab(slices.mode, &slices.slices(), look, map, *size)?,
                    None => screen::draw(image, look, map, *size)?,
                }
            }
            Engine::Cpu => draw_on_cpu(&scene.combined().map_err(|why| self.wrong(why.reason()))?),
        };
        if let Some(stated) = &stated {
            is_gray = !stated.paint(&mut drawn, &map, is_gray, !self.no_graphics);
        }
        is_gray &= !over.paint(&mut drawn, &map);
        self.write(&drawn, is_gray)?;
        Ok(Exit::Done.into())
    }

    /// Gray pictures keep one byte of the three, which never differ.
    fn write(&self, drawn: &RgbImage, is_gray: bool) -> Result<(), Failure> {
        let RgbImage { width, height, pixels } = drawn;
        let written = if is_gray {
            let gray: Vec<u8> = pixels.chunks_exact(3).filter_map(<[u8]>::first).copied().collect();
            picture::write_gray_png(&self.output, *width, *height, &gray)
        } else {
            picture::write_png(&self.output, *width, *height, pixels)
        };
        written.map_err(|error| Failure::io("cannot write the picture", &error, &self.output))
    }

    /// Everything an engine needs, from the file and the wishes of the user.
    fn read(&self) -> Result<Scene, Failure> {
        let file = files::open_object(&self.file).map_err(|error| self.failure(&error))?;
        let image = file.image().map_err(|error| self.failure(&error))?;
        let scene = self.prepare(&file, &image);
        for warning in image.warnings() {
            complain(&format!("{warning}: {}", self.file.display()));
        }
        scene
    }

    fn prepare(&self, file: &DicomFile, image: &Image) -> Result<Scene, Failure> {
        let failed = |error: &Error| self.failure(error);
        let frames = image.frame_count();
        if self.frame >= frames {
            let last = frames.saturating_sub(1);
            return Err(
                self.wrong(&format!("there is no frame {}; frames count from 0 to {last}", self.frame))
            );
        }
        let mut appearance = Appearance::read(&file.data, image.info(), self.frame);
        let stated = match &self.state {
            Some(path) => Some(Stated::open(path, file, image, self.frame)?),
            None => None,
        };
        let mut over = Over::open(&self.over, file, image, self.frame)?;
        if self.overlays {
            over = over.and_own(&self.file, file, image, self.frame);
        }
        if let Some(stated) = &stated {
            appearance = stated.appearance(&appearance)?;
        }
        if let Some(scene) = self.read_quickly(file, image, &appearance)? {
            return Ok(scene);
        }
        let masked = stated.as_ref().filter(|stated| stated.has_mask());
        let (frame, appearance) = match masked {
            Some(stated) => stated.subtracted(image, &appearance)?,
            None => (image.decode(self.frame).map_err(|error| failed(&error))?, appearance),
        };
        let voi = self.choose_voi(&appearance, &frame)?;
        let (look, (size, map, level)) = match &stated {
            Some(stated) => (stated.look(&appearance, voi, self.invert)?, stated.place(self.size)?),
            None => (appearance.look(voi, self.invert), self.place(file, frame.columns, frame.rows)),
        };
        let slices = match &self.slab {
            Some(wanted) => {
                let range = slab::slices(file, self.frame, frames, wanted.thickness_mm)
                    .map_err(|why| self.wrong(why.reason()))?;
                let read = Slices::read(wanted.mode, file, image, range, level);
                Some(read.map_err(|error| failed(&error))?)
            }
            None => None,
        };
        let image = if level == 0 {
            TexelImage::from_frame(frame, &appearance)
        } else {
            TexelImage::build(&frame, &appearance, level)
        };
        Ok(Scene { image, look, map, size, slices, stated, over })
    }

    /// The same from a smaller resolution of the frame, where that was asked for and there is one. The window
    /// must not depend on the values of the frame, which are not all there.
    fn read_quickly(
        &self,
        file: &DicomFile,
        image: &Image,
        appearance: &Appearance,
    ) -> Result<Option<Scene>, Failure> {
        let windowed = !self.full_range && (self.window.is_some() || !appearance.choices.is_empty());
        if !self.quick || !windowed || appearance.palette.is_some() {
            return Ok(None);
        }
        let &ImageInfo { columns, rows, .. } = image.info();
        let (_, _, level) = self.place(file, columns, rows);
        let reduced = image.decode_reduced(self.frame, u8::try_from(level).unwrap_or(u8::MAX));
        let Some(reduced) = reduced.map_err(|error| self.failure(&error))? else { return Ok(None) };
        let Reduced { columns, rows, .. } = reduced;
        let look = appearance.look(self.choose_voi(appearance, &reduced.frame)?, self.invert);
        let (size, map, level) = self.place(file, columns, rows);
        let image = TexelImage::from_reduced(reduced, appearance, level);
        Ok(Some(Scene { image, look, map, size, slices: None, stated: None, over: Over::default() }))
    }

    /// Where the image goes in the picture: its size, the way from its pixels to those of the image, and
    /// how far the image may be reduced on the way.
    fn place(&self, file: &DicomFile, columns: u32, rows: u32) -> ([u32; 2], Affine, u32) {
        match self.size {
            RenderSize::Native => ([columns, rows], Affine::IDENTITY, 0),
            RenderSize::Fit(width, height) => {
                let pixel_aspect = pixel_aspect(&file.data, self.frame);
                let shape = ImageShape { pixel_aspect, ..ImageShape::square(columns, rows) };
                let area = [f64::from(width), f64::from(height)];
                let view = ViewTransform::default();
                let level = choose_level(view.scale(shape, area).recip());
                ([width, height], view.map(shape, area), level)
            }
        }
    }

    fn choose_voi(&self, appearance: &Appearance, frame: &Frame) -> Result<Voi, Failure> {
        let full_range = || {
            let stats = display::stats(frame, appearance);
            let (min, max) = stats.map_or((0.0, 1.0), |stats| (stats.min, stats.max));
            VoiChoice::auto(min, max).voi
        };
        if let Some(WindowValue { center, width }) = self.window {
            return Ok(Voi::window("", center, width)
                // Below one the default function is not defined; the exact line is.
                .unwrap_or(Voi::LinearExact { center, width }));
        }
        if self.full_range {
            return Ok(full_range());
        }
        let own = &appearance.choices;
        let is_gray = frame.channels == 1 && appearance.palette.is_none();
        match self.voi {
            Some(number) if is_gray => {
                let chosen = usize::try_from(number - 1).ok().and_then(|at| own.get(at));
                chosen.map(|choice| choice.voi.clone()).ok_or_else(|| self.wrong(&wrong_number(own)))
            }
            _ => Ok(own.first().map_or_else(full_range, |choice| choice.voi.clone())),
        }
    }

    /// A wish this object cannot fulfil.
    fn wrong(&self, message: &str) -> Failure {
        Failure::usage(format!("{message}: {}", self.file.display()))
    }

    fn failure(&self, error: &Error) -> Failure {
        let exit = if matches!(error, Error::Io { .. }) { Exit::Io } else { Exit::Nothing };
        Failure::new(exit, format!("{}: {}", explain(error), self.file.display()))
    }
}

/// What the object has to offer instead of the number that was asked for.
fn wrong_number(own: &[VoiChoice]) -> String {
    if own.is_empty() {
        return "the object has no windows or LUTs of its own; use --window or --full-range".to_owned();
    }
    let named = own.iter().enumerate();
    let offers: Vec<_> = named.map(|(at, choice)| format!("{} ({})", at + 1, choice.explanation)).collect();
    format!("the object has these windows and LUTs: {}", offers.join(", "))
}

/// What both engines draw.
struct Scene {
    image: TexelImage,
    look: Look,
    map: Affine,
    size: [u32; 2],
    /// The frames to combine instead, where a slab was asked for.
    slices: Option<Slices>,
    stated: Option<Stated>,
    over: Over,
}

impl Scene {
    /// The slab as an image of its own.
    fn combined(self) -> Result<Self, NotCombined> {
        let Some(slices) = &self.slices else { return Ok(self) };
        let image = combine(slices.mode, &slices.slices())?;
        Ok(Self { image, look: self.look.after_modality(), slices: None, ..self })
    }
}

/// Shares the rows out among the cores.
fn draw_on_cpu(scene: &Scene) -> RgbImage {
    let Scene { image, look, map, size: [width, height], .. } = scene;
    let (width, height) = (*width, *height);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let band = height.div_ceil(u32::try_from(cores).unwrap_or(1)).max(1);
    let row_bytes = width as usize * 3;
    let mut pixels = vec![0; row_bytes * height as usize];
    std::thread::scope(|scope| {
        let bands = pixels.chunks_mut((row_bytes * band as usize).max(1));
        for (first, rows) in (0..height).step_by(band as usize).zip(bands) {
            let last = first.saturating_add(band).min(height);
            scope.spawn(move || {
                render_rows(image, look, map, width, first..last, Interpolation::default(), rows);
            });
        }
    });
    RgbImage { width, height, pixels }
}
