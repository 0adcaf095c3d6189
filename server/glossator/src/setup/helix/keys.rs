//! `config.toml` as text: keys and settings of the guide put in where nothing of the user's stands, and taken out exactly.
//! What is taken is told. Pure.

use super::MARKS;
use crate::setup::marks::whole_lines;
use std::fmt::Write;

/// A text with keys in it, and what to know of it.
pub struct Added {
    pub text: String,
    pub notes: Vec<String>,
}

/// A table of the guide.
struct Section {
    path: Vec<String>,
    /// Key and whole line.
    rows: Vec<(String, String)>,
}

fn parsed(text: &str) -> Result<toml::Table, String> {
    text.parse().map_err(|error: toml::de::Error| {
        format!("it is not valid TOML, mend it first: {}", error.to_string().trim_end())
    })
}

/// The text without what setup put in.
pub fn clean(text: &str) -> Result<String, String> {
    parsed(text)?;
    let clean = MARKS.without(text)?;
    parsed(&clean).map(|_| clean)
}

/// A clean text with what of `guide` is free; `arguments`: whether commands of this Helix take some.
pub fn added(clean: &str, guide: &str, arguments: bool) -> Result<Added, String> {
    let user = parsed(clean)?;
    let mut added = Added { text: whole_lines(clean), notes: Vec::new() };
    let mut block = String::new();
    for section in sections(guide, arguments) {
        let path = section.path.join(".");
        let free = match standing(&user, &section.path) {
            Standing::Free => {
                let lines: Vec<&str> = section.rows.iter().map(|(_, line)| line.as_str()).collect();
                let gap = if block.is_empty() { "" } else { "\n" };
                // Writing to a string cannot fail.
                let _ = writeln!(block, "{gap}[{path}]\n{}", lines.join("\n"));
                continue;
            }
            Standing::Taken => {
                added.notes.push(format!(
                    "`{path}` is something else in your config.toml and stays: none of these keys is added"
                ));
                continue;
            }
            Standing::Table(table) => free_rows(&section, table, &mut added.notes),
        };
        if !free.is_empty() {
            insert(&mut added, &path, &free);
        }
    }
    if !block.is_empty() {
        append(&mut added, &block);
    }
    match self::clean(&added.text)? == whole_lines(clean) {
        true => Ok(added),
        false => Err("what would be added could not be taken out exactly; add it by hand".to_owned()),
    }
}

/// The rows that the user's table leaves free; of those that are taken it is told, unless they say the same.
fn free_rows(section: &Section, table: &toml::Table, notes: &mut Vec<String>) -> String {
    let mut free = String::new();
    for (key, line) in &section.rows {
        match table.get(key) {
            None => {
                let _ = writeln!(free, "{line}");
            }
            Some(own) => {
                let ours = line.parse::<toml::Table>().ok().and_then(|mut table| table.remove(key));
                if ours.as_ref() != Some(own) {
                    notes.push(format!(
                        "`{}.{key}` is yours and stays; Glossator would have: {line}",
                        section.path.join(".")
                    ));
                }
            }
        }
    }
    free
}

/// Puts rows behind the head of the user's own table.
fn insert(added: &mut Added, path: &str, rows: &str) {
    let head = |line: &str| {
        let line: String =
            line.split('#').next().unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect();
        line == format!("[{path}]")
    };
    let behind = added.text.lines().position(head).map(|line| MARKS.lines_behind(&added.text, line, rows));
    match behind.filter(|text| parsed(text).is_ok()) {
        Some(text) => added.text = text,
        None => added
            .notes
            .push(format!("`{path}` has no head of its own; add there by hand:\n{}", rows.trim_end())),
    }
}

fn append(added: &mut Added, block: &str) {
    let text = MARKS.block(&added.text, block);
    match parsed(&text) {
        Ok(_) => added.text = text,
        Err(_) => added.notes.push(format!(
            "this cannot stand behind your config.toml; add it by hand:\n{}",
            block.trim_end()
        )),
    }
}

enum Standing<'a> {
    Free,
    Taken,
    Table(&'a toml::Table),
}

/// What the user has at a path.
fn standing<'a>(user: &'a toml::Table, path: &[String]) -> Standing<'a> {
    let mut table = user;
    for part in path {
        match table.get(part) {
            None => return Standing::Free,
            Some(toml::Value::Table(below)) => table = below,
            Some(_) => return Standing::Taken,
        }
    }
    Standing::Table(table)
}

/// The tables of the guide with the rows that this Helix can do.
fn sections(guide: &str, arguments: bool) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in guide.lines() {
        if let Some(path) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let path = path.split('.').map(str::to_owned).collect();
            sections.push(Section { path, rows: Vec::new() });
        } else if let (Some(section), Some((key, value))) = (sections.last_mut(), line.split_once(" = "))
            && !line.starts_with('#')
            && (arguments || !takes_arguments(value))
        {
            section.rows.push((key.to_owned(), line.to_owned()));
        }
    }
    sections
}

/// Whether a key passes text or a place to a command.
fn takes_arguments(value: &str) -> bool {
    let command = value.split_once("lsp-workspace-command ").map_or("", |(_, command)| command);
    command.trim_matches(['"', '\'']).contains(' ')
}

#[cfg(test)]
mod tests {
    use super::super::KEYS;
    use super::*;

    fn keys(text: &str) -> toml::Table {
        let table: toml::Table = text.parse().unwrap();
        table["keys"]["normal"]["space"]["l"].as_table().unwrap().clone()
    }

    #[test]
    fn all_of_it_where_nothing_stands() {
        let new = added("", KEYS, true).unwrap();
        assert!(new.notes.is_empty(), "{:?}", new.notes);
        let guide: toml::Table = KEYS.parse().unwrap();
        assert_eq!(new.text.parse::<toml::Table>().unwrap(), guide);
        let old = added("", KEYS, false).unwrap();
        let (old, new) = (keys(&old.text), keys(&new.text));
        assert!(old.len() < new.len() && !old.contains_key("k") && old.contains_key("r"), "{old:?}");
        assert_eq!(clean(&added("", KEYS, true).unwrap().text).unwrap(), "");
    }

    #[test]
    fn what_the_user_has_stays() {
        let user = "theme = \"x\"\n[editor.lsp] # mine\ndisplay-messages = false\n\n[keys.normal.space.l]\nr = \":reload\"\n\n[keys.insert]\nj = \"up\"";
        let new = added(user, KEYS, true).unwrap();
        let table: toml::Table = new.text.parse().unwrap();
        assert_eq!(table["editor"]["lsp"]["display-messages"].as_bool(), Some(false));
        assert_eq!(table["editor"]["lsp"]["display-progress-messages"].as_bool(), Some(true));
        assert_eq!(keys(&new.text)["r"].as_str(), Some(":reload"));
        assert!(keys(&new.text).contains_key("j"));
        assert_eq!(new.notes.len(), 2, "{:?}", new.notes);
        assert_eq!(clean(&new.text).unwrap(), format!("{user}\n"));
        assert_eq!(added(&clean(&new.text).unwrap(), KEYS, true).unwrap().text, new.text);
    }

    #[test]
    fn what_cannot_be_added_to_is_told() {
        for (user, note) in [
            ("[keys.normal.space]\nl = \":reload\"\n", "stays"),
            ("keys = { normal = { space = { l = { r = \":reload\" } } } }\n", "by hand"),
            ("[keys.normal]\nspace.l.r = \":reload\"\n", "by hand"),
            ("editor.lsp.auto-signature-help = true\n", "by hand"),
            ("keys.normal.g = \"goto_line\"\n", ""),
        ] {
            let new = added(user, KEYS, true).unwrap();
            assert!(
                note.is_empty() || new.notes.iter().any(|one| one.contains(note)),
                "{user}: {:?}",
                new.notes
            );
            assert_eq!(clean(&new.text).unwrap(), user);
        }
        assert!(added("[keys\n", KEYS, true).err().unwrap().contains("not valid TOML"));
    }
}
