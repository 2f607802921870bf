//! `serve`.

use std::path::Path;

use tokio::signal::unix::{SignalKind, signal};

use super::exit::{Exit, Failure, block_on, settings};
use crate::app::App;
use crate::clock::Clock;
use crate::telemetry::logging;

/// Serves until SIGTERM or SIGINT.
pub(super) fn serve(file: &Path) -> Result<Exit, Failure> {
    let config = settings(file)?;
    logging::start(config.telemetry.log_level.as_str());
    let app = App::open(config, Clock::system())?;
    let spans = app.spans();
    let cut = block_on(async {
        // Before anything serves, so that no signal is missed.
        let stopped = stop_signal()?;
        let running = app.start()?;
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
