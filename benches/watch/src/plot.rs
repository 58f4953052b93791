//! The table as a picture: a panel for each figure, a bar for each client.

use std::fmt::Write;

/// What one client costs.
pub struct Row {
    pub client: &'static str,
    pub threads: usize,
    /// Resident, in KiB for each account.
    pub memory: f64,
    /// In ten seconds.
    pub wakes: u64,
    /// Of a renewal of IDLE.
    pub octets: usize,
    /// In milliseconds.
    pub latency: f64,
}

/// A figure of a client.
type Figure = fn(&Row) -> f64;

/// The figures, each with the digits that are shown of its fraction.
const PANELS: [(&str, Figure, usize); 4] = [
    ("threads", |row| row.threads as f64, 0),
    ("resident, KiB an account", |row| row.memory, 1),
    ("wake-ups in 10 s", |row| row.wakes as f64, 0),
    ("latency of a change, ms", |row| row.latency, 2),
];

const PANEL: (usize, usize) = (430, 90);
const NAMES: usize = 160;
const LENGTH: f64 = 205.0;
const ROW: usize = 16;

/// Bars are as long as their figures; the longest of each panel fills it.
pub fn svg(accounts: usize, rows: &[Row]) -> String {
    let (width, height) = (2 * PANEL.0, PANELS.len().div_ceil(2) * PANEL.1 + 30);
    let mut to = String::new();
    let _ = write!(
        to,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"10\" y=\"20\">{accounts} accounts on which nothing happens</text>\n"
    );
    for (place, (title, figure, digits)) in PANELS.iter().enumerate() {
        let (left, top) = (place % 2 * PANEL.0 + 10, place / 2 * PANEL.1 + 45);
        let _ = writeln!(
            to,
            "<text x=\"{left}\" y=\"{top}\" font-weight=\"bold\">{title}</text>"
        );
        let longest = rows.iter().map(figure).fold(f64::MIN_POSITIVE, f64::max);
        for (number, row) in rows.iter().enumerate() {
            let (value, base) = (figure(row), top + (number + 1) * ROW);
            let shown = format!("{value:.digits$}");
            let length = LENGTH * value / longest;
            write_bar(&mut to, row.client, &shown, length, left, base);
        }
    }
    to.push_str("</svg>\n");
    to
}

fn write_bar(to: &mut String, name: &str, value: &str, length: f64, left: usize, base: usize) {
    let color = match name.starts_with("watches") {
        true => "#2563a8",
        false => "#8a8a8a",
    };
    let (start, top) = (left + NAMES, base - 10);
    let end = start as f64 + length + 5.0;
    let _ = writeln!(
        to,
        "<text x=\"{left}\" y=\"{base}\">{name}</text>\
         <rect x=\"{start}\" y=\"{top}\" width=\"{length:.0}\" height=\"12\" fill=\"{color}\"/>\
         <text x=\"{end:.0}\" y=\"{base}\">{value}</text>"
    );
}
