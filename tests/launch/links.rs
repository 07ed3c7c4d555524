//! The table of URLs: what each asks for in one line, or what its error says.

use lightbox::launch::{Credentials, Launch, LinkError, MOST_GROUPS, MOST_ITEMS, RemotePlan};

/// A launch on one line, without what is as usual.
fn told(launch: &Launch) -> String {
    let mut told = match &launch.remote {
        None => {
            let groups = launch.groups.iter().map(|group| {
                let paths: Vec<_> =
                    group.iter().map(|path| path.to_str().expect("a path in UTF-8")).collect();
                paths.join(" & ")
            });
            groups.collect::<Vec<_>>().join(" ; ")
        }
        Some(RemotePlan { base_url, studies, series, instance, groups, open_group, credentials }) => {
            assert_eq!(*open_group, launch.open_group);
            assert!(launch.groups.is_empty());
            let mut told = format!("{base_url} study={}", studies.join(","));
            if !series.is_empty() {
                told += &format!(" series={}", series.join(","));
            }
            if let Some(instance) = instance {
                told += &format!(" instance={instance}");
            }
            if *groups != [series.clone()] {
                let groups: Vec<_> = groups.iter().map(|group| group.join(",")).collect();
                told += &format!(" groups={}", groups.join(";"));
            }
            match credentials {
                Credentials::None => {}
                Credentials::Basic { user, password } => {
                    told += &format!(" basic={user}:{}", password.reveal());
                }
                Credentials::Bearer(token) => told += &format!(" bearer={}", token.reveal()),
            }
            told
        }
    };
    let rest = [
        ("open", (launch.open_group > 0).then(|| launch.open_group.to_string())),
        ("layout", launch.layout.map(|(rows, columns)| format!("{rows}x{columns}"))),
        ("protocol", launch.protocol.clone()),
        ("frame", launch.frame.map(|frame| frame.to_string())),
        ("window", launch.window.as_ref().map(ToString::to_string)),
    ];
    for (name, value) in rest {
        told += &value.map(|value| format!(" {name}={value}")).unwrap_or_default();
    }
    told
}

/// Each is a URL, with `P` for `perspecta://open?` and `S` for that with a server, and what it means. What begins
/// with `!` is part of an error.
#[track_caller]
fn hold(table: &[(&str, &str)]) {
    for (short, expected) in table {
        let link = match (short.strip_prefix('P'), short.strip_prefix('S')) {
            (Some(rest), _) => format!("perspecta://open?{rest}"),
            (_, Some(rest)) => format!("perspecta://open?dicomweb=http://pacs/rs&study=1.2&{rest}"),
            _ => (*short).to_owned(),
        };
        let launch = Launch::from_link(&link);
        match expected.strip_prefix('!') {
            None => assert_eq!(launch.as_ref().map(told), Ok((*expected).to_owned()), "{link}"),
            Some(part) => {
                let error = launch.map(|launch| told(&launch)).expect_err(&link).to_string();
                assert!(error.contains(part), "{link}\n  says: {error}\n  lacks: {part}");
                assert!(!error.contains(['\n', '\r']) && error.len() < 400, "{error}");
            }
        }
    }
}

#[test]
fn schemes_and_what_surrounds_them() {
    hold(&[
        ("perspecta://open?path=a.dcm", "a.dcm"),
        ("lightbox://open?path=a.dcm", "a.dcm"),
        ("pErSpEcTa://OPEN?PATH=a.dcm", "a.dcm"),
        ("LightBox:open?path=a.dcm", "a.dcm"),
        ("lightbox:/open?path=a.dcm", "a.dcm"),
        ("lightbox:///open?path=a.dcm", "a.dcm"),
        ("lightbox://?path=a.dcm", "a.dcm"),
        ("lightbox:?path=a.dcm", "a.dcm"),
        ("lightbox://open/?path=a.dcm", "a.dcm"),
        ("\"lightbox://open?path=a.dcm\"", "a.dcm"),
        ("'lightbox://open?path=a.dcm'", "a.dcm"),
        ("<lightbox://open?path=a.dcm>", "a.dcm"),
        ("  lightbox://open?path=a.dcm\r\n", "a.dcm"),
        ("perspecta://open?path=a.dcm#page=2", "a.dcm"),
        ("http://open?path=a.dcm", "!begins with perspecta:// or lightbox://"),
        ("perspecta", "!begins with"),
        ("", "!begins with"),
        ("éééééé://open?path=a.dcm", "!begins with"),
        ("perspecta://open", "!names nothing to open"),
        ("perspecta://", "!names nothing to open"),
        ("lightbox://open?#path=a.dcm", "!names nothing to open"),
        ("lightbox://open?layout=2x4", "!names nothing to open"),
    ]);
}

#[test]
fn a_path_before_the_question_mark() {
    hold(&[
        ("perspecta://open/data%2Fa.dcm", "data/a.dcm"),
        ("perspecta://open/data/a.dcm", "data/a.dcm"),
        ("perspecta://open//data/a.dcm", "/data/a.dcm"),
        ("perspecta://Open/%2Fdata%2Fa.dcm", "/data/a.dcm"),
        ("perspecta:///data/a%20b.dcm", "/data/a b.dcm"),
        ("perspecta://data/a,b|c.dcm", "data/a,b|c.dcm"),
        ("perspecta://a.dcm/", "a.dcm"),
        ("perspecta://C:/data/a.dcm", "C:/data/a.dcm"),
        ("perspecta:///C:/data/a.dcm", "C:/data/a.dcm"),
        (r"perspecta:///C:\data\a.dcm", r"C:\data\a.dcm"),
        ("perspecta://open/C:/data/a.dcm", "C:/data/a.dcm"),
        ("perspecta://opened/a.dcm", "opened/a.dcm"),
        ("perspecta://%C3%A9t%C3%A9/%E2%82%AC.dcm", "été/€.dcm"),
        ("perspecta://été/€.dcm", "été/€.dcm"),
        ("perspecta://open/a.dcm?path=b.dcm", "a.dcm & b.dcm"),
    ]);
}

#[test]
fn one_path_a_value() {
    hold(&[
        ("Ppath=/data/a.dcm", "/data/a.dcm"),
        ("Pfile=/data/a.dcm", "/data/a.dcm"),
        ("Ppath=a.dcm&file=b.dcm&PATH=c.dcm", "a.dcm & b.dcm & c.dcm"),
        ("Ppath=example%2Fa.dcm", "example/a.dcm"),
        ("Ppath=/data/a+b.dcm", "/data/a+b.dcm"),
        ("Ppath=%2Fdata%2Fa%2Bb%20c.dcm", "/data/a+b c.dcm"),
        ("Ppath=/data/my+scan.dcm&form=1", "/data/my scan.dcm"),
        ("P_charset_=UTF-8&path=%2Fdata%2Fmy+scan%2B1.dcm", "/data/my scan+1.dcm"),
        ("P_charset_=windows-1252&path=a.dcm", "!character set"),
        ("Ppath=a,b|c;d.dcm", "a,b|c;d.dcm"),
        ("Ppath=a%2Cb%7Cc.dcm", "a,b|c.dcm"),
        ("Ppath=a=b&path=c?d", "a=b & c?d"),
        ("Ppath=%22/data/a b.dcm%22", "/data/a b.dcm"),
        ("Ppath=\"C:\\data\\a b.dcm\"", r"C:\data\a b.dcm"),
        ("Ppath=/C:/data/a.dcm", "C:/data/a.dcm"),
        ("Ppath=%5C%5Cserver%5Cshare%5Ca.dcm", r"\\server\share\a.dcm"),
        ("Ppath=file:///data/a%2520b.dcm", "/data/a b.dcm"),
        ("Ppath=file%3A%2F%2F%2FC%3A%2Fdata%2Fa.dcm", "C:/data/a.dcm"),
        ("Ppath=données/é€😀.dcm", "données/é€😀.dcm"),
        ("Ppath=%F0%9F%98%80.dcm", "😀.dcm"),
        ("Ppath=a%23b%26c%3Dd%25e.dcm", "a#b&c=d%e.dcm"),
        ("Ppath=&path=a.dcm&file", "a.dcm"),
        ("Ppath=a.dcm&amp;path=b.dcm", "a.dcm & b.dcm"),
        ("Ppath=a.dcm&&&path=b.dcm&", "a.dcm & b.dcm"),
        ("P%70ath=a.dcm", "a.dcm"),
        ("Ppath=a.dcm&utm_source=x&unknown", "a.dcm"),
        ("Ppath=%20&path=%22%22", "!names nothing to open"),
        ("Ppath=a%zz", "!percent-encoding"),
        ("Ppath=a%2", "!percent-encoding"),
        ("Ppath=100%", "!percent-encoding"),
        ("Ppath=%FF.dcm", "!UTF-8"),
        ("Ppath=a%00.dcm", "!control characters"),
        ("Ppath=a%0Ab.dcm", "!control characters"),
        ("Ppath=a\nb.dcm", "!control characters"),
    ]);
}

#[test]
fn several_paths_and_groups() {
    hold(&[
        ("Ppaths=a.dcm|b.dcm", "a.dcm & b.dcm"),
        ("Pfiles=a.dcm,b.dcm", "a.dcm & b.dcm"),
        ("Ppaths=a,1.dcm|b.dcm", "a,1.dcm & b.dcm"),
        ("Ppaths=a%2C1.dcm,b%7C2.dcm", "a,1.dcm & b|2.dcm"),
        ("Ppaths=a%7C1.dcm|b.dcm", "a|1.dcm & b.dcm"),
        ("Ppaths=Doe%2CJane.dcm", "Doe,Jane.dcm"),
        ("Ppaths=%2Fdata%2Fa%7C%2Fdata%2Fb", "/data/a & /data/b"),
        ("Ppaths=a.dcm%2Cb.dcm", "a.dcm & b.dcm"),
        ("Ppaths=,a.dcm,,b.dcm,", "a.dcm & b.dcm"),
        ("Ppaths=a+1.dcm,b.dcm", "a+1.dcm & b.dcm"),
        ("Ppath=x&paths=a|b&file=y", "x & a & b & y"),
        ("Pgroup=a|b|c|d&group=report.dcm", "a & b & c & d ; report.dcm"),
        ("Pgroup=a&group=b&open_group=1", "a ; b open=1"),
        ("Pgroup=a&group=b&openGroup=1", "a ; b open=1"),
        ("Pgroup=a&group=b&active_group=1", "a ; b open=1"),
        ("Pgroup=a&group=b&group_index=7", "a ; b open=1"),
        ("Pgroup=a&group=b&open_group=99999999999999999999999", "a ; b open=1"),
        ("Pgroup=a&group=b&open_group=", "a ; b"),
        ("Pgroups=a|b;c,d;;e", "a & b ; c & d ; e"),
        ("Pgroups=a%3B1|b;c", "a;1 & b ; c"),
        ("Pgroups=%2Fa%7C%2Fb%3B%2Fc", "/a & /b ; /c"),
        ("Pgroup=a,b,c,d,e", "a & b & c & d & e"),
        ("Pgroup=a%2Cb.dcm|c&groups=d;e", "a,b.dcm & c ; d ; e"),
        ("Pgroup=&group=a", "a"),
        ("Ppath=a&open_group=3", "a"),
        ("Pgroup=a&open_group=-1", "!open_group must be a whole number from 0"),
        ("Pgroup=a&open_group=one", "!open_group"),
        ("Pgroup=a&open_group=%2B1", "!open_group"),
        ("Pgroup=a&group=b&open_group=0&open_group=1", "!open_group= is given more than once"),
        ("Pgroup=a&group=b&open_group=1&group_index=1", "a ; b open=1"),
        ("Pgroup=a&path=b", "!cannot mix group= with path="),
        ("perspecta://open/b?group=a", "!cannot mix group= with path="),
        ("Pgroup=a&dicomweb=http://pacs&study=1.2", "!cannot mix group= with dicomweb="),
        ("Pgroup=a&group_series=1.2", "!cannot mix group= with group_series="),
    ]);
}

#[test]
fn servers_and_what_is_on_them() {
    hold(&[
        ("S", "http://pacs/rs study=1.2"),
        (
            "Pdicomweb=http%3A%2F%2Flocalhost%3A8042%2Fdicom-web&study=1.2",
            "http://localhost:8042/dicom-web study=1.2",
        ),
        ("Pbase_url=http://localhost:8042&studyuid=1.2", "http://localhost:8042/dicom-web study=1.2"),
        ("Pdicomweb_url=HTTPS://Pacs/&StudyInstanceUID=1.2", "https://pacs/dicom-web study=1.2"),
        ("Pwado_base=https://pacs/a/rs/?x=y%23z&study_instance_uid=1.2", "https://pacs/a/rs study=1.2"),
        ("Sseries=1.3", "http://pacs/rs study=1.2 series=1.3"),
        ("SseriesUID=1.3&instanceuid=1.4", "http://pacs/rs study=1.2 series=1.3 instance=1.4"),
        ("SSeriesInstanceUID=1.3&SOPInstanceUID=1.4", "http://pacs/rs study=1.2 series=1.3 instance=1.4"),
        ("Sseries_instance_uid=1.3&sop_instance_uid=1.4", "http://pacs/rs study=1.2 series=1.3 instance=1.4"),
        ("Sinstance=1.4", "http://pacs/rs study=1.2 instance=1.4"),
        ("Sseries=1.3&series=1.5,1.6|1.7&series=1.3", "http://pacs/rs study=1.2 series=1.3,1.5,1.6,1.7"),
        ("Sseries=1.3%2C1.5", "http://pacs/rs study=1.2 series=1.3,1.5"),
        ("Sstudy=1.5&study=1.2", "http://pacs/rs study=1.2,1.5"),
        ("Sstudies=1.5,1.6", "http://pacs/rs study=1.2,1.5,1.6"),
        ("SStudyInstanceUIDs=1.5", "http://pacs/rs study=1.2,1.5"),
        ("Sstudy=1.02.3", "http://pacs/rs study=1.2,1.02.3"),
        ("Pdicomweb=http://pacs/rs/studies/1.2", "http://pacs/rs study=1.2"),
        (
            "Pdicomweb=http%3A%2F%2Fpacs%2Frs%2Fstudies%2F1.2%2Fseries%2F1.3%2Finstances%2F1.4",
            "http://pacs/rs study=1.2 series=1.3 instance=1.4",
        ),
        ("Pdicomweb=http://pacs/rs/studies/1.2/metadata?x=1&study=1.2", "http://pacs/rs study=1.2"),
        ("Pdicomweb=http://pacs/rs/studies/1.2&study=1.5", "!another study"),
        ("Sdicomweb=http://pacs/rs/studies/1.2/series/1.3&series=1.5", "!another series"),
        ("Sdicomweb=http://pacs/rs/", "http://pacs/rs study=1.2"),
        ("Sdicomweb=http://other/rs", "!dicomweb= is given more than once"),
        ("Sinstance=1.4&instance=1.5", "!instance= is given more than once"),
        ("Sstudy=1.5&instance=1.4", "!instance= goes with one study"),
        ("Pdicomweb=http://pacs", "!needs the study's UID"),
        ("Pdicomweb=http://pacs&study=", "!needs the study's UID"),
        ("Pdicomweb=&study=1.2", "!need the URL of a server"),
        ("Pstudy=1.2", "!need the URL of a server"),
        ("Pdicomweb=/studies/1.2", "!must name a server"),
        ("Pdicomweb=pacs:8042&study=1.2", "!must name a server"),
        ("Pdicomweb=ftp://pacs&study=1.2", "!http:// or https://"),
        ("Pdicomweb=file:///etc&study=1.2", "!http:// or https://"),
        ("Spath=a.dcm", "!cannot mix dicomweb= with path="),
        ("perspecta://open/a.dcm?dicomweb=http://pacs&study=1.2", "!cannot mix dicomweb= with path="),
        ("Sstudy=1.2/../../secret", "!study must be a UID"),
        ("Sseries=abc", "!series must be a UID"),
        ("Sseries=.1", "!series must be a UID"),
        ("Sinstance=1..2", "!instance must be a UID"),
        ("Sinstance=11111111111111111111111111111111111111111111111111111111111111111", "!at most 64"),
        ("Sgroup_series=1.3|1.4&group_series=1.5", "http://pacs/rs study=1.2 groups=1.3,1.4;1.5"),
        (
            "Sgroupseries=1.3,1.4&series_group=1.5&open_group=1",
            "http://pacs/rs study=1.2 groups=1.3,1.4;1.5 open=1",
        ),
        ("Sgroup_series=1.3%7C1.4;1.5&open_group=8", "http://pacs/rs study=1.2 groups=1.3,1.4;1.5 open=1"),
        ("Sgroup_series=1.3&series=1.4", "!cannot mix group_series= with series="),
        ("Sgroup_series=1.3&instance=1.4", "!cannot mix group_series= with series= or instance="),
        ("Sgroup_series=1.3&dicomweb=http://pacs/rs/studies/1.2/series/1.3", "!cannot mix group_series="),
        ("Sgroup_series=1.3&path=a", "!cannot mix group_series= with path="),
        ("Pstudy=1.2&group_series=1.3", "!group_series= needs the URL of a server"),
        ("Pdicomweb=http://pacs&group_series=1.3", "!group_series= needs the study's UID"),
    ]);
}

#[test]
fn who_asks() {
    hold(&[
        ("Suser=anna&password=pw", "http://pacs/rs study=1.2 basic=anna:pw"),
        ("Susername=anna&pass=pw", "http://pacs/rs study=1.2 basic=anna:pw"),
        ("Sdicomweb_user=anna&dicomweb_pass=pw", "http://pacs/rs study=1.2 basic=anna:pw"),
        ("Sdicomweb_username=anna&dicomweb_password=p%26w%3A+", "http://pacs/rs study=1.2 basic=anna:p&w:+"),
        ("Sauth=anna%3Ap%3Aw", "http://pacs/rs study=1.2 basic=anna:p:w"),
        ("Sdicomweb_auth=anna:pw&user=anna", "http://pacs/rs study=1.2 basic=anna:pw"),
        ("Pdicomweb=https://anna:p%2540w@pacs/rs&study=1.2", "https://pacs/rs study=1.2 basic=anna:p@w"),
        ("Stoken=abc.def-_~%2B%2F==", "http://pacs/rs study=1.2 bearer=abc.def-_~+/=="),
        ("Stoken=a+b", "http://pacs/rs study=1.2 bearer=a+b"),
        ("Saccess_token=Bearer%20abc", "http://pacs/rs study=1.2 bearer=abc"),
        ("Suser=anna", "!both user and password"),
        ("Spassword=pw", "!both user and password"),
        ("Suser=anna&password=", "!both user and password"),
        ("Sauth=anna", "!auth must be written as user:password"),
        ("Sauth=anna:", "!both user and password"),
        ("Suser=an:na&password=pw", "!colon"),
        ("Suser=anna&user=bob&password=pw", "!user= is given more than once"),
        ("Sauth=anna:pw&password=wp", "!password= is given more than once"),
        ("Stoken=abc&token=def", "!token= is given more than once"),
        ("Stoken=abc&user=anna&password=pw", "!cannot mix token= with user="),
        ("Stoken=a%20b", "!token must be"),
        ("Stoken=%C3%A9", "!token must be"),
        ("Suser=a%0D%0AHost:x&password=b", "!control characters"),
        ("Ppath=a.dcm&user=anna&password=pw", "!without the URL of a server"),
        ("Ptoken=abc", "!without the URL of a server"),
    ]);
}

#[test]
fn how_it_looks() {
    hold(&[
        ("Ppath=a&layout=2x4", "a layout=2x4"),
        ("Ppath=a&layout=%202X4%20&LAYOUT=2x4", "a layout=2x4"),
        ("Ppath=a&layout=", "a"),
        ("Ppath=a&layout=9x9", "!layout: a layout has 1x1 to 4x8"),
        ("Ppath=a&layout=2", "!layout: expected ROWSxCOLUMNS"),
        ("Ppath=a&layout=1x1&layout=1x2", "!layout= is given more than once"),
        ("Ppath=a&protocol=mg-screening", "a protocol=mg-screening"),
        ("Ppath=a&protocol=../rules.toml", "!protocol must be the name"),
        ("Ppath=a&protocol=%5C%5Chost%5Crules", "!protocol must be the name"),
        ("Ppath=a&frame=0", "a frame=0"),
        ("Ppath=a&frame=29", "a frame=29"),
        ("Ppath=a&frame=-1", "!frame must be a whole number from 0"),
        ("Ppath=a&frame=1.5", "!frame"),
        ("Ppath=a&frame=4294967296", "!frame"),
        ("Ppath=a&window=40,400", "a window=40,400"),
        ("Ppath=a&window=-600%2C1500.5", "a window=-600,1500.5"),
        ("Ppath=a&window=auto", "a window=full"),
        ("Ppath=a&window=Soft+Tissue", "a window=soft tissue"),
        ("Ppath=a&window=40,0", "!window: the width of a window is above zero"),
        ("Ppath=a&window=blue", "!window: expected CENTER,WIDTH"),
        ("Slayout=1x2&frame=3&window=lung", "http://pacs/rs study=1.2 layout=1x2 frame=3 window=lung"),
    ]);
}

#[test]
fn sizes_are_bounded() {
    let refused = |link: &str| Launch::from_link(link).expect_err("too much").to_string();
    let list = |prefix: &str, count: usize, item: &str| {
        format!("lightbox://open?{prefix}={}", vec![item; count].join(","))
    };
    assert!(Launch::from_link(&list("paths", MOST_ITEMS, "a")).is_ok());
    assert!(refused(&list("paths", MOST_ITEMS + 1, "a")).contains("more than 1024 paths"));
    assert!(refused(&list("group", MOST_ITEMS + 1, "a")).contains("more than 1024 paths"));
    let groups = |count: usize| format!("lightbox://open?groups={}", vec!["a"; count].join(";"));
    assert!(Launch::from_link(&groups(MOST_GROUPS)).is_ok());
    assert!(refused(&groups(MOST_GROUPS + 1)).contains("more than 256 groups"));
    assert!(refused(&format!("lightbox://open?path={}", "a".repeat(5000))).contains("longer than 4096"));
    assert!(refused(&format!("lightbox://open?path={}", "a".repeat(70_000))).contains("longer than 65536"));
    let uids: Vec<String> = (0..MOST_ITEMS + 1).map(|number| format!("1.{number}")).collect();
    let many = format!("lightbox://open?dicomweb=http://pacs&study=1.2&series={}", uids.join(","));
    assert!(refused(&many).contains("more than 1024"));
}

#[test]
fn what_is_left_out_or_unwise_is_said() -> Result<(), LinkError> {
    let notes = |link: &str| Launch::from_link(link).map(|launch| launch.notes.join("; "));
    assert_eq!(notes("lightbox://open?path=a")?, "");
    assert!(notes("lightbox://open?path=a&colour=red")?.ends_with("colour"));
    assert!(notes("lightbox://open?path=a#1.dcm")?.contains("%23"));
    assert!(notes("lightbox://open?dicomweb=http://pacs&study=1.2")?.contains("without encryption"));
    assert_eq!(notes("lightbox://open?dicomweb=http://127.0.0.1:8042&study=1.2")?, "");
    assert_eq!(notes("lightbox://open?dicomweb=https://pacs&study=1.2")?, "");
    let many: String = (0..2000).map(|number| format!("&k{number}")).collect();
    assert!(Launch::from_link(&format!("lightbox://open?path=a{many}"))?.notes.len() <= 16);
    Ok(())
}

#[test]
fn secrets_stay_out_of_errors_and_of_what_is_printed() -> Result<(), LinkError> {
    for rest in [
        "user=anna&password=hunter2&password=other",
        "auth=hunter2",
        "auth=anna:hunter2&token=hunter2",
        "token=hunter2%20hunter2",
        "password=hunter2",
        "password=hunter2%zz",
        "dicomweb=http://anna:hunter2@other/rs",
        "dicomweb=ftp://anna:hunter2@pacs/rs",
        "dicomweb=http://anna:hunter2@/rs",
    ] {
        let link = format!("perspecta://open?dicomweb=http://pacs/rs&study=1.2&{rest}");
        let error = Launch::from_link(&link).expect_err(&link).to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
    let link = "perspecta://open?dicomweb=http://anna:hunter2@pacs/rs&study=1.2";
    assert!(!format!("{:?}", Launch::from_link(link)?).contains("hunter2"));
    Ok(())
}
