//! `serve`.

use std::path::Path;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use super::exit::{Exit, Failure, block_on, variables};
use super::first;
use crate::app::{App, Handed, Origin};
use crate::clock::Clock;
use crate::config::Config;
use crate::telemetry::logging;

/// Serves until SIGTERM or SIGINT; reads the settings again on SIGHUP and when they change.
pub(super) fn serve(file: &Path) -> Result<Exit, Failure> {
    let asked = Arc::new(Notify::new());
    let read = {
        let file = file.to_owned();
        Box::new(move || Config::load(&file, variables()))
    };
    let (origin, config) = Origin::open(file, Arc::clone(&asked), read)?;
    let of_first = first::First::of(&config);
    let handed = Handed::take()?;
    logging::start(config.telemetry.log_level.as_str());
    let app = App::open_on(handed, config, Clock::system())?.reload_from(origin);
    let spans = app.spans();
    let cut = block_on(async {
        // Before anything serves, so that no signal is missed.
        let stopped = stop_signal()?;
        let mut hangup = signal(SignalKind::hangup())?;
        let running = app.start()?;
        if let Some(first) = of_first {
            tokio::spawn(first.tell(running.store.clone(), running.addresses.ops));
        }
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                asked.notify_one();
            }
        });
        stopped.await;
        Ok(running.stop().await)
    })?;
    if let Some(spans) = spans {
        spans.stop();
    }
    Ok(if cut == 0 { Exit::Success } else { Exit::Trouble })
}

/// Waits for the first SIGTERM or SIGINT; listening begins at once.
pub(crate) fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
