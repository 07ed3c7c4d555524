//! From a plan to a running application. What can happen at once does: the first frames decode and the GPU
//! device is made on threads of their own while the window system starts.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy::asset::AssetPlugin;
use bevy::camera::RenderTarget;
use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::error_handler::{ErrorType, RenderErrorHandler, RenderErrorPolicy};
use bevy::render::settings::RenderCreation;
use bevy::window::{ExitCondition, PresentMode, PrimaryWindow, WindowPlugin, WindowResolution};
use bevy::winit::{EventLoopProxyWrapper, UpdateMode, WinitPlugin, WinitSettings};
use bevy_egui::PrimaryEguiContext;
use crossbeam_channel::{Receiver, bounded};

use super::capture::Capture;
use super::gpu::{
    GpuContext, ImagePipeline, InterfacePipeline, LostDevice, NoGpu, PICTURE_FORMAT, SURFACE_FORMAT,
};
use super::loader::Loader;
use super::notices::Notices;
use super::opening::{Expectation, Opener, Requests, WebOptions};
use super::presenting::ReadyInterface;
use super::searching::{self, Searching};
use super::studies::StudyPanel;
use super::textures::FrameStore;
use super::ui::BAR_POINTS;
use super::viewport::keymap::KeyMap;
use super::viewport::protocol::AllProtocols;
use super::viewport::{Grid, Layout, ReadyPipeline};
use super::wake::Waker;
use crate::launch::instance::{Inbox, Visit};
use crate::launch::{Budgets, OpenPlan, Protocols};

/// Size of the window's content when nothing was asked for.
const DEFAULT_SIZE: (u32, u32) = (1280, 800);

/// From the start of the program on, how long the first pictures of a server are waited for.
const FIRST_LOOK: Duration = Duration::from_millis(280);

const NO_GPU: u8 = 3;

/// Why there is no application.
#[derive(Debug)]
pub enum LaunchError {
    NoGpu(NoGpu),
    NoWindow(String),
}

impl fmt::Display for LaunchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoGpu(error) => error.fmt(f),
            Self::NoWindow(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for LaunchError {}

/// Runs the application until it is closed, and opens what other launches bring.
pub fn run(plan: &OpenPlan, inbox: Option<Inbox<Visit>>) -> Result<ExitCode, LaunchError> {
    let mut app = assemble(plan)?;
    if let Some(inbox) = inbox {
        super::incoming::listen(&mut app, inbox);
    }
    let opener = app.world().get_resource::<Opener>().cloned();
    let exit = app.run();
    if let Some(opener) = opener {
        opener.servers().flush();
    }
    Ok(exit_code(&exit))
}

/// The application of a plan, loading already, not running yet.
pub(super) fn assemble(plan: &OpenPlan) -> Result<App, LaunchError> {
    let started = Instant::now();
    let no_thread =
        |error: std::io::Error| LaunchError::NoWindow(format!("no thread could be started: {error}"));
    let format = if plan.headless { PICTURE_FORMAT } else { SURFACE_FORMAT };
    let gpu = make_device(format).map_err(no_thread)?;
    let waker = Waker::default();
    let budgets = Budgets::choose(plan.cpu_cache, plan.gpu_cache);
    let loader = Loader::start(waker.clone(), budgets.cpu);
    let (width, height) = plan.size.unwrap_or(DEFAULT_SIZE);
    let requested = plan.layout.map(|(rows, columns)| Grid { rows, columns });
    let expectation = Expectation { area: [width, height.saturating_sub(BAR_POINTS)], grid: requested };
    let protocols = Arc::new(Protocols::load(plan.protocol.as_ref()));
    let web = WebOptions { ca: plan.ca.clone(), keep_nothing: plan.keep_nothing };
    let opener = Opener::new(loader.clone(), waker.clone(), expectation, Arc::clone(&protocols), web);
    opener.launch(Requests::from(plan));
    if let Some(reason) = no_display(plan) {
        return Err(LaunchError::NoWindow(reason.to_owned()));
    }
    let mut app = App::new();
    build(&mut app, plan, gpu, (width, height))?;
    app.insert_resource(Layout { requested, ..Layout::default() });
    app.insert_resource(AllProtocols(Arc::clone(&protocols)));
    let (keys, problems) = key_map(plan);
    app.insert_resource(keys).insert_resource(loader).insert_resource(opener.clone());
    app.insert_resource(waker.clone()).add_plugins(super::plugin);
    let mut searching = app.world_mut().resource_mut::<Searching>();
    searching::connect(&mut searching, &opener, &waker);
    searching.take_plan(plan);
    if plan.studies {
        app.world_mut().resource_mut::<StudyPanel>().toggle();
    }
    app.world_mut().resource_mut::<FrameStore>().set_budget(budgets.gpu);
    let mut notices = app.world_mut().resource_mut::<Notices>();
    let unread: Vec<_> = protocols.problems.iter().map(ToString::to_string).collect();
    for problem in plan.notices.iter().chain(&problems).chain(&unread) {
        notices.warn(problem.clone());
    }
    app.insert_resource(LaunchTimeline { started, updates: 0, shown: false });
    if plan.remote.is_some() {
        app.add_systems(First, await_first_look);
    }
    app.add_systems(Last, note_launch);
    tracing::info!(target: "launch", elapsed_ms = ms(started), "application built");
    Ok(app)
}

fn exit_code(exit: &AppExit) -> ExitCode {
    match exit {
        AppExit::Success => ExitCode::SUCCESS,
        AppExit::Error(code) => ExitCode::from(code.get()),
    }
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

/// The device, and the pipelines that are still made on it.
struct Device {
    gpu: GpuContext,
    images: Receiver<ImagePipeline>,
    interface: Receiver<InterfacePipeline>,
}

/// Makes the device and then its pipelines, on a thread: the device is needed long before anything is drawn.
fn make_device(format: wgpu::TextureFormat) -> std::io::Result<Receiver<Result<Device, NoGpu>>> {
    let (sender, device) = bounded(1);
    let make = move || {
        let started = Instant::now();
        let (first, images) = bounded(1);
        let (second, interface) = bounded(1);
        let made = GpuContext::create().map(|gpu| Device { gpu, images, interface });
        let gpu = made.as_ref().ok().map(|device| device.gpu.clone());
        let device_ms = ms(started);
        sender.send(made).ok();
        let Some(gpu) = gpu else { return };
        let pipeline = ImagePipeline::new(&gpu.device, format);
        pipeline.warm_up(&gpu);
        first.send(pipeline).ok();
        let image_ms = ms(started) - device_ms;
        let pipeline = InterfacePipeline::new(&gpu.device, format);
        pipeline.warm_up(&gpu);
        second.send(pipeline).ok();
        let interface_ms = ms(started) - device_ms - image_ms;
        tracing::info!(target: "launch", device_ms, image_ms, interface_ms, "pipelines ready");
    };
    std::thread::Builder::new().name("gpu".to_owned()).spawn(make)?;
    Ok(device)
}

/// Why a window cannot be opened, where that is known beforehand.
fn no_display(plan: &OpenPlan) -> Option<&'static str> {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let headless_system =
        cfg!(all(unix, not(target_os = "macos"))) && !set("DISPLAY") && !set("WAYLAND_DISPLAY");
    (headless_system && !plan.headless).then_some(
        "there is no display to open a window on; use --headless together with --screenshot FILE, \
         or start the viewer under xvfb-run",
    )
}

/// The plugins of the engine, the window system first so that it starts while the device is made.
fn build(
    app: &mut App,
    plan: &OpenPlan,
    gpu: Receiver<Result<Device, NoGpu>>,
    (width, height): (u32, u32),
) -> Result<(), LaunchError> {
    app.add_plugins((
        bevy::app::TaskPoolPlugin { task_pool_options: task_pools() },
        bevy::diagnostic::FrameCountPlugin,
        bevy::time::TimePlugin,
        bevy::transform::TransformPlugin,
        bevy::input::InputPlugin,
        WindowPlugin {
            primary_window: (!plan.headless).then(|| window(width, height)),
            exit_condition: if plan.headless {
                ExitCondition::DontExit
            } else {
                ExitCondition::OnPrimaryClosed
            },
            ..WindowPlugin::default()
        },
        bevy::a11y::AccessibilityPlugin,
        AssetPlugin {
            file_path: String::new(),
            watch_for_changes_override: Some(false),
            ..AssetPlugin::default()
        },
    ));
    if plan.headless {
        app.add_plugins(bevy::app::ScheduleRunnerPlugin::run_loop(Duration::from_millis(4)));
    } else {
        open_window_system(app)?;
        app.insert_resource(power());
        app.add_systems(Startup, connect_waker);
    }
    tracing::info!(target: "launch", "window system ready");
    let device = gpu.recv().unwrap_or_else(|_| Err(NoGpu::failed()));
    let Device { gpu, images, interface } = device.map_err(LaunchError::NoGpu)?;
    app.insert_resource(ReadyPipeline(images)).insert_resource(ReadyInterface(interface));
    app.add_plugins((
        RenderPlugin {
            render_creation: RenderCreation::Manual(gpu.render_resources()),
            synchronous_pipeline_compilation: true,
            ..RenderPlugin::default()
        },
        bevy::image::ImagePlugin::default(),
        bevy::mesh::MeshPlugin,
        bevy::camera::CameraPlugin,
        super::presenting::plugin,
    ));
    tracing::info!(target: "launch", "renderer built");
    app.insert_resource(RenderErrorHandler(on_render_error));
    spawn_camera(app, plan, (width, height));
    Ok(())
}

/// The window system panics where it cannot be reached; that becomes a sentence.
fn open_window_system(app: &mut App) -> Result<(), LaunchError> {
    let loud = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    let opened = catch_unwind(AssertUnwindSafe(|| {
        app.add_plugins(WinitPlugin::default());
    }));
    std::panic::set_hook(loud);
    opened.map_err(|_| {
        LaunchError::NoWindow(
            "the display could not be opened; check DISPLAY or WAYLAND_DISPLAY, or use --headless together \
             with --screenshot FILE"
                .to_owned(),
        )
    })
}

/// Few threads: decoding has its own, and the pools' share of the work here is small.
fn task_pools() -> bevy::app::TaskPoolOptions {
    bevy::app::TaskPoolOptions { min_total_threads: 1, max_total_threads: 3, ..Default::default() }
}

fn window(width: u32, height: u32) -> Window {
    Window {
        title: "Lightbox".to_owned(),
        name: Some("lightbox".to_owned()),
        resolution: WindowResolution::new(width, height),
        present_mode: PresentMode::AutoVsync,
        ..Window::default()
    }
}

/// Sleep until something happens.
fn power() -> WinitSettings {
    let mode = UpdateMode::Reactive {
        wait: Duration::MAX,
        react_to_device_events: false,
        react_to_user_events: true,
        react_to_window_events: true,
    };
    WinitSettings { focused_mode: mode, unfocused_mode: mode }
}

fn connect_waker(waker: Res<Waker>, proxy: Res<EventLoopProxyWrapper>) {
    waker.connect(&proxy);
    // Whatever arrived before there was an event loop.
    waker.wake();
}

fn spawn_camera(app: &mut App, plan: &OpenPlan, (width, height): (u32, u32)) {
    let camera = app.world_mut().spawn((
        Camera2d,
        bevy::render::camera::CameraRenderGraph::new(bevy::core_pipeline::Core2d),
        Camera { clear_color: ClearColorConfig::Custom(Color::BLACK), ..Camera::default() },
        Msaa::Off,
        PrimaryEguiContext,
    ));
    let mut target = None;
    if plan.headless {
        let mut image = Image::new_target_texture(width, height, PICTURE_FORMAT, None);
        image.texture_descriptor.usage |= wgpu::TextureUsages::COPY_SRC;
        let id = camera.id();
        let handle = app.world_mut().resource_mut::<Assets<Image>>().add(image);
        app.world_mut().entity_mut(id).insert(RenderTarget::Image(handle.clone().into()));
        target = Some(handle);
    }
    if let Some(file) = &plan.screenshot {
        app.insert_resource(Capture::new(
            file.clone(),
            target,
            !plan.paths.is_empty() || plan.remote.is_some() || !plan.notices.is_empty(),
        ));
    }
}

/// A lost device is replaced and everything asked for again; an error of ours is logged and survived.
fn on_render_error(
    error: &bevy::render::error_handler::RenderError,
    main: &mut World,
    _render: &mut World,
) -> RenderErrorPolicy {
    let lost = matches!(error.ty, ErrorType::DeviceLost | ErrorType::OutOfMemory);
    tracing::error!("the GPU reported an error: {}", error.description);
    if !lost {
        return RenderErrorPolicy::Ignore;
    }
    match GpuContext::create() {
        Ok(gpu) => {
            LostDevice::note(main);
            if let Some(mut store) = main.get_resource_mut::<FrameStore>() {
                store.lose_device();
            }
            super::viewport::lose_device(main);
            if let Some(mut notices) = main.get_resource_mut::<Notices>() {
                notices.warn("the graphics device was lost and has been restarted".to_owned());
            }
            RenderErrorPolicy::Recover(RenderCreation::Manual(gpu.render_resources()))
        }
        Err(error) => {
            tracing::error!("{error}");
            main.write_message(AppExit::from_code(NO_GPU));
            RenderErrorPolicy::StopRendering
        }
    }
}

/// The user's keys, and what in the file was not understood.
fn key_map(plan: &OpenPlan) -> (KeyMap, Vec<String>) {
    let mut keys = KeyMap::default();
    let default = crate::launch::config_dir().map(|dir| dir.join("keys.toml")).filter(|file| file.exists());
    let problems = match plan.key_map.as_ref().or(default.as_ref()) {
        None => vec![],
        Some(file) => keys.read(file).unwrap_or_else(|error| vec![error]),
    };
    (keys, problems)
}

/// The first update waits a moment for the first pictures of a server that is near: drawing a window without them
/// would take its time from those who bring them. What takes longer is waited for with a window.
fn await_first_look(
    opener: Res<Opener>,
    loader: Res<Loader>,
    timeline: Res<LaunchTimeline>,
    mut done: Local<bool>,
) {
    // Where starting took long, so does everything else.
    let until = FIRST_LOOK.max(timeline.started.elapsed() * 2);
    while !*done && timeline.started.elapsed() < until && (opener.is_reading() || loader.has_work()) {
        std::thread::sleep(Duration::from_millis(1));
    }
    *done = true;
}

/// When the first picture was on screen, for `--log`.
#[derive(Resource)]
struct LaunchTimeline {
    started: Instant,
    updates: u32,
    shown: bool,
}

fn note_launch(
    mut timeline: ResMut<LaunchTimeline>,
    shown: Query<&super::viewport::Shown>,
    window: Query<&Window, With<PrimaryWindow>>,
) {
    if timeline.shown {
        return;
    }
    timeline.updates += 1;
    let pictures = shown.iter().filter(|shown| shown.look.is_some()).count();
    tracing::info!(
        target: "launch",
        update = timeline.updates, pictures, elapsed_ms = ms(timeline.started),
        windows = window.iter().count(),
        "update done"
    );
    timeline.shown = pictures > 0 || timeline.updates > 50;
}
