// From a modality value to a grey level between 0 and 1 (PS3.3 C.11.2).
// The host folds rescale and window centre into one slope and offset, in double precision.

fn grey_level(modality: f32) -> f32 {
    let x = modality * view.gray.x + view.gray.y;
    let kind = view.stored.w;
    var y = x * view.gray.z + 0.5;
    y = select(y, select(0.0, 1.0, x > 0.0), kind == VOI_THRESHOLD);
    if TABLES {
        y = select(y, 1.0 / (1.0 + exp(clamp(-4.0 * x * view.gray.z, -80.0, 80.0))), kind == VOI_SIGMOID);
        if kind == VOI_TABLE {
            y = table_value(view.voi_table, x) * view.table_scale.y;
        }
    }
    return clamp(y, 0.0, 1.0);
}
