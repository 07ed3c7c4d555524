//! Painting the interface: colours, what shines through them, clipping, and textures that come, change and go.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says why it was skipped"
)]

use bevy_egui::egui::epaint::{ImageDelta, Primitive, textures::TextureOptions};
use bevy_egui::egui::{ClippedPrimitive, Color32, ColorImage, Mesh, Rect, TextureId, TexturesDelta, pos2};
use lightbox::app::gpu::offscreen::paint;
use lightbox::app::gpu::{GpuContext, InterfacePainter, InterfacePipeline, PICTURE_FORMAT};
use lightbox::display::RgbImage;

fn gpu() -> Option<GpuContext> {
    match GpuContext::create() {
        Ok(gpu) => Some(gpu),
        Err(error) if std::env::var_os("LIGHTBOX_REQUIRE_GPU").is_some() => panic!("{error}"),
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
}

/// The standard's curve, with its power.
fn light(code: u8) -> f64 {
    let code = f64::from(code) / 255.0;
    if code <= 0.04045 { code / 12.92 } else { ((code + 0.055) / 1.055).powf(2.4) }
}

fn code(light: f64) -> f64 {
    255.0 * if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}

const GROUND: u8 = 60;
const SIZE: [u32; 2] = [32, 16];

fn painted(gpu: &GpuContext, painter: &InterfacePainter) -> RgbImage {
    let ground = light(GROUND);
    let ground = wgpu::Color { r: ground, g: ground, b: ground, a: 1.0 };
    paint(gpu, PICTURE_FORMAT, SIZE, ground, |pass| painter.paint(pass)).expect("a picture")
}

fn rect(left: f32, top: f32, right: f32, bottom: f32) -> Rect {
    Rect::from_min_max(pos2(left, top), pos2(right, bottom))
}

fn job(clip_rect: Rect, mesh: Mesh) -> ClippedPrimitive {
    ClippedPrimitive { clip_rect, primitive: Primitive::Mesh(mesh) }
}

fn full(image: ColorImage) -> ImageDelta {
    ImageDelta::full(image, TextureOptions::NEAREST)
}

#[track_caller]
fn expect(picture: &RgbImage, [x, y]: [u32; 2], expected: [f64; 3]) {
    let at = ((y * picture.width + x) * 3) as usize;
    let found = &picture.pixels[at..at + 3];
    for (found, expected) in found.iter().zip(expected) {
        assert!((f64::from(*found) - expected).abs() <= 1.0, "{found} and not {expected} at {x}, {y}");
    }
}

#[test]
fn colours_are_painted_over_what_is_there_and_only_where_they_may() {
    let Some(gpu) = gpu() else { return };
    let mut painter = InterfacePainter::new(InterfacePipeline::new(&gpu.device, PICTURE_FORMAT));
    let mut delta = TexturesDelta::default();
    delta.push(TextureId::default(), full(ColorImage::filled([1, 1], Color32::WHITE)));
    painter.take_textures(&gpu.queue, &mut delta);
    let mut mesh = Mesh::default();
    mesh.add_colored_rect(rect(0.0, 0.0, 4.0, 8.0), Color32::from_rgb(10, 200, 77));
    mesh.add_colored_rect(rect(4.0, 0.0, 8.0, 8.0), Color32::from_white_alpha(128));
    let hidden = {
        let mut mesh = Mesh::default();
        mesh.add_colored_rect(rect(0.0, 0.0, 16.0, 8.0), Color32::RED);
        mesh
    };
    // Two pixels are a point. The second mesh may only be seen in its last column and the lower half.
    let jobs = [job(rect(0.0, 0.0, 16.0, 8.0), mesh), job(rect(15.0, 4.0, 99.0, 99.0), hidden)];
    painter.lay_out(&gpu.queue, &jobs, 2.0, SIZE);
    let picture = painted(&gpu, &painter);
    let ground = f64::from(GROUND);
    expect(&picture, [7, 15], [10.0, 200.0, 77.0]);
    let share = 128.0 / 255.0;
    let through = code(light(128) + light(GROUND) * (1.0 - share));
    expect(&picture, [8, 0], [through; 3]);
    expect(&picture, [16, 0], [ground; 3]);
    expect(&picture, [30, 7], [ground; 3]);
    expect(&picture, [30, 8], [255.0, 0.0, 0.0]);
    expect(&picture, [29, 8], [ground; 3]);
    // Nothing laid out is nothing painted.
    painter.lay_out(&gpu.queue, &[], 2.0, SIZE);
    expect(&painted(&gpu, &painter), [0, 0], [ground; 3]);
}

#[test]
fn textures_change_in_part_move_to_another_pipeline_and_go_after_their_last_frame() {
    let Some(gpu) = gpu() else { return };
    let mut painter = InterfacePainter::new(InterfacePipeline::new(&gpu.device, PICTURE_FORMAT));
    let id = TextureId::Managed(7);
    let mut delta = TexturesDelta::default();
    delta.push(id, full(ColorImage::filled([2, 1], Color32::from_rgb(200, 100, 50))));
    delta.push(
        id,
        ImageDelta::partial([1, 0], ColorImage::filled([1, 1], Color32::BLUE), TextureOptions::NEAREST),
    );
    // Beyond the texture: nothing to be done, and nothing breaks.
    delta.push(
        id,
        ImageDelta::partial([2, 0], ColorImage::filled([1, 1], Color32::RED), TextureOptions::NEAREST),
    );
    painter.take_textures(&gpu.queue, &mut delta);
    let mut mesh = Mesh::with_texture(id);
    let all = rect(0.0, 0.0, 32.0, 16.0);
    mesh.add_rect_with_uv(all, rect(0.0, 0.0, 1.0, 1.0), Color32::WHITE);
    let jobs = [job(all, mesh)];
    let check = |painter: &mut InterfacePainter| {
        painter.lay_out(&gpu.queue, &jobs, 1.0, SIZE);
        let picture = painted(&gpu, painter);
        expect(&picture, [15, 8], [200.0, 100.0, 50.0]);
        expect(&picture, [16, 8], [0.0, 0.0, 255.0]);
    };
    check(&mut painter);
    painter.fit(InterfacePipeline::new(&gpu.device, PICTURE_FORMAT), &gpu.queue);
    check(&mut painter);
    let mut delta = TexturesDelta::default();
    delta.free.insert(id);
    painter.take_textures(&gpu.queue, &mut delta);
    check(&mut painter);
    painter.take_textures(&gpu.queue, &mut TexturesDelta::default());
    painter.lay_out(&gpu.queue, &jobs, 1.0, SIZE);
    expect(&painted(&gpu, &painter), [16, 8], [f64::from(GROUND); 3]);
}
