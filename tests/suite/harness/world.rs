//! One test's world: a temporary folder with settings, state and workspace, and a scripted model on loopback.

use super::cores::end_cores;
use super::replies::script;
use super::requests::{assert_valid, messages, text_of};
use glossator_models::scripted::{Recorded, Reply, ScriptedServer};
use parking_lot::Mutex;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tempfile::TempDir;
use tokio::process::Command;
use url::Url;

/// The key of the scripted provider; it must never turn up anywhere but in its header.
pub const KEY: &str = "sk-scripted-8d1f0c7e55aa42";

pub struct World {
    _folder: TempDir,
    root: PathBuf,
    pub model: ScriptedServer,
    /// Whether the program is kept from making namespaces.
    confined: bool,
    /// Whether editors are served through a core.
    core: bool,
    /// More of the environment.
    variables: Mutex<BTreeMap<String, String>>,
}

impl World {
    /// A world whose model answers with `steps`, one a request.
    pub async fn new(steps: Vec<Reply>) -> World {
        World::over(ScriptedServer::start(steps).await.unwrap())
    }

    /// A world whose model computes its answers.
    pub async fn answering(reply: impl Fn(&Value) -> Reply + Send + Sync + 'static) -> World {
        World::over(ScriptedServer::answering(reply).await.unwrap())
    }

    /// A world whose model runs every prompt as a script.
    pub async fn obedient() -> World {
        World::answering(|body| {
            let all = messages(body);
            let asked = text_of(all.last().expect("a request has messages"));
            if asked.contains("<tool-results") {
                return Reply::Text("Done.".to_owned());
            }
            let (_, source) = asked.rsplit_once("<original-user-prompt>").expect("the prompt is marked");
            script(source.trim_end().trim_end_matches("</original-user-prompt>"))
        })
        .await
    }

    fn over(model: ScriptedServer) -> World {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for name in ["config", "cache", "home", "workspace"] {
            std::fs::create_dir(root.join(name)).unwrap();
        }
        let world = World {
            _folder: folder,
            root,
            model,
            confined: false,
            core: std::env::var_os("GLOSSATOR_TEST_CORE").is_some(),
            variables: Mutex::default(),
        };
        world.settings("", "");
        world
    }

    /// Settings with the scripted model, `keys` at the top level and `sections` behind the provider's.
    pub fn settings(&self, keys: &str, sections: &str) {
        let base = self.model.base_url();
        let text = format!(
            "model = \"scripted/scripted-model\"\n{keys}\n\n[providers.scripted]\nwire = \"messages\"\n\
             base_url = \"{base}\"\nkey_env = \"SCRIPTED_KEY\"\n\n{sections}\n"
        );
        self.settings_text(&text);
    }

    /// This very text as settings.
    pub fn settings_text(&self, text: &str) {
        std::fs::write(self.settings_file(), text).unwrap();
    }

    pub fn settings_file(&self) -> PathBuf {
        self.root.join("config").join("settings.toml")
    }

    /// The temporary folder that holds all of it.
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn state(&self) -> PathBuf {
        self.root.join("state")
    }

    pub fn workspace(&self) -> PathBuf {
        self.root.join("workspace")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.workspace().join(name)
    }

    pub fn uri(&self, name: &str) -> String {
        Url::from_file_path(self.path(name)).unwrap().to_string()
    }

    /// Writes a file of the workspace.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The text of a file of the workspace; empty if there is none.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    pub fn exists(&self, name: &str) -> bool {
        self.path(name).symlink_metadata().is_ok()
    }

    /// The same, where the program can make no namespaces.
    pub fn without_namespaces(mut self) -> World {
        self.confined = true;
        self
    }

    /// The same, with editors that are served through a core.
    pub fn with_core(mut self) -> World {
        self.core = true;
        self
    }

    /// The same, with a process for each editor whatever else is tested: for tests of what ends with that.
    pub fn in_process(mut self) -> World {
        self.core = false;
        self
    }

    /// Whether editors are served through a core.
    pub fn has_core(&self) -> bool {
        self.core
    }

    /// How an editor starts its server here.
    pub fn server(&self) -> &'static [&'static str] {
        if self.core { &["lsp"] } else { &["lsp", "--in-process"] }
    }

    /// Sets a variable for programs that are started from now on.
    pub fn set_variable(&self, name: &str, value: &str) {
        self.variables.lock().insert(name.to_owned(), value.to_owned());
    }

    /// Where cores have their sockets.
    pub fn runtime(&self) -> PathBuf {
        self.root.join("run")
    }

    /// The program, with nothing of this process's environment but `PATH`.
    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(if self.confined { "unshare".into() } else { binary() });
        if self.confined {
            let confine = "for kind in user mnt; do echo 0 > /proc/sys/user/max_${kind}_namespaces; done; exec \"$0\" \"$@\"";
            command.args(["-U", "-r", "-m", "sh", "-c", confine]).arg(binary());
        }
        command.args(arguments).current_dir(self.workspace()).kill_on_drop(true);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.root.join("home")).env("SCRIPTED_KEY", KEY);
        // The keyring of whoever runs the tests is left alone.
        command.env("DBUS_SESSION_BUS_ADDRESS", "");
        for (variable, folder) in [("CONFIG", "config"), ("STATE", "state"), ("CACHE", "cache")] {
            command.env(format!("GLOSSATOR_{variable}_DIR"), self.root.join(folder));
        }
        command.env("GLOSSATOR_RUNTIME_DIR", self.runtime()).envs(&*self.variables.lock());
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command
    }

    /// Every request so far; each is looked at for what a provider would refuse.
    pub fn requests(&self) -> Vec<Recorded> {
        let requests = self.model.requests();
        requests.iter().for_each(|request| assert_valid(&request.body));
        requests
    }
}

impl Drop for World {
    fn drop(&mut self) {
        end_cores(&self.runtime());
    }
}

/// The program under test.
fn binary() -> PathBuf {
    let path = match std::env::var_os("GLOSSATOR_BIN") {
        // Relative to where `tests/run` was called, which is above this package.
        Some(path) => Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path),
        None => std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("glossator"),
    };
    assert!(path.is_file(), "{} is missing; build it first: cargo build -p glossator", path.display());
    path
}
