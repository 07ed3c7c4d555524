//! How much memory pictures may take, chosen from the machine where nobody said.

/// Bytes of decoded frames where the machine does not say what it has.
const USUAL_CPU: u64 = 256 << 20;
const USUAL_GPU: u64 = 512 << 20;

/// Bounds of what is chosen: enough for a screen full of mammograms, and no more than serves.
const LEAST: u64 = 128 << 20;
const MOST_CPU: u64 = 1 << 30;

/// What frames may take, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budgets {
    /// Decoded frames in memory.
    pub cpu: u64,
    /// Textures.
    pub gpu: u64,
}

impl Budgets {
    /// What was asked for, else a sixteenth of the memory for decoded frames, and for textures what every card
    /// has; where there is so little memory that the textures may well lie in it, an eighth of it.
    pub fn choose(cpu: Option<u64>, gpu: Option<u64>) -> Self {
        Self::within(cpu, gpu, memory())
    }

    fn within(cpu: Option<u64>, gpu: Option<u64>, memory: Option<u64>) -> Self {
        let own_cpu = memory.map_or(USUAL_CPU, |all| (all / 16).clamp(LEAST, MOST_CPU));
        let own_gpu = memory.map_or(USUAL_GPU, |all| (all / 8).clamp(LEAST, USUAL_GPU));
        Self { cpu: cpu.unwrap_or(own_cpu), gpu: gpu.unwrap_or(own_gpu) }
    }
}

/// Bytes of memory the machine has, where it says so in a file.
fn memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    const G: u64 = 1 << 30;

    #[test]
    fn budgets_follow_the_machine_within_bounds_and_give_way_to_what_was_asked() {
        let chosen = |memory| {
            let Budgets { cpu, gpu } = Budgets::within(None, None, memory);
            (cpu >> 20, gpu >> 20)
        };
        assert_eq!(chosen(None), (256, 512));
        assert_eq!(chosen(Some(G)), (128, 128));
        assert_eq!(chosen(Some(3 * G)), (192, 384));
        assert_eq!(chosen(Some(8 * G)), (512, 512));
        assert_eq!(chosen(Some(512 * G)), (1024, 512));
        let asked = Budgets::within(Some(7), Some(9), Some(G));
        assert_eq!(asked, Budgets { cpu: 7, gpu: 9 });
    }
}
