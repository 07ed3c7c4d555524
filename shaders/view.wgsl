// What one viewport needs to draw its image: mirrored by `src/app/gpu/uniforms.rs`, keep in step.

struct View {
    // Screen pixels, relative to the viewport, to source pixels: two rows of an affine map.
    x_row: vec4<f32>,
    y_row: vec4<f32>,
    // Origin of the viewport in the framebuffer (xy).
    origin: vec4<f32>,
    // Size of the whole image (xy) and of the resident level (zw), in pixels.
    size: vec4<f32>,
    // Footprint of a screen pixel in level texels (xy), level texels per source pixel (z),
    // one over the fixed-point unit of the texels (w).
    filtering: vec4<f32>,
    // Slope and offset from stored values to the window's coordinate (xy), window parameters (zw).
    gray: vec4<f32>,
    // Full scale of the modality table and of the VOI table (xy).
    table_scale: vec4<f32>,
    // 1 for signed texels, bits to shift for sign extension, nothing, flags.
    kinds: vec4<u32>,
    // Padding: first value and span in raw texels (xy), bias taken off stored values (z), VOI kind (w).
    stored: vec4<u32>,
    // Modality table: first mapped value, last index, position in the table texture, present. Read by
    // variants with tables only.
    modality_table: vec4<u32>,
    // VOI table: the same.
    voi_table: vec4<u32>,
    // Middle of the lens in the framebuffer (xy) and its radius (z). Read by variants with a lens only.
    lens: vec4<f32>,
    // Source pixels to texels of the cover: two rows of an affine map. Read by variants with a cover only.
    cover_x: vec4<f32>,
    cover_y: vec4<f32>,
    // Size of the cover in texels (xy), whether it is interpolated (z), where the ramp starts in the tables (w).
    cover: vec4<f32>,
}

// Variants of the pipeline: software drivers run both sides of every branch, so what is the same for a
// whole image is decided when the pipeline is made.
override CONTENT: u32 = 0u;
override SAMPLING: u32 = 0u;
override TABLES: bool = false;
override LENS: bool = false;
// Colours for grey levels; pixels of others over the image.
override RAMP: bool = false;
override COVER: bool = false;

const CONTENT_INTEGER: u32 = 0u;
const CONTENT_FLOAT: u32 = 1u;
const CONTENT_COLOR: u32 = 2u;

const NEAREST: u32 = 0u;
const BILINEAR: u32 = 1u;
const BICUBIC: u32 = 2u;
const AREA: u32 = 3u;
const WIDE_AREA: u32 = 4u;

const FLAG_INVERSE: u32 = 1u;
const FLAG_PADDING: u32 = 2u;
const FLAG_SRGB_TARGET: u32 = 4u;

const VOI_LINEAR: u32 = 0u;
const VOI_THRESHOLD: u32 = 1u;
const VOI_SIGMOID: u32 = 2u;
const VOI_TABLE: u32 = 3u;

// Width of the texture that holds all tables, row after row.
const TABLE_WIDTH: u32 = 4096u;

// Read in the vertex stage only, and handed on flat: of a storage buffer Mesa's software driver reads every word for
// every pixel by itself, which costs more than the image does. It is none of uniforms, because for those it builds a
// shader anew for the values that branches depend on, in every frame, and keeps the old ones.
@group(0) @binding(0) var<storage, read> parameters: View;
@group(0) @binding(1) var texels: texture_2d<u32>;
@group(0) @binding(2) var tables: texture_2d<u32>;
// Red, green and blue multiplied by the opacity behind them.
@group(0) @binding(3) var cover: texture_2d<f32>;

// The parameters where a fragment finds them.
var<private> view: View;
