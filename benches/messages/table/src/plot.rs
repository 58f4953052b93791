//! The table as a picture: a panel for each kind of work, a bar for each client.

use std::fmt::Write;

/// What one client costs at one kind of work.
pub struct Bar<'a> {
    pub work: &'a str,
    pub client: &'a str,
    /// For each message, number or command.
    pub instructions: f64,
    /// In MiB.
    pub peak: f64,
}

const PANEL: (usize, usize) = (430, 150);
const NAMES: usize = 90;
const LENGTH: f64 = 240.0;
const ROW: usize = 16;

/// Bars are as long as the logarithm of their instructions, and end in these and the peak of memory:
/// both hold still on a busy machine.
pub fn svg(bars: &[Bar<'_>]) -> String {
    let mut works: Vec<&str> = bars.iter().map(|bar| bar.work).collect();
    works.dedup();
    let (width, height) = (2 * PANEL.0, works.len().div_ceil(2) * PANEL.1 + 30);
    let mut to = String::new();
    let _ = write!(
        to,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"10\" y=\"20\">Instructions for each message, number or command \
         (logarithmic), and the peak of memory over an empty run</text>\n"
    );
    let longest = bars
        .iter()
        .map(|bar| bar.instructions)
        .fold(1.0, f64::max)
        .ln();
    for (place, work) in works.iter().enumerate() {
        let (left, top) = (place % 2 * PANEL.0 + 10, place / 2 * PANEL.1 + 45);
        let _ = writeln!(
            to,
            "<text x=\"{left}\" y=\"{top}\" font-weight=\"bold\">{work}</text>"
        );
        let ours = bars.iter().filter(|bar| bar.work == *work);
        for (row, bar) in ours.filter(|bar| bar.client != "floor").enumerate() {
            write_bar(&mut to, bar, longest, left, top + (row + 1) * ROW);
        }
    }
    to.push_str("</svg>\n");
    to
}

fn write_bar(to: &mut String, bar: &Bar<'_>, longest: f64, left: usize, base: usize) {
    let length = LENGTH * bar.instructions.max(1.0).ln() / longest.max(0.1);
    let colour = match bar.client {
        "latchbox" => "#2563a8",
        "scan" => "#bbb",
        _ => "#8a8a8a",
    };
    let start = left + NAMES;
    let (top, name, end) = (base - 10, bar.client, start as f64 + length + 5.0);
    let _ = writeln!(
        to,
        "<text x=\"{left}\" y=\"{base}\">{name}</text>\
         <rect x=\"{start}\" y=\"{top}\" width=\"{length:.0}\" height=\"12\" fill=\"{colour}\"/>\
         <text x=\"{end:.0}\" y=\"{base}\">{:.0}, {:.1} MiB</text>",
        bar.instructions, bar.peak
    );
}
