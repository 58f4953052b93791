//! The least that parsing costs: rows are framed and every field is read where it lies, without an
//! allocation, and without a thought for servers other than the replaying one.

mod row;
mod wire;

fn main() {
    shared::run(|job| wire::client(job, job.connect()));
}
