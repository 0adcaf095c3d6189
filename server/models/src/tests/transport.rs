//! Proxies, certificates and addresses over real loopback sockets: an HTTP proxy, a SOCKS5 proxy and a TLS server are
//! played here, and names under `.test`, which nobody else resolves, prove that they were used.

use super::client::{ask_with, config, provider};
use super::servers::{CA_FILE, Played, http_proxy, server_tls, socks_proxy, tls_server};
use crate::{Config, ErrorKind};

const NAME: &str = "models.test";

fn by(proxy: &Played, scheme: &str) -> Config {
    let proxy = Some(format!("{scheme}://user:secret-word@{}", proxy.address));
    Config { proxy, max_retries: 0, ..config() }
}

#[tokio::test]
async fn an_http_proxy_is_asked_for_far_addresses() {
    let proxy = http_proxy(None).await;
    let outcome = ask_with(by(&proxy, "http"), &provider("http://models.test:8080/api")).await;
    assert_eq!((outcome.result.text().as_str(), outcome.error), ("good", None));
    let seen = proxy.seen();
    assert!(seen[0].starts_with("POST http://models.test:8080/api/v1/messages HTTP/1.1\r\n"), "{seen:?}");
    assert!(
        seen[0].to_lowercase().contains("proxy-authorization: basic dxnlcjpzzwnyzxqtd29yza=="),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_socks_proxy_looks_names_up_itself() {
    let proxy = socks_proxy().await;
    let outcome = ask_with(by(&proxy, "socks5h"), &provider("http://models.test:8080")).await;
    assert_eq!((outcome.result.text().as_str(), outcome.error), ("good", None));
    let seen = proxy.seen();
    assert_eq!(seen[0], "user:secret-word -> models.test:8080");
    assert!(seen[1].starts_with("POST /v1/messages HTTP/1.1\r\n"), "{seen:?}");
}

#[tokio::test]
async fn a_tunnel_through_a_proxy_ends_at_a_server_that_our_ca_vouches_for() {
    let proxy = http_proxy(Some(server_tls(&[]))).await;
    let provider = provider("https://models.test");
    let trusting = Config { ca_file: Some(CA_FILE.into()), ..by(&proxy, "http") };
    let outcome = ask_with(trusting, &provider).await;
    assert_eq!((outcome.result.text().as_str(), outcome.error), ("good", None));
    assert!(proxy.seen()[0].starts_with("CONNECT models.test:443 HTTP/1.1\r\n"), "{:?}", proxy.seen());

    let strange = Config { max_retries: 3, ..by(&proxy, "http") };
    let outcome = ask_with(strange, &provider).await;
    assert_eq!(outcome.retries().len(), 0, "a wrong certificate stays wrong");
    let error = outcome.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Network);
    assert!(error.message.contains("certificate") && error.message.contains("ca_file"), "{error}");
}

#[tokio::test]
async fn this_machine_is_reached_without_the_proxy_and_http2_is_offered() {
    let server = tls_server(server_tls(&[])).await;
    let unused = http_proxy(None).await;
    let config = || Config { ca_file: Some(CA_FILE.into()), ..by(&unused, "http") };
    let local = |port| provider(&format!("https://localhost:{port}"));
    let outcome = ask_with(config(), &local(server.address.port())).await;
    assert_eq!((outcome.result.text().as_str(), outcome.error), ("good", None));
    assert_eq!(server.seen()[0], "no protocol", "the server did not choose");

    let choosing = tls_server(server_tls(&["h2", "http/1.1"])).await;
    // The played server does not speak it: the choice is what counts.
    let _ = ask_with(config(), &local(choosing.address.port())).await;
    assert_eq!(choosing.seen()[0], "h2");
    assert_eq!(unused.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn no_proxy_wins_over_the_proxy() {
    let proxy = http_proxy(None).await;
    let except = |list: &str| Config { no_proxy: Some(list.to_owned()), ..by(&proxy, "http") };
    for list in [NAME, ".test", "*"] {
        let error = ask_with(except(list), &provider("http://models.test:8080")).await.error.unwrap();
        assert_eq!(error.kind, ErrorKind::Network, "nobody else knows that name: {error}");
    }
    let direct = Config { proxy: Some("none".to_owned()), max_retries: 0, ..config() };
    assert!(ask_with(direct, &provider("http://models.test:8080")).await.error.is_some());
    assert_eq!(proxy.seen(), Vec::<String>::new());
    let outcome = ask_with(except("other.test"), &provider("http://models.test:8080")).await;
    assert_eq!(outcome.error, None);
}

#[tokio::test]
async fn a_provider_may_want_parameters_in_its_address() {
    let proxy = http_proxy(None).await;
    let mut provider = provider("http://models.test/x");
    provider.query =
        vec![("api-version".to_owned(), "2026-01-01".to_owned()), ("k".to_owned(), "a b&c".to_owned())];
    assert_eq!(ask_with(by(&proxy, "http"), &provider).await.error, None);
    let seen = proxy.seen();
    let want = "POST http://models.test/x/v1/messages?api-version=2026-01-01&k=a+b%26c HTTP/1.1\r\n";
    assert!(seen[0].starts_with(want), "{seen:?}");
    assert!(!format!("{provider:?}").contains("2026-01-01"));
}

#[tokio::test]
async fn what_cannot_be_set_up_says_why() {
    let folder = std::env::temp_dir().join(format!("glossator-ca-files-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let with_ca = |name: &str, text: Option<&str>| {
        let file = folder.join(name);
        text.into_iter().for_each(|text| std::fs::write(&file, text).unwrap());
        Config { ca_file: Some(file), max_retries: 0, ..config() }
    };
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let with_proxy = |proxy: &str| Config { proxy: Some(proxy.to_owned()), max_retries: 0, ..config() };
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let rows = [
        ("CA file gone", with_ca("gone", None), "gone", "No such file"),
        (
            "CA file without certificates",
            with_ca("empty", Some("no certificate\n")),
            "empty",
            "no certificate in it",
        ),
        ("CA file with nonsense", with_ca("broken", Some(broken)), "A secure connection", "ca_file"),
        ("CA file that was cut", with_ca("cut", Some(&broken[..33])), "cut", "BEGIN CERTIFICATE"),
        ("no address", with_proxy("://secret-word"), "proxy in [http]", "http://"),
        ("no scheme", with_proxy("secret-word:80"), "proxy in [http]", "socks5://"),
        ("unknown scheme", with_proxy("ftp://u:secret-word@x"), "begins otherwise", "proxy in [http]"),
        (
            "nobody there",
            with_proxy(&format!("http://u:secret-word@{unused}")),
            "models.test",
            "proxy in [http]",
        ),
        (
            "nobody there",
            with_proxy(&format!("socks5h://u:secret-word@{unused}")),
            "models.test",
            "proxy in [http]",
        ),
    ];
    for (name, config, one, other) in rows {
        let error = ask_with(config, &provider("https://models.test")).await.error.unwrap();
        assert_eq!(error.kind, ErrorKind::Network, "{name}: {error}");
        assert!(error.message.contains(one) && error.message.contains(other), "{name}: {error}");
        assert!(!error.message.contains("secret-word"), "{name}: {error}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// The part of [`the_environment_is_heeded`] that runs in a process of its own, whose environment says what is tested.
#[tokio::test]
#[ignore = "only with the environment that the other test sets"]
async fn asked_in_that_environment() {
    let config = Config { max_retries: 0, ..config() };
    let outcome = ask_with(config, &provider(&format!("{}://{NAME}", scheme_of_this_test()))).await;
    assert_eq!((outcome.result.text().as_str(), outcome.error), ("good", None));
}

fn scheme_of_this_test() -> String {
    std::env::var("TEST_SCHEME").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_is_heeded() {
    let proxy = http_proxy(Some(server_tls(&[]))).await;
    let address = format!("http://{}", proxy.address);
    let address = address.as_str();
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);
    let rows: &[Row<'_>] = &[
        ("http", &[("ALL_PROXY", address)], ""),
        ("http", &[("HTTP_PROXY", address)], ""),
        ("https", &[("HTTPS_PROXY", address), ("SSL_CERT_FILE", CA_FILE)], ""),
        ("https", &[("HTTPS_PROXY", address)], "certificate"),
        (
            "https",
            &[("HTTPS_PROXY", address), ("NO_PROXY", ".test"), ("SSL_CERT_FILE", CA_FILE)],
            "Cannot reach",
        ),
        ("https", &[("SSL_CERT_FILE", "/gone"), ("SSL_CERT_DIR", "/gone")], "apt install ca-certificates"),
    ];
    for (scheme, environment, failure) in rows {
        let mut asked = std::process::Command::new(std::env::current_exe().unwrap());
        asked.args(["--exact", "--ignored", "tests::transport::asked_in_that_environment"]);
        for name in ["ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"] {
            asked.env_remove(name).env_remove(name.to_lowercase());
        }
        asked.env("TEST_SCHEME", scheme).envs(environment.iter().copied());
        let output = tokio::task::spawn_blocking(move || asked.output().unwrap()).await.unwrap();
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(said.contains("running 1 test"), "{said}");
        assert_eq!(output.status.success(), failure.is_empty(), "{scheme} {environment:?}: {said}");
        assert!(said.contains(failure), "{scheme} {environment:?}: {said}");
    }
}
