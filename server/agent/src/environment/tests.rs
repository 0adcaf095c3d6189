//! What is told of changes, and that it is told once.

use super::*;
use glossator_session::{ItemId, TurnId};

fn layers(environment: &[(&str, &str)], project: &str) -> Vec<SystemPart> {
    let lines: Vec<String> = environment.iter().map(|(name, value)| format!("- {name}: {value}")).collect();
    let part = |layer: &str, text: &str| SystemPart { layer: layer.to_owned(), text: text.to_owned() };
    let mut all = vec![
        part("instructions", "Do."),
        part("environment", &format!("# Environment\n\n{}", lines.join("\n"))),
    ];
    if !project.is_empty() {
        all.push(part("project", project));
    }
    all
}

#[test]
fn each_change_is_told_once_and_until_it_changes_again() {
    let frozen = layers(
        &[("Date at the session's start", "2026-11-20"), ("Git branch at the session's start", "main")],
        "",
    );
    let mut since: Vec<Item> = Vec::new();
    let mut step = |environment: &[(&str, &str)], project: &str, pack: &str, expected: &[&str]| {
        let facts = Facts { layers: layers(environment, project), notices: Vec::new() };
        let found = changes(&frozen, &since, &facts, pack);
        let texts: Vec<&str> = found
            .iter()
            .map(|one| match one {
                ContextItem::Told { text, .. } => text.as_str(),
                _ => "",
            })
            .collect();
        assert_eq!(texts.len(), expected.len(), "{texts:?} {expected:?}");
        texts
            .iter()
            .zip(expected)
            .for_each(|(text, words)| assert!(text.contains(words), "{text:?} {words:?}"));
        for body in found {
            let id = ItemId(since.len() as u64 + 1);
            since.push(Item {
                id,
                turn: TurnId(1),
                round: 0,
                at: 0,
                agent: None,
                body: ItemBody::Context(body),
            });
        }
    };
    let date = |day: &'static str| ("Date at the session's start", day);
    let branch = |name: &'static str| ("Git branch at the session's start", name);
    let main = [date("2026-11-20"), branch("main")];
    step(&main, "", "", &[]);
    let dev = [date("2026-11-21"), branch("dev")];
    step(&dev, "", "", &["began: Date: 2026-11-21", "Git branch: dev"]);
    step(&dev, "", "", &[]);
    step(&dev, "Be kind.", "", &["holds now:\nBe kind."]);
    step(&dev, "Be kind.", "", &[]);
    step(&[date("2026-11-21")], "Be kind.", "", &["Git branch: none"]);
    step(&[date("2026-11-21")], "Be kind.", "", &[]);
    step(&[date("2026-11-21"), branch("main")], "", "", &["Git branch: main", "gone"]);
    step(&[date("2026-11-21"), branch("main")], "", "No exec.", &["No exec."]);
    step(&[date("2026-11-21"), branch("main")], "", "No exec.", &[]);
    step(&[date("2026-11-21"), branch("main")], "", "", &["those of the tool reference"]);
    step(&[date("2026-11-21"), branch("main"), ("Policy", "ask")], "", "", &["Policy: ask"]);
}

#[test]
fn a_compaction_keeps_the_tools_and_renews_the_rest() {
    let old = layers(&[("Policy", "ask")], "old");
    let mut new = layers(&[("Policy", "full")], "");
    new[0].text = "other instructions".to_owned();
    let found = renewed(&old, &Facts { layers: new, notices: Vec::new() });
    let texts: Vec<&str> = found.iter().map(|part| part.text.as_str()).collect();
    assert_eq!(texts, ["Do.", "# Environment\n\n- Policy: full"]);
}
