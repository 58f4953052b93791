//! `async-imap` 0.12 on a runtime of one thread, by a task for each account.

use std::rc::Rc;

use async_imap::extensions::idle::IdleResponse;
use futures_util::TryStreamExt;
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::LocalSet;
use watch::{Job, PASSWORD, user};

fn main() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let job = Rc::new(Job::from_arguments());
    let tasks = LocalSet::new();
    for number in 0..job.accounts {
        tasks.spawn_local(follow(Rc::clone(&job), number));
    }
    runtime.block_on(tasks);
}

async fn follow(job: Rc<Job>, number: usize) {
    let stream = TcpStream::connect(("127.0.0.1", job.port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut client = async_imap::Client::new(stream);
    client.read_response().await.unwrap();
    let login = client.login(user(number), PASSWORD).await;
    let mut session = login.map_err(|(e, _)| e).unwrap();
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
