//! A port on which nobody listens.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener};

use rustix::net::{AddressFamily, SocketType, bind, socket};

/// A loopback port that refuses connections, and that nobody else gets while this lives.
#[derive(Debug)]
pub(crate) struct ClosedPort(TcpListener);

impl ClosedPort {
    pub(crate) fn new() -> Self {
        // Bound, so that the system gives the port to nobody, but not listening.
        let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0)).unwrap();
        Self(socket.into())
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }
}
