//! What is to be fetched, instance by instance where the server can list them, as a whole where it cannot.

use std::collections::HashSet;

use super::ends_all;
use crate::dicomweb::{InstanceRow, Transport, Watch, WebError, find_instances};

/// More instances than any study has.
const MOST: usize = 1_000_000;

/// What was asked for.
pub struct Wanted {
    pub study: String,
    /// Empty for all.
    pub series: Vec<String>,
    /// Empty for all.
    pub instances: Vec<String>,
}

/// What to do.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Instances by series and own UID.
    pub instances: Vec<(String, String)>,
    /// Targets that answer with many instances, for a server that lists none.
    pub whole: Vec<String>,
    /// What was asked for and is not there.
    pub missing: Vec<String>,
}

/// Asks the server what there is.
pub fn plan(server: &dyn Transport, wanted: &Wanted, watch: &Watch) -> Result<Plan, WebError> {
    if let ([series], false) = (wanted.series.as_slice(), wanted.instances.is_empty()) {
        let instances = wanted.instances.iter().map(|uid| (series.clone(), uid.clone())).collect();
        return Ok(Plan { instances, ..Plan::default() });
    }
    let mut rows = Vec::new();
    let lists: Vec<Option<&str>> = match wanted.series.as_slice() {
        [] => vec![None],
        some => some.iter().map(|series| Some(series.as_str())).collect(),
    };
    for series in lists {
        match find_instances(&wanted.study, series).all(MOST, server, watch) {
            Ok(found) => rows.extend(found.into_iter().map(|row| named(row, series))),
            Err(error) if ends_all(&error) => return Err(error),
            Err(error) => {
                tracing::debug!("instances are not listed: {error}");
                return whole(wanted, error);
            }
        }
    }
    if rows.is_empty() {
        // An archive that finds nothing may have it all the same.
        return whole(wanted, WebError::NotFound(format!("study {}", wanted.study)));
    }
    Ok(select(rows, wanted))
}

/// A list below a series need not repeat its UID.
fn named(row: InstanceRow, series: Option<&str>) -> (String, String) {
    let own = Some(row.series_uid).filter(|uid| !uid.is_empty());
    (own.or(series.map(str::to_owned)).unwrap_or_default(), row.instance_uid)
}

fn select(rows: Vec<(String, String)>, wanted: &Wanted) -> Plan {
    let mut plan = Plan::default();
    let mut seen = HashSet::new();
    for (series, instance) in rows {
        let asked = wanted.instances.is_empty() || wanted.instances.contains(&instance);
        if asked && !series.is_empty() && seen.insert(instance.clone()) {
            plan.instances.push((series, instance));
        }
    }
    for series in &wanted.series {
        if wanted.instances.is_empty() && !plan.instances.iter().any(|(known, _)| known == series) {
            plan.missing.push(format!("series {series}"));
        }
    }
    for instance in wanted.instances.iter().filter(|uid| !seen.contains(*uid)) {
        plan.missing.push(format!("instance {instance}"));
    }
    plan
}

/// Without a list: whole series, or the whole study. Single instances cannot be asked for without their series.
fn whole(wanted: &Wanted, error: WebError) -> Result<Plan, WebError> {
    if !wanted.instances.is_empty() {
        return Err(error);
    }
    let study = format!("/studies/{}", wanted.study);
    let whole = match wanted.series.as_slice() {
        [] => vec![study],
        some => some.iter().map(|series| format!("{study}/series/{series}")).collect(),
    };
    Ok(Plan { whole, ..Plan::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(series: &[&str], instances: &[&str]) -> Wanted {
        let own = |uids: &[&str]| uids.iter().map(|uid| (*uid).to_owned()).collect();
        Wanted { study: "1.2".to_owned(), series: own(series), instances: own(instances) }
    }

    fn pair(series: &str, instance: &str) -> (String, String) {
        (series.to_owned(), instance.to_owned())
    }

    #[test]
    fn what_is_listed_is_chosen_from_once() {
        let rows = || vec![pair("1.5", "1.6"), pair("1.5", "1.7"), pair("1.5", "1.6"), pair("", "1.8")];
        let all = select(rows(), &wanted(&[], &[]));
        assert_eq!(all.instances, [pair("1.5", "1.6"), pair("1.5", "1.7")]);
        assert_eq!(all.missing, [""; 0]);
        let one = select(rows(), &wanted(&[], &["1.7", "1.9"]));
        assert_eq!(one.instances, [pair("1.5", "1.7")]);
        assert_eq!(one.missing, ["instance 1.9"]);
        let series = select(rows(), &wanted(&["1.5", "1.55"], &[]));
        assert_eq!(series.missing, ["series 1.55"]);
    }

    #[test]
    fn what_is_not_listed_is_asked_for_whole() {
        let targets = |wanted: &Wanted| whole(wanted, WebError::Cut).map(|plan| plan.whole);
        assert_eq!(targets(&wanted(&[], &[])), Ok(vec!["/studies/1.2".to_owned()]));
        let series = ["/studies/1.2/series/1.5".to_owned(), "/studies/1.2/series/1.6".to_owned()];
        assert_eq!(targets(&wanted(&["1.5", "1.6"], &[])), Ok(series.to_vec()));
        assert_eq!(targets(&wanted(&[], &["1.7"])), Err(WebError::Cut));
    }
}
