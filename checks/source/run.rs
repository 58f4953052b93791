//! What `tests/run` prints of its steps, and at its end.

use std::io::Write;
use std::path::Path;
use std::process::Command;

/// What a script prints that has the functions of `tests/run` for steps, and whether it says that all
/// is good.
fn with_steps(script: &str, argument: &Path) -> (String, bool) {
    let run = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/run");
    let parts = "/^# Steps\\./,/^# What steps run/p; /^finish() {/,/^}/p";
    let script = format!("set -uo pipefail; eval \"$(sed -n '{parts}' '{run}')\"\n{script}");
    let asked = Command::new("bash")
        .args(["-c", &script, "bash"])
        .arg(argument)
        .output()
        .unwrap();
    assert!(asked.stderr.is_empty(), "{asked:?}");
    let printed = String::from_utf8(asked.stdout).unwrap();
    (printed, asked.status.success())
}

/// Asks the function of `tests/run` that finds out why a step failed.
fn reasons(output: &str) -> String {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(output.as_bytes()).unwrap();
    let (printed, is_good) = with_steps("reasons \"$1\"", file.path());
    assert!(is_good, "{printed}");
    printed
}

/// What a run prints, without its empty lines and with `N` for all seconds.
fn lines_of_a_run(script: &str) -> (Vec<String>, bool) {
    let (printed, is_good) = with_steps(&format!("{script}\nfinish"), Path::new(""));
    let lines = printed.lines().filter(|line| !line.is_empty());
    let lines = lines.map(|line| match line.strip_suffix(" s") {
        Some(time) => format!("{}N s", time.trim_end_matches(char::is_numeric)),
        None => line.to_owned(),
    });
    (lines.collect(), is_good)
}

#[test]
fn a_run_goes_on_after_a_step_that_fails_and_names_it() {
    let (lines, is_good) = lines_of_a_run(
        "broken() { echo error: no disk; return 3; }
        step first broken
        step second echo done",
    );
    assert!(!is_good);
    assert_eq!(
        lines,
        [
            "== first",
            "error: no disk",
            "== first: FAILED (status 3), N s",
            "== second",
            "done",
            "== second: good, N s",
            "tests/run: FAILED: first",
            "      error: no disk",
        ]
    );
    let (lines, is_good) = lines_of_a_run("step only true");
    assert!(is_good);
    assert_eq!(lines.last().unwrap(), "tests/run: everything passed");
}

#[test]
fn a_step_beside_others_is_shown_whole_when_it_is_asked_for() {
    let (lines, is_good) = lines_of_a_run(
        "slow() { until [ -e \"$output/go\" ]; do sleep 0.01; done; echo error: no disk; return 3; }
        let_go() { touch \"$output/go\"; }
        begin_beside storm at_lowest_priority slow
        begin_beside build echo built
        step other let_go
        finish_beside storm
        finish_beside build",
    );
    assert!(!is_good);
    assert_eq!(
        lines,
        [
            "== storm: begun",
            "== build: begun",
            "== other",
            "== other: good, N s",
            "== storm",
            "error: no disk",
            "== storm: FAILED (status 3), N s",
            "== build",
            "built",
            "== build: good, N s",
            "tests/run: FAILED: storm",
            "      error: no disk",
        ]
    );
}

#[test]
fn a_step_ends_though_a_process_that_it_left_behind_holds_its_output() {
    let (lines, is_good) = lines_of_a_run(
        "leaves_one_behind() { sleep 300 & echo $! >\"$output/left\"; echo done; }
        output_held_s=1
        step careless leaves_one_behind
        kill \"$(cat \"$output/left\")\"",
    );
    assert!(is_good, "{lines:?}");
    assert_eq!(lines[..2], ["== careless", "done"]);
}

#[test]
fn fault_69_the_last_lines_name_the_tests_that_failed_and_why() {
    let output = "\
running 3 tests
test lock::order ... ok
test lock::ends ... FAILED
test crowd::restart ... FAILED

failures:

---- lock::ends stdout ----

thread 'lock::ends' (7) panicked at tests/it/lock/ends.rs:12:5:
assertion `left == right` failed
  left: 1
 right: 2
stack backtrace:
   0: std::panicking::begin_panic_handler
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace

---- crowd::restart stdout ----
Error: the lock was not free

failures:
    lock::ends
    crowd::restart

test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.48s
error: test failed, to rerun pass `--test it`
";
    assert_eq!(
        reasons(output),
        "
  lock::ends
      thread 'lock::ends' (7) panicked at tests/it/lock/ends.rs:12:5:
      assertion `left == right` failed
        left: 1
       right: 2
  crowd::restart
      Error: the lock was not free"
    );
}

#[test]
fn fault_69_the_last_lines_show_a_panic_before_what_the_test_printed() {
    let figures: String = (1..=40)
        .map(|number| format!("over plaintext, fault {number}: 15 runs\n"))
        .collect();
    let failures: String = (1..=12)
        .map(|number| format!("Close ToClient at {number}: nothing was lost\n"))
        .collect();
    let output = format!(
        "
failures:

---- faults::batch stdout ----
{figures}
thread '<unnamed>' (8) panicked at checks/servers/faults/run.rs:126:9:
nothing was lost

stack backtrace:
   0: std::panicking::begin_panic_handler
             at /rustc/library/std/src/panicking.rs:697:5
note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.

thread '<unnamed>' (9) panicked at checks/servers/faults/run.rs:126:9:
nothing was lost, again

thread 'faults::batch' (7) panicked at checks/servers/faults/run.rs:232:9:
{failures}
failures:
    faults::batch
"
    );
    let indented = |lines: &str, most: usize| -> String {
        let lines = lines.lines().take(most);
        lines.map(|line| format!("      {line}\n")).collect()
    };
    assert_eq!(
        reasons(&output),
        format!(
            "
  faults::batch
      thread 'faults::batch' (7) panicked at checks/servers/faults/run.rs:232:9:
{}      thread '<unnamed>' (8) panicked at checks/servers/faults/run.rs:126:9:
      nothing was lost
{}",
            indented(&failures, 10),
            indented(&figures, 12).trim_end_matches('\n')
        )
    );
}

#[test]
fn fault_69_the_last_lines_show_the_errors_of_what_is_no_test() {
    let lints = "    Checking latchbox\nerror: unused import\n  --> src/lib.rs:1:5\n";
    assert_eq!(
        reasons(lints),
        "\n      error: unused import\n        --> src/lib.rs:1:5"
    );
    assert_eq!(reasons("no such program\n"), "\n      no such program");
}
