use super::*;

fn at(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn steady(frames: u32, fps: f64) -> Clock {
    Clock::new(frames, &Pace { fps, ..Pace::default() })
}

/// The frames due in the middle of each of the first ticks.
fn played(clock: &Clock, from: f64, count: u32) -> Vec<u32> {
    (0..count).map(|k| clock.frame_at(at(from + (f64::from(k) + 0.5) / clock.fps()))).collect()
}

#[test]
fn ten_minutes_of_late_updates_do_not_drift() {
    // Rates whose frame time is no finite decimal, and a start that is none either.
    for fps in [24.0, 29.97, 7.0, 60.0, 119.5] {
        let mut clock = steady(60, fps);
        clock.play(at(1.0 / 3.0));
        let mut now = 1.0 / 3.0;
        let mut late = 0.0;
        while now < 600.0 {
            clock.advance(at(now));
            clock.note(at(now), true);
            late = (late + 0.37) % 1.0;
            now += clock.until_next(at(now)).expect("it plays").as_secs_f64() + 0.004 * late;
        }
        for second in [1u32, 10, 60, 600] {
            let ticks = (f64::from(second) * fps + 1e-3) as u64;
            let due = at(1.0 / 3.0 + f64::from(second) + 2e-3 / fps);
            assert_eq!(u64::from(clock.frame_at(due)), ticks % 60, "{fps} fps after {second} s");
        }
        let expected = (600.0 - 1.0 / 3.0) * fps;
        assert!((clock.due() as f64 - expected).abs() <= 1.5, "{} of {expected}", clock.due());
        assert_eq!(clock.dropped(), 0, "4 ms late is in time");
    }
}

#[test]
fn waking_when_told_to_finds_the_next_frame_every_time() {
    let mut clock = steady(1000, 23.976);
    clock.play(at(0.1));
    let mut now = at(0.1);
    for expected in 0..900 {
        assert_eq!(clock.advance(now), expected);
        now += clock.until_next(now).expect("it plays");
    }
}

#[test]
fn the_ends_are_met_as_the_mode_says() {
    let mut clock = steady(4, 10.0);
    clock.play(at(5.0));
    assert_eq!(played(&clock, 5.0, 9), [0, 1, 2, 3, 0, 1, 2, 3, 0]);
    clock.set_mode(Mode::Sweep, at(5.0));
    assert_eq!(played(&clock, 5.0, 9), [0, 1, 2, 3, 2, 1, 0, 1, 2]);
    clock.set_backwards(true, at(5.0));
    assert_eq!(played(&clock, 5.0, 5), [0, 1, 2, 3, 2], "it turns where it stands");
    clock.set_mode(Mode::Loop, at(5.0));
    assert_eq!(played(&clock, 5.0, 5), [0, 3, 2, 1, 0]);
    clock.set_mode(Mode::Once, at(5.0));
    clock.seek(3, at(5.0));
    assert_eq!(played(&clock, 5.0, 6), [3, 2, 1, 0, 0, 0]);
}

#[test]
fn once_ends_at_the_end_and_starts_over() {
    let mut clock = steady(3, 10.0);
    clock.set_mode(Mode::Once, at(0.0));
    clock.play(at(0.0));
    assert_eq!(clock.advance(at(0.25)), 2);
    assert!(clock.is_playing(), "the last frame has its time too");
    assert_eq!(clock.advance(at(0.31)), 2);
    assert!(!clock.is_playing());
    clock.play(at(9.0));
    assert_eq!(clock.frame_at(at(9.0)), 0);
}

#[test]
fn only_what_is_left_by_the_trim_is_played() {
    let mut clock = steady(10, 10.0);
    clock.set_trim(3, 5, at(0.0));
    assert_eq!(clock.frame_at(at(0.0)), 0, "standing still is allowed anywhere");
    clock.play(at(0.0));
    assert_eq!(played(&clock, 0.0, 5), [3, 4, 5, 3, 4]);
    clock.set_trim(8, 4, at(0.1));
    assert_eq!(clock.trim(), (4, 8));
    assert_eq!(played(&clock, 0.1, 2), [4, 5], "what is due stays due");
    clock.set_trim(7, 7, at(0.1));
    assert_eq!(played(&clock, 0.1, 3), [7, 7, 7]);
    clock.set_mode(Mode::Sweep, at(0.1));
    assert_eq!(played(&clock, 0.1, 3), [7, 7, 7]);
}

#[test]
fn another_rate_keeps_the_position() {
    let mut clock = steady(100, 10.0);
    clock.play(at(0.0));
    assert_eq!(clock.frame_at(at(2.05)), 20);
    clock.set_fps(100.0, at(2.05));
    assert_eq!(clock.frame_at(at(2.05)), 20);
    // Half of its time was over, so it is half of the new time until the next.
    assert_eq!(clock.frame_at(at(2.0549)), 20);
    assert_eq!(clock.frame_at(at(2.0551)), 21);
    clock.set_fps(1e9, at(2.06));
    assert_eq!(clock.fps(), FASTEST);
    clock.set_fps(f64::NAN, at(2.06));
    assert_eq!(clock.fps(), FASTEST);
    clock.set_fps(0.0, at(2.06));
    assert_eq!(clock.fps(), SLOWEST);
}

#[test]
fn the_way_back_of_a_sweep_survives_another_rate() {
    let mut clock = steady(5, 10.0);
    clock.set_mode(Mode::Sweep, at(0.0));
    clock.play(at(0.0));
    assert_eq!(clock.frame_at(at(0.55)), 3, "on the way back");
    clock.set_fps(20.0, at(0.55));
    assert_eq!([0.551, 0.6, 0.65, 0.7].map(|t| clock.frame_at(at(t))), [3, 2, 1, 0]);
}

#[test]
fn varied_times_are_kept_over_many_rounds_and_scale_with_the_rate() {
    let times = Some(vec![0.1, 0.3, 0.2].into());
    let pace = Pace { fps: 5.0, times, ..Pace::default() };
    let mut clock = Clock::new(3, &pace);
    clock.play(at(0.0));
    for round in [0.0, 0.6, 599.4] {
        let due = [0.05, 0.11, 0.39, 0.41, 0.59].map(|t| clock.frame_at(at(round + t)));
        assert_eq!(due, [0, 1, 1, 2, 2], "after {round} s");
    }
    clock.set_fps(10.0, at(0.25));
    // Half of the second frame is over; 75 ms of it are left at twice the rate.
    assert_eq!([0.26, 0.32, 0.33, 0.42, 0.43].map(|t| clock.frame_at(at(t))), [1, 1, 2, 2, 0]);
    let left = clock.until_next(at(0.325)).expect("it plays").as_secs_f64();
    assert!((left - 0.1).abs() < 1e-6, "{left}");
}

#[test]
fn what_was_due_and_not_shown_is_dropped() {
    let mut clock = steady(60, 10.0);
    clock.play(at(0.0));
    clock.note(at(0.0), true);
    clock.note(at(0.11), false);
    clock.note(at(0.15), true);
    assert_eq!((clock.due(), clock.dropped()), (1, 0), "late is not dropped");
    // Three ticks pass without an update.
    clock.note(at(0.51), false);
    assert_eq!((clock.due(), clock.dropped()), (5, 3));
    clock.note(at(0.61), true);
    assert_eq!((clock.due(), clock.dropped()), (6, 4), "nor was the fifth ever shown");
    for tick in 7..40 {
        clock.note(at(0.01 + f64::from(tick) / 10.0), tick % 2 == 0);
    }
    let reached = clock.reached_fps().expect("two seconds are over");
    assert!((reached - 5.0).abs() < 0.6, "{reached}");
    clock.pause(at(4.0));
    clock.play(at(5.0));
    assert_eq!((clock.due(), clock.dropped()), (0, 0));
}

#[test]
fn clocks_of_one_rate_tick_together() {
    let mut first = steady(60, 24.0);
    let mut second = steady(30, 24.0);
    first.play(at(0.0));
    let beat = at(0.51) + first.until_next(at(0.51)).expect("it plays");
    second.play_in_step(at(0.51), beat);
    assert_eq!(second.frame_at(at(0.51)), 0);
    let (a, b) = (first.until_next(at(0.51)), second.until_next(at(0.51)));
    assert!(a.zip(b).is_some_and(|(a, b)| a.abs_diff(b) < Duration::from_micros(2)), "{a:?} {b:?}");
}

#[test]
fn what_comes_next_is_listed_in_the_order_it_is_due() {
    let mut clock = steady(5, 10.0);
    let ahead = |clock: &Clock, t: f64| clock.ahead(at(t)).collect::<Vec<_>>();
    clock.play(at(0.0));
    assert_eq!(ahead(&clock, 0.35), [4, 0, 1, 2]);
    assert_eq!([3, 4, 0, 2].map(|frame| clock.distance(frame, at(0.35))), [0, 1, 2, 4]);
    clock.set_mode(Mode::Once, at(0.35));
    assert_eq!(ahead(&clock, 0.35), [4]);
    assert!(clock.distance(2, at(0.35)) > clock.distance(4, at(0.35)));
    clock.set_mode(Mode::Sweep, at(0.35));
    assert_eq!(ahead(&clock, 0.35), [4, 3, 2, 1, 0, 1, 2]);
    assert_eq!([3, 4, 2, 0].map(|frame| clock.distance(frame, at(0.35))), [0, 1, 3, 5]);
    clock.set_trim(1, 3, at(0.35));
    assert!(clock.distance(0, at(0.35)) > clock.distance(1, at(0.35)));
    clock.pause(at(0.35));
    assert_eq!(clock.distance(1, at(0.35)), 2);
}

#[test]
fn a_single_frame_plays_without_end() {
    let mut clock = steady(1, 10.0);
    for mode in [Mode::Loop, Mode::Sweep, Mode::Once] {
        clock.set_mode(mode, at(0.0));
        clock.play(at(0.0));
        assert_eq!(clock.advance(at(7.0)), 0);
        assert_eq!(clock.ahead(at(7.0)).count(), 0);
    }
    assert_eq!(Clock::new(0, &Pace::default()).frame_at(at(1.0)), 0);
}
