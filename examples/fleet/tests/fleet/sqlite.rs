//! A file of SQLite.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use fleet::database;
use rusqlite::Connection;
use rusqlite::types::Value;

use crate::place::{PATIENCE, Place};

pub(crate) struct File {
    path: PathBuf,
    connection: Connection,
    _directory: tempfile::TempDir,
}

impl File {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("fleet.sqlite");
        let mut db = database::open(path.to_str().unwrap(), PATIENCE).unwrap();
        db.create_tables().unwrap();
        let connection = Connection::open(&path).unwrap();
        connection.busy_timeout(PATIENCE).unwrap();
        Self {
            path,
            connection,
            _directory: directory,
        }
    }
}

impl Place for File {
    fn url(&self) -> String {
        self.path.to_str().unwrap().to_owned()
    }

    fn execute(&self, sql: &str) {
        self.connection.execute_batch(sql).unwrap();
    }

    fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let mut query = self.connection.prepare(sql).unwrap();
        let columns = query.column_count();
        let text = |value| match value {
            Value::Null => "NULL".to_owned(),
            Value::Integer(number) => number.to_string(),
            Value::Text(text) => text,
            other => panic!("{other:?}"),
        };
        let rows = query.query_map([], |row| {
            (0..columns)
                .map(|column| row.get(column).map(text))
                .collect()
        });
        rows.unwrap().map(Result::unwrap).collect()
    }

    fn history_sql(&self) -> &'static str {
        "CREATE TRIGGER note_lease AFTER UPDATE ON account
            WHEN OLD.worker IS NOT NEW.worker OR OLD.fence <> NEW.fence
        BEGIN
            INSERT INTO lease_history VALUES (
                (SELECT count(*) FROM lease_history), NEW.id, NEW.worker, NEW.fence, OLD.worker, OLD.fence,
                (SELECT count(*) FROM worker WHERE id = OLD.worker AND ended_at IS NULL)
            );
        END;
        CREATE TRIGGER note_message AFTER INSERT ON message
            WHEN NEW.fence <> (SELECT fence FROM account WHERE id = NEW.account)
        BEGIN
            INSERT INTO violation VALUES ('message ' || NEW.id || ' under the old fence ' || NEW.fence);
        END;
        CREATE TRIGGER note_worker AFTER UPDATE OF alive_until ON worker WHEN OLD.ended_at IS NOT NULL
        BEGIN
            INSERT INTO violation VALUES ('worker ' || NEW.id || ' was prolonged after its end');
        END;
        CREATE TRIGGER delay AFTER UPDATE OF checkpoint ON account BEGIN
            SELECT count(*) FROM (
                WITH RECURSIVE counter (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM counter WHERE x < 20000)
                SELECT x FROM counter
            );
        END;"
    }

    fn refusal_sql(&self) -> &'static str {
        "CREATE TRIGGER refusal BEFORE UPDATE OF checkpoint ON account WHEN NEW.checkpoint = 'refused' BEGIN
            SELECT RAISE(ABORT, 'refused');
        END;"
    }

    fn wait_for_a_write(&self) {
        let at_once = Connection::open(&self.path).unwrap();
        at_once.busy_timeout(Duration::ZERO).unwrap();
        let begun = Instant::now();
        while at_once.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok() {
            assert!(begun.elapsed() < PATIENCE, "no worker writes");
        }
    }
}
