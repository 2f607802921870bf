//! `demo`: everything started in order, and stopped in the reverse.
//!
//! Owns the folder, the settings file, the order of starting and what is printed. Uses the same
//! parts as `serve`: nothing in them knows that this is a demo. Loopback only.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::Scene;
use super::history::History;
use super::staff::CrewConfig;
use crate::app::{App, Running};
use crate::cli::{Exit, Failure, random_code, stop_signal};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::registry::Registry;
use crate::domain::role::Role;
use crate::sim::Sim;
use crate::store::{Batch, SecretDigest, SignInLink, Store};
use crate::telemetry::logging;

/// Most events of one transaction of the import.
const BATCH_EVENTS: usize = 2_000;
/// How long the sign-in links work.
const LINKS_LAST: Duration = Duration::from_hours(24);
/// How long the store may take to be there.
const STORE_PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked for.
const STORE_LOOK: Duration = Duration::from_millis(50);

/// How the demo is set up.
#[derive(Args)]
pub struct DemoArguments {
    /// Keep everything in this folder; without it, a fresh folder is used and removed at the end.
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    /// What every invented person and event grows from.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Begin without a past.
    #[arg(long)]
    no_history: bool,
    /// Where applications connect.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    proxy: SocketAddr,
    /// Where people connect.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8081")]
    ops: SocketAddr,
    /// Where Prometheus connects.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9464")]
    telemetry: SocketAddr,
}

/// `demo`.
///
/// # Errors
///
/// [`Failure`]: an address that is not loopback or is taken, a folder that cannot be written.
pub fn run(arguments: &DemoArguments) -> Result<Exit, Failure> {
    for (name, address) in
        [("proxy", arguments.proxy), ("ops", arguments.ops), ("telemetry", arguments.telemetry)]
    {
        if !address.ip().is_loopback() {
            return Err(Failure::usage(format!("--{name}: the demo listens on loopback only")));
        }
    }
    let folder = Folder::open(arguments.dir.clone())?;
    let clock = Clock::system();
    let scene = Scene::new(arguments.seed, clock.now())
        .map_err(|error| Failure::run_time(error.to_string()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let view = clock.clone();
    let sim = runtime
        .block_on(Sim::start(scene.sim(), Arc::new(move || view.now())))
        .map_err(|error| Failure::run_time(error.to_string()))?;
    let file = folder.path.join("accuscope.toml");
    fs::write(&file, settings(arguments, &scene, &folder.path, sim.address()))?;
    let config = Config::load(&file, std::iter::empty())?;
    logging::start(config.telemetry.log_level);
    let app = App::open(config, clock.clone())?;
    runtime.block_on(async {
        let stopped = stop_signal()?;
        let running = app.start()?;
        let result = tokio::select! {
            result = play(arguments, &scene, &sim, &running, &clock) => result,
            () = stopped => Ok(()),
        };
        running.stop().await;
        sim.stop().await;
        result
    })?;
    Ok(Exit::Success)
}

/// Everything after the start; ends only by a failure.
async fn play(
    arguments: &DemoArguments,
    scene: &Scene,
    sim: &Sim,
    running: &Running,
    clock: &Clock,
) -> Result<(), Failure> {
    let store = reached(running).await?;
    greet(&store, sim, running, clock).await?;
    if !arguments.no_history {
        let keys = Arc::clone(&running.keys);
        let make = Arc::new(move |kind, clinic: Option<&_>, identifier: &[u8]| {
            keys.reference(kind, clinic, identifier)
        });
        let history = scene.history(make);
        let history = history.map_err(|error| Failure::run_time(error.to_string()))?;
        import(history, &store, &running.registry, clock).await?;
    }
    let config = CrewConfig {
        proxy: running.addresses.proxy,
        control: sim.control_address(),
        clock: clock.clone(),
    };
    let crew = scene.crew(config).map_err(|error| Failure::run_time(error.to_string()))?;
    say(&format!("{} people are at work. Stop with Ctrl-C.\n", crew.len()))?;
    // Dropping the guard stops both, however this ends.
    let stop = CancellationToken::new();
    let _guard = stop.clone().drop_guard();
    let chapters = scene.story();
    let began = clock.now();
    let told = chapters.run(sim.control_address(), stop.clone(), |chapter| {
        let minutes = clock.now().since(began).as_secs() / 60;
        // Whoever does not listen misses the story, not the demo.
        drop(say(&format!("{minutes:>4} min  {}", chapter.words)));
    });
    tokio::select! {
        told = told => told.map_err(|error| Failure::run_time(error.to_string())),
        _ = crew.run(stop.clone()) => Ok(()),
    }
}

async fn reached(running: &Running) -> Result<Store, Failure> {
    let there = async {
        loop {
            if let Some(store) = running.store.get() {
                return store;
            }
            tokio::time::sleep(STORE_LOOK).await;
        }
    };
    let found = tokio::time::timeout(STORE_PATIENCE, there).await;
    found.map_err(|_| Failure::run_time("store: it does not open"))
}

async fn greet(store: &Store, sim: &Sim, running: &Running, clock: &Clock) -> Result<(), Failure> {
    let at = running.addresses;
    say(&format!(
        "The ops site:        http://{}/\n\
         The proxy:           http://{}\n\
         Metrics and health:  http://{}/metrics\n\
         Simulated Accuro:    http://{} (its control API: http://{})\n\n\
         Sign in as (each link works once):",
        at.ops,
        at.proxy,
        at.telemetry,
        sim.address(),
        sim.control_address()
    ))?;
    let now = clock.now();
    for role in Role::ALL {
        let code = random_code("demo")?;
        let account = format!("demo-{role}");
        let link = SignInLink { role: *role, account, expires: now.plus(LINKS_LAST) };
        store.create_sign_in_link(SecretDigest::of(code.as_bytes()), &link, now).await?;
        say(&format!("  {:<9} http://{}/sign-in/{}", role.as_str(), at.ops, code.as_str()))?;
    }
    say("")
}

async fn import(
    history: History,
    store: &Store,
    registry: &Registry,
    clock: &Clock,
) -> Result<(), Failure> {
    let started = clock.instant();
    let past: Vec<_> = history.incidents().iter().map(|one| (one.since, one.words)).collect();
    let mut imported = 0;
    say("Bringing in a fortnight of the past:")?;
    for day in history {
        for events in day.chunks(BATCH_EVENTS) {
            let batch = Batch { events, checkpoint: None, registry, at: clock.now() };
            imported += store.insert(&batch).await?.inserted;
        }
        if let Some(last) = day.last() {
            say(&format!("  to {:.10}  {imported:>7} calls", last.ts.to_string()))?;
        }
    }
    say(&format!("Done in {:.1} s. What went wrong then:", clock.elapsed(started).as_secs_f64()))?;
    for (since, words) in past {
        say(&format!("  {:.16}Z  {words}", since.to_string()))?;
    }
    say("")
}

fn say(line: &str) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

fn settings(arguments: &DemoArguments, scene: &Scene, folder: &Path, sim: SocketAddr) -> String {
    let DemoArguments { proxy, ops, telemetry, .. } = arguments;
    // A TOML string takes what a Rust string literal does, as far as paths go.
    let path = |name: &str| format!("{:?}", folder.join(name).display().to_string());
    let store = format!("{:?}", format!("sqlite:{}", folder.join("accuscope.db").display()));
    format!(
        "environment = \"sandbox\"\n\n[proxy]\nlisten = \"{proxy}\"\n\n\
         [upstream]\nbase_url = \"http://{sim}\"\n\n[ops]\nlisten = \"{ops}\"\n\n\
         [telemetry]\nlisten = \"{telemetry}\"\nlog_level = \"warn\"\n\n\
         [store]\nurl = {store}\n\n[journal]\ndir = {}\n\n\
         [privacy]\nactive_key = \"k1\"\n[privacy.keys]\nk1 = {{ file = {} }}\n\n{}",
        path("journal"),
        path("key"),
        scene.config_toml()
    )
}

/// The demo's folder, removed at the end if nobody asked to keep it.
struct Folder {
    path: PathBuf,
    fresh: bool,
}

impl Folder {
    fn open(kept: Option<PathBuf>) -> Result<Self, Failure> {
        let fresh = kept.is_none();
        let path = match kept {
            Some(path) => path,
            None => std::env::temp_dir().join(random_code("accuscope-demo")?.as_str()),
        };
        fs::create_dir_all(&path)
            .map_err(|error| Failure::usage(format!("--dir: cannot be made ({error})")))?;
        let folder = Self { path: path.canonicalize()?, fresh };
        let key = folder.path.join("key");
        if !key.exists() {
            fs::write(key, random_code("key")?.as_bytes())?;
        }
        Ok(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.fresh {
            // What cannot be removed is left to the system's own cleaning of temporary files.
            drop(fs::remove_dir_all(&self.path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    #[test]
    fn the_settings_that_it_writes_are_taken_whatever_the_folder_is_called() {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let arguments = DemoArguments {
            dir: None,
            seed: 7,
            no_history: true,
            proxy: any,
            ops: any,
            telemetry: any,
        };
        let scene = Scene::new(7, Timestamp::from_seconds(1_795_540_320)).unwrap();
        let folder = Path::new("/tmp/a \"quoted\" folder");
        let text = settings(&arguments, &scene, folder, any);
        let config = Config::parse(&text, Path::new("demo.toml"), std::iter::empty());
        let config = config.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(config.journal.dir, folder.join("journal"));
        assert_eq!(config.registry.clinics().len(), 9);
    }

    #[test]
    fn a_fresh_folder_is_gone_at_the_end_and_a_kept_one_stays() {
        let fresh = Folder::open(None).unwrap();
        let path = fresh.path.clone();
        assert!(path.join("key").exists());
        drop(fresh);
        assert!(!path.exists());
        let dir = tempfile::tempdir().unwrap();
        let kept = dir.path().join("kept");
        drop(Folder::open(Some(kept.clone())).unwrap());
        assert!(kept.join("key").exists());
    }
}
