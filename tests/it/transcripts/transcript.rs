//! From the file of a transcript to its script and its steps.

/// A session: what goes over the wire, and what the client does meanwhile.
pub(super) struct Transcript {
    /// The lines of the script language.
    pub(super) script: String,
    pub(super) steps: Vec<Step>,
}

/// One thing that the client does, and what must come of it.
pub(super) struct Step {
    /// The line of the file.
    pub(super) line: usize,
    pub(super) action: String,
    pub(super) expected: Vec<(String, String)>,
}

impl Transcript {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut transcript = Self {
            script: String::new(),
            steps: Vec::new(),
        };
        if !text.starts_with('#') {
            return Err("it does not begin with what is peculiar about the server".to_owned());
        }
        for (number, line) in text.lines().enumerate() {
            if let Some(action) = line.strip_prefix("do: ") {
                transcript.steps.push(Step {
                    line: number + 1,
                    action: action.to_owned(),
                    expected: Vec::new(),
                });
            } else if let Some(expected) = line.strip_prefix("= ") {
                let wrong = || format!("line {}: no step expects `{line}`", number + 1);
                let value = expected.split_once(": ").ok_or_else(wrong)?;
                let step = transcript.steps.last_mut().ok_or_else(wrong)?;
                step.expected.push((value.0.to_owned(), value.1.to_owned()));
            } else {
                transcript.script.push_str(line);
                transcript.script.push('\n');
            }
        }
        Ok(transcript)
    }

    /// Makes the greeting and ID say nothing about who the server is.
    pub(super) fn take_names_away(&mut self) {
        let mut is_greeted = false;
        let lines = self.script.lines().map(|line| {
            if line.starts_with("S: * ID ") {
                return "S: * ID NIL".to_owned();
            }
            if is_greeted || !line.starts_with("S: * ") {
                return line.to_owned();
            }
            is_greeted = true;
            let code = line
                .split_once('[')
                .and_then(|(_, rest)| rest.split_once(']'));
            match code {
                Some((code, _)) if code.starts_with("CAPABILITY") => {
                    format!("S: * OK [{code}] ready")
                }
                _ => "S: * OK ready".to_owned(),
            }
        });
        let lines: Vec<_> = lines.collect();
        self.script = lines.join("\n");
        for step in &mut self.steps {
            let is_id = step.action.split(' ').next() == Some("id");
            if is_id {
                step.expected.clear();
            }
        }
    }

    /// Sends every tenth line in two pieces, cut here and there: each costs a wait.
    pub(super) fn break_lines(&mut self) {
        let lines = self.script.lines().enumerate().map(|(number, line)| {
            let place = number * 7 % line.len().max(1);
            match line.starts_with("S: ") && place > 0 && number % 10 == 3 {
                true => format!("split: {place}\n{line}"),
                false => line.to_owned(),
            }
        });
        let lines: Vec<_> = lines.collect();
        self.script = lines.join("\n");
    }
}

#[test]
fn what_a_server_is_called_is_taken_away_and_nothing_else() {
    let mut transcript = Transcript::parse(
        "# it\nS: * OK [CAPABILITY X] Gimap [now]\nS: * ID (\"name\" \"G\")\nS: * OK [X] y\n\
         do: id\n= name: G\ndo: id2\n= name: G\n",
    )
    .ok()
    .unwrap();
    transcript.take_names_away();
    assert_eq!(
        transcript.script,
        "# it\nS: * OK [CAPABILITY X] ready\nS: * ID NIL\nS: * OK [X] y"
    );
    assert!(transcript.steps[0].expected.is_empty());
    assert!(!transcript.steps[1].expected.is_empty());
}
