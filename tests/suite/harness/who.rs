//! The editor that a test plays: what it says of itself in `initialize`.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use url::Url;

/// Parameters of `initialize`, but for the folder.
#[derive(Clone)]
pub struct Who {
    params: Value,
}

impl Who {
    /// A client that knows the extension; positions in UTF-8.
    pub fn extension() -> Who {
        Who::plain(json!({
            "general": { "positionEncodings": ["utf-8"] },
            "workspace": { "applyEdit": true, "workspaceEdit": { "documentChanges": true } },
        }))
        .with_extension()
    }

    /// A client with these capabilities.
    pub fn plain(capabilities: Value) -> Who {
        Who {
            params: json!({ "processId": null, "rootUri": "", "workspaceFolders": [{}], "capabilities": capabilities }),
        }
    }

    /// What a real editor said, from `cases/clients`.
    pub fn recorded(name: &str) -> Who {
        let path = cases().join("clients").join(format!("{name}.json"));
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Who { params: serde_json::from_str(&text).unwrap() }
    }

    /// The same, with the extension.
    pub fn with_extension(mut self) -> Who {
        self.params["capabilities"]["experimental"] = json!({ "glossator": { "version": 1 } });
        self
    }

    /// The same, with these features of the extension and no others.
    pub fn with_features(mut self, features: &[&str]) -> Who {
        let extension = json!({ "version": 1, "features": features });
        self.params["capabilities"]["experimental"] = json!({ "glossator": extension });
        self
    }

    /// The same, with these initialization options.
    pub fn with_options(mut self, options: Value) -> Who {
        self.params["initializationOptions"] = options;
        self
    }

    /// The same, with other position encodings on offer.
    pub fn with_encodings(mut self, encodings: &[&str]) -> Who {
        self.params["capabilities"]["general"]["positionEncodings"] = json!(encodings);
        self
    }

    /// The parameters for `folder`, which is named where the editor named its own.
    pub fn params(&self, folder: &Path) -> Value {
        let uri = Url::from_file_path(folder).unwrap();
        let mut params = self.params.clone();
        params["processId"] = Value::Null;
        params["rootPath"] = json!(folder);
        if !params["rootUri"].is_null() {
            params["rootUri"] = json!(uri);
        }
        if params["workspaceFolders"].as_array().is_some_and(|folders| !folders.is_empty()) {
            params["workspaceFolders"] = json!([{ "uri": uri, "name": "workspace" }]);
        }
        params
    }
}

/// The folder of test data.
fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")
}
