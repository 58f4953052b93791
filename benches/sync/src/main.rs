//! What it costs to bring the flags of a large mailbox up to date, by latchbox in each of its ways and
//! by others: commands, octets, instructions, peak memory. `sync [PROGRAMS [MESSAGES]]`

use std::path::{Path, PathBuf};
use std::process::Command;

use latchbox_testkit::fault_proxy::FaultProxy;
use latchbox_testkit::{Direction, FaultPlan, Server, USER, Way, message};
use sync::NOTHING;

/// The clients, and what each uses of the server.
const CLIENTS: [(&str, &str); 6] = [
    ("latchbox", "QRESYNC"),
    ("latchbox", "CONDSTORE"),
    ("latchbox", "comparison"),
    ("imap2", "comparison"),
    ("imap3", "comparison"),
    ("io-imap", "QRESYNC"),
];

const STEPS: [&str; 3] = ["first", "unchanged", "three changes"];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let here = || {
        let program = std::env::current_exe().expect("this program");
        program.parent().expect("its directory").to_owned()
    };
    let programs = arguments.next().map_or_else(here, PathBuf::from);
    let messages = arguments
        .next()
        .map_or(100_000, |n| n.parse().expect("a number"));
    println!("\nsync of the flags of {messages} messages\n");
    println!(
        "| step | client | by | commands | octets sent | received | instructions, thousands | peak, KiB |"
    );
    println!("|---|---|---|--:|--:|--:|--:|--:|");
    let text = message("x", "a@example.org", "x");
    let server = Server::builder()
        .with("QRESYNC")
        .timeline_limit(messages as usize * 2 + 10_000)
        .fill("INBOX", messages, text.clone())
        .start()
        .expect("the server");
    let place = std::env::temp_dir().join(format!("latchbox-bench-sync-{}", std::process::id()));
    std::fs::create_dir_all(&place).expect("a directory");
    for (number, step) in STEPS.into_iter().enumerate() {
        if number == 2 {
            let (flagged, gone) = (messages / 3, messages / 2);
            assert!(server.set_flags(USER, "INBOX", flagged, &["\\Flagged"]));
            assert_eq!(server.expunge(USER, "INBOX", [gone]), 1);
            server
                .deliver(USER, "INBOX", text.clone())
                .expect("a mailbox");
        }
        let mut sums = Vec::new();
        for (client, way) in CLIENTS {
            let state = place.join(format!("{client}-{way}"));
            let program = programs.join(format!("sync-{client}"));
            let before = std::fs::read(&state).ok();
            let counted = instructions(&program, way, &server, &state);
            // What that run has stored is undone.
            match before {
                Some(before) => std::fs::write(&state, before).expect("a state"),
                None => std::fs::remove_file(&state).unwrap_or(()),
            }
            let cost = run(&program, way, &server, &state);
            let nothing = place.join("nothing");
            let idle = run(&program, NOTHING, &server, &nothing);
            let over = instructions(&program, NOTHING, &server, &nothing);
            let over = counted.zip(over).map(|(counted, over)| counted - over);
            println!(
                "| {step} | {client} | {way} | {} | {} | {} | {} | {} |",
                cost.commands,
                cost.sent,
                cost.received,
                over.map_or("-".into(), |n| (n / 1000).to_string()),
                cost.peak.saturating_sub(idle.peak)
            );
            sums.push(cost.found);
        }
        assert!(sums.iter().all(|sum| *sum == sums[0]), "{sums:?}");
    }
    std::fs::remove_dir_all(&place).expect("the directory");
}

struct Cost {
    commands: usize,
    sent: u64,
    received: u64,
    peak: u64,
    found: String,
}

fn run(program: &Path, way: &str, server: &Server, state: &Path) -> Cost {
    let proxy = FaultProxy::start(server.port(), FaultPlan::new());
    server.clear_timeline();
    let mut command = Command::new(program);
    command.args([way, &proxy.port().to_string()]).arg(state);
    let output = command.output().expect("a client");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", program.display());
    let text = String::from_utf8_lossy(&output.stdout);
    let (found, peak) = text.trim_end().split_once('\n').expect("two lines");
    let passage = proxy.first();
    passage.until_over();
    let timeline = server.timeline();
    let commands = timeline
        .iter()
        .filter(|event| event.direction == Direction::Client);
    Cost {
        commands: commands.count(),
        sent: passage.octets(Way::ToServer),
        received: passage.octets(Way::ToClient),
        peak: peak.parse().expect("a number"),
        found: found.into(),
    }
}

/// Instructions of the client's own code, if valgrind is there.
fn instructions(program: &Path, way: &str, server: &Server, state: &Path) -> Option<u64> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    command
        .arg(program)
        .args([way, &server.port().to_string()])
        .arg(state);
    let output = command.output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let (_, collected) = text.split_once("Collected : ")?;
    collected.split_whitespace().next()?.parse().ok()
}
