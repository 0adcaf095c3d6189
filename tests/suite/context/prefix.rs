//! Earlier bytes stay as they were, so that providers find them in their caches.

use super::unmarked;
use crate::harness::{Peer, Reply, World, last_user_text, patch, script};
use serde_json::{Value, json};

/// A request as a sequence of bytes, cache marks left aside: system, then messages, as the wire sends them.
fn bytes(body: &Value) -> Vec<u8> {
    let body = unmarked(body);
    let mut out = Vec::new();
    for message in
        [&body["tools"], &body["system"]].into_iter().chain(body["messages"].as_array().into_iter().flatten())
    {
        out.extend(message.to_string().into_bytes());
    }
    out
}

/// Over a scripted session of 40 turns with scripts, edits, board entries, a task and things that change between turns.
#[tokio::test]
async fn forty_turns_share_their_prefixes() {
    const TURNS: usize = 40;
    let world = World::answering(|body| {
        let asked = last_user_text(body);
        let number: usize = asked.rsplit_once("turn number ").map_or(0, |(_, rest)| {
            rest.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
        });
        if asked.contains("<tool-results") {
            return match asked.contains("once more please") {
                true => script(&format!("return await tools.readFile({{ path: 'a.txt' }}).then(f => f.text.length + {number});")),
                false => Reply::Text(format!("Turn {number} is done.")),
            };
        }
        match number % 8 {
            0 => script("return 'once more please ' + (await tools.readFile({ path: 'a.txt' })).text;"),
            1 => script(&patch("a.txt", &[], &[&format!("line {number}")])),
            2 => script(&format!("return await tools.board.post({{ title: 'note {number}', text: 'remember', turns: 3 }});")),
            3 => script("const t = await tools.spawn.readFile({ path: 'a.txt' }); return t;"),
            4 => script(&format!("await tools.updatePlan({{ steps: [{{ text: 'step {number}', status: 'inProgress' }}] }}); return 1;")),
            5 => script("return store.get('x') ?? store.set('x', 1);"),
            _ => Reply::Text(format!("Nothing to do in turn {number}.")),
        }
    })
    .await;
    world.settings("policy = \"auto-edit\"", "");
    world.write("a.txt", "one\ntwo\n");
    world.write(".git/HEAD", "ref: refs/heads/main\n");
    let peer = Peer::start(&world).await;
    peer.command("glossator.trust", json!([])).await.unwrap();
    let session = peer.new_session().await;
    for at in 1..=TURNS {
        match at {
            10 => world.write(".git/HEAD", "ref: refs/heads/topic\n"),
            15 => world.write("AGENTS.md", "Be kind.\n"),
            20 => drop(peer.undo(&session).await),
            _ => {}
        }
        peer.turn(&session, &format!("Please do turn number {at}.")).await.assert("done");
    }
    let requests: Vec<Vec<u8>> = world.requests().iter().map(|request| bytes(&request.body)).collect();
    let share = |pair: &[Vec<u8>]| {
        let same = pair[0].iter().zip(&pair[1]).take_while(|(a, b)| a == b).count();
        same as f64 / pair[0].len() as f64
    };
    let shares: Vec<f64> = requests.windows(2).map(share).collect();
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    let least = shares.iter().copied().fold(f64::MAX, f64::min);
    println!(
        "{} requests: mean share of a request that begins the next {mean:.4}, least {least:.4}",
        requests.len()
    );
    assert!(requests.len() > TURNS + 20, "{}", requests.len());
    assert!(mean >= 0.95, "{mean}: {shares:?}");
}
