//! The program with a Gmail that breaks connections during APPEND: each message is saved once.

use latchbox_testkit::{Fault, FaultPlan, MessageBuilder, PASSWORD, Preset, Server, Trigger, USER};

const ID: &str = "<lunch@example.com>";

/// Saves a draft on a Gmail with these faults; returns how often it is there.
fn saved(plan: FaultPlan) -> (usize, Server) {
    let server = Server::builder()
        .preset(Preset::Gmail)
        .in_process() // whatever LATCHBOX_TESTKIT_SERVER says
        .faults(plan)
        .start()
        .unwrap();
    let draft = MessageBuilder::new("Lunch")
        .message_id(ID)
        .text("At one?")
        .attachment("menu.pdf", "application/pdf", &[b'x'; 20_000]);
    let connect = || program::log_in(server.port(), USER, PASSWORD);
    program::save(connect, "[Gmail]/Drafts", ID, &draft.to_bytes()).unwrap();
    (server.messages("[Gmail]/Drafts").len(), server)
}

#[test]
fn gmail_cuts_the_connection_in_the_middle_of_an_append() {
    let middle = Trigger::command("APPEND").offset(10_000);
    let (copies, server) = saved(FaultPlan::new().once(middle, Fault::Cut));
    assert_eq!(copies, 1, "{}", server.timeline_text());
    assert_eq!(server.faults_happened(), 1);
    server.assert_sent_in_order(&["APPEND", "SEARCH HEADER Message-ID", "APPEND"]);
}

#[test]
fn gmail_stores_the_message_and_its_ok_never_arrives() {
    let lost = Trigger::completion("APPEND");
    let (copies, server) = saved(FaultPlan::new().once(lost, Fault::Cut));
    assert_eq!(copies, 1, "{}", server.timeline_text());
    assert_eq!(server.faults_happened(), 1);
}

#[test]
fn gmail_resets_each_second_connection() {
    let plan = (1..20).step_by(2).fold(FaultPlan::new(), |plan, number| {
        plan.once(Trigger::command("APPEND").connection(number), Fault::Reset)
    });
    let (copies, server) = saved(plan);
    assert_eq!(copies, 1, "{}", server.timeline_text());
}
