//! Builds the examples and runs them as processes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use super::{FEATURES, IS_WITH_ALL};

/// Where each example is, built as it stands now.
pub(crate) fn built() -> &'static BTreeMap<String, PathBuf> {
    static BUILT: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    BUILT.get_or_init(|| {
        // As these tests were built, so that nothing is built twice.
        let some = FEATURES.iter().filter(|(_, is_on)| *is_on);
        let some: Vec<&str> = some.map(|(name, _)| *name).collect();
        let some = some.join(",");
        let features: &[&str] = match IS_WITH_ALL {
            true => &["--workspace", "--all-features"],
            false => &["-p", "latchbox-examples", "--features", &some],
        };
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["build", "--examples", "--message-format=json"])
            .args(features)
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        // What says which package's test this is; some build scripts would run anew for it.
        for (name, _) in std::env::vars_os() {
            let is_of_package =
                |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
            if name.to_str().is_some_and(is_of_package) {
                cargo.env_remove(name);
            }
        }
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        let output = cargo.output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cargo build --examples: {errors}");
        let messages = String::from_utf8(output.stdout).unwrap();
        let examples = messages
            .lines()
            .filter(|line| line.contains(r#""kind":["example"]"#));
        let executables = examples.filter_map(|line| {
            let (_, rest) = line.split_once(r#""executable":""#)?;
            Some(PathBuf::from(rest.split_once('"')?.0))
        });
        executables
            .map(|path| {
                let name = path.file_stem().unwrap().to_str().unwrap();
                (name.to_owned(), path)
            })
            .collect()
    })
}

/// An example as a command that knows no account.
pub(crate) fn example(name: &str) -> Command {
    let path = built().get(name).unwrap_or_else(|| panic!("no {name}"));
    let mut command = Command::new(path);
    for variable in ["LATCHBOX_URL", "LATCHBOX_PASSWORD", "SSL_CERT_FILE"] {
        command.env_remove(variable);
    }
    command.stdin(Stdio::null());
    command
}

/// What it prints, when it ends well and complains of nothing.
#[track_caller]
pub(crate) fn printed(command: &mut Command) -> String {
    let (status, printed, complaint) = run(command);
    assert!(status && complaint.is_empty(), "{printed}{complaint}");
    printed
}

/// What it complains of, when it fails and prints nothing.
#[track_caller]
pub(crate) fn complaint(command: &mut Command) -> String {
    let (status, printed, complaint) = run(command);
    assert!(!status && printed.is_empty(), "{printed}{complaint}");
    complaint
}

pub(crate) fn run(command: &mut Command) -> (bool, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.success(), text(stdout), text(stderr))
}
