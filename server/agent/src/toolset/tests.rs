//! Which tools a turn has under which packs, and what the model is told of it.

use super::*;
use crate::config::{Acts, RequestConfig, ScriptConfig, TurnLimits, Wishes};
use glossator_tools::UserPack;
use std::collections::BTreeMap;
use std::sync::Arc;

fn wish(pack: &str) -> Wishes {
    Wishes { pack: Some(pack.to_owned()), ..Wishes::default() }
}

fn config() -> TurnConfig {
    TurnConfig {
        provider: Err("none".to_owned()),
        request: RequestConfig::default(),
        pack: "core".to_owned(),
        packs: BTreeMap::new(),
        wishes: Wishes::default(),
        limits: TurnLimits { rounds: 1, repeats: 2, ask: None, budget: Default::default(), stored_mb: 0 },
        acts: Acts { mode: Mode::Enabled, ..Acts::default() },
        script: ScriptConfig { limits: Default::default(), tasks: 32, env: BTreeMap::new() },
        context: Default::default(),
        agents: BTreeMap::new(),
        keeping: Default::default(),
        redact: Arc::new(str::to_owned),
    }
}

fn mode(mode: Mode) -> TurnConfig {
    TurnConfig { acts: Acts { mode, ..Acts::default() }, ..config() }
}

fn begun(pack: &str, tools: &[&str]) -> SessionHead {
    SessionHead {
        id: "s".into(),
        title: String::new(),
        created_at: 0,
        model: String::new(),
        pack: pack.to_owned(),
        tools: tools.iter().map(|name| (*name).to_owned()).collect(),
        calling: String::new(),
        strategy: String::new(),
        parent: None,
        layers: Vec::new(),
    }
}

/// A user pack `mine`: all of `core` but these.
fn mine(without: &[&str]) -> BTreeMap<String, UserPack> {
    let without = without.iter().map(|name| (*name).to_owned()).collect();
    let pack = UserPack { extends: Some("core".to_owned()), with: Vec::new(), without };
    BTreeMap::from([("mine".to_owned(), pack)])
}

#[test]
fn dispatch_goes_by_the_pack_as_it_is_now_and_the_model_is_told() {
    let check = |head: Option<SessionHead>, config: TurnConfig, tools: &[&str], told: &[&str]| {
        let found = Toolset::of(head.as_ref(), &config).unwrap();
        assert_eq!(found.registry.names(), tools);
        let lines: Vec<&String> =
            found.told.iter().chain([&found.changed]).filter(|line| !line.is_empty()).collect();
        assert_eq!(lines.len(), told.len(), "{lines:?}");
        for (line, words) in lines.into_iter().zip(told) {
            assert!(line.contains(words), "{line:?} should hold {words:?}");
        }
    };
    let names = |slug: &str| Registry::of_pack(slug).unwrap().names();
    let all = [names("core"), names("files"), names("read-only")];
    let [core, files, reading] =
        all.each_ref().map(|names| names.iter().map(String::as_str).collect::<Vec<_>>());
    let (files, reading) = (files.as_slice(), reading.as_slice());
    check(None, config(), &core, &[]);
    // A session keeps its pack, whatever the settings name now.
    check(Some(begun("files", files)), config(), files, &[]);
    let now = TurnConfig { packs: mine(&["exec"]), ..config() };
    check(Some(begun("mine", &core)), now.clone(), files, &["these tools do not work: exec."]);
    check(
        Some(begun("mine", reading)),
        now.clone(),
        files,
        &["From now on there are also these tools: applyPatch, writeFile."],
    );
    // Logs of older versions do not name their tools.
    check(Some(begun("mine", &[])), now, files, &[]);
    let narrow = |slug: &str| TurnConfig { wishes: wish(slug), ..config() };
    check(
        None,
        narrow("read-only"),
        reading,
        &["only these tools work: readFile, listDir, grepFiles, fileSearch, diagnostics"],
    );
    check(None, narrow("core"), &core, &[]);
    // Narrowing never widens.
    check(Some(begun("read-only", reading)), narrow("core"), reading, &[]);
    check(None, mode(Mode::DryRun), &core, &["dry run"]);
    check(None, mode(Mode::Disabled), &core, &["answer in words"]);
    let mut native = mode(Mode::Disabled);
    native.request.calling = Calling::Native;
    // An agent of its own pack has what both allow.
    let all = Toolset::of(None, &narrow("files")).unwrap();
    let bound = all.bounded("read-only", &config()).unwrap();
    assert_eq!(
        (bound.registry.names(), bound.told.len()),
        (reading.iter().map(|name| (*name).to_owned()).collect(), 2)
    );
    assert_eq!(all.bounded("core", &config()).unwrap().told.len(), 1);
    assert!(all.bounded("no such pack", &config()).is_err());
    check(None, native.clone(), &core, &[]);
    native.request.calling = Calling::Both;
    check(None, native, &core, &["native tool calls"]);
}

#[test]
fn packs_that_cannot_be_used_are_errors_that_say_so() {
    let check = |head: Option<SessionHead>, config: TurnConfig, words: &[&str]| {
        let error = Toolset::of(head.as_ref(), &config).err().unwrap().to_string();
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    };
    check(None, TurnConfig { pack: "cor".to_owned(), ..config() }, &["`cor`", "core"]);
    check(Some(begun("mine", &["readFile"])), config(), &["`mine`", "This session began with that pack"]);
    check(None, TurnConfig { wishes: wish("none"), ..config() }, &["`none`"]);
}

#[test]
fn what_is_offered_natively_never_moves_within_a_session() {
    let offered = |head: Option<SessionHead>, config: &TurnConfig| -> Vec<String> {
        Toolset::of(head.as_ref(), config).unwrap().native.into_iter().map(|spec| spec.name).collect()
    };
    let mut native = TurnConfig { packs: mine(&["exec"]), ..config() };
    native.request.calling = Calling::Native;
    let core = Registry::of_pack("core").unwrap().names();
    assert_eq!(offered(None, &native), core);
    assert_eq!(offered(None, &config()), [""; 0]);
    let names: Vec<&str> = core.iter().map(String::as_str).collect();
    assert_eq!(offered(Some(begun("mine", &names)), &native), core);
    let narrow = TurnConfig { wishes: wish("read-only"), ..native.clone() };
    assert_eq!(offered(Some(begun("core", &names)), &narrow), core);
    assert_eq!(offered(Some(begun("mine", &[])), &native), Registry::of_pack("files").unwrap().names());
    // Dispatch is another matter.
    assert!(Toolset::of(Some(&begun("mine", &names)), &native).unwrap().registry.get("exec").is_none());
}
