//! `switchboard serve` and `switchboard import` as a user calls them.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot start the program has failed"
)]

mod limits;
mod server;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::Duration;

use switchboard::stopwatch::Stopwatch;

use crate::server::{CENTRE, LOOK, LOOKS_MAX, Server, folder_with, run, switchboard};

#[test]
fn it_prints_its_address_and_shuts_down_in_order() {
    let folder = folder_with(CENTRE);
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(folder.path());
        assert_eq!(server.ask("GET", "/readyz", "", "").0, 200);
        server.signal(signal);
        assert_eq!(server.wait().code(), Some(0), "{signal}");
        let mut rest = String::new();
        server.told.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "one line on standard output is all");
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let folder = folder_with(CENTRE);
    let mut server = Server::start(folder.path());
    let mut tcp = TcpStream::connect(&server.address).unwrap();
    // The stop waits for the rest of this request.
    let head = "POST /v1/contacts HTTP/1.1\r\nhost: a\r\nauthorization: Bearer dev-adapter\r\n\
                content-length: 9\r\ncontent-type: application/json\r\n\r\n{";
    tcp.write_all(head.as_bytes()).unwrap();
    assert_eq!(server.ask("GET", "/readyz", "", "").0, 200);
    server.signal("TERM");
    sleep(Duration::from_millis(500));
    assert_eq!(server.child.try_wait().unwrap(), None);
    server.signal("TERM");
    let asked = Stopwatch::start();
    assert_eq!(server.wait().code(), Some(1));
    assert!(asked.elapsed() < Duration::from_secs(2));
}

#[test]
fn acknowledged_contacts_are_there_after_a_restart() {
    let folder = folder_with(CENTRE);
    let server = Server::start(folder.path());
    let new = r#"{"channel":"app","external_id":"x-1"}"#;
    let (status, first) = server.ask("POST", "/v1/contacts", "dev-adapter", new);
    assert_eq!(status, 201, "{first}");
    drop(server);
    let mut server = Server::start(folder.path());
    let (status, again) = server.ask("POST", "/v1/contacts", "dev-adapter", new);
    assert_eq!(status, 200, "{again}");
    let id = |text: &str| -> serde_json::Value {
        serde_json::from_str::<serde_json::Value>(text).unwrap()["id"].take()
    };
    assert_eq!(id(&first), id(&again));
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn a_bad_configuration_exits_2_with_a_line_for_each_fault() {
    let folder = folder_with(
        "[auth]\nmode = \"keys\"\n[[auth.key]]\nid = \"k\"\nrole = \"king\"\n\
         sha256 = \"abc\"\n[[queue]]\nid = \"a\"\ntarget.answer_within_s = 0\n",
    );
    let output = run(folder.path(), &["serve", "--config", "centre.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let told = String::from_utf8_lossy(&output.stderr);
    let paths: Vec<_> = told
        .lines()
        .filter_map(|line| line.split(": ").next())
        .collect();
    assert_eq!(
        paths,
        [
            "auth.key[0].role",
            "auth.key[0].sha256",
            "queue[0].target.answer_within_s"
        ],
        "{told}"
    );
}

#[test]
fn keys_that_cannot_be_read_are_faults_of_the_configuration() {
    let folder = folder_with(
        "[auth]\nmode = \"keys\"\n[[auth.jwt]]\nkid = \"k\"\nalgorithm = \"HS256\"\n\
         secret_file = \"absent\"\nissuer = \"i\"\naudience = \"a\"\n[[auth.jwt]]\nkid = \"l\"\n\
         algorithm = \"EdDSA\"\npublic_key_file = \"centre.toml\"\nissuer = \"i\"\n\
         audience = \"a\"\n[[queue]]\nid = \"a\"\n",
    );
    let output = run(folder.path(), &["serve", "--config", "centre.toml"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    let lines: Vec<_> = told.lines().collect();
    assert!(lines[0].starts_with("auth.jwt[0].secret_file: absent ("));
    assert!(lines[1].starts_with("auth.jwt[1].public_key_file: centre.toml, allowed: "));
    assert_eq!(lines.len(), 2);
}

#[test]
fn a_fault_hides_none_in_the_named_files() {
    let folder = folder_with(
        "colour = 5\n[auth]\nmode = \"keys\"\n[[auth.jwt]]\nkid = \"k\"\nalgorithm = \"none\"\n\
         [[auth.jwt]]\nkid = \"l\"\nalgorithm = \"HS256\"\nsecret_file = \"absent\"\n\
         issuer = \"i\"\naudience = \"a\"\n[[queue]]\nid = \"a\"\n",
    );
    let output = run(folder.path(), &["check", "centre.toml"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    let begins: Vec<_> = told
        .lines()
        .filter_map(|line| line.split(": ").next())
        .collect();
    assert_eq!(begins.first(), Some(&"colour"), "{told}");
    assert!(begins.contains(&"auth.jwt[0].algorithm"), "{told}");
    assert_eq!(begins.last(), Some(&"auth.jwt[1].secret_file"), "{told}");
}

#[test]
fn a_folder_that_is_in_use_is_refused() {
    let folder = folder_with(CENTRE);
    let _server = Server::start(folder.path());
    let in_the_making = folder.path().join("data/00000000000000000009.snapshot.tmp");
    fs::write(&in_the_making, "half of it").unwrap();
    let output = run(folder.path(), &["serve", "--config", "centre.toml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        in_the_making.exists(),
        "it is not the second one's to clear away"
    );
    let told = String::from_utf8_lossy(&output.stderr);
    let sentence = "switchboard: the journal in data is in use by another process";
    assert_eq!(told.lines().last(), Some(sentence), "{told}");
}

#[test]
fn an_address_that_is_taken_is_named() {
    let folder = folder_with(CENTRE);
    let server = Server::start(folder.path());
    let other = folder_with(&CENTRE.replace("127.0.0.1:0", &server.address));
    let output = run(other.path(), &["serve", "--config", "centre.toml"]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr);
    let sentence = format!("switchboard: cannot listen on {}: ", server.address);
    assert!(
        told.lines().last().unwrap().starts_with(&sentence),
        "{told}"
    );
}

#[test]
fn a_webhook_that_cannot_be_verified_is_reported() {
    let secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let webhook =
        format!("[webhook]\nurl = \"https://example.org/\"\nsecret = \"whsec_{secret}\"\n");
    let folder = folder_with(&format!("{CENTRE}{webhook}"));
    fs::write(folder.path().join("none.pem"), "").unwrap();
    let output = switchboard(folder.path(), &["serve", "--config", "centre.toml"])
        .env("SSL_CERT_FILE", "none.pem")
        .env_remove("SSL_CERT_DIR")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    let last = told.lines().last().unwrap();
    assert!(last.starts_with("switchboard: webhook.url: "), "{told}");
    assert!(!last.contains(secret), "{told}");
}

fn queues_of(server: &Server) -> usize {
    let (status, body) = server.ask("GET", "/v1/queues", "dev-supervisor", "");
    assert_eq!(status, 200, "{body}");
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    body["queues"].as_array().unwrap().len()
}

#[test]
fn the_file_is_read_again_on_request() {
    let folder = folder_with(CENTRE);
    let file = folder.path().join("centre.toml");
    let server = Server::start(folder.path());
    let reload = || server.ask("POST", "/v1/admin/reload", "dev-admin", "");
    fs::write(&file, format!("{CENTRE}[[queue]]\nid = \"second\"\n")).unwrap();
    let (status, body) = reload();
    assert_eq!(status, 200, "{body}");
    assert_eq!(queues_of(&server), 2);
    fs::write(&file, "site = 5\n").unwrap();
    let (status, body) = reload();
    assert_eq!(status, 422, "{body}");
    fs::write(&file, CENTRE.replace(":0\"", ":7\"")).unwrap();
    let (status, body) = reload();
    assert_eq!(status, 422, "{body}");
    assert!(body.contains("until a restart"), "{body}");
    assert_eq!(queues_of(&server), 2, "a bad file changes nothing");
    let third = "[[queue]]\nid = \"second\"\n[[queue]]\nid = \"third\"\n";
    fs::write(&file, format!("{CENTRE}{third}")).unwrap();
    server.signal("HUP");
    for _ in 0..LOOKS_MAX {
        if queues_of(&server) == 3 {
            return;
        }
        sleep(LOOK);
    }
    panic!("SIGHUP did not reload");
}

#[test]
fn a_reload_can_be_tried_before_it_is_applied() {
    let two = format!("{CENTRE}[[queue]]\nid = \"second\"\n");
    let folder = folder_with(&two);
    let file = folder.path().join("centre.toml");
    let server = Server::start(folder.path());
    let contact = r#"{"channel":"app","queue":"second"}"#;
    let (status, body) = server.ask("POST", "/v1/contacts", "dev-adapter", contact);
    assert_eq!(status, 201, "{body}");
    fs::write(&file, CENTRE).unwrap();
    let ask = |path: &str| {
        let (status, body) = server.ask("POST", path, "dev-admin", "");
        assert_eq!(status, 200, "{body}");
        serde_json::from_str::<serde_json::Value>(&body).unwrap()
    };
    let tried = ask("/v1/admin/reload?dry_run=true");
    assert_eq!(queues_of(&server), 2, "nothing has changed");
    let done = ask("/v1/admin/reload");
    assert_eq!(
        (&tried["dry_run"], &done["dry_run"]),
        (&true.into(), &false.into())
    );
    assert_eq!(tried["effects"], done["effects"]);
    let effects = &done["effects"];
    assert_eq!(
        (&effects["moved"], &effects["looked_at"]),
        (&1.into(), &1.into())
    );
    assert_eq!(effects["queues_gone"]["named"][0]["id"], "second");
    assert_eq!(effects["queues_gone"]["hold"]["waiting"], 1);
    let again = ask("/v1/admin/reload?dry_run=true");
    assert_eq!(
        again["effects"],
        serde_json::Value::Null,
        "it is as the file says"
    );
    let (status, body) = server.ask("POST", "/v1/admin/reload?dry_run=yes", "dev-admin", "");
    assert_eq!(status, 422, "{body}");
    fs::write(&file, "site = 5\n").unwrap();
    let path = "/v1/admin/reload?dry_run=true";
    let (status, body) = server.ask("POST", path, "dev-admin", "");
    assert_eq!(status, 422, "{body}");
}

#[test]
fn imported_customers_are_known_to_the_server() {
    let folder = folder_with(CENTRE);
    let rows = "id,name,phone,tier,churn_risk\n\
                c-1,张三,13800138000,gold,0.1\n\
                c-2,李四,12,basic,7\n\
                c-3,王五,13800138002,diamond,0.9\n\
                c-4,赵六,13800138003,platinum,0.9\n";
    fs::write(folder.path().join("customers.csv"), rows).unwrap();
    let import = [
        "import",
        "customers",
        "customers.csv",
        "--config",
        "centre.toml",
    ];
    let output = run(folder.path(), &import);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(lines.len(), 3, "{told}");
    assert!(lines[0].starts_with("line 3: identities.phone: "), "{told}");
    assert!(lines[1].starts_with("line 3: value.churn_risk: "), "{told}");
    let tiers = r#"line 5: tier: "platinum", allowed: "#;
    assert!(
        lines[2].starts_with(tiers) && lines[2].contains("diamond"),
        "{told}"
    );
    let summary = String::from_utf8_lossy(&output.stdout);
    assert_eq!(summary, "2 created, 0 changed, 2 refused\n");

    let server = Server::start(folder.path());
    let (status, body) = server.ask("GET", "/v1/customers/c-1", "dev-supervisor", "");
    assert_eq!(status, 200, "{body}");
    let customer: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(customer["name"], "张三");
    assert_eq!(customer["identities"]["phone"], "+8613800138000");
    let new = r#"{"channel":"hotline","customer":{"phone":"13800138002"}}"#;
    let (_, body) = server.ask("POST", "/v1/contacts", "dev-adapter", new);
    let contact: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(contact["customer"]["id"], "c-3");
    assert_eq!(contact["customer"]["tier"], "diamond");
    let output = run(folder.path(), &import);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("customers-main.redb is in use"), "{told}");
    assert!(told.contains("stop it first"), "{told}");
}

#[test]
fn an_import_of_a_file_without_customers_exits_2() {
    let folder = folder_with(CENTRE);
    fs::write(folder.path().join("customers.csv"), "colour\nred\n").unwrap();
    for (file, told) in [
        ("customers.csv", "line 1: colour: "),
        ("absent.csv", "absent.csv: "),
    ] {
        let import = ["import", "customers", file, "--config", "centre.toml"];
        let output = run(folder.path(), &import);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).starts_with(told));
    }
}
