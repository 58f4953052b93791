//! latchbox on plaintext.

mod work;

fn main() {
    work::run(|builder, _| builder.danger_plaintext().danger_cleartext_login());
}
