//! `sim`: the simulated Accuro alone.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::exit::{Exit, Failure, block_on};
use super::serve::stop_signal;
use crate::clock::Clock;
use crate::sim::{Sim, SimConfig};

/// How the simulated Accuro is set up.
#[derive(Args)]
pub(super) struct SimArguments {
    /// Where the API listens.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9000")]
    listen: SocketAddr,
    /// Where the control API listens: faults, rights, scripts, the log of deliveries.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9001")]
    control: SocketAddr,
    /// What every invented person, number and token grows from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How long an access token lives, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600)]
    token_life_seconds: u64,
}

/// `sim`.
pub(super) fn run(arguments: &SimArguments) -> Result<Exit, Failure> {
    let config = SimConfig {
        listen: arguments.listen,
        control_listen: arguments.control,
        seed: arguments.seed,
        token_life: Duration::from_secs(arguments.token_life_seconds),
        ..SimConfig::default()
    };
    block_on(async {
        let stopped = stop_signal()?;
        let clock = Clock::system();
        let sim = Sim::start(config, Arc::new(move || clock.now()))
            .await
            .map_err(|error| Failure::usage(error.to_string()))?;
        let mut out = std::io::stdout();
        writeln!(out, "Simulated Accuro: http://{}", sim.address())?;
        writeln!(out, "Its control API:  http://{}/", sim.control_address())?;
        stopped.await;
        sim.stop().await;
        Ok(Exit::Success)
    })
}
