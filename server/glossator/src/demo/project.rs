//! The sample project: a shell function with a wrong rate, its test, and the unsaved line that the editor holds.
#![allow(clippy::disallowed_methods)] // The demo makes its own files; they are not the user's.

use std::path::Path;
use url::Url;

/// The file with the mistake.
pub const SOURCE: &str = "price.sh";

/// As it lies on disk.
pub const ON_DISK: &str = "# Prices in cents.\nwith_tax() {\n  echo $(( $1 * 107 / 100 ))\n}\n";

/// As the editor has it: the user began to round, and has not saved.
pub const UNSAVED: &str =
    "# Prices in cents, rounded to the nearest.\nwith_tax() {\n  echo $(( ($1 * 107 + 50) / 100 ))\n}\n";

/// As it should be in the end.
pub const FIXED: &str =
    "# Prices in cents, rounded to the nearest.\nwith_tax() {\n  echo $(( ($1 * 119 + 50) / 100 ))\n}\n";

const FILES: &[(&str, &str)] = &[
    (SOURCE, ON_DISK),
    ("README.md", "# Prices\n\nThe tax rate is 19 %. Prices are rounded to the nearest cent.\n"),
    (
        "test.sh",
        "# Run with: sh test.sh\n. ./price.sh\nfails=0\ncheck() {\n  got=$(with_tax \"$1\")\n  if [ \"$got\" = \"$2\" ]; then echo \"ok   $1 -> $2\"; else echo \"FAIL $1 -> $got, expected $2\"; fails=1; fi\n}\ncheck 100 119\ncheck 250 298\ncheck 999 1189\nexit $fails\n",
    ),
];

/// Writes the project.
pub fn write(folder: &Path) -> Result<(), String> {
    for (name, text) in FILES {
        put(&folder.join(name), text)?;
    }
    Ok(())
}

/// Writes settings that name the scripted model.
pub fn write_settings(config: &Path, base_url: &str) -> Result<(), String> {
    let text = format!(
        "model = \"scripted/scripted-model\"\n\n[providers.scripted]\nwire = \"messages\"\nbase_url = \"{base_url}\"\n"
    );
    put(&config.join("settings.toml"), &text)
}

/// Saves a buffer, as an editor that saves by itself does.
pub fn save(uri: &str, text: &str) -> bool {
    let path = Url::parse(uri).ok().and_then(|uri| uri.to_file_path().ok());
    path.is_some_and(|path| put(&path, text).is_ok())
}

/// The text of a file.
pub fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn put(path: &Path, text: &str) -> Result<(), String> {
    let folder = path.parent().ok_or("a file without a folder")?;
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|error| format!("{}: {error}", path.display()))
}
