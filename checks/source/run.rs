//! What `tests/run` prints at its end.

use std::io::Write;
use std::process::Command;

/// Asks the function of `tests/run` that finds out why a step failed.
fn reasons(output: &str) -> String {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(output.as_bytes()).unwrap();
    let run = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/run");
    let function = format!("eval \"$(sed -n '/^reasons() {{/,/^}}/p' '{run}')\"; reasons \"$1\"");
    let asked = Command::new("bash")
        .args(["-c", &function, "bash"])
        .arg(file.path())
        .output()
        .unwrap();
    assert!(asked.status.success(), "{asked:?}");
    String::from_utf8(asked.stdout).unwrap()
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
