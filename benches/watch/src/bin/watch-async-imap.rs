//! `async-imap` 0.12 on a runtime of one thread, by a task for each account.

use std::rc::Rc;

use async_imap::Session;
use async_imap::extensions::idle::IdleResponse;
use futures_util::TryStreamExt;
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::{LocalSet, spawn_local};
use watch::{Job, PASSWORD, user};

fn main() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let tasks = LocalSet::new();
    runtime.block_on(tasks.run_until(begin(Rc::new(Job::from_arguments()))));
    runtime.block_on(tasks);
}

async fn begin(job: Rc<Job>) {
    for number in 0..job.accounts {
        // One after the other: a thousand attempts at once overflow the queue of the server's socket,
        // and a client that waits for the greeting never learns that its connection was dropped there.
        let session = log_in(job.port, number).await;
        spawn_local(follow(Rc::clone(&job), number, session));
    }
}

async fn log_in(port: u16, number: usize) -> Session<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut client = async_imap::Client::new(stream);
    client.read_response().await.unwrap();
    let login = client.login(user(number), PASSWORD).await;
    login.map_err(|(e, _)| e).unwrap()
}

async fn follow(job: Rc<Job>, number: usize, mut session: Session<TcpStream>) {
    let mailbox = session.examine("INBOX").await.unwrap();
    let mut next = mailbox.uid_next.unwrap();
    let mut is_idle = false;
    loop {
        let mut idle = session.idle();
        idle.init().await.unwrap();
        if !is_idle {
            job.idles();
            is_idle = true;
        }
        let (response, _stop) = idle.wait_with_timeout(job.renew_after);
        let response = response.await.unwrap();
        session = idle.done().await.unwrap();
        if !matches!(response, IdleResponse::NewData(_)) {
            continue;
        }
        let mut rows = session
            .uid_fetch(format!("{next}:*"), "FLAGS")
            .await
            .unwrap();
        let mut last = next;
        while let Some(row) = rows.try_next().await.unwrap() {
            let uid = row.uid.unwrap();
            // `n:*` is the last message if there is none from n on.
            if uid >= next {
                job.found(number, uid);
                last = uid + 1;
            }
        }
        drop(rows);
        next = last;
    }
}
