//! `languages.toml` as text: glossator put behind the servers of each language, and taken out exactly. Comments, order, line
//! ends and everything else of the user's stay as they are, byte by byte. Pure.

use super::MARKS;
use crate::setup::marks::whole_lines;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The name of the server in Helix's configuration.
const NAME: &str = "glossator";
/// Before the languages of the user's own lists to which it was added.
const RECORD: &str = "# It also stands at the end of the lists above of: ";

/// A language as it is to be written.
pub struct Language {
    pub name: String,
    /// As they are written in a list.
    pub servers: Vec<String>,
    /// Helix does not know it.
    pub new: bool,
}

/// What the user's own file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct User {
    /// Languages that it names.
    pub named: BTreeSet<String>,
    /// Those with a list of servers.
    pub listed: BTreeSet<String>,
    /// Names of servers by the commands that it gives them; empty where several have the same.
    pub commands: BTreeMap<String, String>,
    /// It says itself how our server is started.
    ours: bool,
}

/// A list of servers in the text.
struct List {
    language: String,
    /// Behind its opening bracket.
    start: usize,
    /// Name and place of each server.
    servers: Vec<(String, Range<usize>)>,
}

fn parsed(text: &str) -> Result<Spanned<DeTable<'_>>, String> {
    DeTable::parse(text)
        .map_err(|error| format!("it is not valid TOML, mend it first: {}", error.to_string().trim_end()))
}

/// What the user's own file says.
pub fn read(text: &str) -> Result<User, String> {
    let table = parsed(text)?;
    let mut user = User::default();
    for language in entries(table.get_ref()) {
        let Some(name) = language.get("name").and_then(|name| name.get_ref().as_str()) else { continue };
        user.named.insert(name.to_owned());
        if language.get("language-servers").is_some() {
            user.listed.insert(name.to_owned());
        }
    }
    let servers = table.get_ref().get("language-server").and_then(|servers| servers.get_ref().as_table());
    for (name, server) in servers.into_iter().flatten() {
        user.ours |= name.get_ref() == NAME;
        if let Some(command) = server.get_ref().get("command").and_then(|command| command.get_ref().as_str())
        {
            let names = user.commands.entry(command.to_owned());
            names.and_modify(String::clear).or_insert_with(|| name.get_ref().to_string());
        }
    }
    Ok(user)
}

/// The `[[language]]` tables.
fn entries<'a, 'i>(table: &'a DeTable<'i>) -> Vec<&'a DeTable<'i>> {
    let languages = table.get("language").and_then(|languages| languages.get_ref().as_array());
    languages.into_iter().flatten().filter_map(|language| language.get_ref().as_table()).collect()
}

fn lists(text: &str) -> Result<Vec<List>, String> {
    let table = parsed(text)?;
    let name = |server: &DeValue| match server {
        DeValue::Table(table) => {
            table.get("name").and_then(|name| name.get_ref().as_str()).map(str::to_owned)
        }
        other => other.as_str().map(str::to_owned),
    };
    let list = |language: &DeTable| {
        let servers = language.get("language-servers")?;
        Some(List {
            language: language.get("name")?.get_ref().as_str()?.to_owned(),
            start: servers.span().start + 1,
            servers: servers
                .get_ref()
                .as_array()?
                .iter()
                .map(|server| (name(server.get_ref()).unwrap_or_default(), server.span()))
                .collect(),
        })
    };
    Ok(entries(table.get_ref()).into_iter().filter_map(list).collect())
}

/// The text without what setup put in.
pub fn clean(text: &str) -> Result<String, String> {
    parsed(text)?;
    let recorded: BTreeSet<String> = MARKS
        .within(text)
        .into_iter()
        .filter_map(|line| line.trim_end().strip_prefix(RECORD))
        .flat_map(|names| names.split(", ").map(str::to_owned))
        .collect();
    let mut out = MARKS.without(text)?;
    for list in lists(&out)?.into_iter().rev().filter(|list| recorded.contains(&list.language)) {
        if let Some(range) = place_of_ours(&out, &list) {
            out.replace_range(range, "");
        }
    }
    Ok(out)
}

/// What has to go so that our server is in a list no more.
fn place_of_ours(text: &str, list: &List) -> Option<Range<usize>> {
    let at = list.servers.iter().rposition(|(name, _)| name == NAME)?;
    let own = list.servers[at].1.clone();
    let before = at.checked_sub(1).map(|before| list.servers[before].1.end);
    let from = before.unwrap_or(list.start);
    Some(match (text[from..own.start].trim(), list.servers.get(at + 1)) {
        (",", _) | ("", None) if !text[from..own.start].contains('\n') => from..own.end,
        (_, Some((_, next))) => own.start..next.start,
        _ => {
            let comma = text[own.end..].starts_with(',');
            own.start..own.end + usize::from(comma)
        }
    })
}

/// A clean text with our server behind those of each language, started by `command`.
pub fn added(clean: &str, languages: &[Language], command: &str) -> Result<String, String> {
    let user = read(clean)?;
    let mut text = whole_lines(clean);
    let mut recorded = BTreeSet::new();
    let lists = lists(&text)?;
    let without: Vec<&List> =
        lists.iter().filter(|list| !list.servers.iter().any(|(name, _)| name == NAME)).collect();
    for list in without.into_iter().rev() {
        let (at, comma) = list.servers.last().map_or((list.start, ""), |(_, range)| (range.end, ", "));
        text.insert_str(at, &format!("{comma}\"{NAME}\""));
        recorded.insert(list.language.clone());
    }
    let text = MARKS.block(&text, &block(&user, &recorded, languages, command));
    if let Err(error) = text.parse::<toml::Table>() {
        let why = error.message();
        return Err(format!(
            "languages cannot be added behind what stands there ({why}): write yours as [[language]] and [language-server.NAME] \
             tables"
        ));
    }
    match self::clean(&text)? == whole_lines(clean) {
        true => Ok(text),
        false => Err("what would be added could not be taken out exactly; add it by hand, as editors/helix/README.md says".to_owned()),
    }
}

fn block(user: &User, recorded: &BTreeSet<String>, languages: &[Language], command: &str) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "# Glossator behind the servers that Helix has for each language. What you write for a language goes above."
    );
    if !recorded.is_empty() {
        let names: Vec<&str> = recorded.iter().map(String::as_str).collect();
        let _ = writeln!(out, "{RECORD}{}", names.join(", "));
    }
    if !user.ours {
        let command = toml::Value::from(command).to_string();
        let _ = writeln!(out, "\n[language-server.{NAME}]\ncommand = {command}\nargs = [\"lsp\"]");
    }
    for language in languages {
        let name = toml::Value::from(language.name.as_str()).to_string();
        let _ = writeln!(out, "\n[[language]]\nname = {name}");
        if language.new {
            let _ = writeln!(out, "scope = \"text.plain\"\nfile-types = [\"txt\"]");
        }
        let ours = format!("\"{NAME}\"");
        let servers: Vec<&str> = language.servers.iter().map(String::as_str).chain([ours.as_str()]).collect();
        let _ = writeln!(out, "language-servers = [{}]", servers.join(", "));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn language(name: &str, servers: &[&str]) -> Language {
        let servers = servers.iter().map(|server| format!("\"{server}\"")).collect();
        Language { name: name.to_owned(), servers, new: false }
    }

    #[test]
    fn a_list_of_the_users_is_added_to() {
        for (list, with) in [
            ("[\"a\"]", "[\"a\", \"glossator\"]"),
            ("[]", "[\"glossator\"]"),
            ("[ ]", "[\"glossator\" ]"),
            ("[\"a\",]", "[\"a\", \"glossator\",]"),
            ("[\n  \"a\", # why\n  'b' # last\n]", "[\n  \"a\", # why\n  'b', \"glossator\" # last\n]"),
            (
                "[{ name = \"a\", only-features = [\"format\"] }]",
                "[{ name = \"a\", only-features = [\"format\"] }, \"glossator\"]",
            ),
            ("[\"glossator\", \"a\"]", "[\"glossator\", \"a\"]"),
        ] {
            let user = format!("# mine\n[[language]]\nlanguage-servers = {list}\nname = \"rust\"   # odd\n");
            let text = added(&user, &[language("go", &["gopls"])], "glossator").unwrap();
            assert!(text.starts_with(&user.replace(list, with)), "{text}");
            assert_eq!(clean(&text).unwrap(), user);
            // Once more changes nothing.
            assert_eq!(
                added(&clean(&text).unwrap(), &[language("go", &["gopls"])], "glossator").unwrap(),
                text
            );
        }
    }

    #[test]
    fn what_is_written() {
        let text = added(
            "",
            &[language("go", &["gopls"]), Language { new: true, ..language("text", &[]) }],
            "/opt/g x",
        )
        .unwrap();
        let table: toml::Table = text.parse().unwrap();
        assert_eq!(table["language-server"]["glossator"]["command"].as_str(), Some("/opt/g x"));
        assert_eq!(table["language"][0]["language-servers"].to_string(), "[\"gopls\", \"glossator\"]");
        assert_eq!(table["language"][1]["file-types"].to_string(), "[\"txt\"]");
        assert_eq!(clean(&text).unwrap(), "");
        let own = "[language-server.glossator]\ncommand = \"mine\"\n";
        let text = added(own, &[], "glossator").unwrap();
        assert_eq!(text.matches("[language-server.glossator]").count(), 1);
        assert_eq!(clean(&text).unwrap(), own);
    }

    #[test]
    fn what_the_user_did_since_stays() {
        let user = "[[language]]\nname = \"rust\"\nlanguage-servers = [\"a\"]\n";
        let text = added(user, &[], "glossator").unwrap();
        let moved = text.replace("[\"a\", \"glossator\"]", "[\"glossator\", \"a\", \"b\"]");
        assert_eq!(
            clean(&format!("{moved}# behind\n")).unwrap(),
            "[[language]]\nname = \"rust\"\nlanguage-servers = [\"a\", \"b\"]\n# behind\n"
        );
        let split = text.replace("\"a\", \"glossator\"", "\"a\",\n  # the agent\n  \"glossator\",\n");
        assert_eq!(clean(&split).unwrap(), user.replace("\"a\"", "\"a\",\n  # the agent\n  \n"));
        let gone = text.replace(", \"glossator\"", "");
        assert_eq!(clean(&gone).unwrap(), user);
    }

    #[test]
    fn what_cannot_be_added_to_is_said() {
        for (user, why) in [
            ("language = [{ name = \"rust\" }]\n", "[[language]]"),
            ("language-server = { a = { command = \"a\" } }\n", "[language-server.NAME]"),
            ("[[language]\n", "not valid TOML"),
        ] {
            let error = added(user, &[language("go", &[])], "glossator").unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn servers_of_the_user() {
        let user = read("[language-server.jedi]\ncommand = \"my-jedi\"\n[[language]]\nname = \"go\"\n[[language]]\nname = \"rust\"\nlanguage-servers = []\n").unwrap();
        assert_eq!(user.commands["my-jedi"], "jedi");
        assert_eq!(user.named, BTreeSet::from(["go".to_owned(), "rust".to_owned()]));
        assert_eq!(user.listed, BTreeSet::from(["rust".to_owned()]));
    }

    proptest! {
        #[test]
        fn it_goes_in_and_out(
            names in prop::collection::vec("[a-d]{1,2}", 0..5),
            lists in prop::collection::vec(prop::collection::vec("(\"[a-z]{1,3}\"|\\{ name = \"[a-z]\" \\}|'x')", 0..4), 5),
            gap in "( |\n|\t| # c\n){0,2}",
            end in "(\n|\r\n)",
        ) {
            let mut user = String::from("# top\n");
            for (name, list) in names.iter().zip(&lists) {
                user.push_str(&format!("[[language]]\nname = \"{name}\"\nlanguage-servers = [{gap}{}]\n", list.join(&format!(",{gap}"))));
            }
            let user = user.replace('\n', &end);
            let text = added(&user, &[language("go", &["gopls"])], "glossator").unwrap();
            prop_assert_eq!(clean(&text).unwrap(), user);
            let table: toml::Table = text.parse().unwrap();
            for language in table["language"].as_array().unwrap() {
                let servers = language["language-servers"].as_array().unwrap();
                prop_assert_eq!(servers.last().and_then(|last| last.as_str()), Some("glossator"));
            }
        }
    }
}
