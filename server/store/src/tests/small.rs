//! Days' spending and the cache of addresses.

use super::said::START;
use super::*;
use std::io::Write;

#[test]
fn what_a_day_came_to() {
    let bench = Bench::new();
    let day = "2026-11-20";
    assert_eq!(bench.store.spent_on(day).unwrap(), DaySpent::default());
    bench.store.add_spent(day, "a", (60, 4)).unwrap();
    bench.store.add_spent(day, "a", (40, 3)).unwrap();
    bench.store.add_spent("2026-11-21", "a", (1, 1)).unwrap();
    // A process that died in mid-write, and one that goes on behind it.
    let file = bench.dir.path().join("state/spent/2026-11-20.jsonl");
    fs::File::options().append(true).open(&file).unwrap().write_all(b"{\"tokens\":5").unwrap();
    let other = Store::open(&bench.dir.path().join("state"), bench.dir.path()).unwrap();
    other.add_spent(day, "", (u64::MAX, 3)).unwrap();
    let of_one = bench.store.spent_by(day, "a").unwrap();
    assert_eq!(of_one, DaySpent { tokens: 100, micro_usd: 7, turns: 1 });
    assert_eq!(bench.store.spent_by(day, "b").unwrap(), DaySpent::default());
    assert_eq!(bench.store.spent_on(day).unwrap(), DaySpent { tokens: u64::MAX, micro_usd: 10, turns: 2 });
    for wrong in ["", "today", "2026-13-01", "../../etc/x", "2026-11-20/x", "2026-11-20T00:00"] {
        assert!(
            bench.store.add_spent(wrong, "", (1, 1)).is_err() && bench.store.spent_on(wrong).is_err(),
            "{wrong}"
        );
    }
    assert!(day_of(START).starts_with("2026-11-1"), "{}", day_of(START));
    assert_eq!(day_of(i64::MAX).len(), 10);
}

#[test]
fn the_cache_of_addresses() {
    let bench = Bench::new();
    let page = CachedUrl {
        url: "https://example.org/ü?q='1'".into(),
        status: 200,
        fetched_at: 1000,
        expires_at: 2000,
        etag: Some("\"x\"".into()),
        last_modified: None,
        media_type: "text/html".into(),
        blob: "abc".into(),
    };
    let urls = bench.store.urls().unwrap();
    assert_eq!(urls.get(&page.url).unwrap(), None);
    urls.put(&page).unwrap();
    let newer = CachedUrl { status: 304, expires_at: 5000, ..page.clone() };
    urls.put(&newer).unwrap();
    urls.put(&CachedUrl { url: "b".into(), ..page.clone() }).unwrap();
    drop(urls);
    let urls = bench.store.urls().unwrap();
    assert_eq!(urls.get(&page.url).unwrap(), Some(newer));
    assert_eq!(urls.clear_expired(500).unwrap(), 0, "the clock was set back");
    assert_eq!(urls.clear_expired(3000).unwrap(), 1);
    assert_eq!(urls.get("b").unwrap(), None);
    assert!(urls.delete(&page.url).unwrap() && !urls.delete(&page.url).unwrap());
    drop(urls);
    fs::write(bench.store.folder().join("urls.db"), "no database, but long enough to be taken for one....")
        .unwrap();
    let error = bench.store.urls().unwrap_err().to_string();
    assert!(error.contains("urls.db") && error.contains("delete it"), "{error}");
}
