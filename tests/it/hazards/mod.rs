//! What goes wrong in other clients, each test named after its row in the list of hazards. Rows
//! that the compiler keeps are in `checks/compiler`.

mod answers;
mod doubts;
mod ends;
mod lock;
mod removing;
mod selection;
mod sharing;
mod waiting;
