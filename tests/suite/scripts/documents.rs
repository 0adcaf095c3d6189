//! The documents: examples in `docs/scripting.md` run, and `docs/errors.md` names every error there is and no other.

use crate::harness::{World, run};
use glossator_script::ErrorName;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

fn document(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join("docs").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[tokio::test]
async fn the_examples_for_scripts_run() {
    let text = document("scripting.md");
    let examples: Vec<&str> =
        text.split("```ts\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(examples.len() >= 5, "{} examples", examples.len());
    for example in examples {
        let world = World::new(vec![]).await;
        world
            .write("src/date.ts", "export function parseDate(text: string) {\n  return new Date(text);\n}\n");
        world.write(
            "src/main.ts",
            "import { parseDate } from './date';\n\nconsole.log(parseDate('2026-01-02'));\n",
        );
        world.write("README.md", "# A project\n\nIt parses dates. Tests are to come.\n");
        world.write("package.json", "{ \"name\": \"sample\", \"scripts\": { \"test\": \"true\" } }\n");
        let ran = run(&world, &["debug", "script", "--policy", "full", "--json", "-"], example).await;
        let line: Value = serde_json::from_str(ran.out.lines().last().unwrap_or("null")).unwrap();
        assert_eq!(line["status"], "done", "{example}\n{ran:#?}");
    }
}

#[test]
fn every_error_has_its_row_and_no_row_is_without_an_error() {
    let text = document("errors.md");
    let rows: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split('`').next())
        .filter(|name| name.starts_with("Script") || name.starts_with("Tool") || name.starts_with("Harness"))
        .map(str::to_owned)
        .collect();
    let names: BTreeSet<String> = ErrorName::ALL.iter().map(|name| name.as_str().to_owned()).collect();
    assert_eq!(rows, names);
}
