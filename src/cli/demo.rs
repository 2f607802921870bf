//! `demo`: everything at once, on the loopback, with nothing to set up.
//!
//! Owns the order: simulated Accuro, settings, accuscope, sign-in links, then history, people at
//! work and the story, side by side. What happens in them is `crate::demo`'s.

use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::exchange::{Imported, read_into};
use super::exit::{Exit, Failure, block_on, variables};
use super::serve::stop_signal;
use super::token::secret;
use crate::app::{App, Running};
use crate::clock::Clock;
use crate::config::Config;
use crate::demo::history::Make;
use crate::demo::staff::CrewConfig;
use crate::demo::{Scene, history};
use crate::domain::catalogue::Catalogue;
use crate::domain::event::json;
use crate::domain::role::Role;
use crate::journal::private;
use crate::keys::Keyring;
use crate::sim::Sim;
use crate::store::{LinkPurpose, SecretDigest, SignInLink, Store};
use crate::telemetry::logging;

/// How long a sign-in link of the demo can be used.
const LINK_LIFE: Duration = Duration::from_hours(24);
/// How long to wait for the embedded store.
const STORE_WAIT: Duration = Duration::from_secs(20);

/// How the demo is set up.
#[derive(Args)]
pub(super) struct DemoArguments {
    /// Keep everything in this folder; without it a temporary one is used and removed at the end.
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    /// What the invented clinics and people grow from.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Where apps connect; another port is taken if this one is in use.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    proxy: SocketAddr,
    /// Where the ops site is; another port is taken if this one is in use.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8081")]
    ops: SocketAddr,
    /// Where Prometheus connects; another port is taken if this one is in use.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9464")]
    telemetry: SocketAddr,
    /// Begin without the fortnight of history.
    #[arg(long)]
    no_history: bool,
}

/// A folder that is removed at the end, if it is ours.
struct Place {
    path: PathBuf,
    temporary: bool,
}

impl Place {
    fn new(asked: Option<&Path>) -> Result<Self, Failure> {
        let (path, temporary) = match asked {
            Some(path) => (path.to_owned(), false),
            None => (std::env::temp_dir().join(format!("accuscope-{}", &*secret("demo")?)), true),
        };
        private::create_folder(&path.join("keys")).map_err(|error| {
            Failure::usage(format!("{}: cannot be used ({error})", path.display()))
        })?;
        Ok(Self { path, temporary })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.temporary {
            // What cannot be removed is left to the system's own cleaning of temporary files.
            drop(std::fs::remove_dir_all(&self.path));
        }
    }
}

/// `demo`.
pub(super) fn run(arguments: &DemoArguments) -> Result<Exit, Failure> {
    for address in [arguments.proxy, arguments.ops, arguments.telemetry] {
        if !address.ip().is_loopback() {
            return Err(Failure::usage("the demo listens on loopback addresses only"));
        }
    }
    let place = Place::new(arguments.dir.as_deref())?;
    let clock = Clock::system();
    let scene = Scene::new(arguments.seed, clock.now())
        .map_err(|error| Failure::run_time(error.to_string()))?;
    block_on(async {
        let stopped = stop_signal()?;
        let of_sim = clock.clone();
        let sim = Sim::start(scene.sim(), Arc::new(move || of_sim.now()))
            .await
            .map_err(|error| Failure::run_time(error.to_string()))?;
        let config = settings(arguments, &place, &scene, sim.address())?;
        logging::start(config.telemetry.log_level.as_str());
        let running = App::open(config, clock.clone())?.start()?;
        let stop = CancellationToken::new();
        let ended = tell(arguments, &place, &scene, &running, &sim, &clock, &stop, stopped).await;
        stop.cancel();
        running.stop().await;
        sim.stop().await;
        ended
    })
}

/// Writes the settings that this demo runs with, so that they can be looked at and used again.
fn settings(
    arguments: &DemoArguments,
    place: &Place,
    scene: &Scene,
    upstream: SocketAddr,
) -> Result<Config, Failure> {
    let key = place.path.join("keys/k1");
    if !key.exists() {
        let mut file = private::options().write(true).create_new(true).open(&key)?;
        file.write_all(secret("demo-key")?.as_bytes())?;
    }
    let text = format!(
        "# Written by `accuscope demo`.\nenvironment = \"sandbox\"\n\n\
         [proxy]\nlisten = \"{}\"\n\n[upstream]\nbase_url = \"http://{upstream}\"\n\n\
         [ops]\nlisten = \"{}\"\n\n[telemetry]\nlisten = \"{}\"\nlog_level = \"warn\"\n\n\
         [store]\nurl = \"sqlite:{}\"\n\n[journal]\ndir = \"{}\"\n\n\
         [privacy]\nactive_key = \"k1\"\n[privacy.keys]\nk1 = {{ file = \"{}\" }}\n\n{}",
        free(arguments.proxy),
        free(arguments.ops),
        free(arguments.telemetry),
        place.path.join("accuscope.db").display(),
        place.path.join("journal").display(),
        key.display(),
        scene.config_toml(),
    );
    let file = place.path.join("accuscope.toml");
    std::fs::write(&file, &text)?;
    Ok(Config::parse(&text, &file, variables())?)
}

/// The address itself, or one with a free port where it is in use.
fn free(wanted: SocketAddr) -> SocketAddr {
    if TcpListener::bind(wanted).is_ok() { wanted } else { SocketAddr::new(wanted.ip(), 0) }
}

#[expect(clippy::too_many_arguments, reason = "the demo's parts meet here and nowhere else")]
async fn tell(
    arguments: &DemoArguments,
    place: &Place,
    scene: &Scene,
    running: &Running,
    sim: &Sim,
    clock: &Clock,
    stop: &CancellationToken,
    stopped: impl Future<Output = ()>,
) -> Result<Exit, Failure> {
    let store = reached(running).await?;
    let tale = scene.story();
    print_addresses(place, running, sim, &links(store, clock).await?)?;
    let mut out = std::io::stdout();
    writeln!(out, "The story (it goes round, and begins as soon as the clinics are at work):")?;
    for chapter in tale.chapters() {
        writeln!(
            out,
            "  {:>2} min {:02} s  {}",
            chapter.at.as_secs() / 60,
            chapter.at.as_secs() % 60,
            chapter.words
        )?;
    }
    writeln!(out)?;
    let crew = scene.crew(CrewConfig {
        proxy: running.addresses.proxy,
        control: sim.control_address(),
        clock: clock.clone(),
    });
    let crew = crew.map_err(|_| Failure::run_time("the simulated staff have no HTTP client"))?;
    writeln!(out, "{} simulated people are at work. Stop with Ctrl-C.", crew.len())?;
    let begun = clock.instant();
    let at_work = tokio::spawn(crew.run(stop.clone()));
    let telling = tale.run(sim.control_address(), stop.clone(), |chapter| {
        let after = clock.elapsed(begun).as_secs();
        drop(writeln!(
            std::io::stdout(),
            "{:>3} min {:02} s  now: {}",
            after / 60,
            after % 60,
            chapter.words
        ));
    });
    let past = async {
        if arguments.no_history || has_history(store, clock).await? {
            return Ok(());
        }
        back_fill(scene, running, store).await
    };
    tokio::pin!(telling, past, stopped);
    let mut filled = false;
    loop {
        tokio::select! {
            () = &mut stopped => break,
            told = &mut telling => {
                told.map_err(|error| Failure::run_time(error.to_string()))?;
                break;
            }
            past = &mut past, if !filled => {
                past?;
                filled = true;
            }
        }
    }
    stop.cancel();
    let calls = at_work.await.unwrap_or(0);
    writeln!(out, "Stopped after {calls} calls.")?;
    Ok(Exit::Success)
}

async fn reached(running: &Running) -> Result<&Store, Failure> {
    tokio::time::timeout(STORE_WAIT, running.store.reached())
        .await
        .map_err(|_| Failure::run_time("the embedded store could not be opened"))
}

/// One sign-in link a role.
async fn links(store: &Store, clock: &Clock) -> Result<Vec<(Role, String)>, Failure> {
    let mut links = Vec::new();
    for role in Role::ALL {
        let code = secret("in")?;
        let link = SignInLink {
            purpose: LinkPurpose::SignIn,
            role: *role,
            account: format!("demo-{role}"),
            expires: clock.now().plus(LINK_LIFE),
        };
        store.create_sign_in_link(SecretDigest::of(code.as_bytes()), &link, clock.now()).await?;
        links.push((*role, code.to_string()));
    }
    Ok(links)
}

fn print_addresses(
    place: &Place,
    running: &Running,
    sim: &Sim,
    links: &[(Role, String)],
) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    let addresses = running.addresses;
    writeln!(out, "\naccuscope demo\n")?;
    writeln!(out, "  Ops site          http://{}/", addresses.ops)?;
    for (role, code) in links {
        writeln!(
            out,
            "    sign in as {:<8} http://{}/sign-in/{code}",
            role.as_str(),
            addresses.ops
        )?;
    }
    writeln!(out, "  Proxy for apps    http://{}/", addresses.proxy)?;
    writeln!(out, "  Metrics           http://{}/metrics", addresses.telemetry)?;
    writeln!(
        out,
        "  Simulated Accuro  http://{}/   control: http://{}/",
        sim.address(),
        sim.control_address()
    )?;
    let kept = if place.temporary { "removed at the end" } else { "kept" };
    writeln!(out, "  Folder            {} ({kept})\n", place.path.display())?;
    Ok(())
}

/// Whether an earlier demo in the same folder has left its past.
async fn has_history(store: &Store, clock: &Clock) -> Result<bool, Failure> {
    let day = Duration::from_hours(24);
    Ok(store.extent().await?.is_some_and(|(oldest, _)| clock.now().since(oldest) > day))
}

/// How often a day of the history is tried where the store is too busy for it, and how long between two tries.
const MOST_TRIES: u32 = 10;
const BETWEEN_TRIES: Duration = Duration::from_secs(2);

/// Brings the fortnight in, the way `import` does, a day at a time, newest work shown as it goes.
async fn back_fill(scene: &Scene, running: &Running, store: &Store) -> Result<(), Failure> {
    let keys: Arc<Keyring> = Arc::clone(&running.keys);
    let same_keys = Arc::clone(&keys);
    let make = Make {
        reference: Arc::new(move |kind, clinic, id| keys.reference(kind, clinic, id)),
        shape: Arc::new(move |structure| same_keys.shape(structure)),
    };
    let mut past = scene.history(make).map_err(|error| Failure::run_time(error.to_string()))?;
    let catalogue = Catalogue::embedded().map_err(|error| Failure::run_time(error.to_string()))?;
    let incidents: Vec<_> = past.incidents().iter().map(|one| (one.since, one.words)).collect();
    let mut total = Imported::default();
    let mut day = 0;
    loop {
        // A day takes a good part of a second to invent; the calls in flight must not wait for it.
        let (rest, lines) = tokio::task::spawn_blocking(move || {
            let events = past.next();
            let lines = events.map(|events| {
                let mut lines = Vec::with_capacity(events.len() * 700);
                for event in &events {
                    json::write_line(event, &mut lines);
                }
                lines
            });
            (past, lines)
        })
        .await
        .map_err(|_| Failure::run_time("the demo's history could not be made"))?;
        past = rest;
        let Some(lines) = lines else { break };
        let mut tries = 1;
        let one = loop {
            let reader = BufReader::new(lines.as_slice());
            let registry = running.registry.keep();
            match read_into(store, &registry, &catalogue, reader, &mut |_| {}).await {
                Ok(one) => break one,
                // A day that comes again doubles nothing, and a store that is busy is no reason to end.
                Err(_) if tries < MOST_TRIES => tries += 1,
                Err(error) => return Err(error),
            }
            tokio::time::sleep(BETWEEN_TRIES).await;
        };
        total.inserted += one.inserted;
        total.rejected += one.rejected;
        day += 1;
        writeln!(
            std::io::stdout(),
            "History: day {day} of about {}, {} events",
            history::DAYS + 1,
            total.inserted
        )?;
    }
    let mut out = std::io::stdout();
    writeln!(
        out,
        "History: complete, {} events of a fortnight. What went wrong then:",
        total.inserted
    )?;
    for (since, words) in incidents {
        writeln!(out, "  {:.16}Z  {words}", since.to_string())?;
    }
    Ok(())
}
