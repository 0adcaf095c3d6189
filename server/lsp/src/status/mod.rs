//! How things stand, as a document: session, model, what runs and what waits, spending, settings and what is wrong with them.

mod facts;
mod page;

use crate::connection::Connection;
use crate::documents;
use crate::sessions::commands::now;
use serde_json::{Value, json};
use std::sync::Arc;

/// `glossator.status`
pub async fn status(connection: &Arc<Connection>, _: Option<Value>) -> Result<Value, String> {
    let facts = facts::gather(connection).await?;
    let text = page::render(&facts, now());
    let uri = documents::show(connection, (None, "status.md".to_owned()), text).await?;
    Ok(json!({
        "uri": uri,
        "sessionId": facts.session.as_ref().map(|one| &one.id),
        "model": facts.run.model.as_ref().ok(),
        "policy": facts.run.policy,
        "trusted": facts.place.trusted,
        "problems": facts.run.problems,
    }))
}
