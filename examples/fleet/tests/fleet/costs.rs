//! What PostgreSQL has to bear, as it counts itself (pg_stat_statements). The manual's page has these numbers;
//! `--nocapture` prints them.

use fleet::database;

use crate::place::{PATIENCE, Place};
use crate::postgresql::Server;
use crate::workers::{Mail, user};

const ACCOUNTS: u32 = 30;

/// The statements of the workers since the last reset: how often, and what they took.
#[derive(Debug)]
struct Statement {
    text: String,
    calls: i64,
    blocks: i64,
    wal: i64,
    microseconds: i64,
}

fn reset(place: &dyn Place) {
    place.rows("SELECT pg_stat_statements_reset()");
}

fn statements(place: &dyn Place) -> Vec<Statement> {
    let rows = place.rows(
        "SELECT query, calls, shared_blks_hit + shared_blks_read, wal_bytes, round(total_exec_time * 1000)
         FROM pg_stat_statements
         WHERE query NOT LIKE '%pg_stat%' AND query NOT LIKE 'SELECT count%' ORDER BY query",
    );
    let number = |text: &String| text.parse::<i64>().unwrap();
    let statement = |row: &Vec<String>| Statement {
        text: row[0].split_whitespace().collect::<Vec<_>>().join(" "),
        calls: number(&row[1]),
        blocks: number(&row[2]),
        wal: number(&row[3]),
        microseconds: number(&row[4]),
    };
    rows.iter().map(statement).collect()
}

fn show(title: &str, statements: &[Statement], divisor: i64) {
    eprintln!("{title}, each of {divisor}:");
    for statement in statements {
        let each = |number: i64| number as f64 / divisor as f64;
        eprintln!(
            "{:7.2} calls {:8.1} blocks {:8.0} octets of WAL {:8.0} us  {:.60}",
            each(statement.calls),
            each(statement.blocks),
            each(statement.wal),
            each(statement.microseconds),
            statement.text
        );
    }
}

/// How often a statement that begins like this was executed.
fn calls(statements: &[Statement], beginning: &str) -> i64 {
    let found = statements
        .iter()
        .filter(|it| it.text.starts_with(beginning));
    found.map(|it| it.calls).sum()
}

#[test]
fn an_idle_account_costs_nothing_and_a_message_four_statements() {
    let place = Server::start();
    let mail = Mail::start(ACCOUNTS, &place);
    let worker = mail.start_worker(&place, &["--lease-time", "3", "--step", "30"]);
    place.wait_for(
        "SELECT count(*) FROM account WHERE checkpoint IS NOT NULL",
        ACCOUNTS.into(),
    );

    // Nothing happens but heartbeats.
    reset(&place);
    let renewals = "SELECT sum(calls) FROM pg_stat_statements WHERE query LIKE '%SET alive_until%'";
    place.wait_for(&format!("SELECT coalesce(({renewals}), 0)"), 5);
    let idle = statements(&place);
    let beats = calls(&idle, "UPDATE worker SET alive_until");
    show("a heartbeat", &idle, beats);
    for statement in &idle {
        let is_of_beat = (statement.calls - beats).abs() <= 1;
        assert!(is_of_beat, "{beats} beats: {statement:?}");
    }
    assert_eq!(idle.len(), 5, "BEGIN, three statements, COMMIT");

    // A message in each account.
    reset(&place);
    let mail_to = |number: u32, count: u32| {
        let octets = latchbox_testkit::message("Hello", "ann@example.com", "Hi!");
        mail.server.fill(&user(number), "INBOX", count, octets);
    };
    (1..=ACCOUNTS).for_each(|number| mail_to(number, 1));
    let rows = "SELECT count(*) FROM message";
    place.wait_for(rows, ACCOUNTS.into());
    let single = statements(&place);
    let beats = calls(&single, "UPDATE worker SET alive_until");
    show("a message", &single, ACCOUNTS.into());
    let count = i64::from(ACCOUNTS);
    assert_eq!(calls(&single, "UPDATE account SET checkpoint"), count);
    assert_eq!(calls(&single, "INSERT INTO message"), count);
    let begun = calls(&single, "BEGIN") + calls(&single, "START");
    assert!(
        (count..=count + beats + 1).contains(&begun),
        "{begun} transactions"
    );

    // A hundred messages at once.
    reset(&place);
    mail_to(1, 100);
    place.wait_for(rows, count + 100);
    let many = statements(&place);
    show("a message of a hundred", &many, 100);
    let transactions = calls(&many, "UPDATE account SET checkpoint");
    assert!(
        transactions <= 2,
        "{transactions} transactions for 100 messages"
    );
    worker.end();
    for size in [
        "pg_column_size(account.*) FROM account",
        "length(checkpoint) FROM account",
        "pg_column_size(worker.*) FROM worker",
        "pg_column_size(message.*) FROM message",
    ] {
        let (what, table) = size.split_once(" FROM ").unwrap();
        let average = place.number(&format!("SELECT round(avg({what})) FROM {table}"));
        eprintln!("{what}: {average} octets");
    }
}

/// No heartbeat reads the table of accounts, and no account that is taken costs more in a large table.
#[test]
fn heartbeats_and_leases_cost_no_more_in_a_large_table() {
    let is_long = std::env::var_os("LATCHBOX_LONG").is_some();
    let (workers, each) = if is_long { (2_000, 500) } else { (200, 100) };
    let place = Server::start();
    place.execute(&format!(
        "INSERT INTO worker (alive_until) SELECT now() + interval '1 day' FROM generate_series(1, {workers});
         INSERT INTO account (url, secret, worker, fence, checkpoint)
         SELECT 'imaps://user' || number || '@imap.example.com', 'env:PASSWORD', 1 + number % {workers}, 1,
            repeat('x', 200)
         FROM generate_series(1, {workers} * {each}) AS number;
         ANALYZE"
    ));
    let pages = place.number("SELECT relpages FROM pg_class WHERE relname = 'account'");
    eprintln!(
        "{} accounts in {pages} blocks, {workers} workers",
        workers * each
    );
    let mut db = database::open(&place.url(), PATIENCE).unwrap();
    let mut beat = |worker: i64, room: usize| {
        let taken = db.beat(worker, room).unwrap().unwrap().len();
        i64::try_from(taken).unwrap()
    };
    let blocks = || statements(&place).iter().map(|it| it.blocks).sum::<i64>();

    beat(1, 1); // connects
    reset(&place);
    assert!((1..=workers).all(|worker| beat(worker, 50) == 0));
    show("a heartbeat", &statements(&place), workers);
    assert!(
        blocks() / workers < 100,
        "{} blocks for a heartbeat",
        blocks() / workers
    );

    place.execute("UPDATE worker SET alive_until = now() WHERE id = 2");
    reset(&place);
    let mut taken = 0;
    while taken < each {
        taken += beat(1, 50);
    }
    show("an account of a dead worker", &statements(&place), each);
    assert!(
        blocks() / each < 100,
        "{} blocks for an account",
        blocks() / each
    );

    // All at once, as at the first start. That may take longer than a heartbeat lasts.
    place.execute(
        "UPDATE account SET worker = NULL; ANALYZE;
         UPDATE worker SET alive_until = now() + interval '1 day' WHERE id = 1",
    );
    reset(&place);
    assert_eq!(beat(1, 50), 50);
    show("an account of none", &statements(&place), 50);
    assert!(
        blocks() / 50 < 100,
        "{} blocks for an account",
        blocks() / 50
    );
}
