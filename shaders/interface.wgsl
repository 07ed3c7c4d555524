// The interface: triangles with colours and pictures, painted over whatever is there. Colours are code values and
// multiplied as such, which is how letters look right; the target stores light.

struct Screen {
    // From points of the window to clip space.
    scale: vec2<f32>,
    unused: vec2<f32>,
}

@group(0) @binding(0) var<uniform> screen: Screen;
@group(1) @binding(0) var picture: texture_2d<f32>;
@group(1) @binding(1) var smooth_or_not: sampler;

struct Corner {
    @builtin(position) position: vec4<f32>,
    @location(0) color: vec4<f32>,
    @location(1) place: vec2<f32>,
}

@vertex
fn vertex(
    @location(0) point: vec2<f32>,
    @location(1) place: vec2<f32>,
    @location(2) color: vec4<f32>,
) -> Corner {
    let position = point * screen.scale + vec2<f32>(-1.0, 1.0);
    return Corner(vec4<f32>(position, 0.0, 1.0), color, place);
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
    let color = textureSample(picture, smooth_or_not, in.place) * in.color;
    return vec4<f32>(light(color.rgb), color.a);
}
