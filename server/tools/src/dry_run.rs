//! What a call would come to: its verdict in words, and what stands for its result. Pure; nothing is done or asked here.

use crate::Judgement;
use crate::placeholder::placeholder;
use glossator_session::{ToolError, ToolErrorKind, ToolOutput, ToolSpec};
use serde_json::Value;

/// What would become of a call that was judged so. `can_ask`: whether there would be anybody to ask.
pub(crate) fn would(judgement: Judgement, can_ask: bool) -> String {
    match judgement {
        Judgement::Allow => "would run".to_owned(),
        Judgement::Ask(why) if can_ask => format!("would ask: {why}"),
        Judgement::Ask(why) => {
            format!("would be refused: it needs the user's consent ({why}), and nobody is there to ask")
        }
        Judgement::Refuse(why) => format!("would be refused: {why}"),
    }
}

/// What is said of a call that could not be prepared. Arguments that do not fit, unknown tools and a cancel stay errors;
/// other reasons can come of the placeholders that the script works with.
pub(crate) fn unprepared(error: ToolError) -> Result<String, ToolError> {
    match error.kind {
        ToolErrorKind::ToolArguments | ToolErrorKind::ToolNotFound | ToolErrorKind::ToolCancelled => {
            Err(error)
        }
        ToolErrorKind::ToolDenied => Ok(format!("would be refused: {}", error.message)),
        ToolErrorKind::ToolFailed | ToolErrorKind::ToolTimeout => {
            Ok(format!("could not be checked: {}", error.message))
        }
    }
}

/// What a script gets of such a call.
pub(crate) fn for_script(spec: &ToolSpec, would: String) -> ToolOutput {
    ToolOutput { value: placeholder(&spec.output_schema), summary: would }
}

/// What a model gets that called the tool itself: a placeholder would look like a result.
pub(crate) fn for_model(line: &str, would: String) -> ToolOutput {
    let value = Value::String(format!("Dry run: nothing was done. {line}: {would}."));
    ToolOutput { value, summary: would }
}
