//! Reading files and listing folders as the user sees them.

use super::support::{folder, opening};
use crate::{Entry, EntryKind, ListRequest, ReadError, SearchError, Source};
use glossator_text::{FileEncoding, LineEnding};
use std::fs::{self, File};
use std::os::unix::fs::symlink;

#[tokio::test]
async fn buffers_win_over_the_disk() {
    let folder = folder(&[("a.txt", "disk\n")]);
    let path = folder.path("a.txt");
    let document = folder.workspace.read(&path).await.unwrap();
    assert_eq!((document.text.as_str(), document.source), ("disk\n", Source::Disk));
    folder.open("a.txt");
    let document = folder.workspace.read(&path).await.unwrap();
    assert_eq!(document.source, Source::Buffer { version: 1, dirty: false });
    assert!(!document.changed_on_disk);
    folder.type_whole("a.txt", "typed\n");
    let document = folder.workspace.read(&path).await.unwrap();
    assert_eq!((document.text.as_str(), document.changed_on_disk), ("typed\n", false));
    assert_eq!(document.source, Source::Buffer { version: 2, dirty: true });
    assert_eq!(document.hash, glossator_text::text_hash("typed\n"));
}

#[tokio::test]
async fn the_disk_wins_over_a_clean_buffer_when_it_moved_on() {
    let folder = folder(&[("a.txt", "one\r\n")]);
    // An editor that keeps bare line feeds is no difference.
    folder.overlay.open("u", opening(Some(folder.path("a.txt")), 1, "one\n"));
    assert!(!folder.workspace.read(&folder.path("a.txt")).await.unwrap().changed_on_disk);
    fs::write(folder.path("a.txt"), "two\r\n").unwrap();
    let document = folder.workspace.read(&folder.path("a.txt")).await.unwrap();
    assert_eq!((document.text.as_str(), document.changed_on_disk), ("two\r\n", true));
    assert_eq!(document.source, Source::Disk);
}

#[tokio::test]
async fn formats_are_told() {
    let folder = folder(&[]);
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("a\r\nä\r\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let cases: [(&[u8], &str, FileEncoding, bool, LineEnding); 4] = [
        (b"a\r\nb\r\n", "a\r\nb\r\n", FileEncoding::Utf8, false, LineEnding::CrLf),
        (b"\xef\xbb\xbfa\n", "a\n", FileEncoding::Utf8, true, LineEnding::Lf),
        (&utf16, "a\r\nä\r\n", FileEncoding::Utf16Le, true, LineEnding::CrLf),
        (b"caf\xe9\n", "café\n", FileEncoding::Latin1, false, LineEnding::Lf),
    ];
    for (bytes, text, encoding, bom, line_ending) in cases {
        fs::write(folder.path("f"), bytes).unwrap();
        let document = folder.workspace.read(&folder.path("f")).await.unwrap();
        let format = document.format;
        assert_eq!((document.text.as_str(), format.encoding, format.bom), (text, encoding, bom));
        assert_eq!(format.line_ending, line_ending);
        // Open, the file's encoding is still known.
        folder.overlay.open("u", opening(Some(folder.path("f")), 1, text));
        assert_eq!(folder.workspace.read(&folder.path("f")).await.unwrap().format, format);
        folder.overlay.close("u");
    }
}

#[tokio::test]
async fn what_is_no_text_is_refused_kindly() {
    let folder = folder(&[("file", "x")]);
    fs::create_dir(folder.path("dir")).unwrap();
    fs::write(folder.path("binary"), b"\x7fELF\0\0").unwrap();
    fs::write(folder.path("half"), b"\xff\xfe\x00\xd8").unwrap();
    File::create(folder.path("huge")).unwrap().set_len(100 << 20).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        folder.path("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    let read = async |path: &str| folder.workspace.read(&folder.path(path)).await.unwrap_err();
    assert!(matches!(read("missing").await, ReadError::NotFound { .. }));
    assert!(matches!(read("file/below").await, ReadError::NotFound { .. }));
    assert!(matches!(read("dir").await, ReadError::Directory { .. }));
    assert!(matches!(read("binary").await, ReadError::Binary { size: 6, .. }));
    assert!(matches!(read("half").await, ReadError::Binary { .. }));
    assert!(matches!(read("pipe").await, ReadError::Special { .. }));
    let huge = read("huge").await;
    assert!(matches!(huge, ReadError::TooLarge { size: 104_857_600, .. }));
    assert!(huge.to_string().contains("the limit is 67108864"), "{huge}");
}

fn request(path: &str) -> ListRequest {
    ListRequest { path: path.to_owned(), depth: 2, offset: 0, limit: 100, hidden: false, ignored: false }
}

fn names(entries: &[Entry]) -> Vec<String> {
    entries.iter().map(|entry| format!("{} {}", entry.kind.name(), entry.path)).collect()
}

#[tokio::test]
async fn listing() {
    let folder = folder(&[
        ("src/deep/er/x.rs", ""),
        ("src/a.rs", "12345"),
        ("b.txt", ""),
        (".hidden", ""),
        ("target/out.o", ""),
        (".gitignore", "target/\n"),
        (".git/config", ""),
    ]);
    symlink("b.txt", folder.path("link")).unwrap();
    folder.overlay.open("u", opening(Some(folder.path("src/unsaved.rs")), 0, "four"));
    let list = async |request: ListRequest| folder.workspace.list(request).await.unwrap();
    let listing = list(request(".")).await;
    let expected = [
        "file b.txt",
        "link link",
        "folder src",
        "file src/a.rs",
        "folder src/deep",
        "buffer src/unsaved.rs",
    ];
    assert_eq!(names(&listing.entries), expected);
    assert_eq!((listing.total, listing.truncated), (6, false));
    assert_eq!(listing.entries[1].target.as_deref(), Some("b.txt"));
    assert_eq!((listing.entries[3].size, listing.entries[5].size), (Some(5), Some(4)));
    assert_eq!(listing.entries[5].kind, EntryKind::Buffer);

    let page = list(ListRequest { offset: 1, limit: 2, ..request("") }).await;
    assert_eq!((names(&page.entries), page.truncated), (vec!["link link".into(), "folder src".into()], true));
    let past = list(ListRequest { offset: 99, ..request("") }).await;
    assert_eq!((past.entries.len(), past.total, past.truncated), (0, 6, false));
    let all = list(ListRequest { hidden: true, ignored: true, depth: 1, ..request(".") }).await;
    let expected =
        ["file .gitignore", "file .hidden", "file b.txt", "link link", "folder src", "folder target"];
    assert_eq!(names(&all.entries), expected);
    assert_eq!(list(ListRequest { depth: 1, ..request("src") }).await.total, 3);

    let error = async |path: &str| folder.workspace.list(request(path)).await.unwrap_err();
    assert!(matches!(error("missing").await, SearchError::NotFound { .. }));
    assert!(matches!(error("b.txt").await, SearchError::NotAFolder { .. }));
    assert!(matches!(error("..").await, SearchError::Path(_)));
}
