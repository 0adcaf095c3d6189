//! `glossator setup` over the real binary: what is shown, written, kept and taken out again. A small script stands for Helix;
//! tests/editors/helix-setup.sh does the same with real ones.

use crate::harness::{Ran, World};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Answers as Helix does, for three languages and for `text` where it is configured; `HX_DEAF` makes it
/// read no configuration.
const HELIX: &str = r#"#!/bin/sh
case $1 in --version) echo "helix 25.07.1 (0123abc)"; exit;; esac
file=$XDG_CONFIG_HOME/helix/languages.toml
[ -z "$HX_DEAF" ] || file=/dev/null
known="go python rust $(awk -F '"' '/^name = "text"/ {print $2}' "$file")"
case " $known " in
*" $2 "*) ;;
*)
  echo "Language '$2' not found"
  list=
  for one in $known; do case $one in "${2%"${2#?}"}"*) list="$list, $one";; esac; done
  if [ -n "$list" ]; then echo "Did you mean one of these: ${list#, } ?"; fi
  exit
  ;;
esac
servers=$(awk -v name="name = \"$2\"" '/^\[/ {on=0} {sub(/\r$/, "")} $0 == name {on=1} on && /^language-servers/' "$file" | tail -n 1 | grep -o '"[^"]*"' | tr -d '"')
echo "Configured language servers:"
for server in ${servers:-$2-server}; do echo "  x $server: '$server-program' not found in \$PATH"; done
echo "Configured debug adapter: None"
"#;

/// A home of its own with programs on `PATH`.
struct Home {
    world: World,
    folder: TempDir,
    path: String,
}

impl Home {
    async fn new() -> Home {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("bin")).unwrap();
        let path = format!("{}:/usr/bin:/bin", folder.path().join("bin").display());
        let home = Home { world: World::new(Vec::new()).await, folder, path };
        home.program("glossator", "#!/bin/sh\n");
        home
    }

    async fn with_helix() -> Home {
        let home = Home::new().await;
        home.program("hx", HELIX);
        home
    }

    fn program(&self, name: &str, text: &str) {
        let path = self.at(&format!("bin/{name}"));
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, text: &str) {
        fs::create_dir_all(self.at(name).parent().unwrap()).unwrap();
        fs::write(self.at(name), text).unwrap();
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    async fn setup_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
        let home = self.folder.path();
        let mut command = self.world.program(&[&["setup"], arguments].concat());
        command
            .env("HOME", home)
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_DATA_HOME", home.join("data"));
        command.env("PATH", &self.path).env_remove("NVIM_APPNAME").envs(variables.iter().copied());
        command.stdin(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
        let output = command.output().await.unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    async fn setup(&self, arguments: &[&str]) -> Ran {
        self.setup_with(arguments, &[]).await
    }

    /// Every file below a folder of this home, with its text.
    fn files(&self, name: &str) -> Vec<(PathBuf, String)> {
        let mut left = vec![self.at(name)];
        let mut found = Vec::new();
        while let Some(path) = left.pop() {
            match path.is_dir() {
                true => left.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path())),
                false if path.exists() => found.push((path.clone(), fs::read_to_string(path).unwrap())),
                false => {}
            }
        }
        found.sort();
        found
    }
}

const LANGUAGES: &str = "# mine\r\n[[language]]\r\nname = \"rust\" # why\r\nlanguage-servers = [\"ra\"]\r\n\r\n[[language]]\r\nname = \"go\"\r\nauto-format = false\r\n";
const CONFIG: &str = "theme = \"x\" # dark\n\n[keys.normal.space.l]\nr = \":reload\"\n";

#[tokio::test]
async fn nothing_is_written_without_a_yes() {
    let home = Home::with_helix().await;
    home.put("config/helix/config.toml", CONFIG);
    let ran = home.setup(&["helix", "--print"]).await;
    for words in [
        "+language-servers = [\"rust-server\", \"glossator\"]",
        "name = \"text\"",
        "+K = ",
        "`keys.normal.space.l.r`",
    ] {
        assert!(ran.assert(0).out.contains(words), "{words}: {ran:#?}");
    }
    assert!(!ran.out.contains('\u{1b}'), "{ran:#?}");
    let ran = home.setup(&["helix"]).await;
    assert!(
        ran.assert(1).err.contains("glossator setup helix --yes") && ran.out.contains("+K = "),
        "{ran:#?}"
    );
    assert_eq!(home.files("config"), [(home.at("config/helix/config.toml"), CONFIG.to_owned())]);
    assert!(home.files("data").is_empty());
}

#[tokio::test]
async fn helix_in_and_out() {
    let home = Home::with_helix().await;
    home.put("dotfiles/languages.toml", LANGUAGES);
    home.put("config/helix/config.toml", CONFIG);
    symlink(home.at("dotfiles/languages.toml"), home.at("config/helix/languages.toml")).unwrap();
    let ran = home.setup(&["helix", "--yes"]).await;
    assert!(ran.assert(0).out.contains("wrote"), "{ran:#?}");
    assert!(home.at("config/helix/languages.toml").is_symlink(), "a link is followed");
    let text = home.text("dotfiles/languages.toml");
    assert!(text.starts_with(&LANGUAGES.replace("[\"ra\"]", "[\"ra\", \"glossator\"]")), "{text}");
    assert!(
        text.lines().count() > 20 && text.matches("\r\n").count() == text.matches('\n').count(),
        "{text:?}"
    );
    let table: toml::Table = text.parse().unwrap();
    let lists: Vec<String> = table["language"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| Some(format!("{} {}", one["name"].as_str()?, one.get("language-servers")?)))
        .collect();
    let expected = [
        "rust [\"ra\", \"glossator\"]",
        "go [\"go-server\", \"glossator\"]",
        "python [\"python-server\", \"glossator\"]",
        "text [\"glossator\"]",
    ];
    assert_eq!(lists, expected);
    assert_eq!(table["language-server"]["glossator"]["command"].as_str(), Some("glossator"));
    assert_eq!(home.text("config/helix/config.toml.before-glossator"), CONFIG);
    assert_eq!(home.text("config/helix/languages.toml.before-glossator"), LANGUAGES);

    let before = home.files("config");
    let ran = home.setup(&["helix", "--yes"]).await;
    assert!(ran.assert(0).out.contains("nothing to change"), "{ran:#?}");
    assert_eq!(home.files("config"), before, "once more changes nothing");

    let ran = home.setup(&["helix", "--remove"]).await;
    assert!(ran.assert(1).err.contains("setup helix --remove --yes"), "{ran:#?}");
    home.setup(&["helix", "--remove", "--yes"]).await.assert(0);
    assert_eq!(home.text("dotfiles/languages.toml"), LANGUAGES);
    assert_eq!(home.text("config/helix/config.toml"), CONFIG);
    let ran = home.setup(&["helix", "--remove", "--yes"]).await;
    assert!(ran.assert(0).out.contains("nothing to take out"), "{ran:#?}");
}

#[tokio::test]
async fn helix_where_nothing_was() {
    let home = Home::with_helix().await;
    fs::rename(home.at("bin/hx"), home.at("bin/helix")).unwrap();
    fs::remove_file(home.at("bin/glossator")).unwrap();
    let ran = home.setup(&["helix", "--yes"]).await;
    assert!(ran.assert(0).out.contains("not on PATH"), "{ran:#?}");
    let table: toml::Table = home.text("config/helix/languages.toml").parse().unwrap();
    let command = table["language-server"]["glossator"]["command"].as_str().unwrap();
    assert!(Path::new(command).is_absolute() && Path::new(command).is_file(), "{command}");
    home.setup(&["helix", "--remove", "--yes"]).await.assert(0);
    assert!(
        !home.at("config/helix/languages.toml").exists() && !home.at("config/helix/config.toml").exists()
    );
}

#[tokio::test]
async fn what_cannot_be_done_changes_nothing() {
    let home = Home::with_helix().await;
    home.put("config/helix/languages.toml", LANGUAGES);
    home.put("config/helix/config.toml", "[keys\n");
    let refused = async |variables: &[(&str, &str)], words: &str| {
        let before = home.files("config");
        let ran = home.setup_with(&["helix", "--yes"], variables).await;
        assert!(
            ran.assert(1).err.contains(words) && ran.err.contains("Nothing was written"),
            "{words}: {ran:#?}"
        );
        assert_eq!(home.files("config"), before);
    };
    refused(&[], "not valid TOML").await;
    home.put("config/helix/config.toml", CONFIG);
    fs::set_permissions(home.at("config/helix/config.toml"), fs::Permissions::from_mode(0o444)).unwrap();
    refused(&[], "read-only").await;
    fs::set_permissions(home.at("config/helix/config.toml"), fs::Permissions::from_mode(0o644)).unwrap();
    refused(&[("HX_DEAF", "1")], "does not take").await;
    refused(&[("PATH", "/nowhere")], "Helix is not on PATH").await;
    home.program("hx", "#!/bin/sh\necho helix 26.13\n");
    refused(&[], "answers in a way that is not known").await;
    fs::write(home.at("config/helix/languages.toml"), b"a = \"\xff\xfe\0\"").unwrap();
    let ran = home.setup(&["helix", "--yes"]).await;
    assert!(ran.assert(1).err.contains("languages.toml"), "{ran:#?}");
    assert_eq!(home.setup(&["vi"]).await.code, 2);
}

#[tokio::test]
async fn neovim_in_and_out() {
    let home = Home::new().await;
    home.program("nvim", "#!/bin/sh\necho \"$@\" >\"$HOME/ran\"\n");
    home.put("config/nvim/init.lua", "-- mine\n");
    home.setup(&["neovim", "--yes"]).await.assert(0);
    let folder = "data/nvim/site/pack/glossator/start/glossator";
    let plugin = Path::new(env!("CARGO_MANIFEST_DIR")).join("../editors/neovim/plugin/glossator.lua");
    assert_eq!(home.text(&format!("{folder}/plugin/glossator.lua")), fs::read_to_string(plugin).unwrap());
    assert!(home.text(&format!("{folder}/plugin/glossator_start.lua")).contains(".setup()"));
    assert!(home.text("ran").contains("helptags"), "{}", home.text("ran"));
    let ran = home.setup(&["neovim", "--yes"]).await;
    assert!(ran.assert(0).out.contains("nothing to change"), "{ran:#?}");
    home.put(&format!("{folder}/lua/glossator/of_an_older_version.lua"), "old");
    home.put(&format!("{folder}/doc/tags"), "tags");
    home.setup(&["neovim", "--yes"]).await.assert(0);
    assert!(!home.at(&format!("{folder}/lua/glossator/of_an_older_version.lua")).exists());
    assert!(home.at(&format!("{folder}/doc/tags")).exists());
    home.setup(&["neovim", "--remove", "--yes"]).await.assert(0);
    assert!(!home.at("data/nvim/site/pack/glossator").exists(), "{:?}", home.files("data"));
    assert_eq!(home.files("config"), [(home.at("config/nvim/init.lua"), "-- mine\n".to_owned())]);

    home.put("checkout/plugin/a.lua", "theirs");
    fs::create_dir_all(home.at(folder).parent().unwrap()).unwrap();
    symlink(home.at("checkout"), home.at(folder)).unwrap();
    for arguments in [["neovim", "--yes"].as_slice(), &["neovim", "--yes", "--remove"]] {
        let ran = home.setup(arguments).await;
        assert!(ran.assert(1).err.contains("is a link"), "{ran:#?}");
    }
    assert_eq!(home.text("checkout/plugin/a.lua"), "theirs");
}

#[tokio::test]
async fn emacs_and_kakoune_in_and_out() {
    for (editor, file, own, words) in [
        ("emacs", ".emacs.d/init.el", ";; mine", "glossator-mode"),
        ("kakoune", "config/kak/kakrc", "# mine\n", "source \"%val{config}/glossator.kak\""),
    ] {
        let home = Home::new().await;
        home.put(file, own);
        let ran = home.setup(&[editor, "--yes"]).await;
        assert!(ran.assert(0).out.contains(words), "{ran:#?}");
        assert!(home.text(file).starts_with(own) && home.text(file).contains(words), "{}", home.text(file));
        let ran = home.setup(&[editor, "--yes"]).await;
        assert!(ran.assert(0).out.contains("nothing to change"), "{ran:#?}");
        home.setup(&[editor, "--yes", "--remove"]).await.assert(0);
        assert_eq!(home.text(file).trim_end(), own.trim_end());
        let left = home
            .files(".")
            .into_iter()
            .filter(|(path, _)| path.ends_with("glossator.el") || path.ends_with("glossator.kak"));
        assert_eq!(left.count(), 0);
        home.put(file, "# >>> glossator setup\n;; >>> glossator setup\n");
        let ran = home.setup(&[editor, "--yes"]).await;
        assert!(ran.assert(1).err.contains("no other end"), "{ran:#?}");
    }
}

#[tokio::test]
async fn vscode_by_its_own_command() {
    let home = Home::new().await;
    let ran = home.setup(&["vscode", "--yes"]).await;
    assert!(ran.assert(1).err.contains("none of code") && ran.err.contains("npm run package"), "{ran:#?}");
    home.program("code", "#!/bin/sh\necho \"$@\" >>\"$HOME/ran\"\nexit ${CODE_FAILS:-0}\n");
    let ran = home.setup(&["vscode", "--yes"]).await;
    assert!(ran.assert(1).err.contains("does not lie beside this program"), "{ran:#?}");
    let ran = home.setup(&["vscode", "--yes", "--remove"]).await;
    assert!(ran.assert(0).out.contains("ran "), "{ran:#?}");
    assert_eq!(home.text("ran"), "--uninstall-extension glossator.glossator\n");
    let ran = home.setup_with(&["vscode", "--yes", "--remove"], &[("CODE_FAILS", "3")]).await;
    assert!(ran.assert(1).err.contains("exit code 3"), "{ran:#?}");
}
