//! Policy: whether an action is allowed, asked for or refused. A pure function of the action, the policy and what
//! the user granted; the table is `docs/tools.md`'s. Never runs or asks anything itself.

use crate::ReviewMode;
use crate::render::cut_middle;
use glossator_exec::{Verdict, visible, visible_lines};
use glossator_session::{AskHunk, AskSubject, Grant};
use serde::{Deserialize, Serialize};

/// How much the user lets the agent do without being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// Looks only.
    ReadOnly,
    /// Edits in the workspace are made (and can be undone); commands ask unless known to be safe.
    #[default]
    Ask,
    /// As `ask`; edits are kept at once.
    AutoEdit,
    /// Commands run without asking, except dangerous ones.
    Full,
}

impl Policy {
    /// As it is written in settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::Ask => "ask",
            Self::AutoEdit => "auto-edit",
            Self::Full => "full",
        }
    }
}

/// What a call would do.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Look at files in the workspace.
    Look,
    /// Change files in the workspace.
    Edit {
        /// Paths as the user knows them.
        files: Vec<String>,
        /// Those among them that editors or tools execute.
        protected: Vec<String>,
        /// The change as a unified diff.
        diff: String,
        /// Its hunks, which the user can answer one by one; none where an ask was not to be expected.
        hunks: Vec<AskHunk>,
    },
    /// Run a command.
    Command {
        /// As it would be typed and with what comes with it, written so that nothing can hide; long parts are cut.
        line: String,
        /// The same to the letter: what a grant remembers.
        exact: String,
        /// Absolute working folder.
        cwd: String,
        /// What is known of it.
        verdict: Verdict,
        /// What it should be asked for, beyond policy (an escalation); `None` in the usual case.
        escalation: Option<String>,
        /// The words it begins with, where an *allow* may cover all commands that begin alike.
        begins: Option<String>,
    },
    /// Ask the user a question of the model's.
    Question {
        /// The question.
        question: String,
        /// Answers to pick from.
        options: Vec<String>,
        /// What holds where the user leaves it open.
        default: Option<String>,
    },
}

/// What judging needs to know beside the action.
#[derive(Debug, Clone, Copy)]
pub struct Situation {
    /// The policy in force.
    pub policy: Policy,
    /// Whether the user trusts the folder.
    pub trusted: bool,
    /// Whether an earlier *allow* covers the action.
    pub granted: bool,
    /// When the user looks at edits.
    pub review: ReviewMode,
}

/// The verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// Do it.
    Allow,
    /// Ask, for this reason.
    Ask(String),
    /// Do not, for this reason.
    Refuse(String),
}

/// Judges one action.
pub fn judge(action: &Action, situation: Situation) -> Judgement {
    use Judgement::{Allow, Ask, Refuse};
    let Situation { policy, trusted, granted, review } = situation;
    let read_only = policy == Policy::ReadOnly;
    match action {
        Action::Look => Allow,
        Action::Question { .. } => Ask("the agent asks you".to_owned()),
        Action::Edit { .. } if read_only => Refuse("the policy is read-only".to_owned()),
        Action::Edit { protected, .. } if !protected.is_empty() => {
            Ask(said(&format!("{} can change what programs execute", protected.join(", "))))
        }
        Action::Edit { files, .. } if review == ReviewMode::Before && !files.is_empty() => {
            Ask("edits are shown before they are made (edits.review is \"before\")".to_owned())
        }
        Action::Edit { .. } => Allow,
        Action::Command { verdict: Verdict::Safe, escalation: None, .. } => Allow,
        Action::Command { .. } if read_only => Refuse("the policy is read-only".to_owned()),
        Action::Command { escalation: Some(why), .. } => {
            Ask(said(&format!("it asks for more rights: {why}")))
        }
        Action::Command { verdict: Verdict::Dangerous(why), .. } => Ask(said(why)),
        Action::Command { .. } if granted => Allow,
        Action::Command { .. } if policy == Policy::Full && trusted => Allow,
        Action::Command { .. } if policy == Policy::Full => {
            Ask("the folder is not trusted yet (glossator.trust)".to_owned())
        }
        Action::Command { verdict: Verdict::Unknown(why), .. } => Ask(said(why)),
    }
}

/// A reason as it is shown: it can hold words of the command and of the model.
fn said(reason: &str) -> String {
    cut_middle(&visible(reason), REASON_CAP)
}

/// A text in one line, with single spaces.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Bytes of a reason that are shown.
const REASON_CAP: usize = 500;

impl Action {
    /// What lasting *allows* of it are remembered under: it to the letter, then how it begins. None where every call is asked
    /// anew.
    pub fn grant_keys(&self) -> Vec<String> {
        match self {
            Self::Command { exact, cwd, verdict: Verdict::Unknown(_), escalation: None, begins, .. } => {
                let begins = begins.iter().map(|words| format!("begins with: {words}"));
                std::iter::once(format!("run in {cwd}: {exact}")).chain(begins).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What `grant` covers, for people, where `line` is the call; and the one of [`Action::grant_keys`] that it is
    /// remembered under. `None`: nothing is remembered of it.
    pub fn covered(&self, grant: Grant, line: &str) -> Option<(String, String)> {
        let mut keys = self.grant_keys().into_iter();
        match (grant, self) {
            (Grant::Session | Grant::Exact, Self::Command { cwd, .. }) => {
                Some((keys.next()?, format!("{} in {}", visible(line), visible(cwd))))
            }
            (Grant::Prefix, Self::Command { begins: Some(words), .. }) => {
                Some((keys.nth(1)?, format!("commands that begin with `{words}`")))
            }
            _ => None,
        }
    }

    /// The grants that an ask for this action may offer; those that are saved only in a folder that is `trusted`.
    pub fn grants(&self, trusted: bool) -> Vec<Grant> {
        let lasting: &[Grant] = match (self.grant_keys().len(), trusted) {
            (0, _) => &[],
            (_, false) => &[Grant::Session],
            (1, true) => &[Grant::Session, Grant::Exact],
            (_, true) => &[Grant::Session, Grant::Exact, Grant::Prefix],
        };
        std::iter::once(Grant::Once).chain(lasting.iter().copied()).collect()
    }

    /// What the user is shown to decide on, with everything visible that could hide.
    pub fn subject(&self) -> Option<AskSubject> {
        Some(match self {
            Self::Look => return None,
            Self::Edit { files, diff, hunks, .. } => AskSubject::Edit {
                files: files.iter().map(|file| visible(file)).collect(),
                diff: visible_lines(diff),
                hunks: hunks.iter().map(shown).collect(),
            },
            Self::Command { line, cwd, begins, .. } => {
                AskSubject::Command { command: line.clone(), cwd: visible(cwd), begins: begins.clone() }
            }
            Self::Question { question, options, default } => AskSubject::Question {
                question: visible_lines(question),
                options: options.clone(),
                default: default.clone(),
            },
        })
    }

    /// What the user is asked, in one line; `line` is the call.
    pub fn title(&self, line: &str) -> String {
        match self {
            Self::Question { question, .. } => said(&one_line(question)),
            _ => format!("Allow {}?", visible(line)),
        }
    }

    /// The error of a call that has to be asked for, for this reason, where nobody can be asked.
    pub fn unasked(&self, line: &str, reason: &str) -> String {
        let Self::Question { default, .. } = self else {
            let hint = self.headless_hint();
            return format!(
                "{line} needs the user's consent ({reason}), and nobody can be asked here; {hint}"
            );
        };
        let default = match default {
            Some(default) => format!(" (your default was: {})", said(default)),
            None => String::new(),
        };
        format!(
            "nobody can be asked here. Decide by yourself{default} and say in your answer what you assumed, or end the turn \
             with the question as your answer"
        )
    }

    /// The hunks that the user can answer one by one.
    pub fn hunks(&self) -> &[AskHunk] {
        match self {
            Self::Edit { hunks, .. } => hunks,
            _ => &[],
        }
    }

    /// What a headless run would need to go on.
    fn headless_hint(&self) -> &'static str {
        match self {
            Self::Command { verdict: Verdict::Unknown(_), .. } => "run with --policy full to allow it",
            Self::Edit { protected, .. } if protected.is_empty() => {
                "set edits.review to \"after\" for this run, or do it in an editor, where it can be asked for"
            }
            _ => "do it in an editor, where it can be asked for",
        }
    }
}

fn shown(hunk: &AskHunk) -> AskHunk {
    AskHunk {
        path: visible(&hunk.path),
        line: hunk.line,
        base: visible_lines(&hunk.base),
        proposed: visible_lines(&hunk.proposed),
    }
}

/// Path parts that make a file one which editors or tools execute.
const PROTECTED: &[&str] = &[
    ".vscode/",
    ".helix/",
    ".idea/",
    ".nvim.lua",
    ".nvimrc",
    ".exrc",
    ".envrc",
    ".cargo/config.toml",
    ".cargo/config",
    ".git/",
    ".gitmodules",
    ".githooks/",
    ".husky/",
    ".pre-commit-config.yaml",
    ".glossator/",
    ".github/workflows/",
    ".github/actions/",
    ".gitlab-ci.yml",
    ".circleci/",
    ".ci/",
    "Jenkinsfile",
    "AGENTS.md",
    "AGENTS.override.md",
    "CLAUDE.md",
];

/// Whether `path` (as the user knows it, with `/`) is a protected file.
pub fn is_protected(path: &str) -> bool {
    let path = format!("/{}", path.to_lowercase());
    PROTECTED.iter().any(|part| {
        let part = format!("/{}", part.to_lowercase());
        if part.ends_with('/') { path.contains(&part) } else { path.ends_with(&part) }
    })
}
