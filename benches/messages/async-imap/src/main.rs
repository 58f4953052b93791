//! `async-imap` 0.12 on a runtime of one thread.

use async_imap::imap_proto::BodyStructure;
use futures_util::TryStreamExt;
use shared::{Job, PASSWORD, USER, Work};
use tokio::net::TcpStream;
use tokio::runtime::Builder;

fn main() {
    let runtime = Builder::new_current_thread().enable_io().build().unwrap();
    shared::run(|job| runtime.block_on(client(job)));
}

async fn client(job: &Job) -> u64 {
    let stream = TcpStream::connect(("127.0.0.1", job.port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut client = async_imap::Client::new(stream);
    client.read_response().await.unwrap();
    let login = client.login(USER, PASSWORD).await;
    let mut session = login.map_err(|(e, _)| e).unwrap();
    let mut sum = 0;
    match job.work {
        Work::Noop | Work::Pipelined => {
            for _ in 0..job.count {
                session.noop().await.unwrap();
                sum += 1;
            }
        }
        Work::Append => {
            let message = job.message();
            for _ in 0..job.count {
                session.append("INBOX", None, None, &message).await.unwrap();
                sum += 1;
            }
        }
        Work::List => {
            let pattern = format!("\"{}\"", job.pattern());
            let mut names = session.list(None, Some(&pattern)).await.unwrap();
            while let Some(name) = names.try_next().await.unwrap() {
                sum += 1 + name.attributes().len() as u64;
            }
        }
        Work::Search => {
            session.examine(&job.mailbox).await.unwrap();
            let found = session.uid_search("ALL").await.unwrap();
            sum = found.into_iter().map(u64::from).sum();
        }
        _ => {
            session.examine(&job.mailbox).await.unwrap();
            let mut rows = session.uid_fetch("1:*", job.items()).await.unwrap();
            while let Some(row) = rows.try_next().await.unwrap() {
                sum += u64::from(row.uid.unwrap_or(0)) + u64::from(row.size.unwrap_or(0));
                sum += row.flags().count() as u64;
                let subject = row
                    .envelope()
                    .and_then(|envelope| envelope.subject.as_ref());
                sum += subject.map_or(0, |subject| subject.len() as u64);
                sum += row.bodystructure().map_or(0, leaves);
                sum += row.body().map_or(0, |body| body.len() as u64);
            }
        }
    }
    session.logout().await.unwrap();
    sum
}

fn leaves(structure: &BodyStructure<'_>) -> u64 {
    match structure {
        BodyStructure::Multipart { bodies, .. } => bodies.iter().map(leaves).sum(),
        _ => 1,
    }
}
