//! Plans of faults: the same on the server itself and on a proxy in front of it.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use latchbox_testkit::fault_proxy::FaultProxy;
use latchbox_testkit::{
    Direction, Fault, FaultPlan, PASSWORD, Server, Trigger, USER, Way, certificates, message,
};

use crate::client::Client;

/// A server with a plan, and a way to it: its own port, or a proxy's.
struct Stage {
    server: Server,
    proxy: Option<FaultProxy>,
}

impl Stage {
    fn both(plan: &FaultPlan) -> [Self; 2] {
        let filled = || Server::builder().mailbox("INBOX", [message("Hi", "a@b.c", "x")]);
        let own = filled().faults(plan.clone()).start().unwrap();
        let server = filled().start().unwrap();
        let proxy = Some(FaultProxy::start(server.port(), plan.clone()));
        let own = Self {
            server: own,
            proxy: None,
        };
        [own, Self { server, proxy }]
    }

    fn connect(&self) -> TcpStream {
        let port = self.proxy.as_ref().map(FaultProxy::port);
        let address = ("127.0.0.1", port.unwrap_or(self.server.port()));
        let socket = TcpStream::connect(address).unwrap();
        let patience = Some(Duration::from_secs(20));
        socket.set_read_timeout(patience).unwrap();
        socket
    }

    fn login(&self) -> Client<TcpStream> {
        let mut client = Client {
            stream: std::io::BufReader::new(self.connect()),
        };
        client.line();
        client.ask(&format!("LOGIN {USER} {PASSWORD}"));
        client
    }

    fn happened(&self) -> u64 {
        let proxy = self.proxy.as_ref().map(FaultProxy::faults_happened);
        proxy.unwrap_or_else(|| self.server.faults_happened())
    }
}

fn once(trigger: Trigger, fault: Fault) -> FaultPlan {
    FaultPlan::new().once(trigger, fault)
}

#[test]
fn a_connection_is_cut_in_the_middle_of_an_append() {
    let plan = once(Trigger::command("APPEND").offset(40), Fault::Cut);
    for stage in Stage::both(&plan) {
        let mut client = stage.login();
        client.send("a APPEND INBOX {100}\r\n");
        assert!(client.line().starts_with("+ "));
        client.send([b'x'; 100]);
        client.send("\r\n");
        assert_eq!(client.line(), "");
        assert_eq!(stage.happened(), 1);
        let mut again = stage.login();
        assert_eq!(again.ask("EXAMINE INBOX")[2], "* 1 EXISTS");
        let date = "a APPEND INBOX {3+}\r\nabc\r\n";
        again.send(date);
        assert!(again.answer().pop().unwrap().starts_with("a OK"));
    }
}

#[test]
fn a_command_is_executed_whose_completion_is_cut() {
    let plan = once(Trigger::completion("CREATE"), Fault::Cut);
    for stage in Stage::both(&plan) {
        let mut client = stage.login();
        client.send("a CREATE Box\r\n");
        assert_eq!(client.line(), "");
        assert_eq!(stage.server.mailboxes(), ["Box", "INBOX"]);
        assert_eq!(stage.happened(), 1);
    }
}

#[test]
fn a_response_is_cut_after_its_end_and_in_the_middle() {
    let place = || Trigger::response("fetch (uid");
    for (trigger, line) in [
        (place().offset(9), "* 1 FETCH"),
        (place().at_end(), "* 1 FETCH (UID 1 FLAGS (\\Recent))"),
    ] {
        for stage in Stage::both(&once(trigger, Fault::Cut)) {
            let mut client = stage.login();
            client.ask("EXAMINE INBOX");
            client.send("a UID FETCH 1 FLAGS\r\n");
            assert_eq!([client.line(), client.line()], [line, ""]);
        }
    }
}

#[test]
fn a_reset_is_no_end() {
    for stage in Stage::both(&once(Trigger::command("NOOP"), Fault::Reset)) {
        let mut client = stage.login();
        client.send("a NOOP\r\n");
        let error = client.stream.read(&mut [0; 10]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }
}

#[test]
fn a_refused_command_is_not_executed() {
    let full = Fault::Refuse("NO [OVERQUOTA] Full");
    let plan = FaultPlan::new()
        .always(Trigger::command("APPEND").nth(2), full)
        .once(
            Trigger::command_where(|line| line == "a CREATE No"),
            Fault::Refuse("BAD What?"),
        );
    for stage in Stage::both(&plan) {
        let mut client = stage.login();
        for (number, literal) in ["{3}", "{3}", "{3+}", "{3}"].into_iter().enumerate() {
            client.send(format!("a APPEND INBOX {literal}\r\n"));
            if number == 0 {
                assert!(client.line().starts_with("+ "));
            }
            if number == 0 || literal == "{3+}" {
                client.send("abc\r\n");
            }
            let tagged = client.answer().pop().unwrap();
            assert_eq!(tagged == "a NO [OVERQUOTA] Full", number > 0, "{tagged}");
        }
        assert_eq!(client.tagged("CREATE No"), "a BAD What?");
        client.ask("CREATE No");
        assert_eq!(stage.server.messages("INBOX").len(), 2);
        assert_eq!(stage.happened(), 4);
    }
}

#[test]
fn a_response_is_replaced() {
    let plan = once(Trigger::response("EXISTS"), Fault::Refuse("99 EXISTS"))
        .once(Trigger::completion("NOOP"), Fault::Refuse("NO No"));
    for stage in Stage::both(&plan) {
        let mut client = stage.login();
        assert_eq!(client.ask("EXAMINE INBOX")[2], "* 99 EXISTS");
        assert_eq!(client.tagged("NOOP"), "a NO No");
        client.ask("NOOP");
    }
}

#[test]
fn octets_are_counted_and_a_connection_is_chosen() {
    let place = Trigger::octet(Way::ToClient, 4);
    let plan = once(place.clone().connection(2), Fault::Cut)
        .once(place.connection(3), Fault::Refuse("[UNAVAILABLE] Later"));
    for stage in Stage::both(&plan) {
        stage.login();
        for greeting in ["* OK", "* OK* BYE [UNAVAILABLE] Later\r\n"] {
            let mut heard = String::new();
            stage.connect().read_to_string(&mut heard).unwrap();
            assert_eq!(heard, greeting);
        }
        stage.login();
        assert_eq!(stage.happened(), 2);
    }
}

#[test]
fn what_is_stalled_reaches_the_server_when_the_client_has_gone() {
    for stage in Stage::both(&once(Trigger::command("CREATE").offset(3), Fault::Stall)) {
        let mut client = stage.login();
        client.send("a CREATE Box\r\n");
        let socket = client.stream.get_mut();
        let patience = Some(Duration::from_millis(50));
        socket.set_read_timeout(patience).unwrap();
        let late = client.stream.read(&mut [0]).unwrap_err().kind();
        assert!(matches!(late, ErrorKind::WouldBlock | ErrorKind::TimedOut));
        assert_eq!(stage.server.mailboxes(), ["INBOX"]);
        drop(client);
        let created = |event: &latchbox_testkit::Event| event.line == "a OK Created";
        assert!(stage.server.wait_for(Duration::from_secs(20), created));
    }
}

#[test]
fn what_is_slow_split_and_late_arrives_whole() {
    let late = Duration::from_millis(50);
    for fault in [Fault::Split(30), Fault::Limit(2000), Fault::Delay(late)] {
        for trigger in [Trigger::command("EXAMINE"), Trigger::completion("EXAMINE")] {
            for stage in Stage::both(&once(trigger, fault)) {
                let mut client = stage.login();
                let began = Instant::now();
                assert_eq!(client.ask("EXAMINE INBOX")[2], "* 1 EXISTS");
                assert!(fault != Fault::Delay(late) || began.elapsed() >= late);
                assert_eq!(stage.happened(), 1);
            }
        }
    }
}

#[test]
fn a_garbled_response_is_garbled_alike_on_both() {
    let plan = once(Trigger::response("EXISTS").offset(2), Fault::Garble(1));
    let lines = Stage::both(&plan).map(|stage| stage.login().ask("EXAMINE INBOX"));
    assert_eq!(lines[0], lines[1]);
    assert!(lines[0][2].ends_with(" EXISTS"));
    assert_ne!(lines[0][2], "* 1 EXISTS");
}

#[test]
fn a_seed_chooses_the_same_times() {
    let harmed = |seed| {
        let refused = Fault::Refuse("NO No");
        let plan = FaultPlan::new().random(Trigger::command("NOOP"), refused, seed, 3);
        Stage::both(&plan).map(|stage| {
            let mut client = stage.login();
            let tagged: Vec<bool> = (0..60)
                .map(|_| client.tagged("NOOP") == "a NO No")
                .collect();
            tagged
        })
    };
    let [own, proxied] = harmed(1);
    assert_eq!(own, proxied);
    let count = own.iter().filter(|harmed| **harmed).count();
    assert!((10..30).contains(&count), "{count}");
    assert_ne!(harmed(2)[0], own);
}

#[test]
fn a_plan_is_replaced_between_two_steps() {
    for stage in Stage::both(&FaultPlan::new()) {
        let mut client = stage.login();
        client.send("a APPEND INBOX {2}\r\n");
        client.line();
        // In the middle of a command.
        let plan = FaultPlan::new().always(Trigger::command("NOOP"), Fault::Refuse("NO No"));
        let set = |plan: FaultPlan| match &stage.proxy {
            Some(proxy) => proxy.set_faults(plan),
            None => stage.server.set_faults(plan),
        };
        set(plan);
        client.send("x\n\r\n");
        client.answer();
        assert_eq!(client.tagged("NOOP"), "a NO No");
        assert_eq!(client.tagged("NOOP"), "a NO No");
        set(FaultPlan::new());
        client.ask("NOOP");
    }
}

#[test]
fn commands_are_found_inside_tls() {
    let leaf = certificates().server;
    let plan = once(Trigger::command("LOGIN"), Fault::Refuse("NO Never"));
    let server = Server::builder()
        .tls(leaf.certificate.as_ref(), leaf.key.as_ref())
        .faults(plan)
        .start()
        .unwrap();
    let connector = native_tls::TlsConnector::builder()
        .danger_accept_invalid_certs(true)
        .build()
        .unwrap();
    let socket = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let mut stream = connector.connect("localhost", socket).unwrap();
    stream.write_all(b"a LOGIN x y\r\na LOGOUT\r\n").unwrap();
    let mut heard = String::new();
    stream.read_to_string(&mut heard).unwrap();
    assert!(heard.contains("a NO Never\r\n* BYE"), "{heard}");
}

#[test]
fn faults_are_in_the_timeline() {
    let plan = once(Trigger::command("NOOP").offset(2), Fault::Cut);
    let server = Server::builder().faults(plan).start().unwrap();
    let mut client = Client::login(&server);
    client.send("a NOOP\r\n");
    assert_eq!(client.line(), "");
    let noted = server.timeline().pop().unwrap();
    assert_eq!(noted.direction, Direction::Kit);
    assert_eq!(
        noted.line,
        "fault: Cut at Command(\"NOOP\"), after 2 octets"
    );
}
