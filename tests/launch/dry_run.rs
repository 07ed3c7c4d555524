//! `viewer open --dry-run`: what integrators see of a launch.

use serde_json::{Value, json};

use crate::support::Scratch;
use crate::support::program::{Ran, command, viewer};

/// Runs a dry run for programs.
#[track_caller]
fn plan(arguments: &[&str]) -> Value {
    let ran = viewer(["open", "--dry-run", "--json"].iter().chain(arguments)).expect(0);
    assert_eq!(ran.stdout.lines().count(), 1, "{}", ran.stdout);
    ran.json()
}

/// Runs a dry run that has to fail, and answers with the one line it says.
#[track_caller]
fn refused(arguments: &[&str]) -> String {
    let ran = viewer(["open", "--dry-run", "--json"].iter().chain(arguments)).expect(2);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    let said = ran.stderr.trim_end().strip_prefix("viewer: ").expect("the voice of the program").to_owned();
    assert_eq!(ran.json(), json!({ "error": said }), "{arguments:?}");
    let plain = viewer(["open", "--dry-run"].iter().chain(arguments)).expect(2);
    assert_eq!((plain.stdout.as_str(), plain.stderr), ("", ran.stderr));
    said
}

#[test]
fn every_name_is_always_there() {
    let nothing = json!({
        "source": "local", "groups": [], "open_group": 0, "base_url": null, "study": [], "series": [],
        "instance": null, "auth": "none", "layout": null, "protocol": null, "frame": null, "window": null,
    });
    assert_eq!(plan(&[]), nothing);
    let mut local = nothing.clone();
    local["groups"] = json!([["/data/a+b.dcm", "é.dcm"]]);
    assert_eq!(plan(&["perspecta://open?path=/data/a+b.dcm&path=%C3%A9.dcm"]), local);
    let mut looks = local;
    looks["groups"] = json!([["a"], ["b", "c"]]);
    looks["open_group"] = json!(1);
    looks["layout"] = json!("1x2");
    looks["protocol"] = json!("mg-4up");
    looks["frame"] = json!(3);
    looks["window"] = json!("40,400");
    let link =
        "lightbox://open?group=a&group=b|c&open_group=1&layout=1x2&protocol=mg-4up&frame=3&window=40,400";
    assert_eq!(plan(&[link]), looks);
    let mut remote = nothing;
    remote["source"] = json!("dicomweb");
    remote["groups"] = json!([["1.3"]]);
    remote["base_url"] = json!("https://pacs/dicom-web");
    remote["study"] = json!(["1.2", "1.5"]);
    remote["series"] = json!(["1.3"]);
    remote["auth"] = json!("bearer");
    let link = "PERSPECTA://open?dicomweb=https://pacs&study=1.2&study=1.5&series=1.3&token=hunter2";
    assert_eq!(plan(&[link]), remote);
    let plain = plan(&["lightbox://open?dicomweb=https://pacs/rs&study=1.2"]);
    assert_eq!((&plain["groups"], &plain["series"]), (&json!([[]]), &json!([])));
}

#[test]
fn argument_lists() {
    let groups = |arguments: &[&str]| plan(arguments)["groups"].clone();
    assert_eq!(groups(&["a.dcm", "b.dcm"]), json!([["a.dcm", "b.dcm"]]));
    assert_eq!(groups(&["ééééééé.dcm"]), json!([["ééééééé.dcm"]]));
    assert_eq!(groups(&["a,b|c+d%20.dcm"]), json!([["a,b|c+d%20.dcm"]]));
    assert_eq!(groups(&["--open", "a.dcm", "b.dcm"]), json!([["a.dcm", "b.dcm"]]));
    assert_eq!(groups(&["--open", "lightbox://open?path=a"]), json!([["a"]]));
    assert_eq!(groups(&["file:///data/a%20b.dcm", "./c.dcm"]), json!([["/data/a b.dcm", "./c.dcm"]]));
    assert_eq!(groups(&["--group", "a", "b", "--group", "c"]), json!([["a", "b"], ["c"]]));
    assert_eq!(groups(&["--", "-a.dcm"]), json!([["-a.dcm"]]));

    let told = plan(&["--layout", "2x4", "--frame", "7", "--window", "-600,1500", "a.dcm"]);
    assert_eq!(
        (&told["layout"], &told["frame"], &told["window"]),
        (&json!("2x4"), &json!(7), &json!("-600,1500"))
    );
    assert_eq!(plan(&["--group", "a", "--group", "b", "--open-group", "5"])["open_group"], 1);

    let server = ["--dicomweb", "https://pacs/rs/studies/1.2", "--series", "1.3", "--series", "1.4,1.5"];
    let told = plan(&server);
    assert_eq!((&told["source"], &told["base_url"]), (&json!("dicomweb"), &json!("https://pacs/rs")));
    assert_eq!((&told["study"], &told["series"]), (&json!(["1.2"]), &json!(["1.3", "1.4", "1.5"])));
    let server = ["--dicomweb", "https://pacs", "--study", "1.2", "--instance", "1.4", "--token", "hunter2"];
    assert_eq!((&plan(&server)["instance"], &plan(&server)["auth"]), (&json!("1.4"), &json!("bearer")));
    let grouped = [
        "--dicomweb",
        "https://pacs",
        "--study",
        "1.2",
        "--group-series",
        "1.3",
        "1.4",
        "--group-series",
        "1.5",
    ];
    assert_eq!(groups(&grouped), json!([["1.3", "1.4"], ["1.5"]]));
}

#[test]
fn arguments_that_do_not_go_together() {
    for (arguments, part) in [
        (&["lightbox://open?path=a", "b.dcm"][..], "says itself what to open"),
        (&["b.dcm", "perspecta://open?path=a"], "says itself what to open"),
        (&["perspecta://open?path=a", "--group", "b"], "says itself what to open"),
        (&["perspecta://open?path=a", "--study", "1.2"], "says itself what to open"),
        (&["perspecta://open?path=a", "lightbox:open?path=a"], "more than one launch URL"),
        (&["perspecta://open?path=a%zz"], "percent-encoding"),
        (&["perspecta://open"], "nothing to open"),
        (&["a.dcm", "--group", "b.dcm"], "cannot mix group= with path="),
        (&["--dicomweb", "https://pacs"], "needs the study's UID"),
        (&["--dicomweb", "https://pacs", "--study", "1.2", "a.dcm"], "cannot mix dicomweb= with path="),
        (&["--dicomweb", "https://pacs", "--study", "one"], "study must be a UID"),
        (&["--dicomweb", "https://pacs", "--study", "1.2", "--user", "anna"], "both user and password"),
        (&["--study", "1.2"], "need the URL of a server"),
        (&["--group-series", "1.2"], "group_series= needs the URL"),
        (&["--user", "anna", "--password", "hunter2", "a.dcm"], "without the URL of a server"),
        (&["--layout", "9x9"], "--layout"),
        (&["--frame", "-1"], "--frame"),
        (&["--window", "40"], "--window"),
        (&["--protocol", "mg-5up", "a.dcm"], "no hanging protocol mg-5up"),
        (&["--open"], "--open"),
        (&["--no-such-option"], "--no-such-option"),
    ] {
        let said = refused(arguments);
        assert!(said.contains(part), "{arguments:?}\n  says: {said}\n  lacks: {part}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn what_was_typed_goes_before_the_link() {
    let link = "lightbox://open?group=a&group=b&layout=1x2&frame=3&window=lung&protocol=mg-4up";
    let told = plan(&[link, "--layout", "2x2", "--frame", "5", "--window", "1,2", "--open-group", "1"]);
    let look = [&told["layout"], &told["frame"], &told["window"], &told["open_group"], &told["protocol"]];
    assert_eq!(look, [&json!("2x2"), &json!(5), &json!("1,2"), &json!(1), &json!("mg-4up")]);
}

#[test]
fn the_environment_is_for_servers_that_were_typed() {
    let auth = |arguments: &[&str], environment: &[(&str, &str)]| {
        let mut command = command(["open", "--dry-run", "--json"].iter().chain(arguments));
        for name in ["LIGHTBOX_USER", "LIGHTBOX_PASSWORD", "LIGHTBOX_TOKEN"] {
            command.env_remove(name);
        }
        let ran: Ran = command.envs(environment.iter().copied()).output().expect("the program starts").into();
        assert!(!format!("{ran:?}").contains("hunter2"), "{ran:?}");
        ran.expect(0).json()["auth"].clone()
    };
    let typed = ["--dicomweb", "https://pacs", "--study", "1.2"];
    let with_user = ["--dicomweb", "https://pacs", "--study", "1.2", "--user", "anna"];
    let link = ["lightbox://open?dicomweb=https://elsewhere&study=1.2"];
    let link_with_user = ["lightbox://open?dicomweb=https://pacs&study=1.2", "--user", "anna"];
    let login = [("LIGHTBOX_USER", "anna"), ("LIGHTBOX_PASSWORD", "hunter2")];
    let token = [("LIGHTBOX_TOKEN", "hunter2")];
    assert_eq!(auth(&typed, &[]), "none");
    assert_eq!(auth(&typed, &login), "basic");
    assert_eq!(auth(&typed, &token), "bearer");
    assert_eq!(auth(&typed, &login[1..]), "none");
    assert_eq!(auth(&with_user, &login[1..]), "basic");
    assert_eq!(auth(&link, &login), "none");
    assert_eq!(auth(&link, &token), "none");
    assert_eq!(auth(&link_with_user, &login), "basic");
    assert_eq!(auth(&["a.dcm"], &login), "none");
}

#[test]
fn nothing_secret_is_printed() {
    for arguments in [
        &["lightbox://open?dicomweb=http://pacs/rs&study=1.2&user=anna&password=hunter2"][..],
        &["lightbox://open?dicomweb=http://anna:hunter2@pacs/rs&study=1.2&layout=1x2"],
        &["--dicomweb", "https://pacs", "--study", "1.2", "--user", "anna", "--password", "hunter2"],
        &["--log=trace", "lightbox://open?dicomweb=http://pacs/rs&study=1.2&token=hunter2"],
    ] {
        for json in [&["--json"][..], &[]] {
            let ran = viewer(["open", "--dry-run"].iter().chain(json).chain(arguments)).expect(0);
            assert!(!format!("{ran:?}").contains("hunter2"), "{ran:?}");
        }
    }
}

#[test]
fn text_says_what_json_says_and_what_is_odd() {
    let link = "lightbox://open?group=a.dcm|b.dcm&group=c.dcm&open_group=1&colour=red&window=lung";
    let ran = viewer(["open", "--dry-run", link]).expect(0);
    for part in
        ["local", "group 1     1 path, shown first", "a.dcm", "lung", "left out: colour", "no such file"]
    {
        assert!(ran.stdout.contains(part), "{part} is missing:\n{}", ran.stdout);
    }
    assert_eq!(ran.stderr, "");
    let help = viewer(["open", "--help"]).expect(0).stdout;
    for part in ["EXAMPLES", "LAUNCH URLS", "group_series", "JSON", "LIGHTBOX_PASSWORD", "EXIT CODES"] {
        assert!(help.contains(part), "{part} is missing:\n{help}");
    }
}

#[test]
fn a_plus_that_stands_for_a_blank_is_found_out_by_the_file() {
    let scratch = Scratch::new("plus");
    let blank = scratch.file("my scan.dcm", "");
    let plus = scratch.file("a+b.dcm", "");
    scratch.file("a b.dcm", "");
    let folder = scratch.path().to_str().expect("a path in UTF-8");
    let told =
        plan(&[&format!("lightbox://open?path={folder}/my+scan.dcm&path={folder}/a+b.dcm&path=no+where")]);
    assert_eq!(told["groups"], json!([[blank.to_str(), plus.to_str(), "no+where"]]));
    // What was typed is what was meant.
    let typed = format!("{folder}/my+scan.dcm");
    assert_eq!(plan(&[&typed])["groups"], json!([[typed]]));
}

#[test]
fn a_wrong_link_ends_the_viewer_with_two() {
    let ran = viewer(["perspecta://open?path=a&layout=0x0"]).expect(2);
    assert_eq!((ran.stdout.as_str(), ran.stderr.lines().count()), ("", 1));
    viewer(["open", "lightbox://open?path=nowhere.dcm"]).expect(4);
}
