//! Packs, search, the reference: that they say the same of any set of tools, and stay small for many.

use super::*;
use crate::{Prepared, ToolCx, tool_reference};
use futures::future::BoxFuture;
use glossator_session::{Effect, ToolError};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A tool from outside.
struct Extra {
    spec: ToolSpec,
}

impl Tool for Extra {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn prepare<'a>(&'a self, _: &'a ToolCx, _: Value) -> BoxFuture<'a, Result<Prepared, ToolError>> {
        Box::pin(async { Err(ToolError::failed("never called here")) })
    }
}

fn extra(name: &str, description: &str, parameters: &[&str]) -> Arc<dyn Tool> {
    let properties: serde_json::Map<String, Value> =
        parameters.iter().map(|name| ((*name).to_owned(), json!({ "type": "string" }))).collect();
    let input = json!({ "type": "object", "properties": properties });
    let declaration = declare::declaration(name, description, &input, &Value::Bool(true));
    Arc::new(Extra {
        spec: ToolSpec {
            name: name.to_owned(),
            description: description.to_owned(),
            input_schema: input,
            output_schema: Value::Bool(true),
            declaration,
            effect: Effect::Network,
            freeform: None,
        },
    })
}

/// The prompt has its declaration whole.
fn declared_as_is(tool: Arc<dyn Tool>) -> Entry {
    let brief = Some(tool.spec().declaration.as_str().into());
    Entry { tool, brief }
}

fn with(names: &[&str]) -> Registry {
    let (registry, refused) =
        Registry::built_in().with(names.iter().map(|name| extra(name, "", &[])).collect());
    assert_eq!(refused, Vec::<String>::new());
    registry
}

fn pack(extends: &str, with: &[&str], without: &[&str]) -> UserPack {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let extends = (!extends.is_empty()).then(|| extends.to_owned());
    UserPack { extends, with: owned(with), without: owned(without) }
}

fn user() -> BTreeMap<String, UserPack> {
    [
        ("mine", pack("core", &[], &["exec"])),
        ("grand", pack("mine", &["exec"], &["listDir", "fileSearch"])),
        ("bare", pack("", &["readFile"], &[])),
        ("nothing", pack("", &[], &[])),
        ("servers", pack("read-only", &["mcp.*"], &["mcp.b.*", "mcp.gone.tool", "listDir"])),
        ("none", pack("all", &[], &["*"])),
        ("a", pack("b", &[], &[])),
        ("b", pack("c", &[], &[])),
        ("c", pack("b", &[], &[])),
        ("self", pack("self", &[], &[])),
        ("lost", pack("cor", &[], &[])),
        ("typo", pack("core", &["raedFile"], &[])),
        ("typo-out", pack("core", &[], &["agents.*"])),
        ("star", pack("core", &["mcp*"], &[])),
        ("middle", pack("core", &["a.*.b"], &[])),
        ("files", pack("core", &[], &[])),
        ("on-taken", pack("files", &[], &[])),
    ]
    .into_iter()
    .map(|(slug, pack)| (slug.to_owned(), pack))
    .collect()
}

#[test]
fn packs_give_their_tools_in_the_order_of_the_registry() {
    let all = with(&["mcp.a.x", "mcp.b.y", "other.z"]);
    for (slug, expected) in [
        ("core", "LOOK applyPatch writeFile exec DESK"),
        ("files", "LOOK applyPatch writeFile DESK"),
        ("read-only", "LOOK DESK"),
        ("all", "LOOK applyPatch writeFile exec DESK mcp.a.x mcp.b.y other.z"),
        ("mine", "LOOK applyPatch writeFile DESK"),
        ("grand", "readFile grepFiles applyPatch writeFile exec DESK"),
        ("bare", "readFile"),
        ("nothing", ""),
        ("none", ""),
        ("servers", "readFile grepFiles fileSearch DESK mcp.a.x"),
    ] {
        let expected = expected.replace("LOOK", "readFile listDir grepFiles fileSearch");
        let expected =
            expected.replace("DESK", "diagnostics definition references symbols askUser updatePlan saveToFC fetchFromFC listFC board.post board.remove");
        let packs = if slug == "files" { BTreeMap::new() } else { user() };
        let resolved = all.of_these(slug, &packs).unwrap_or_else(|error| panic!("{slug}: {error}"));
        assert_eq!(resolved.names().join(" "), expected, "{slug}");
    }
}

#[test]
fn packs_that_cannot_be_say_why() {
    for (slug, words) in [
        ("cores", "no pack `cores`; did you mean `core`? Packs are core, files, read-only, all, a, b, bare"),
        ("xyzzy", "no pack `xyzzy`. Packs are core"),
        ("", "no pack ``. Packs"),
        ("lost", "no pack `cor`; did you mean `core`? The pack `lost` extends it."),
        ("a", "in a circle: b → c → b;"),
        ("self", "in a circle: self → self;"),
        ("typo", "pack `typo` names the tool `raedFile`, which does not exist; did you mean `readFile`?"),
        ("typo-out", "names the tool `agents.*`, which does not exist; tools are readFile, listDir"),
        ("star", "pack `star` names `mcp*`: a `*` may only"),
        ("middle", "`a.*.b`: a `*` may only"),
        ("files", "`files` is built in"),
        ("on-taken", "`files` is built in"),
    ] {
        let error = Registry::resolve(slug, &user()).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(words), "{slug}: {error}");
    }
    let long: BTreeMap<String, UserPack> =
        (0..5_000).map(|n| (format!("p{n}"), pack(&format!("p{}", n + 1), &[], &[]))).collect();
    let error = Registry::resolve("p0", &long).err().unwrap().to_string();
    assert!(error.contains("no pack `p5000`") && error.len() < 600, "{error}");
}

#[test]
fn packs_are_listed_with_what_is_wrong_with_them() {
    let views = packs(&user());
    let find = |slug: &str| views.iter().find(|view| view.slug == slug).unwrap();
    assert_eq!(views.len(), 4 + user().len());
    assert!(views[..4].iter().all(|view| view.built_in && view.problem.is_none() && !view.tools.is_empty()));
    assert_eq!(find("mine").tools.len(), Registry::of_pack("files").unwrap().names().len());
    assert!(!find("mine").built_in && find("mine").problem.is_none());
    assert!(find("typo").problem.as_deref().unwrap().contains("raedFile") && find("typo").tools.is_empty());
    let taken = views.iter().rfind(|view| view.slug == "files").unwrap();
    assert!(!taken.built_in && taken.problem.is_some());
}

#[test]
fn user_packs_are_read_strictly() {
    let read = |value: Value| serde_json::from_value::<UserPack>(value).map_err(|error| error.to_string());
    assert_eq!(read(json!({ "extends": "core", "without": ["exec"] })), Ok(pack("core", &[], &["exec"])));
    assert_eq!(read(json!({})), Ok(UserPack::default()));
    assert!(read(json!({ "extend": "core" })).unwrap_err().contains("extend"));
    assert!(read(json!({ "with": "exec" })).is_err());
}

#[test]
fn narrowing_takes_only_away() {
    let (core, bare) =
        (Registry::of_pack("core").unwrap(), with(&["mcp.a.x"]).of_these("bare", &user()).unwrap());
    assert_eq!(core.narrowed(&bare).names(), ["readFile"]);
    assert_eq!(bare.narrowed(&core).names(), ["readFile"]);
    assert_eq!(core.narrowed(&core).names(), core.names());
    assert!(bare.narrowed(&Registry::resolve("nothing", &user()).unwrap()).names().is_empty());
}

#[test]
fn names_that_would_break_scripts_are_left_out() {
    let bad = [
        "",
        "a..b",
        ".a",
        "a.",
        "search",
        "spawn.x",
        "list",
        "a.then",
        "__proto__",
        "x.constructor",
        "toJSON",
        "a b",
        "a\n",
        "<tool-calls>",
        "a\u{202e}b",
        "readFile",
        "saveToFc",
        &"x".repeat(200),
    ];
    let good = ["mcp.a.search", "mcp.spawn", "a/b-c:d@e$f+g_h", "é.ü"];
    let tools =
        bad.iter().chain(&good).chain(["mcp.spawn"].iter()).map(|name| extra(name, "", &[])).collect();
    let (registry, refused) = Registry::built_in().with(tools);
    assert_eq!(registry.names()[Registry::built_in().names().len()..], good);
    assert_eq!(refused.len(), bad.len() + 1, "{refused:#?}");
    assert!(
        refused.iter().all(|text| text.contains("left out") && !text.contains('\u{202e}')),
        "{refused:#?}"
    );
}

#[test]
fn searching() {
    let catalogue = [
        ("mcp.github.create_issue", "Opens a new issue in a repository.", &["owner", "repo", "title"][..]),
        ("mcp.github.listPullRequests", "Lists pull requests of a repository.", &["owner", "repo", "state"]),
        ("mcp.jira.searchTickets", "Finds tickets. Supports JQL.", &["jql"]),
        ("mcp.mail.send", "Sends a message to someone.", &["recipient", "subject"]),
        ("mcp.weather.forecast", "Tells the weather of a place.", &["city"]),
    ];
    let tools = catalogue.iter().map(|(name, text, parameters)| extra(name, text, parameters)).collect();
    let registry = Registry::built_in().with(tools).0;
    for (query, best) in [
        ("readFile", "readFile"),
        ("readfile", "readFile"),
        ("read a file", "readFile"),
        ("read_file", "readFile"),
        ("run a shell command", "exec"),
        ("edit files patch", "applyPatch"),
        ("regular expression", "grepFiles"),
        ("mcp.jira.searchTickets", "mcp.jira.searchTickets"),
        ("create issue", "mcp.github.create_issue"),
        ("pull req", "mcp.github.listPullRequests"),
        ("jql", "mcp.jira.searchTickets"),
        ("recipient", "mcp.mail.send"),
        ("wether", "mcp.weather.forecast"),
        ("forceast", "mcp.weather.forecast"),
        ("SEND MESSAGE", "mcp.mail.send"),
    ] {
        let found = registry.search(query);
        assert_eq!(found.first().map(|one| one.name.as_str()), Some(best), "{query}: {found:#?}");
    }
    let names = |query: &str| registry.search(query).into_iter().map(|one| one.name).collect::<Vec<_>>();
    assert!(names("qqqqqqqq").is_empty());
    assert_eq!(names("mcp.github").len(), 5, "all from servers, github first");
    assert!(names("mcp.github")[..2].iter().all(|name| name.contains("github")));
    let mut all = registry.names();
    all.sort();
    all.truncate(FOUND);
    for empty in ["", "  ", "?!"] {
        assert_eq!(names(empty), all, "{empty}");
    }
    let found = &registry.search("create issue")[0];
    assert_eq!(found.summary, "Opens a new issue in a repository.");
    assert!(found.declaration.contains("create_issue(args?: { owner?: string"), "{}", found.declaration);
    assert!(registry.search(&"read ".repeat(100_000)).len() <= FOUND);
}

#[test]
#[allow(clippy::print_stderr, reason = "figures for whoever asks with --nocapture")]
fn searching_among_ten_thousand() {
    let words = ["list", "create", "delete", "update", "issue", "user", "page", "invoice", "search", "label"];
    let tools = (0..10_000).map(|n| {
        let (one, two) = (words[n % 10], words[n / 10 % 10]);
        extra(
            &format!("mcp.server{}.{one}_{two}{n}", n % 50),
            &format!("Does {one} with {two}, number {n}."),
            &["id", two],
        )
    });
    let registry = Registry::built_in().with(tools.collect()).0;
    let begun = std::time::Instant::now();
    registry.search("warm up");
    let index = begun.elapsed();
    let begun = std::time::Instant::now();
    let found = registry.search("create an invoice wiht labels");
    eprintln!("10,000 tools: index {index:?}, search {:?}", begun.elapsed());
    assert_eq!(found.len(), FOUND);
    assert!(found[0].name.contains("create") && found[0].name.contains("invoice"), "{found:#?}");
    assert_eq!(registry.search("server12 delete page662")[0].name, "mcp.server12.delete_page662");
}

/// The names that the reference declares, read out of its text.
fn declared(reference: &str) -> Vec<String> {
    let block = reference
        .split_once("interface Tools {\n")
        .unwrap()
        .1
        .split_once("\n}\n")
        .map_or("", |(block, _)| block);
    let mut spaces: Vec<String> = Vec::new();
    let mut names = Vec::new();
    for line in block.lines().map(str::trim) {
        let full = |spaces: &[String], name: &str| {
            let name = name.trim_matches('"');
            spaces
                .iter()
                .map(String::as_str)
                .chain((!name.is_empty()).then_some(name))
                .collect::<Vec<_>>()
                .join(".")
        };
        if line.starts_with("/**") || line.is_empty() {
            continue;
        } else if line == "};" {
            spaces.pop().unwrap();
        } else if let Some(space) = line.strip_suffix(": {") {
            spaces.push(space.trim_matches('"').to_owned());
        } else {
            let (name, signature) = line.split_at(line.find('(').unwrap());
            assert!(signature.starts_with("(args") && signature.ends_with(">;"), "{line}");
            names.push(full(&spaces, name));
        }
    }
    assert!(spaces.is_empty());
    names
}

/// How many tools the reference only counts.
fn counted(reference: &str) -> usize {
    let line = reference.lines().find(|line| line.contains("Finds tools by words")).unwrap();
    let count = line.split_once("at most 20: ").unwrap().1;
    count.split_once(" are not declared").map_or(0, |(count, _)| count.parse().unwrap())
}

#[test]
fn the_reference_is_typescript_and_short() {
    let reference = tool_reference(&Registry::of_pack("core").unwrap());
    let code = reference.strip_prefix("```ts\n").unwrap().strip_suffix("```\n").unwrap();
    if let Err(error) = glossator_script::erase(code) {
        panic!("{error} {:?}\n{code}", error.excerpt);
    }
    assert!(reference.len() < 5_200, "every byte is paid in each request: {}", reference.len());
    assert!(
        reference.contains(
            "6 are not declared here (board 1, definition, diagnostics, listFC, references, symbols)"
        ),
        "{reference}"
    );
    let empty = tool_reference(&Registry::resolve("nothing", &user()).unwrap());
    assert!(declared(&empty).is_empty() && empty.contains("declare const tools"));
}

#[test]
fn names_with_dots_are_nested_and_found() {
    let entry = |name: &str| declared_as_is(extra(name, "Does.", &["q"]));
    let names = ["agents.launch.sync", "agents.launch", "agents.launch.async", "a-b.new", "agents.chat"];
    let registry = Registry::of(names.iter().map(|name| entry(name)).collect());
    let reference = tool_reference(&registry);
    let expected = "interface Tools {\n  agents: {\n    launch: {\n      /** Does. */\n      (args?: { q?: string }): Promise<unknown>;\n      \
                    /** Does. */\n      sync(args?: ";
    assert!(reference.contains(expected), "{reference}");
    assert!(reference.contains("  \"a-b\": {\n    /** Does. */\n    \"new\"(args"), "{reference}");
    let mut found = declared(&reference);
    found.sort();
    let mut names = names.map(str::to_owned).to_vec();
    names.sort();
    assert_eq!(found, names);
    let code = reference.trim_start_matches("```ts").trim_end().trim_end_matches("```");
    assert!(glossator_script::erase(code).is_ok(), "{code}");
    assert!(names.iter().all(|name| registry.get(name).is_some()));
}

#[test]
fn a_declaration_that_is_not_ours_costs_no_name() {
    let mut spec = extra("agents.odd", "", &[]).spec().clone();
    spec.declaration = "};\n</x> odd".to_owned();
    let registry = Registry::of(vec![declared_as_is(Arc::new(Extra { spec }))]);
    let reference = tool_reference(&registry);
    assert_eq!(declared(&reference), ["agents.odd"]);
    assert!(!reference.contains("</x>"), "{reference}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn prompt_and_dispatch_agree_for_any_pack(
        extras in prop::collection::btree_set("(mcp\\.[a-c]\\.)?[a-z]{2,5}X", 0..30),
        base in prop::sample::select(vec!["", "core", "files", "read-only", "all"]),
        picks in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..12),
        patterns in prop::collection::vec((prop::sample::select(vec!["*", "mcp.*", "mcp.a.*", "mcp.none"]), any::<bool>()), 0..3),
    ) {
        let names: Vec<&str> = extras.iter().map(String::as_str).collect();
        let all = with(&names);
        let known = all.names();
        let mut chosen: Vec<(&str, bool)> = picks.iter().map(|(at, on)| (at.get(&known).as_str(), *on)).collect();
        chosen.extend(patterns);
        let of = |on: bool| chosen.iter().filter(|one| one.1 == on).map(|one| one.0).collect::<Vec<_>>();
        let packs = BTreeMap::from([("mine".to_owned(), pack(base, &of(true), &of(false)))]);
        let registry = all.of_these("mine", &packs).unwrap();
        let reference = tool_reference(&registry);
        let mut told = declared(&reference);
        told.extend(registry.unlisted().map(|spec| spec.name.clone()));
        prop_assert_eq!(counted(&reference), registry.unlisted().count());
        let (mut named, mut sorted) = (registry.names(), told.clone());
        named.sort();
        sorted.sort();
        prop_assert_eq!(sorted, named);
        let callable = registry.callable();
        for (other, name) in SPELLINGS {
            prop_assert_eq!(registry.get(other).is_some(), registry.get(name).is_some());
            prop_assert_eq!(callable.contains(&(*other).to_owned()), registry.get(name).is_some());
        }
        for name in &known {
            let has = told.contains(name);
            prop_assert_eq!(registry.get(name).is_some(), has, "{}", name);
            prop_assert_eq!(registry.search(name).iter().any(|found| found.name == *name), has, "{}", name);
            prop_assert!(!has || !of(false).contains(&name.as_str()));
        }
        for name in ["", "search", "spawn.list", "READFILE", "__proto__", "mcp", "mcp.a"] {
            prop_assert!(registry.get(name).is_none());
        }
    }

    #[test]
    fn the_reference_is_as_long_for_thousands_of_tools(count in 1usize..5_000, spaces in 1usize..200) {
        let name = |n: usize| format!("mcp.server{:03}.tool{n}", n % spaces);
        let tools = (0..count).map(|n| extra(&name(n), &format!("Number {n}."), &[]));
        let core = Registry::of_pack("core").unwrap();
        let unlisted: Vec<&str> = core.unlisted().map(|spec| spec.name.as_str()).collect();
        let all_listed = BTreeMap::from([("listed".to_owned(), pack("core", &[], &unlisted))]);
        let core = core.of_these("listed", &all_listed).unwrap();
        let (registry, refused) = core.with(tools.collect());
        prop_assert!(refused.is_empty());
        let reference = tool_reference(&registry);
        prop_assert_eq!(counted(&reference), count);
        prop_assert!(reference.matches("mcp.server").count() <= 10);
        let words = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
        let shown = count.min(spaces).min(10);
        let same: Vec<Arc<dyn Tool>> = (0..count.min(spaces).min(11)).map(|n| extra(&format!("mcp.server{n}.t"), "", &[])).collect();
        let few = tool_reference(&core.with(same).0);
        prop_assert_eq!(words(&reference), words(&few));
        let none = tool_reference(&core);
        prop_assert!(reference.len() < none.len() + 150 + shown * 25);
    }
}

#[test]
fn what_the_prompt_leaves_out_exists_and_can_be_found() {
    let abouts = [
        &read_file::ABOUT,
        &list_dir::ABOUT,
        &grep_files::ABOUT,
        &file_search::ABOUT,
        &apply_patch::ABOUT,
        &write_file::ABOUT,
        &exec_tool::ABOUT,
        &editor_lookups::DIAGNOSTICS,
        &editor_lookups::DEFINITION,
        &editor_lookups::REFERENCES,
        &editor_lookups::SYMBOLS,
        &ask_user::ABOUT,
        &update_plan::ABOUT,
        &filing::SAVE,
        &filing::FETCH,
        &filing::LIST,
        &board::POST,
        &board::REMOVE,
    ];
    let registry = Registry::built_in();
    let named: Vec<&str> = abouts.iter().map(|about| about.name).collect();
    assert_eq!(registry.names(), named);
    for about in abouts {
        let spec = registry.get(about.name).unwrap().spec().clone();
        let schemas = format!("{} {}", spec.input_schema, spec.output_schema);
        let short = about.short(&spec).unwrap_or_default();
        for rare in about.rare {
            assert!(schemas.contains(&format!("\"{rare}\":")), "{} has no {rare}", about.name);
            assert!(!short.contains(&format!("{rare}:")) && !short.contains(&format!("{rare}?:")), "{short}");
            let found = registry.search(about.name).remove(0).declaration;
            assert!(found.contains(rare), "{found}");
        }
        for required in spec.input_schema["required"].as_array().into_iter().flatten() {
            let field = format!("{}: ", required.as_str().unwrap());
            assert!(short.is_empty() || short.contains(&field), "{short} needs {field}");
        }
    }
}
