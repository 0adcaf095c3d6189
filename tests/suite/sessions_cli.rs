//! `glossator sessions` over the real binary: what is shown, what is changed, and what is refused.

use crate::harness::{Ran, Reply, World, log_file, run, script, until};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Stdio;

async fn world() -> World {
    World::answering(|_| Reply::Text("An answer about walruses.".to_owned())).await
}

/// One turn; gives the id of its session.
async fn said(world: &World, prompt: &str) -> String {
    let ran = run(world, &["exec", "--json", prompt], "").await;
    let first: Value = serde_json::from_str(ran.assert(0).out.lines().next().unwrap()).unwrap();
    let id = first["sessionId"].as_str().or(first["session"].as_str());
    id.unwrap_or_else(|| panic!("no session in {first}")).to_owned()
}

async fn sessions(world: &World, arguments: &[&str]) -> Ran {
    run(world, &[&["sessions"], arguments].concat(), "").await
}

fn lines(ran: &Ran) -> Vec<Value> {
    ran.assert(0).out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The ids of a list.
async fn listed(world: &World, arguments: &[&str]) -> Vec<String> {
    let ran = sessions(world, &[&["list", "--json"], arguments].concat()).await;
    lines(&ran).iter().filter_map(|line| Some(line["id"].as_str()?.to_owned())).collect()
}

#[tokio::test]
async fn what_there_is_is_shown() {
    let world = world().await;
    let ran = sessions(&world, &["list"]).await;
    assert!(ran.assert(0).out.is_empty() && ran.err.contains("no sessions"), "{ran:#?}");
    assert!(!world.state().join("workspaces").exists(), "looking makes nothing");
    let first = said(&world, "Fix the parser").await;
    let second = said(&world, "Write tests\u{1b}[31m for it").await;
    assert_eq!(listed(&world, &[]).await, [second.clone(), first.clone()]);
    assert_eq!(listed(&world, &["parser"]).await, std::slice::from_ref(&first));
    assert_eq!(listed(&world, &["--limit", "1"]).await, std::slice::from_ref(&second));
    let ran = sessions(&world, &["list", "--json", "--limit", "1"]).await;
    let place = lines(&ran)[1]["next"].as_str().unwrap().to_owned();
    assert!(lines(&ran)[1]["diskUsage"]["sessions"].as_u64().unwrap() > 500, "{ran:#?}");
    assert_eq!(listed(&world, &["--limit", "1", "--before", &place]).await, std::slice::from_ref(&first));

    let ran = sessions(&world, &["list"]).await;
    let line = ran.assert(0).out.lines().nth(1).unwrap();
    assert!(line.contains(&first) && line.contains("Fix the parser") && line.contains("1 turn"), "{line}");
    assert!(!ran.out.contains('\u{1b}'), "{ran:#?}");

    run(&world, &["exec", "--session", &first, "Now the walrus\u{1b}[2J"], "").await.assert(0);
    let ran = sessions(&world, &["show", &first]).await;
    for words in ["> Fix the parser", "> Now the walrus", "An answer about walruses.", "T-1", "T-2"] {
        assert!(ran.assert(0).out.contains(words), "{words}: {ran:#?}");
    }
    assert!(!ran.out.contains('\u{1b}'), "{ran:#?}");
    let ran = sessions(&world, &["show", &first, "--turn", "T-2"]).await;
    assert!(ran.assert(0).out.contains("walrus") && !ran.out.contains("Fix the parser\n\n"), "{ran:#?}");
    let ran = sessions(&world, &["show", &first, "--last", "1", "--json"]).await;
    assert!(lines(&ran).iter().all(|item| item["turn"] == "T-2"), "{ran:#?}");

    let ran = sessions(&world, &["search", "walrus", "in:answer"]).await;
    assert_eq!(ran.assert(0).out.matches("An answer about walruses.").count(), 3, "{ran:#?}");
    let ran = sessions(&world, &["search", "--json", "--session", &first, "\"the parser\""]).await;
    let hit = &lines(&ran)[0];
    assert_eq!(
        (&hit["session"], &hit["turn"], &hit["kind"]),
        (&json!(first), &json!("T-1"), &json!("prompt"))
    );
    assert_eq!(hit["snippet"], json!({ "text": "Fix the parser", "marks": [[4, 7], [8, 14]] }));
    let ran = sessions(&world, &["search", "before:whenever"]).await;
    assert!(ran.assert(0).err.contains("2026-11-20") && ran.err.contains("nothing found"), "{ran:#?}");
}

#[tokio::test]
async fn titles_and_archive() {
    let world = world().await;
    let (first, second) = (said(&world, "One").await, said(&world, "Two").await);
    sessions(&world, &["rename", &first, "A", "new", "name\u{7}"]).await.assert(0);
    let list = lines(&sessions(&world, &["list", "--json"]).await);
    let title = |id: &str| list.iter().find(|line| line["id"] == id).unwrap()["title"].clone();
    assert_eq!((title(&first), title(&second)), (json!("A new name"), json!("Two")));
    sessions(&world, &["rename", &first]).await.assert(0);
    assert!(sessions(&world, &["list"]).await.out.contains("One"));
    sessions(&world, &["archive", &first, &second, &first]).await.assert(0);
    assert_eq!(listed(&world, &[]).await, Vec::<String>::new());
    assert_eq!(listed(&world, &["--archived"]).await, [second.clone(), first.clone()]);
    sessions(&world, &["unarchive", &second]).await.assert(0);
    assert_eq!(listed(&world, &[]).await, [second]);
    assert!(sessions(&world, &["show", &first]).await.assert(0).out.contains("> One"));
}

#[tokio::test]
async fn export_and_import() {
    let world = world().await;
    let id = said(&world, "Look at the walrus").await;
    let ran = sessions(&world, &["export", &id]).await;
    assert!(ran.assert(0).out.contains("Look at the walrus") && ran.out.contains("# "), "{ran:#?}");
    let file = world.root().join("export.jsonl");
    let path = file.to_str().unwrap();
    sessions(&world, &["export", &id, "--format", "jsonl", "--out", path]).await.assert(0);
    let ran = sessions(&world, &["export", &id, "--out", path]).await;
    assert!(ran.assert(1).err.contains("there already"), "{ran:#?}");
    let ran = sessions(&world, &["import", path]).await;
    let new = ran.assert(0).out.trim().to_owned();
    assert_ne!(new, id);
    let shown = |ran: Ran| ran.assert(0).out.lines().skip(2).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(shown(sessions(&world, &["show", &new]).await), shown(sessions(&world, &["show", &id]).await));
    // It can be gone on with.
    run(&world, &["exec", "--session", &new, "On"], "").await.assert(0);
    let text = std::fs::read_to_string(&file).unwrap();
    let ran = run(&world, &["sessions", "import", "-"], &text).await;
    ran.assert(0);
    for (what, text) in [("nothing", ""), ("no export", "walrus\n"), ("half a line", &text[..text.len() / 3])]
    {
        let ran = run(&world, &["sessions", "import", "-"], text).await;
        assert!(ran.assert(1).err.starts_with("error: "), "{what}: {ran:#?}");
    }
    assert_eq!(listed(&world, &[]).await.len(), 3);
    sessions(&world, &["import", "/no/such/file"]).await.assert(1);
}

#[tokio::test]
async fn fork_and_delete() {
    let world = world().await;
    let id = said(&world, "One").await;
    run(&world, &["exec", "--session", &id, "Two"], "").await.assert(0);
    let ran = sessions(&world, &["fork", &id, "--turn", "T-1", "--title", "Elsewhere"]).await;
    let fork = ran.assert(0).out.trim().to_owned();
    let list = lines(&sessions(&world, &["list", "--json"]).await);
    let entry = list.iter().find(|line| line["id"] == json!(fork)).unwrap();
    assert_eq!((&entry["title"], &entry["turns"]), (&json!("Elsewhere"), &json!(1)));
    assert_eq!(entry["parent"]["session"], json!(id));
    assert!(sessions(&world, &["fork", &id, "--turn", "T-9"]).await.assert(1).err.contains("T-"));

    let ran = sessions(&world, &["delete", &id]).await;
    assert!(ran.assert(2).err.contains("--yes"), "{ran:#?}");
    assert_eq!(listed(&world, &[]).await.len(), 2);
    let ran = sessions(&world, &["delete", &id, "--yes"]).await;
    assert!(ran.assert(0).err.contains(&format!("deleted {id}")), "{ran:#?}");
    assert_eq!(listed(&world, &[]).await, std::slice::from_ref(&fork));
    let ran = sessions(&world, &["show", &fork]).await;
    assert!(ran.assert(0).out.contains("> One") && !ran.out.contains("> Two"), "{ran:#?}");
    let ran = sessions(&world, &["delete", "--json", "--yes", &fork]).await;
    assert_eq!(lines(&ran)[0]["id"], json!(fork));
    assert_eq!(listed(&world, &[]).await, Vec::<String>::new());
}

#[tokio::test]
async fn while_another_process_writes_it() {
    let world = World::new(vec![script("return 1;"), Reply::Hang]).await;
    let child =
        world.program(&["exec", "--json", "Wait for the walrus"]).stderr(Stdio::null()).spawn().unwrap();
    until("the model is asked twice", || world.model.requests().len() == 2).await;
    let ids = listed(&world, &[]).await;
    let id = ids[0].as_str();
    assert!(sessions(&world, &["show", id]).await.assert(0).out.contains("> Wait for the walrus"));
    assert!(sessions(&world, &["search", "walrus"]).await.assert(0).out.contains(id));
    assert!(sessions(&world, &["export", id]).await.assert(0).out.contains("walrus"));
    sessions(&world, &["rename", id, "Patience"]).await.assert(0);
    sessions(&world, &["archive", id]).await.assert(0);
    assert_eq!(listed(&world, &["--archived"]).await, ids);
    let ran = sessions(&world, &["delete", "--yes", id]).await;
    assert!(ran.assert(1).err.contains("being written by process"), "{ran:#?}");
    assert!(log_file(&world, id).exists());
    drop(child);
}

#[tokio::test]
async fn a_folder_that_was_moved() {
    let world = world().await;
    let id = said(&world, "One").await;
    let moved = world.root().join("moved");
    std::fs::rename(world.workspace(), &moved).unwrap();
    // The program is run there.
    std::fs::create_dir(world.workspace()).unwrap();
    let here = ["--cwd", moved.to_str().unwrap()];
    assert_eq!(listed(&world, &here).await, Vec::<String>::new());
    let old = world.workspace().to_str().unwrap().to_owned();
    let ran = sessions(&world, &["attach", "--cwd", here[1], &old]).await;
    assert!(ran.assert(1).err.contains("still exists"), "{ran:#?}");
    std::fs::remove_dir(world.workspace()).unwrap();
    let in_moved = async |words: &[&str]| {
        let mut program = world.program(&[&["sessions"], words].concat());
        let output = program.current_dir(&moved).stderr(Stdio::piped()).output().await.unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    };
    let ran = in_moved(&["attach"]).await;
    assert!(ran.assert(0).out.contains(&old) && ran.out.contains("1 session"), "{ran:#?}");
    let ran = in_moved(&["attach", &old, "--json"]).await;
    assert_eq!(lines(&ran)[0]["sessions"], json!(1));
    assert!(in_moved(&["list"]).await.assert(0).out.contains(&id));
    assert!(in_moved(&["attach", &old]).await.assert(1).err.contains("no sessions of"));
}

/// Says of a session that everything in it happened long ago.
fn make_old(world: &World, id: &str) {
    let path: PathBuf = log_file(world, id);
    let text = std::fs::read_to_string(&path).unwrap();
    let old: Vec<String> = text
        .lines()
        .map(|line| {
            let mut value: Value = serde_json::from_str(line).unwrap();
            match value.get_mut("head") {
                Some(head) => head["createdAt"] = json!(1_600_000_000_000_i64),
                None => value["at"] = json!(1_600_000_000_000_i64),
            }
            format!("{value}\n")
        })
        .collect();
    std::fs::write(&path, old.concat()).unwrap();
}

#[tokio::test]
async fn tidy_deletes_what_is_archived_and_old_and_only_when_told() {
    let world = world().await;
    world.settings("", "[sessions]\nkeep_days = 30\n");
    let (old, new, kept) = (said(&world, "Old").await, said(&world, "New").await, said(&world, "Kept").await);
    sessions(&world, &["archive", &old, &new]).await.assert(0);
    make_old(&world, &old);
    make_old(&world, &kept);
    let ran = sessions(&world, &["tidy"]).await;
    assert!(
        ran.assert(0).out.contains(&old) && !ran.out.contains(&new) && !ran.out.contains(&kept),
        "{ran:#?}"
    );
    assert!(ran.err.contains("tidy --yes"), "{ran:#?}");
    assert_eq!(listed(&world, &["--archived"]).await.len(), 2);
    let ran = sessions(&world, &["tidy", "--json"]).await;
    assert_eq!(lines(&ran)[0]["sessions"], json!([old]));
    sessions(&world, &["tidy", "--yes"]).await.assert(0);
    assert_eq!(listed(&world, &["--archived"]).await, [new]);
    assert_eq!(listed(&world, &[]).await, [kept]);
    world.settings("", "");
    let ran = sessions(&world, &["tidy"]).await;
    assert!(ran.assert(0).out.contains("keep_days is 0"), "{ran:#?}");
}

#[tokio::test]
async fn what_cannot_be_done_says_what_to_do() {
    let world = world().await;
    let (one, two) = (said(&world, "One").await, said(&world, "Two").await);
    let common = one.chars().zip(two.chars()).take_while(|(a, b)| a == b).count();
    let cases: [(&[&str], i32, &str); 14] = [
        (&[], 2, "list"),
        (&["nonsense"], 2, "nonsense"),
        (&["list", "--cwd", "/no/such/folder"], 2, "--cwd"),
        (&["list", "--before", "yesterday"], 2, "next"),
        (&["list", "--limit", "many"], 2, "many"),
        (&["show"], 2, "ID"),
        (&["show", ""], 1, "several"),
        (&["show", "no-such"], 1, "no session 'no-such'"),
        (&["show", "../../etc"], 1, "no session"),
        (&["show", &one[..common]], 1, "several"),
        (&["show", &one, "--turn", "seven"], 2, "T-7"),
        (&["show", &one, "--turn", "T-7"], 1, "no turn T-7"),
        (&["delete", "no-such", &one, "--yes"], 1, "no session"),
        (&["export", &one, "--out", "/no/such/folder/x"], 1, "/no/such/folder/x"),
    ];
    for (arguments, code, words) in cases {
        let ran = sessions(&world, arguments).await;
        assert!(ran.assert(code).err.contains(words), "{arguments:?}: {ran:#?}");
    }
    assert_eq!(listed(&world, &[]).await.len(), 2);
    let own = &one[..common + 1];
    assert!(sessions(&world, &["show", own]).await.assert(0).out.contains("> One"));
}

#[tokio::test]
async fn a_broken_index_is_made_anew() {
    let world = world().await;
    let (one, two) = (said(&world, "One").await, said(&world, "Two").await);
    assert_eq!(listed(&world, &[]).await, [two.clone(), one.clone()]);
    let index = log_file(&world, &one).ancestors().nth(3).unwrap().join("index.db");
    std::fs::write(&index, "no index at all, and long enough to be read as one").unwrap();
    let ran = run(&world, &["doctor"], "").await;
    assert!(ran.out.contains("index") && ran.out.contains("2 sessions"), "{ran:#?}");
    assert_eq!(listed(&world, &[]).await, [two.clone(), one.clone()]);
    std::fs::remove_file(&index).unwrap();
    let ran = sessions(&world, &["reindex", "--json"]).await;
    assert_eq!(lines(&ran)[0]["sessions"], json!(2));
    assert!(index.exists());
    // In whose place none can be.
    std::fs::remove_file(&index).unwrap();
    std::fs::create_dir_all(index.join("x")).unwrap();
    let ran = sessions(&world, &["list"]).await;
    assert!(ran.assert(0).out.contains(&one) && ran.err.contains("logs were read"), "{ran:#?}");
    let ran = run(&world, &["doctor"], "").await;
    assert!(ran.out.contains("reindex"), "{ran:#?}");
    assert!(sessions(&world, &["reindex"]).await.assert(1).err.contains("index.db"));
}
