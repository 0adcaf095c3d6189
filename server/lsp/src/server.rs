//! The LSP handlers. What changes state does so before its first await, so that the order of messages is the order of
//! changes; everything slow runs elsewhere.

use crate::actions;
use crate::chat::{self, synced};
use crate::commands;
use crate::configuration;
use crate::connection::{Connection, Kit};
use crate::convert;
use crate::files;
use crate::intents;
use crate::present;
use crate::review::hunks::in_document;
use crate::review::{self, show};
use crate::standard;
use crate::transport::{self, End, Options, Ready};
use crate::watched;
use crate::whole::whole;
use crate::words::failed;
use glossator_protocol_ext::{Capability, method};
use glossator_workspace::{Change, Opened};
use serde_json::{Value, json};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{
    self as lsp, CodeAction, CodeActionParams, CodeActionResponse, CodeLens, CodeLensParams, CompletionItem,
    CompletionParams, CompletionResponse, CreateFilesParams, DeleteFilesParams, DidChangeConfigurationParams,
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
    DocumentDiagnosticParams, DocumentDiagnosticReport, DocumentDiagnosticReportResult, DocumentLink,
    ExecuteCommandParams, FullDocumentDiagnosticReport, Hover, HoverParams, InitializeParams,
    InitializeResult, InitializedParams, MessageType, RelatedFullDocumentDiagnosticReport, RenameFilesParams,
    ServerInfo, WorkspaceEdit,
};
use tower_lsp::{LanguageServer, LspService, LspServiceBuilder};
use url::Url;

/// How a connection ended.
pub type Served = End;

/// The name under which changes of documents reach us.
const DID_CHANGE: &str = "glossator/internal/didChange";

/// How long turns and tasks that still run may take to end in order when the client leaves.
const FAREWELL: Duration = Duration::from_secs(4);

/// How long the last messages may take to be written when the process ends.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// What clients are told when the process ends under them.
const ENDING: &str =
    "Glossator's core process was asked to end. Sessions are stored; restart the language server to go on.";

/// The handlers of one connection.
pub struct Server {
    pub connection: Arc<Connection>,
    /// Takes long answers.
    pub ready: Arc<Ready>,
}

/// Serves one client until it leaves.
pub async fn serve<I, O>(input: I, output: O, mut kit: Kit, mut options: Options) -> Served
where
    I: AsyncRead + Unpin + Send + 'static,
    O: AsyncWrite + Unpin + Send + 'static,
{
    let mut connection = None;
    // Of this connection alone: what watches for its client ends with it.
    let gone = kit.stop.child_token();
    let outlives = kit.outlives;
    kit.stop = gone.clone();
    let stop = gone.clone();
    let service = LspService::build(|client| {
        let made = Connection::new(client, kit);
        connection = Some(made.clone());
        Server { connection: made, ready: options.ready.clone() }
    });
    let (service, socket) = with_methods(service).finish();
    options.renamed = &[("textDocument/didChange", DID_CHANGE)];
    if let Some(connection) = connection.clone() {
        // What could not be read may have been a change of any document.
        options.unreadable = Arc::new(move || connection.workspace.overlay().lost(None));
    }
    let announced = connection.clone();
    options.initialize_extra = Arc::new(move |params| extra_capabilities(announced.as_deref(), params));
    let mut serving = pin!(transport::serve(input, output, (service, socket), options));
    let end = tokio::select! {
        end = &mut serving => end,
        () = stop.cancelled() => {
            let wait = if outlives { LAST_WORDS } else { Duration::ZERO };
            if let Some(connection) = connection.as_ref().filter(|_| outlives) {
                connection.show(MessageType::WARNING, ENDING.to_owned());
            }
            // What was said until now still goes out.
            tokio::time::timeout(wait, serving).await.unwrap_or(End::InputClosed)
        }
    };
    gone.cancel();
    if let Some(connection) = connection {
        synced::leaving(&connection).await;
        connection.leave();
        if !outlives {
            farewell(&connection).await;
        }
    }
    end
}

/// Every message beside LSP.
fn with_methods(service: LspServiceBuilder<Server>) -> LspServiceBuilder<Server> {
    service
        .custom_method(method::SESSION_NEW, Server::session_new)
        .custom_method(method::SESSION_LIST, Server::session_list)
        .custom_method(method::SESSION_READ, Server::session_read)
        .custom_method(method::SESSION_SEARCH, Server::session_search)
        .custom_method(method::SESSION_RESUME, Server::session_resume)
        .custom_method(method::SESSION_FORK, Server::session_fork)
        .custom_method(method::SESSION_RENAME, Server::session_rename)
        .custom_method(method::SESSION_ARCHIVE, Server::session_archive)
        .custom_method(method::SESSION_DELETE, Server::session_delete)
        .custom_method(method::SESSION_EXPORT, Server::session_export)
        .custom_method(method::SESSION_IMPORT, Server::session_import)
        .custom_method(method::SESSION_CONFIGURE, Server::session_configure)
        .custom_method(method::SESSION_COMPACT, Server::session_compact)
        .custom_method(method::CONTEXT_PREVIEW, Server::context_preview)
        .custom_method(method::CONTEXT_SENT, Server::context_sent)
        .custom_method(method::USAGE_READ, Server::usage_read)
        .custom_method(method::BOARD_READ, Server::board_read)
        .custom_method(method::BOARD_POST, Server::board_post)
        .custom_method(method::BOARD_REMOVE, Server::board_remove)
        .custom_method(method::CABINET_LIST, Server::cabinet_list)
        .custom_method(method::CABINET_READ, Server::cabinet_read)
        .custom_method(method::CABINET_DELETE, Server::cabinet_delete)
        .custom_method(method::CABINET_SAVE, Server::cabinet_save)
        .custom_method(method::TURN_START, Server::turn_start)
        .custom_method(method::TURN_STEER, Server::turn_steer)
        .custom_method(method::TURN_QUEUE, Server::turn_queue)
        .custom_method(method::TURN_QUEUED, Server::turn_queued)
        .custom_method(method::TURN_UNQUEUE, Server::turn_unqueue)
        .custom_method(method::TURN_INTERRUPT, Server::turn_interrupt)
        .custom_method(method::TURN_UNDO, Server::turn_undo)
        .custom_method(method::TURN_REDO, Server::turn_redo)
        .custom_method(method::CHANGE_SET_READ, Server::change_set_read)
        .custom_method(method::CHANGE_SET_RESOLVE, Server::change_set_resolve)
        .custom_method(method::PROMPT_COMPLETE, Server::prompt_complete)
        .custom_method(method::SCRIPT_CHECK, Server::script_check)
        .custom_method(method::TASKS_LIST, Server::tasks_list)
        .custom_method(method::TASKS_CANCEL, Server::tasks_cancel)
        .custom_method(method::PACKS_LIST, Server::packs_list)
        .custom_method(method::TOOLS_LIST, Server::tools_list)
        .custom_method(method::MODELS_LIST, Server::models_list)
        .custom_method(method::GRANTS_LIST, Server::grants_list)
        .custom_method(method::GRANTS_REVOKE, Server::grants_revoke)
        .custom_method(method::AUTH_STATUS, Server::auth_status)
        .custom_method(method::AUTH_LOGIN, Server::auth_login)
        .custom_method(method::AUTH_LOGOUT, Server::auth_logout)
        .custom_method(method::MCP_STATUS, Server::mcp_status)
        .custom_method(method::TRUST_READ, Server::trust_read)
        .custom_method(method::TRUST_SET, Server::trust_set)
        .custom_method("window/workDoneProgress/cancel", Server::progress_cancel)
        .custom_method(DID_CHANGE, Server::did_change_text)
}

/// Lets running turns and tasks end in order, so that their logs are whole.
async fn farewell(connection: &Connection) {
    if let Some(agent) = connection.agent() {
        // Past the limit the log still holds everything that happened; the next start says what was left behind.
        agent.close(FAREWELL).await;
    }
}

/// What tower-lsp's types do not know of the client and of us. Diagnostics are asked for only by clients that can be told
/// when to ask again; the others are sent them.
fn extra_capabilities(connection: Option<&Connection>, params: &Value) -> Value {
    let mut extra = json!({ "experimental": { "glossator": Capability::server() } });
    let pulls = convert::pulls_diagnostics(&params["capabilities"]);
    if pulls {
        extra["diagnosticProvider"] = json!({ "identifier": "glossator", "interFileDependencies": false, "workspaceDiagnostics": false });
    }
    if let Some(connection) = connection {
        connection.reviews.set_pulls(pulls);
    }
    extra
}

impl Server {
    /// `textDocument/didChange`, read here and not by tower-lsp: one that cannot be read must not be lost in silence.
    async fn did_change_text(&self, params: Value) {
        let uri = params["textDocument"]["uri"].as_str().and_then(|uri| Url::parse(uri).ok());
        match serde_json::from_value::<DidChangeTextDocumentParams>(params) {
            Ok(params) => self.change(params),
            Err(error) => {
                tracing::warn!(%error, "a change of a document could not be read");
                // One whose document cannot be told may have been a change of any.
                self.connection.workspace.overlay().lost(uri.as_ref().map(Url::as_str));
            }
        }
    }

    fn change(&self, params: DidChangeTextDocumentParams) {
        let changes: Vec<Change> = params
            .content_changes
            .into_iter()
            .map(|change| Change { range: change.range.map(convert::range), text: change.text })
            .collect();
        let document = params.text_document;
        let overlay = self.connection.workspace.overlay();
        if let Err(error) = overlay.change(document.uri.as_str(), document.version, &changes) {
            // Kept by the overlay until the document is opened; some clients send the two in this order.
            tracing::debug!(%error, uri = %document.uri, "a change came before its document");
        }
        synced::changed(&self.connection, document.uri.as_str());
    }
}

#[tower_lsp::async_trait]
impl LanguageServer for Server {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let encoding = self.connection.initialize(params);
        review::watch::start(&self.connection);
        let server_info =
            ServerInfo { name: "glossator".to_owned(), version: Some(env!("CARGO_PKG_VERSION").to_owned()) };
        let mut capabilities = standard::capabilities(encoding, self.connection.capabilities());
        chat::offered::offer(&mut capabilities);
        Ok(InitializeResult { capabilities, server_info: Some(server_info) })
    }

    async fn initialized(&self, _: InitializedParams) {
        self.connection.ready();
        self.connection.tell_first();
        present::join(&self.connection);
        watched::start(&self.connection);
    }

    async fn shutdown(&self) -> Result<()> {
        if let Some(agent) = self.connection.agent().filter(|_| !self.connection.outlived()) {
            agent.stop_all();
        }
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        let path = convert::path_of(&document.uri);
        let overlay = self.connection.workspace.overlay();
        let (language, version, text) = (document.language_id, document.version, document.text);
        overlay.open(document.uri.as_str(), Opened { path, language, version, text });
        synced::opened(&self.connection, document.uri.as_str());
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        self.connection.workspace.overlay().saved(params.text_document.uri.as_str());
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        synced::closing(&self.connection, params.text_document.uri.as_str());
        self.connection.workspace.overlay().close(params.text_document.uri.as_str());
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        configuration::changed(&self.connection, params.settings);
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        let mut roots = self.connection.roots.write();
        for path in params.event.removed.iter().filter_map(|folder| convert::path_of(&folder.uri)) {
            roots.remove(&path);
        }
        for path in params.event.added.iter().filter_map(|folder| convert::path_of(&folder.uri)) {
            roots.add(&path);
        }
        drop(roots);
        files::changed(&self.connection);
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        watched::changed(&self.connection, &params);
    }

    async fn did_create_files(&self, _: CreateFilesParams) {
        files::changed(&self.connection);
    }

    async fn will_rename_files(&self, _: RenameFilesParams) -> Result<Option<WorkspaceEdit>> {
        files::will_move(&self.connection).await;
        Ok(None)
    }

    async fn did_rename_files(&self, params: RenameFilesParams) {
        files::moved(&self.connection, &params);
    }

    async fn did_delete_files(&self, _: DeleteFilesParams) {
        files::changed(&self.connection);
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        let selection = convert::range(params.range);
        self.connection.looking.at(params.text_document.uri.as_str(), Some(selection));
        let found = actions::actions(&self.connection, &params).await;
        Ok((!found.is_empty()).then_some(found))
    }

    async fn code_action_resolve(&self, action: CodeAction) -> Result<CodeAction> {
        Ok(intents::complete(action))
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        self.complete_prompt(params).await
    }

    async fn completion_resolve(&self, item: CompletionItem) -> Result<CompletionItem> {
        self.explain_offer(item).await
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let at = params.text_document_position_params;
        Ok(chat::hover::anywhere(&self.connection, &at.text_document.uri, at.position).await)
    }

    async fn document_link(&self, params: lsp::DocumentLinkParams) -> Result<Option<Vec<DocumentLink>>> {
        Ok(chat::links::links(&self.connection, &params.text_document.uri))
    }

    async fn document_link_resolve(&self, link: DocumentLink) -> Result<DocumentLink> {
        chat::links::resolve(&self.connection, link).await.map_err(failed)
    }

    async fn document_symbol(
        &self,
        params: lsp::DocumentSymbolParams,
    ) -> Result<Option<lsp::DocumentSymbolResponse>> {
        Ok(chat::shape::symbols(&self.connection, &params.text_document.uri))
    }

    async fn folding_range(&self, params: lsp::FoldingRangeParams) -> Result<Option<Vec<lsp::FoldingRange>>> {
        Ok(chat::shape::folds(&self.connection, &params.text_document.uri))
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        let hunks = in_document(&self.connection, &params.text_document.uri).await;
        Ok((!hunks.is_empty()).then(|| hunks.iter().flat_map(show::lenses).collect()))
    }

    async fn diagnostic(&self, params: DocumentDiagnosticParams) -> Result<DocumentDiagnosticReportResult> {
        let hunks = in_document(&self.connection, &params.text_document.uri).await;
        let items = hunks.iter().filter_map(show::diagnostic).collect();
        let report = FullDocumentDiagnosticReport { result_id: None, items };
        let report = RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: report,
        };
        Ok(DocumentDiagnosticReport::Full(report).into())
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<Value>> {
        let connection = self.connection.clone();
        match whole(async move { commands::run(&connection, params).await }).await? {
            Ok(value) => Ok(Some(value)),
            Err(message) => Err(commands::failure(&self.connection, message).await),
        }
    }
}
