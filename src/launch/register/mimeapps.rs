//! `mimeapps.list`: which program opens what, in a file that belongs to the user and to every program.
//!
//! A value is a list, and the first program that is installed is used. So ours is put in front of the others, and
//! taking it out again leaves them as they were. Every other line stays, byte for byte.

const DEFAULTS: &str = "Default Applications";
const ADDED: &str = "Added Associations";

/// The file with our program in front for these types.
pub fn with(text: &str, types: &[&str], program: &str) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    if let Some(last) = lines.last_mut().filter(|last| !last.ends_with('\n')) {
        last.push('\n');
    }
    let Some(start) = lines.iter().position(|line| is_group(line, DEFAULTS)) else {
        if !lines.is_empty() {
            lines.push("\n".to_owned());
        }
        lines.push(format!("[{DEFAULTS}]\n"));
        lines.extend(types.iter().map(|kind| format!("{kind}={program};\n")));
        return lines.concat();
    };
    for kind in types {
        let end = group_end(&lines, start);
        let group = lines.iter_mut().take(end).skip(start + 1);
        match group.into_iter().find_map(|line| value_at(line, kind).map(|at| (line, at))) {
            Some((line, at)) => {
                let (key, list) = line.split_at(at);
                if list.split(';').next().map(str::trim) != Some(program) {
                    let others = without_program(list, program);
                    *line = format!("{key}{program};{others}");
                }
            }
            None => {
                // At the end of the group, before the empty lines that part it from the next.
                let blank = lines.iter().take(end).rev().take_while(|line| line.trim().is_empty()).count();
                lines.insert(end - blank, format!("{kind}={program};\n"));
            }
        }
    }
    lines.concat()
}

/// The file without our program for these types.
pub fn without(text: &str, types: &[&str], program: &str) -> String {
    let mut lines = Vec::new();
    let mut ours = false;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with('[') {
            ours = is_group(line, DEFAULTS) || is_group(line, ADDED);
        }
        match types.iter().find_map(|kind| value_at(line, kind)).filter(|_| ours) {
            None => lines.push(line.to_owned()),
            Some(at) => {
                let (key, list) = line.split_at(at);
                let rest = without_program(list, program);
                if rest == list || !rest.trim().is_empty() {
                    lines.push(format!("{key}{rest}"));
                }
            }
        }
    }
    // A group that is empty now, and the line that parts it from the one before, came with us.
    if let Some(start) = lines.iter().position(|line| is_group(line, DEFAULTS))
        && lines.concat() != text
        && lines.iter().take(group_end(&lines, start)).skip(start + 1).all(|line| line.trim().is_empty())
    {
        let end = group_end(&lines, start);
        let parted = end == lines.len() && start > 0 && lines.get(start - 1).is_some_and(|line| line == "\n");
        lines.drain(if parted { start - 1 } else { start }..end);
    }
    lines.concat()
}

fn is_group(line: &str, name: &str) -> bool {
    line.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) == Some(name)
}

/// The line after the last of a group.
fn group_end(lines: &[String], start: usize) -> usize {
    let next = lines.iter().skip(start + 1).position(|line| line.trim_start().starts_with('['));
    next.map_or(lines.len(), |next| start + 1 + next)
}

/// Where the value of a key begins in its line.
fn value_at(line: &str, key: &str) -> Option<usize> {
    let (name, _) = line.split_once('=')?;
    (name.trim() == key).then_some(name.len() + 1)
}

/// A list without one of its programs, wherever it stands and however often.
fn without_program(list: &str, program: &str) -> String {
    let (list, end) = list.strip_suffix('\n').map_or((list, ""), |list| (list, "\n"));
    let kept: Vec<&str> = list.split(';').filter(|name| name.trim() != program).collect();
    kept.join(";") + end
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPES: [&str; 2] = ["application/dicom", "x-scheme-handler/perspecta"];
    const OURS: &str = "lightbox.desktop";

    #[test]
    fn an_empty_file_gets_what_is_needed_and_loses_it_again() {
        let registered = with("", &TYPES, OURS);
        assert_eq!(
            registered,
            "[Default Applications]\napplication/dicom=lightbox.desktop;\n\
             x-scheme-handler/perspecta=lightbox.desktop;\n"
        );
        assert_eq!(without(&registered, &TYPES, OURS), "");
    }

    #[test]
    fn foreign_lines_stay_byte_for_byte() {
        let files = [
            "[Default Applications]\ntext/plain=gedit.desktop\n",
            "# mine\n[Added Associations]\napplication/dicom=ginkgo.desktop;\n\n[Default Applications]\n\
             application/dicom=weasis.desktop;aeskulap.desktop\nimage/png=eog.desktop;\n\n[Removed Associations]\nx/y=z.desktop;\n",
            "[Added Associations]\nimage/png=eog.desktop;\n",
            "[Default Applications]\n# nothing yet\n\n\n[Other]\na=b\n",
            "garbage without a group\n=\n[broken\n",
            "[Default Applications]\n application/dicom = weasis.desktop \n",
        ];
        for file in files {
            let registered = with(file, &TYPES, OURS);
            assert_eq!(with(&registered, &TYPES, OURS), registered, "twice is once");
            assert_eq!(registered.matches(OURS).count(), 2, "{registered}");
            for line in file.lines().filter(|line| !line.contains("weasis")) {
                assert!(registered.lines().any(|other| other == line), "{line} in {registered}");
            }
            assert_eq!(without(&registered, &TYPES, OURS), file, "{registered}");
        }
    }

    #[test]
    fn ours_comes_first_and_the_others_stay_behind_it() {
        let file =
            "[Default Applications]\napplication/dicom=weasis.desktop;lightbox.desktop;gimp.desktop;\n";
        let registered = with(file, &TYPES, OURS);
        assert!(registered.contains("application/dicom=lightbox.desktop;weasis.desktop;gimp.desktop;\n"));
        let gone = without(&registered, &TYPES, OURS);
        assert_eq!(gone, "[Default Applications]\napplication/dicom=weasis.desktop;gimp.desktop;\n");
    }

    #[test]
    fn what_a_desktop_added_about_us_goes_too_and_what_was_removed_stays_removed() {
        let file = "[Added Associations]\napplication/dicom=lightbox.desktop;gimp.desktop;\n\
                    [Removed Associations]\napplication/dicom=lightbox.desktop;\n";
        let expected = "[Added Associations]\napplication/dicom=gimp.desktop;\n\
                        [Removed Associations]\napplication/dicom=lightbox.desktop;\n";
        assert_eq!(without(file, &TYPES, OURS), expected);
        assert_eq!(without("[Default Applications]\n", &TYPES, OURS), "[Default Applications]\n");
    }

    #[test]
    fn a_missing_end_of_line_is_no_trouble() {
        let registered = with("[Default Applications]\na/b=c.desktop", &TYPES, OURS);
        assert!(registered.starts_with("[Default Applications]\na/b=c.desktop\napplication/dicom="));
    }
}
