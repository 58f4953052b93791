//! The `imap` crate, 2.4.1.

use std::net::TcpStream;

use imap_proto::BodyStructure;
use shared::{Job, PASSWORD, USER, Work};

fn main() {
    shared::run(client);
}

fn client(job: &Job) -> u64 {
    let stream = TcpStream::connect(("127.0.0.1", job.port)).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut client = imap::Client::new(stream);
    client.read_greeting().unwrap();
    let mut session = client.login(USER, PASSWORD).map_err(|(e, _)| e).unwrap();
    let mut sum = 0;
    match job.work {
        Work::Noop | Work::Pipelined => {
            for _ in 0..job.count {
                session.noop().unwrap();
                sum += 1;
            }
        }
        Work::Append => {
            let message = job.message();
            for _ in 0..job.count {
                session.append("INBOX", &message).unwrap();
                sum += 1;
            }
        }
        Work::List => {
            let pattern = format!("\"{}\"", job.pattern());
            for name in session.list(None, Some(&pattern)).unwrap().iter() {
                sum += 1 + name.attributes().len() as u64;
            }
        }
        Work::Search => {
            session.examine(&job.mailbox).unwrap();
            let found = session.uid_search("ALL").unwrap();
            sum = found.into_iter().map(u64::from).sum();
        }
        _ => {
            session.examine(&job.mailbox).unwrap();
            for row in session.uid_fetch("1:*", job.items()).unwrap().iter() {
                sum += u64::from(row.uid.unwrap_or(0)) + u64::from(row.size.unwrap_or(0));
                sum += row.flags().len() as u64;
                let subject = row
                    .envelope()
                    .and_then(|envelope| envelope.subject.as_ref());
                sum += subject.map_or(0, |subject| subject.len() as u64);
                sum += row.bodystructure().map_or(0, leaves);
                sum += row.body().map_or(0, |body| body.len() as u64);
            }
        }
    }
    session.logout().unwrap();
    sum
}

fn leaves(structure: &BodyStructure) -> u64 {
    match structure {
        BodyStructure::Multipart { bodies, .. } => bodies.iter().map(leaves).sum(),
        _ => 1,
    }
}
