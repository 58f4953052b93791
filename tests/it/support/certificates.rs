//! Certificates for servers on this machine: an authority of our own and what it signed, made
//! anew by each test process and kept in memory only.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

/// A certificate and its private key, both PEM.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: Vec<u8>,
}

impl Leaf {
    /// What a server or a client shows of itself in a TLS handshake.
    pub(crate) fn identity(&self) -> native_tls::Identity {
        native_tls::Identity::from_pkcs8(&self.certificate, &self.key).unwrap()
    }
}

/// What one test process has to show in TLS handshakes, and the root that vouches for it.
#[derive(Debug)]
pub(crate) struct Certificates {
    /// The root, PEM: what a client has to trust.
    pub(crate) authority: Vec<u8>,
    /// Good for localhost, 127.0.0.1 and ::1.
    pub(crate) server: Leaf,
    /// As `server`, but its time is over.
    pub(crate) expired: Leaf,
    /// Signed and in time, but for `elsewhere.test`.
    pub(crate) wrong_name: Leaf,
    /// The right names, signed by nobody but itself.
    pub(crate) self_signed: Leaf,
    /// A client's, for `CN=alice`.
    pub(crate) client: Leaf,
    /// As `server`, but it names localhost in its subject alone.
    pub(crate) common_name_only: Leaf,
}

impl Certificates {
    /// The leaf of that name, as scripts name it (`tls: expired`).
    pub(crate) fn leaf(&self, name: &str) -> Option<&Leaf> {
        match name {
            "server" => Some(&self.server),
            "expired" => Some(&self.expired),
            "wrong-name" => Some(&self.wrong_name),
            "self-signed" => Some(&self.self_signed),
            "client" => Some(&self.client),
            "common-name-only" => Some(&self.common_name_only),
            _ => None,
        }
    }

    /// The root as `native-tls` takes it.
    pub(crate) fn root(&self) -> native_tls::Certificate {
        native_tls::Certificate::from_pem(&self.authority).unwrap()
    }
}

/// The certificates of this process, made at the first call.
pub(crate) fn certificates() -> &'static Certificates {
    static MADE: OnceLock<Certificates> = OnceLock::new();
    MADE.get_or_init(make)
}

const LOCAL_NAMES: &str = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1";

fn make() -> Certificates {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    fs::write(dir.join("ca.cnf"), AUTHORITY_CONFIG).unwrap();
    fs::write(dir.join("index.txt"), "").unwrap();
    make_self_signed(
        dir,
        "authority",
        "/CN=latchbox test authority",
        &[
            "basicConstraints=critical,CA:TRUE",
            "keyUsage=critical,keyCertSign,cRLSign",
        ],
    );
    make_self_signed(dir, "self-signed", "/CN=localhost", &[LOCAL_NAMES]);
    let in_time = ("20200101000000Z", "20991231235959Z");
    let over = ("20200101000000Z", "20210101000000Z");
    Certificates {
        authority: fs::read(dir.join("authority.pem")).unwrap(),
        server: sign(dir, "server", "/CN=localhost", LOCAL_NAMES, in_time),
        expired: sign(dir, "expired", "/CN=localhost", LOCAL_NAMES, over),
        wrong_name: sign(
            dir,
            "wrong-name",
            "/CN=elsewhere.test",
            "subjectAltName=DNS:elsewhere.test",
            in_time,
        ),
        self_signed: read(dir, "self-signed"),
        client: sign(
            dir,
            "client",
            "/CN=alice",
            "subjectAltName=email:alice@example.test",
            in_time,
        ),
        common_name_only: sign(dir, "common-name-only", "/CN=localhost", "", in_time),
    }
}

// `openssl ca`, because it is the only form that takes both dates in every version.
const AUTHORITY_CONFIG: &str = "\
[ca]
default_ca = ours
[ours]
database = index.txt
new_certs_dir = .
certificate = authority.pem
private_key = authority.key
default_md = sha256
policy = any
unique_subject = no
rand_serial = yes
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
";

const NEW_KEY: [&str; 5] = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
];

fn make_self_signed(dir: &Path, name: &str, subject: &str, extensions: &[&str]) {
    let (key, pem) = (format!("{name}.key"), format!("{name}.pem"));
    let mut arguments = vec!["req", "-x509", "-config", "ca.cnf", "-days", "3650"];
    arguments.extend(NEW_KEY);
    arguments.extend(["-subj", subject, "-keyout", &key, "-out", &pem]);
    for extension in extensions {
        arguments.extend(["-addext", extension]);
    }
    openssl(dir, &arguments);
}

fn sign(dir: &Path, name: &str, subject: &str, names: &str, (from, to): (&str, &str)) -> Leaf {
    let (key, pem) = (format!("{name}.key"), format!("{name}.pem"));
    let (request, extensions) = (format!("{name}.csr"), format!("{name}.ext"));
    let constraints = "basicConstraints=critical,CA:FALSE\n\
        keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth";
    fs::write(dir.join(&extensions), format!("{names}\n{constraints}\n")).unwrap();
    let mut arguments = vec!["req", "-new", "-config", "ca.cnf"];
    arguments.extend(NEW_KEY);
    arguments.extend(["-subj", subject, "-keyout", &key, "-out", &request]);
    openssl(dir, &arguments);
    openssl(
        dir,
        &[
            "ca",
            "-batch",
            "-notext",
            "-config",
            "ca.cnf",
            "-startdate",
            from,
            "-enddate",
            to,
            "-extfile",
            &extensions,
            "-in",
            &request,
            "-out",
            &pem,
        ],
    );
    read(dir, name)
}

fn read(dir: &Path, name: &str) -> Leaf {
    Leaf {
        certificate: fs::read(dir.join(format!("{name}.pem"))).unwrap(),
        key: fs::read(dir.join(format!("{name}.key"))).unwrap(),
    }
}

fn openssl(dir: &Path, arguments: &[&str]) {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(dir)
        .output();
    let output = output.unwrap_or_else(|error| {
        panic!(
            "the tests make certificates with the `openssl` command: {error}; tests/run installs it"
        )
    });
    assert!(
        output.status.success(),
        "openssl {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
