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

// Code values to light, as polynomials like those of the images: a power costs more than all the rest.
fn light(code: vec3<f32>) -> vec3<f32> {
    let low = code / 12.92;
    let high =
        (((-0.11539254 * code + 0.52385308) * code + 0.56195756) * code + 0.028080889) * code + 0.0010636108;
    return select(high, low, code <= vec3<f32>(0.04045));
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
    let color = textureSample(picture, smooth_or_not, in.place) * in.color;
    return vec4<f32>(light(color.rgb), color.a);
}
