//! The floor: the same commands, and answers that are only read up to their tagged line.

mod wire;

fn main() {
    shared::run(|job| {
        wire::client(job, job.connect());
        0
    });
}
