//! A PostgreSQL server of the test's own: in a new directory, on a free port, not as root.

use std::cell::RefCell;
use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use fleet::database;
use postgres::{Client, NoTls, SimpleQueryMessage};

use crate::place::{PATIENCE, Place};

pub(crate) struct Server {
    process: Child,
    port: u16,
    password: String,
    client: RefCell<Client>,
    _directory: tempfile::TempDir,
}

impl Server {
    /// Starts a server, and creates the tables. A test without PostgreSQL fails.
    #[track_caller]
    pub(crate) fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let password = fs::read("/proc/sys/kernel/random/uuid").unwrap();
        let password = String::from_utf8(password).unwrap().trim().to_owned();
        fs::write(path.join("password"), &password).unwrap();
        let owner = Owner::find();
        owner.own(path);
        owner.own(&path.join("password"));
        let data = path.join("data");
        let data = data.to_str().unwrap();
        let password_file = path.join("password");
        let made = owner
            .command("initdb", path)
            .args([
                "-D",
                data,
                "-U",
                "fleet",
                "-A",
                "scram-sha-256",
                "--no-sync",
            ])
            .args(["-E", "UTF8", "--locale", "C", "--pwfile"])
            .arg(password_file)
            .output()
            .unwrap();
        let complaint = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "initdb: {complaint}");
        let log = path.join("log");
        // Another program may take the port before the server does.
        let (process, port, client) = (0..5)
            .find_map(|_| start_on(free_port(), &owner, path, &password))
            .unwrap_or_else(|| {
                let log = fs::read_to_string(log).unwrap_or_default();
                panic!("postgres does not start:\n{log}");
            });
        let mut server = Self {
            process,
            port,
            password,
            client: RefCell::new(client),
            _directory: directory,
        };
        let client = server.client.get_mut();
        client
            .batch_execute("CREATE EXTENSION pg_stat_statements")
            .unwrap();
        let mut db = database::open(&server.url(), PATIENCE).unwrap();
        db.create_tables().unwrap();
        server
    }
}

/// Starts the server, and waits until it accepts connections; `None` if it ends.
#[track_caller]
fn start_on(port: u16, owner: &Owner, path: &Path, password: &str) -> Option<(Child, u16, Client)> {
    let mut process = owner
        .command("postgres", path)
        .arg("-D")
        .arg(path.join("data"))
        .args(["-p", &port.to_string(), "-h", "127.0.0.1", "-k", "", "-F"])
        .args(["-c", "shared_preload_libraries=pg_stat_statements"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(path.join("log")).unwrap())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while process.try_wait().unwrap().is_none() {
        if let Ok(client) = Client::connect(&url(port, password), NoTls) {
            return Some((process, port, client));
        }
        if begun.elapsed() > PATIENCE {
            process.kill().unwrap();
        }
        thread::sleep(Duration::from_millis(50));
    }
    None
}

fn url(port: u16, password: &str) -> String {
    format!("postgres://fleet:{password}@127.0.0.1:{port}/postgres")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGQUIT: at once, with its children. The directory goes with it.
        let pid = self.process.id().to_string();
        let _ = Command::new("kill").args(["-QUIT", &pid]).status();
        let _ = self.process.wait();
    }
}

impl Place for Server {
    fn url(&self) -> String {
        url(self.port, &self.password)
    }

    fn execute(&self, sql: &str) {
        self.client.borrow_mut().batch_execute(sql).unwrap();
    }

    fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let messages = self.client.borrow_mut().simple_query(sql).unwrap();
        let rows = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let text = |text: Option<&str>| text.unwrap_or("NULL").to_owned();
        rows.map(|row| (0..row.len()).map(|column| text(row.get(column))).collect())
            .collect()
    }

    fn history_sql(&self) -> &'static str {
        "ALTER TABLE lease_history ALTER id SET NOT NULL;
        ALTER TABLE lease_history ALTER id ADD GENERATED ALWAYS AS IDENTITY;
        CREATE FUNCTION note_lease() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO lease_history (account, worker, fence, worker_before, fence_before, alive_before)
            VALUES (
                NEW.id, NEW.worker, NEW.fence, OLD.worker, OLD.fence,
                (SELECT count(*) FROM worker WHERE id = OLD.worker AND ended_at IS NULL)
            );
            RETURN NULL;
        END $$;
        CREATE TRIGGER note_lease AFTER UPDATE ON account FOR EACH ROW
            WHEN (OLD.worker IS DISTINCT FROM NEW.worker OR OLD.fence <> NEW.fence)
            EXECUTE FUNCTION note_lease();
        CREATE FUNCTION note_message() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.fence <> (SELECT fence FROM account WHERE id = NEW.account) THEN
                INSERT INTO violation VALUES ('message ' || NEW.id || ' under the old fence ' || NEW.fence);
            END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER note_message AFTER INSERT ON message FOR EACH ROW EXECUTE FUNCTION note_message();
        CREATE FUNCTION note_worker() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO violation VALUES ('worker ' || NEW.id || ' was prolonged after its end');
            RETURN NULL;
        END $$;
        CREATE TRIGGER note_worker AFTER UPDATE OF alive_until ON worker FOR EACH ROW
            WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION note_worker();
        CREATE FUNCTION delay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM pg_sleep(0.005);
            RETURN NULL;
        END $$;
        CREATE TRIGGER delay AFTER UPDATE OF checkpoint ON account FOR EACH ROW EXECUTE FUNCTION delay();"
    }

    fn refusal_sql(&self) -> &'static str {
        "ALTER TABLE account ADD CHECK (checkpoint <> 'refused')"
    }

    fn wait_for_a_write(&self) {
        let busy = "SELECT count(*) FROM pg_stat_activity
            WHERE application_name = 'fleet' AND state <> 'idle' AND query LIKE '%SET checkpoint%'";
        let begun = Instant::now();
        while self.number(busy) == 0 {
            assert!(begun.elapsed() < PATIENCE, "no worker writes");
        }
    }

    fn disconnect_workers(&self) {
        self.wait_for_a_write();
        self.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fleet'",
        );
    }
}

/// The account that the server runs as: PostgreSQL refuses to be started by root.
struct Owner(Option<(u32, u32)>);

impl Owner {
    fn find() -> Self {
        let id = |arguments: &[&str]| -> u32 {
            let output = Command::new("id").args(arguments).output().unwrap();
            String::from_utf8(output.stdout)
                .unwrap()
                .trim()
                .parse()
                .unwrap()
        };
        let is_root = id(&["-u"]) == 0;
        Self(is_root.then(|| (id(&["-u", "nobody"]), id(&["-g", "nobody"]))))
    }

    fn own(&self, path: &Path) {
        if let Self(Some((user, group))) = self {
            chown(path, Some(*user), Some(*group)).unwrap();
        }
    }

    /// A program of PostgreSQL, as this account. It ends with this process, however that ends.
    #[track_caller]
    fn command(&self, name: &str, directory: &Path) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "QUIT"]).current_dir(directory);
        if let Self(Some((user, group))) = self {
            command
                .args(["--reuid", &user.to_string(), "--regid", &group.to_string()])
                .arg("--clear-groups");
        }
        command.arg(program(name));
        command
    }
}

/// Debian keeps the programs of the server out of PATH.
#[track_caller]
fn program(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let debian = versions.map(|version| version.unwrap().path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).chain(debian);
    let found = places
        .map(|place| place.join(name))
        .find(|path| path.exists());
    found.unwrap_or_else(|| panic!("{name} is missing: install PostgreSQL (Debian: postgresql)"))
}
