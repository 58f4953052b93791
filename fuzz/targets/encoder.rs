#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    latchbox_fuzz::within_bounds(data, latchbox_fuzz::encoder);
});
