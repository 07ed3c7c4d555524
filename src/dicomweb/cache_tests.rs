//! Entries that are whole, entries that are not, and too many of them.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::{Cache, Key, files};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lightbox-cache-{name}-{}", std::process::id()));
        fs::remove_dir_all(&path).ok();
        Self(path)
    }

    fn entries(&self) -> Vec<PathBuf> {
        files(&self.0).into_iter().map(|(path, _)| path).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

#[test]
fn what_was_put_in_comes_out() {
    let folder = Folder::new("simple");
    let cache = Cache::open(&folder.0, 1 << 20).unwrap();
    let key = Key::of(&["frame", "http://here", "1.2", "3"]);
    assert!(!cache.has(&key) && cache.get(&key).is_none());
    cache.put(&key, "1.2.840", b"pixels");
    assert_eq!(cache.get(&key), Some(("1.2.840".to_owned(), b"pixels".to_vec())));
    let (path, start, length) = cache.place(&key).unwrap();
    assert_eq!(fs::read(path).unwrap()[start as usize..][..length as usize], b"pixels"[..]);
    cache.put(&key, "", b"");
    assert_eq!(cache.get(&key), Some((String::new(), Vec::new())));
    // Another program with the same folder.
    let other = Cache::open(&folder.0, 1 << 20).unwrap();
    assert!(other.has(&key));
    cache.put_later(Key::of(&["later"]), "n", Arc::new(vec![7; 9]));
    cache.flush();
    assert_eq!(other.get(&Key::of(&["later"])), Some(("n".to_owned(), vec![7; 9])));
    assert_ne!(Key::of(&["ab", "c"]), Key::of(&["a", "bc"]));
}

#[cfg(unix)]
#[test]
fn nobody_else_may_look() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("modes");
    let cache = Cache::open(&folder.0, 1 << 20).unwrap();
    cache.put(&Key::of(&["a"]), "", b"x");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.0), 0o700);
    let entry = &folder.entries()[0];
    assert_eq!((mode(entry), mode(entry.parent().unwrap())), (0o600, 0o700));
}

#[test]
fn what_is_damaged_was_never_there() {
    let folder = Folder::new("damage");
    let cache = Cache::open(&folder.0, 1 << 20).unwrap();
    let key = Key::of(&["a"]);
    let damages: [fn(&mut Vec<u8>); 6] = [
        |bytes| bytes.truncate(bytes.len() - 1),
        |bytes| bytes.push(0),
        |bytes| *bytes.last_mut().unwrap() ^= 1,
        |bytes| bytes.truncate(10),
        |bytes| bytes[0] ^= 1,
        |bytes| bytes[8..16].copy_from_slice(&u64::MAX.to_le_bytes()),
    ];
    for damage in damages {
        for by_place in [false, true] {
            cache.put(&key, "note", &[5; 1000]);
            let path = folder.entries().remove(0);
            let mut bytes = fs::read(&path).unwrap();
            damage(&mut bytes);
            fs::write(&path, bytes).unwrap();
            assert!(if by_place { cache.place(&key).is_none() } else { cache.get(&key).is_none() });
            assert!(!path.exists(), "and is gone");
        }
    }
}

#[test]
fn a_draft_that_is_not_kept_leaves_nothing() {
    let folder = Folder::new("draft");
    let cache = Cache::open(&folder.0, 1 << 20).unwrap();
    let mut draft = cache.draft(&Key::of(&["a"]), "").unwrap();
    draft.write_all(b"half").unwrap();
    assert!(!cache.has(&Key::of(&["a"])));
    drop(draft);
    assert!(folder.entries().is_empty());
    let stale = folder.0.join("1-1.tmp");
    fs::write(&stale, b"x").unwrap();
    fs::write(folder.0.join("1-2.tmp"), b"x").unwrap();
    let old = SystemTime::now() - Duration::from_secs(3 * 24 * 60 * 60);
    fs::File::options().write(true).open(&stale).unwrap().set_modified(old).unwrap();
    Cache::open(&folder.0, 1 << 20).unwrap();
    assert_eq!(folder.entries(), [folder.0.join("1-2.tmp")], "somebody may still write it");
}

#[test]
fn what_was_used_longest_ago_goes_first() {
    let folder = Folder::new("limit");
    let cache = Cache::open(&folder.0, 10_000).unwrap();
    let keys: Vec<Key> = (0..12).map(|n| Key::of(&["frame", &n.to_string()])).collect();
    for (n, key) in keys.iter().enumerate().take(9) {
        cache.put(key, "", &[0; 1000]);
        let age = Duration::from_secs(1000 - n as u64);
        let file = fs::File::options().write(true).open(cache.path(key)).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
    }
    assert!(cache.get(&keys[0]).is_some(), "looked at just now");
    cache.put(&keys[9], "", &[0; 1000]);
    assert!(cache.used() <= 10_000, "{}", cache.used());
    assert!(cache.has(&keys[0]) && cache.has(&keys[9]));
    assert!(!cache.has(&keys[1]));
    // Nothing is too large to be tried, and nothing stays that is larger than the limit.
    cache.put(&keys[10], "", &[0; 20_000]);
    assert!(cache.used() <= 10_000);
}
