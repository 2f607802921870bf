//! The sockets: bound here, or handed over by whoever started the process.
//!
//! Owns the protocol of systemd's socket activation (`LISTEN_FDS`, `sd_listen_fds(3)`) as far as
//! accuscope takes part in it: a socket is taken for the listener whose address it has, whatever its
//! name and place. Whoever holds a socket keeps the queue of connections across a restart, so none
//! is refused.

use std::net::{SocketAddr, TcpListener};

use listenfd::ListenFd;

use super::StartError;
use crate::config::Config;

/// Where a process listens.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    /// For apps.
    pub proxy: SocketAddr,
    /// For people and their programs.
    pub ops: SocketAddr,
    /// For Prometheus.
    pub telemetry: SocketAddr,
}

impl Addresses {
    pub(super) const fn all(self) -> [SocketAddr; 3] {
        [self.proxy, self.ops, self.telemetry]
    }
}

/// Sockets that the process was started with.
#[derive(Default)]
pub struct Handed(Vec<TcpListener>);

impl Handed {
    /// Takes what the process was started with. To be called once, before there are threads.
    ///
    /// # Errors
    ///
    /// [`StartError::HandedNoTcp`] if something else than a TCP socket was handed over.
    pub fn take() -> Result<Self, StartError> {
        let mut handed = ListenFd::from_env();
        let mut sockets = Vec::new();
        for index in 0..handed.len() {
            match handed.take_tcp_listener(index) {
                Ok(Some(socket)) => sockets.push(socket),
                Ok(None) | Err(_) => return Err(StartError::HandedNoTcp { number: index + 1 }),
            }
        }
        Ok(Self(sockets))
    }

    fn socket_for(&mut self, wanted: SocketAddr) -> Option<TcpListener> {
        let fits = |socket: &TcpListener| socket.local_addr().is_ok_and(|is| same(is, wanted));
        let at = self.0.iter().position(fits)?;
        Some(self.0.swap_remove(at))
    }
}

/// Whether a socket is the one that a setting means. A socket for every address of IPv6 takes IPv4
/// as well, which is what systemd makes of a port alone.
fn same(is: SocketAddr, wanted: SocketAddr) -> bool {
    let every = is.ip().is_unspecified() && wanted.ip().is_unspecified();
    is.port() == wanted.port() && (is.ip() == wanted.ip() || every)
}

/// The three listeners.
pub(super) struct Listeners {
    pub(super) proxy: TcpListener,
    pub(super) ops: TcpListener,
    pub(super) telemetry: TcpListener,
}

impl Listeners {
    /// Takes or binds them.
    ///
    /// # Errors
    ///
    /// [`StartError`] if an address cannot be bound, or a socket fits no setting.
    pub(super) fn open(config: &Config, mut handed: Handed) -> Result<Self, StartError> {
        let mut open = |key, address| match handed.socket_for(address) {
            Some(socket) => ready(key, address, Ok(socket)),
            None => ready(key, address, TcpListener::bind(address)),
        };
        let listeners = Self {
            proxy: open("proxy.listen", config.proxy.listen)?,
            ops: open("ops.listen", config.ops.listen)?,
            telemetry: open("telemetry.listen", config.telemetry.listen)?,
        };
        match handed.0.first().map(TcpListener::local_addr) {
            None => Ok(listeners),
            Some(address) => {
                Err(StartError::HandedStranger { address: address.map_err(StartError::Address)? })
            }
        }
    }
}

fn ready(
    key: &'static str,
    address: SocketAddr,
    socket: std::io::Result<TcpListener>,
) -> Result<TcpListener, StartError> {
    let failed = |source| StartError::Listen { key, address, source };
    let socket = socket.map_err(failed)?;
    socket.set_nonblocking(true).map_err(failed)?;
    Ok(socket)
}

/// Whether an address could be listened on right now, without keeping it.
///
/// # Errors
///
/// [`StartError::Listen`] if not.
pub fn could_bind(key: &'static str, address: SocketAddr) -> Result<(), StartError> {
    ready(key, address, TcpListener::bind(address)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_known_by_its_address() {
        for (is, wanted, expected) in [
            ("127.0.0.1:80", "127.0.0.1:80", true),
            ("127.0.0.1:80", "127.0.0.1:81", false),
            ("[::]:80", "0.0.0.0:80", true),
            ("[::]:80", "127.0.0.1:80", false),
        ] {
            let address = |text: &str| text.parse::<SocketAddr>().unwrap();
            assert_eq!(same(address(is), address(wanted)), expected, "{is} {wanted}");
        }
    }
}
