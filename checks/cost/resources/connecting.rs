//! What connecting reads: the system's certificate authorities, once for an account.

use std::fs;
use std::sync::Barrier;
use std::thread;

use latchbox::transport::TlsBackend;
use latchbox::{Account, Client, ClientBuilder, Credentials};
use latchbox_testkit::{PASSWORD, Server, USER};

use crate::alone;
use crate::certificates::certificates;

/// What this process has read so far, in octets; what a socket received is only a part of it.
fn octets_read() -> u64 {
    let counts = fs::read_to_string("/proc/self/io").unwrap();
    let line = counts.lines().find_map(|line| line.strip_prefix("rchar: "));
    line.unwrap().parse().unwrap()
}

fn served() -> Server {
    let leaf = &certificates().server;
    let server = Server::builder().tls(&leaf.certificate, &leaf.key);
    server.start().unwrap()
}

/// A builder that trusts the system's authorities, and the one of the server.
fn builder(server: &Server, backend: TlsBackend) -> ClientBuilder {
    Client::builder("127.0.0.1")
        .port(server.port())
        .root_certificates_pem(certificates().authority.clone())
        .tls_backend(backend)
}

fn account(builder: ClientBuilder) -> Account {
    Account::new(builder, |_| Ok(Credentials::login(USER, PASSWORD)))
}

/// The octets that are read if so many threads connect at once.
fn read_by(threads: usize, account: &Account) -> u64 {
    let before = octets_read();
    let come = Barrier::new(threads);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                come.wait();
                account.open().unwrap().logout().unwrap();
            });
        }
    });
    octets_read() - before
}

#[test]
fn the_systems_authorities_are_read_once_for_an_account() {
    const THREADS: usize = 4;
    let _alone = alone();
    let server = served();
    for backend in [TlsBackend::NativeTls, TlsBackend::Rustls] {
        let account = || account(builder(&server, backend));
        // What is read once in a process.
        read_by(1, &account());
        let alone = account();
        let first = read_by(1, &alone);
        let later = read_by(1, &alone);
        let of_threads = read_by(THREADS, &account());
        eprintln!("{backend:?}: first {first}, later {later}, {THREADS} threads {of_threads}");
        let store = first.checked_sub(later).unwrap();
        assert!(
            store > 4 * later,
            "{backend:?}: first {first}, later {later}"
        );
        let most = store + later * THREADS as u64 + store / 2;
        assert!(
            of_threads < most,
            "{backend:?}: {of_threads} instead of {first} and {later}"
        );
    }
}

/// With rustls; native-tls has them read always, and then drops them.
#[test]
fn the_systems_authorities_are_not_read_if_they_are_not_trusted() {
    let _alone = alone();
    let server = served();
    let builder = || builder(&server, TlsBackend::Rustls);
    let all = read_by(1, &account(builder()));
    let given = read_by(1, &account(builder().only_given_roots()));
    let any = read_by(1, &account(builder().danger_accept_invalid_certificates()));
    eprintln!("all {all}, given {given}, any {any}");
    assert!(given < all / 4 && any < all / 4, "{all} {given} {any}");
}
