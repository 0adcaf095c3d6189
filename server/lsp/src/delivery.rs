//! Prompts on their way to the agent: started, added to the turn that runs, or put into the queue; those of one client in the
//! order in which it gave them.

use crate::auth;
use crate::connection::{Connection, not_started};
use crate::convert;
use crate::harness::named;
use crate::mentions;
use crate::present::follow;
use crate::prompting::drafts;
use crate::starter::starter;
use crate::words::cut;
use glossator_agent::{AgentError, EditorState, Queued, Steered, Wishes};
use glossator_protocol_ext as ext;
use glossator_session::{AgentId, InputPart, SessionId, TurnId};
use serde_json::{Value, json};
use std::sync::Arc;
use tower_lsp::lsp_types::MessageType;

/// Characters of a queued prompt in a list.
const LINE: usize = 60;

const BROKE_DOWN: &str = "Starting this broke down, which is a fault of Glossator's; its log says more.";

/// What a client wishes for the turn of a prompt.
pub fn wishes(params: &ext::StartTurnParams) -> Wishes {
    Wishes {
        mode: params.mode.map(convert::mode),
        pack: named(params.pack.clone()),
        agents: params.agents.iter().cloned().map(AgentId).collect(),
    }
}

/// Starts a turn.
pub async fn start(
    connection: &Arc<Connection>,
    id: &SessionId,
    input: Vec<InputPart>,
    (wishes, editor): (Wishes, EditorState),
) -> Result<TurnId, AgentError> {
    let (worker, of) = (connection.clone(), id.clone());
    let turn = apart(async move { worker.start_turn(&of, input, wishes, editor) }).await?;
    drafts::begun(connection, id);
    Ok(turn)
}

/// Adds to the turn that runs, or starts one.
pub async fn steer(
    connection: &Arc<Connection>,
    id: &SessionId,
    turn: Option<TurnId>,
    input: Vec<InputPart>,
) -> Result<Steered, AgentError> {
    let agent = connection.agent().ok_or_else(not_started)?.clone();
    let (of, starter) = (id.clone(), starter(connection));
    let steered = apart(async move { agent.steer(&of, turn, input, starter).await }).await?;
    drafts::begun(connection, id);
    Ok(steered)
}

/// Puts a prompt into the queue.
pub async fn queue(
    connection: &Arc<Connection>,
    id: &SessionId,
    input: Vec<InputPart>,
    wishes: Wishes,
) -> Result<Queued, AgentError> {
    let agent = connection.agent().ok_or_else(not_started)?.clone();
    let (of, worker, starter) = (id.clone(), connection.clone(), starter(connection));
    apart(async move {
        // It lies in a file until its turn comes.
        let input = input.into_iter().map(|part| match part {
            InputPart::Text { text } => InputPart::Text { text: worker.redacted(&text) },
            other => other,
        });
        agent.queue(&of, (input.collect(), wishes), starter).await
    })
    .await
}

/// Does `work` where it may block: a long log is read, and settings are files, and messages are not kept waiting for that.
async fn apart<T: Send + 'static>(
    work: impl Future<Output = Result<T, AgentError>> + Send + 'static,
) -> Result<T, AgentError> {
    let runtime = tokio::runtime::Handle::current();
    let done = tokio::task::spawn_blocking(move || runtime.block_on(work)).await;
    done.unwrap_or_else(|_| Err(AgentError::Store(BROKE_DOWN.to_owned())))
}

/// Starts a turn of a session with this input and what it mentions, or adds it to the one that runs. The error is for people.
pub async fn deliver(
    connection: &Arc<Connection>,
    session: &SessionId,
    input: Vec<InputPart>,
) -> Result<Value, String> {
    let _in_order = connection.in_order().await;
    delivered(connection, session, input).await
}

/// As [`deliver`], for who holds the order of the prompts already.
pub async fn delivered(
    connection: &Arc<Connection>,
    session: &SessionId,
    input: Vec<InputPart>,
) -> Result<Value, String> {
    follow(connection, session).await;
    let input = mentions::resolved(connection, input).await;
    let said = auth::words(&input);
    let steered = match steer(connection, session, None, input).await {
        Ok(steered) => steered,
        Err(error) => {
            auth::offer(connection, session, &error, Some(said));
            return Err(error.to_string());
        }
    };
    Ok(json!({ "sessionId": session, "turnId": steered.turn, "started": steered.started }))
}

/// Lets this input, with what it mentions, wait for the end of the turn that runs. The error is for people.
pub async fn enqueue(
    connection: &Arc<Connection>,
    session: &SessionId,
    input: Vec<InputPart>,
) -> Result<Value, String> {
    let _in_order = connection.in_order().await;
    enqueued(connection, session, input).await
}

/// As [`enqueue`], for who holds the order of the prompts already.
pub async fn enqueued(
    connection: &Arc<Connection>,
    session: &SessionId,
    input: Vec<InputPart>,
) -> Result<Value, String> {
    follow(connection, session).await;
    let input = mentions::resolved(connection, input).await;
    let queued = queue(connection, session, input, Wishes::default()).await;
    let queued = queued.map_err(|error| error.to_string())?;
    let mut told = json!({ "sessionId": session, "id": queued.id, "position": queued.position });
    if let Some(turn) = queued.turn {
        told["turnId"] = json!(turn);
    }
    if let Some(why) = queued.waits {
        auth::offer(connection, session, &AgentError::Refused(why.clone()), None);
        told["waits"] = json!(why);
    }
    Ok(told)
}

/// Lets the queue of the current session go on that waits for the user; else says what waits. The error is for people.
pub async fn go_on(connection: &Arc<Connection>) -> Result<Value, String> {
    let session = connection.current_session().map_err(|error| error.to_string())?;
    let agent = connection.agent().ok_or_else(|| not_started().to_string())?.clone();
    let _in_order = connection.in_order().await;
    follow(connection, &session).await;
    let queue = agent.queued(&session).map_err(|error| error.to_string())?;
    if queue.prompts.is_empty() {
        return Err("Nothing is queued. Say what is to be done next: glossator.queue takes a prompt as its argument, or \
                    what is written in the prompt document."
            .to_owned());
    }
    let turn = agent.go_on(&session, starter(connection)).await.map_err(|error| error.to_string())?;
    let left = agent.queued(&session).map_err(|error| error.to_string())?;
    let count = match left.prompts.len() {
        1 => "1 waits".to_owned(),
        several => format!("{several} wait"),
    };
    let list: Vec<String> =
        left.prompts.iter().map(|one| format!("{} {}", one.id, cut(&words_of(&one.input), LINE))).collect();
    let text = match (turn, left.prompts.is_empty(), left.waits) {
        (_, _, Some(why)) => format!("the queue waits: {why}"),
        (Some(turn), true, None) => format!("{turn} goes on with what was queued"),
        (Some(turn), _, None) => {
            format!("{turn} goes on with what was queued; {count} wait: {}", list.join("; "))
        }
        (None, _, None) => format!("{count} for the turn that runs: {}", list.join("; ")),
    };
    connection.show(MessageType::INFO, format!("Glossator: {text}."));
    let prompts: Vec<ext::QueuedPrompt> = left.prompts.iter().map(convert::queued).collect();
    Ok(json!({ "sessionId": session, "turnId": turn, "prompts": prompts }))
}

/// The words of a prompt, in one line.
fn words_of(input: &[InputPart]) -> String {
    let words = input.iter().filter_map(|part| match part {
        InputPart::Text { text } => Some(text.as_str()),
        _ => None,
    });
    words.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}
