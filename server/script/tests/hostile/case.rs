//! A hostile script as data: the comment lines above `// ---`, and the body below, which alone is run.

use std::path::Path;
use std::time::Duration;

use glossator_script::{ErrorName, Limits};
use serde_json::{Map, Value};

/// One file of `cases/hostile`.
#[derive(Debug, Clone)]
pub struct Case {
    /// The file's name without its end.
    pub name: String,
    /// `None` stands for a script that ends well.
    pub expect: Vec<Option<ErrorName>>,
    /// What value or message must contain.
    pub says: Vec<String>,
    /// What the whole outcome must not contain.
    pub never: Vec<String>,
    pub limits: Limits,
    /// Tools beside those every script has.
    pub tools: Vec<String>,
    /// When the run is cancelled.
    pub cancel: Option<Duration>,
    /// The longest the run may take.
    pub bound: Duration,
    /// How many calls the host must have seen.
    pub calls: Option<usize>,
    pub store: Map<String, Value>,
    pub check_only: bool,
    /// What is run.
    pub source: String,
}

/// Small, so that whatever ends by a limit ends soon.
fn limits() -> Limits {
    Limits {
        memory_bytes: 32 * 1024 * 1024,
        wall: Duration::from_secs(2),
        cpu: Duration::from_millis(250),
        ..Limits::default()
    }
}

/// Beyond the wall limit: the host's second of grace, the last words of calls, and a busy machine.
const SLACK: Duration = Duration::from_secs(5);

impl Case {
    /// The case in that text, or what is wrong with it.
    pub fn parse(path: &Path, text: &str) -> Result<Case, String> {
        let name = path.file_stem().and_then(|name| name.to_str()).ok_or("no name")?;
        let (head, body) = text.split_once("// ---\n").ok_or("no line `// ---` above the script")?;
        let mut case = Case {
            name: name.to_owned(),
            expect: Vec::new(),
            says: Vec::new(),
            never: Vec::new(),
            limits: limits(),
            tools: Vec::new(),
            cancel: None,
            bound: Duration::ZERO,
            calls: None,
            store: Map::new(),
            check_only: false,
            source: expand(body.strip_suffix('\n').unwrap_or(body))?,
        };
        for line in head.lines() {
            let line = line.strip_prefix("// ").ok_or_else(|| format!("not a comment: {line}"))?;
            let (key, value) = line.split_once(':').ok_or_else(|| format!("no `key: value`: {line}"))?;
            case.head(key, value.trim())?;
        }
        if case.expect.is_empty() {
            return Err("no `expect`".to_owned());
        }
        if case.bound.is_zero() {
            case.bound = case.limits.wall + SLACK;
        }
        Ok(case)
    }

    fn head(&mut self, key: &str, value: &str) -> Result<(), String> {
        let number = |text: &str| text.parse::<f64>().map_err(|_| format!("not a number: {text}"));
        let list = || value.split(',').map(str::trim);
        match key {
            "expect" => {
                for name in list() {
                    let found = ErrorName::parse(name);
                    if name != "done" && found.is_none() {
                        return Err(format!("no such error: {name}"));
                    }
                    self.expect.push(found);
                }
            }
            "says" => self.says.push(value.to_owned()),
            "never" => self.never.push(value.to_owned()),
            "tools" => self.tools = list().map(str::to_owned).collect(),
            "cancel" => self.cancel = Some(Duration::from_secs_f64(number(value)?)),
            "bound" => self.bound = Duration::from_secs_f64(number(value)?),
            "calls" => self.calls = Some(number(value)? as usize),
            "store" => self.store = serde_json::from_str(value).map_err(|error| error.to_string())?,
            "check" => self.check_only = true,
            "why" => {}
            "limits" => {
                for pair in list() {
                    let (limit, value) =
                        pair.split_once('=').ok_or_else(|| format!("no `limit=value`: {pair}"))?;
                    set(&mut self.limits, limit, number(value)?)?;
                }
            }
            _ => return Err(format!("no such header: {key}")),
        }
        Ok(())
    }

    /// What kind of harm it does: the first word of its name.
    pub fn class(&self) -> &str {
        self.name.split('-').next().unwrap_or_default()
    }
}

/// Sets one limit; seconds, MiB for memory, KiB for the stack, else bytes and counts.
fn set(limits: &mut Limits, limit: &str, value: f64) -> Result<(), String> {
    let count = value as u32;
    let bytes = value as usize;
    match limit {
        "wall" => limits.wall = Duration::from_secs_f64(value),
        "cpu" => limits.cpu = Duration::from_secs_f64(value),
        "grace" => limits.orphan_grace = Duration::from_secs_f64(value),
        "memory" => limits.memory_bytes = bytes * 1024 * 1024,
        "stack" => limits.stack_bytes = bytes * 1024,
        "calls" => limits.calls = count,
        "source" => limits.source_bytes = bytes,
        "result" => limits.result_bytes = bytes,
        "console" => limits.console_lines = count,
        "store" => limits.store_bytes = bytes,
        "atOnce" => limits.concurrent_calls = bytes,
        _ => return Err(format!("no such limit: {limit}")),
    }
    Ok(())
}

/// Replaces `⟦U+FEFF⟧` by that character, `⟦3 × text⟧` by three times the text, and `⟦fill 900⟧` by as many `x` as
/// make the whole 900 bytes long.
fn expand(body: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut fill = None;
    let mut rest = body;
    while let Some((before, after)) = rest.split_once('⟦') {
        out.push_str(before);
        let (mark, after) = after.split_once('⟧').ok_or("an unclosed ⟦")?;
        rest = after;
        if let Some(code) = mark.strip_prefix("U+") {
            let code = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
            out.push(code.ok_or_else(|| format!("no character: {mark}"))?);
        } else if let Some(length) = mark.strip_prefix("fill ") {
            let length: usize = length.parse().map_err(|_| format!("no length: {mark}"))?;
            fill = Some((out.len(), length));
        } else {
            let (count, text) = mark.split_once(" × ").ok_or_else(|| format!("no such mark: {mark}"))?;
            let count = count.parse().map_err(|_| format!("no count: {mark}"))?;
            out.push_str(&text.replace("\\n", "\n").repeat(count));
        }
    }
    out.push_str(rest);
    if let Some((at, length)) = fill {
        let missing = length.checked_sub(out.len()).ok_or("longer than its `fill`")?;
        out.insert_str(at, &"x".repeat(missing));
    }
    Ok(out)
}
