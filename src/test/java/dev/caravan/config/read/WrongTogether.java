package dev.caravan.config.read;

import dev.caravan.config.read.WrongFiles.Case;
import java.util.List;
import java.util.stream.Stream;

/** Files of which every value is good, but not together. */
final class WrongTogether {
  private static final String RCLONE = "storage: {remotes: [{provider: rclone, remote: %s}]}";
  private static final String S3 = "storage: {remotes: [{provider: s3, bucket: b, %s}]}";

  private static final String SFTP =
      "storage: {remotes: [{provider: sftp, host: h, user: u, path: /p, %s}]}";
  private static final String RSYNC = "storage: {remotes: [{provider: rsync, path: /srv, %s}]}";
  private static final String PINNED = "host_key: 'SHA256:" + "k".repeat(43) + "'";

  private WrongTogether() {}

  static Stream<Case> all() {
    return Stream.of(remotes(), rclone(), s3(), sftp(), rsync(), between(), schedules())
        .flatMap(List::stream);
  }

  private static List<Case> remotes() {
    return List.of(
        new Case(
            "no list",
            "storage: {remotes: }",
            "storage.remotes: is nothing, but a list belongs here (write [] for none)"),
        new Case("mapping", "storage: {remotes: {provider: s3}}", "is a mapping, but a list"),
        new Case("empty item", "storage: {remotes: [null]}", "storage.remotes[0]: is empty"),
        new Case("value item", "storage: {remotes: [s3]}", "storage.remotes[0]: is a value, but a"),
        new Case(
            "no provider", "storage: {remotes: [{bucket: b}]}", "remotes[0].provider: is missing"),
        new Case(
            "unknown",
            "storage: {remotes: [{provider: s4}]}",
            "is not a known provider (did you mean s3?)"),
        new Case(
            "no bucket",
            "storage: {remotes: [{provider: s3}]}",
            "remotes[0].bucket: is missing (add it, such as bucket: my-bucket)"),
        new Case("no path", "storage: {remotes: [{provider: dir}]}", "remotes[0].path: is missing"),
        new Case("path of s3", S3.formatted("path: /x"), "remotes[0].path: is not a known key"),
        new Case(
            "bad name", S3.formatted("name: a/b"), "remotes[0].name: is not a name for a remote"),
        new Case(
            "name twice",
            "storage: {remotes: [{provider: s3, bucket: a, name: x},"
                + " {provider: s3, bucket: b, name: x}]}",
            "remotes[1].name: is the name of another remote"),
        new Case(
            "same bucket twice",
            "storage: {remotes: [{provider: s3, bucket: a}, {provider: s3, bucket: a}]}",
            "remotes[1].bucket: is the same place as remote s3"),
        new Case(
            "folder in a folder",
            "storage: {remotes: [{provider: dir, path: /mnt/x}, {provider: dir, path: /mnt/x/y}]}",
            "remotes[1].path: is the same place as remote dir"),
        new Case(
            "the others are still looked at",
            "storage: {remotes: [{provider: rsyn}, {provider: s3, bucket: a, access_key_id: k}]}"
                + "\npurge: {copies: 2}",
            "remotes[0].provider: is not a known provider (did you mean rsync?)",
            "remotes[1].access_key_id: is set without secret_access_key"));
  }

  private static List<Case> rclone() {
    return List.of(
        new Case("no remote", "storage: {remotes: [{provider: rclone}]}", "remote: is missing"),
        new Case("folder", RCLONE.formatted("/mnt/x"), "remote: is not a remote of rclone's"),
        new Case("no colon", RCLONE.formatted("s3"), "(write name:path, such as s3:bucket/path"),
        new Case(
            "secret in the remote",
            RCLONE.formatted("\":s3,secret_access_key=x:bucket\""),
            "remote: has a secret in it (define the remote in rclone.conf"),
        new Case(
            "forbidden flag",
            RCLONE.formatted("a:b, flags: [--dry-run, --s3-chunk-size=16M]"),
            "flags[0]: is --dry-run, with which Caravan could not keep its promises"),
        new Case(
            "forbidden flag with a value",
            RCLONE.formatted("a:b, flags: [--rc-addr=0.0.0.0:80]"),
            "flags[0]: is --rc-addr, with which"),
        new Case(
            "secret flag",
            RCLONE.formatted("a:b, flags: [--s3-secret-access-key=x]"),
            "(write it into rclone.conf, or set RCLONE_S3_SECRET_ACCESS_KEY)"),
        new Case(
            "short flag",
            RCLONE.formatted("a:b, flags: [-n]"),
            "flags[0]: is not a flag of rclone's long form"),
        new Case(
            "same place twice",
            "storage: {remotes: [{provider: rclone, remote: 'a:b/'}, {provider: rclone, remote:"
                + " 'a:b/c'}]}",
            "remotes[1].remote: is the same place as remote rclone"),
        new Case(
            "the store itself",
            "store: {path: /mnt/x}\n"
                + "storage: {remotes: [{provider: rclone, remote: ':local:/mnt/x/y'}]}",
            "remotes[0].remote: lies in store.path or around it"));
  }

  private static List<Case> s3() {
    return List.of(
        new Case(
            "bucket",
            "storage: {remotes: [{provider: s3, bucket: a/b}]}",
            "bucket: is not the name of a bucket"),
        new Case("prefix", S3.formatted("prefix: a/"), "prefix: is not a prefix"),
        new Case("prefix up", S3.formatted("prefix: a/../b"), "prefix: is not a prefix"),
        new Case("endpoint", S3.formatted("endpoint: localhost:9000"), "endpoint: is not an http"),
        new Case(
            "part small", S3.formatted("part_size: 4MiB"), "part_size: must be from 5MiB to 5GiB"),
        new Case(
            "part big", S3.formatted("part_size: 6GiB"), "part_size: must be from 5MiB to 5GiB"),
        new Case(
            "credentials in the address",
            S3.formatted("endpoint: 'https://me:pass@h'"),
            "endpoint: has a user or password in it"),
        new Case("part unit", S3.formatted("part_size: 16M"), "part_size: is not a size"),
        new Case(
            "only id", S3.formatted("access_key_id: k"), "access_key_id: is set without secret"),
        new Case(
            "only secret", S3.formatted("secret_access_key: k"), "is set without access_key_id"),
        new Case("only token", S3.formatted("session_token: k"), "session_token: is set without"),
        new Case(
            "kms", S3.formatted("sse_kms_key_id: k"), "sse_kms_key_id: is set without sse: kms"),
        new Case(
            "key without sse",
            S3.formatted("sse_customer_key: '" + "k".repeat(32) + "'"),
            "is set without sse: customer"),
        new Case(
            "sse without key",
            S3.formatted("sse: customer"),
            "sse: is customer, but sse_customer_key is not set"),
        new Case(
            "short key",
            S3.formatted("sse: customer, sse_customer_key: abc"),
            "is neither 32 characters nor base64 of 32 bytes"),
        new Case(
            "key in the clear",
            S3.formatted(
                "sse: customer, sse_customer_key: '" + "k".repeat(32) + "', endpoint: 'http://h'"),
            "endpoint: is plain http"),
        new Case(
            "key in the clear to a name that looks like this machine's",
            S3.formatted(
                "sse: customer, sse_customer_key: '"
                    + "k".repeat(32)
                    + "', endpoint: 'http://127.0.0.1.example.org:9000'"),
            "endpoint: is plain http"),
        new Case(
            "sse",
            S3.formatted("sse: kmz"),
            "must be one of none, aes256, kms, customer (did you mean kms?)"));
  }

  private static List<Case> rsync() {
    return List.of(
        new Case("no path", "storage: {remotes: [{provider: rsync}]}", "path: is missing"),
        new Case("no host", RSYNC.formatted("host: u@"), "host: is not an address or host name"),
        new Case("option", RSYNC.formatted("host: -oProxyCommand=x"), "host: is not an address"),
        new Case("with path", RSYNC.formatted("host: 'u@h:/p'"), "host: is not an address"),
        new Case("no user", RSYNC.formatted("host: '@h'"), "host: does not begin with the name"),
        new Case("rate", RSYNC.formatted("bwlimit: fast"), "bwlimit: is not a rate of rsync's"),
        new Case("modes", RSYNC.formatted("chmod: rw"), "chmod: is not a change of permissions"),
        new Case("key here", RSYNC.formatted("key_file: /k"), "key_file: is set without"),
        new Case("port here", RSYNC.formatted("port: 23"), "port: is set without"),
        new Case("quote", RSYNC.formatted("host: h, key_file: \"/a'b\""), "has a quotation mark"),
        new Case(
            "as sftp",
            "storage: {remotes: [{provider: rsync, host: u@h, path: /p/q},"
                + " {provider: sftp, host: h, user: u, path: /p, known_hosts: /k}]}",
            "remotes[1].path: is the same place as remote rsync"),
        new Case(
            "as dir",
            "storage: {remotes: [{provider: dir, path: /p}, {provider: rsync, path: /p/q}]}",
            "remotes[1].path: is the same place as remote dir"));
  }

  private static List<Case> sftp() {
    return List.of(
        new Case(
            "stranger", SFTP.formatted("port: 22"), "known_hosts: is missing, and so is host_key"),
        new Case(
            "known twice",
            SFTP.formatted("known_hosts: f, " + PINNED),
            "host_key: is set together with storage.remotes[0].known_hosts"),
        new Case(
            "fingerprint",
            SFTP.formatted("host_key: 'MD5:00:11'"),
            "host_key: is not a fingerprint"),
        new Case("port", SFTP.formatted(PINNED + ", port: 0"), "port: must be from 1 to 65535"),
        new Case(
            "lonely passphrase",
            SFTP.formatted(PINNED + ", key_passphrase: p"),
            "key_passphrase: is set without key_file"),
        new Case(
            "user in the host",
            "storage: {remotes: [{provider: sftp, host: 'u@h', user: u, path: p, known_hosts: f}]}",
            "host: is not an address or host name"),
        new Case(
            "nowhere",
            "storage: {remotes: [{provider: sftp, host: h, user: u, known_hosts: f}]}",
            "path: is missing (add it, such as path: /srv/backup)"),
        new Case(
            "folder in a folder at one server",
            "storage: {remotes: [{provider: sftp, host: h, user: u, path: /p, known_hosts: f},"
                + " {provider: sftp, host: H, user: v, path: /p/./q/, known_hosts: f}]}",
            "remotes[1].path: is the same place as remote sftp"));
  }

  private static List<Case> between() {
    return List.of(
        new Case(
            "dated names without a folder",
            "dgraph: {names: ['*.gz={folder}/{file}', '*.gz=all/{group}.gz']}",
            "dgraph.names[1]: has no {folder}, so that each export would overwrite"),
        new Case(
            "password of a webhook",
            "alerts: {webhook_url: 'https://me:s3cret@h/x'}",
            "alerts.webhook_url: has a user or password in it"),
        new Case("ping anchor", "alerts: {ping_url: 'https://h/x#y'}", "ping_url: has a # in it"),
        new Case(
            "nothing to sign",
            "alerts: {webhook_secret: s}",
            "alerts.webhook_secret: is set without alerts.webhook_url"),
        new Case(
            "format",
            "alerts: {webhook_format: slak}",
            "must be one of slack, json (did you mean slack?)"),
        new Case("open door", "http: {host: 0.0.0.0}", "http.host: can be reached by others and"),
        new Case("open door v6", "http: {host: '::'}", "http.host: can be reached by others and"),
        new Case("host and port", "http: {host: '127.0.0.1/x'}", "http.host: is not an address"),
        new Case(
            "copies", "purge: {copies: 2}", "purge.copies: is more than there are remotes (1)"),
        new Case(
            "state is store", "store: {state: .}", "store.state: is the store itself or a folder"),
        new Case(
            "state is above", "store: {state: ../..}", "store.state: is the store itself or a"),
        new Case(
            "remote in store",
            "store: {path: a}\nstorage: {remotes: [{provider: dir, path: a/b}]}",
            "remotes[0].path: lies in store.path or around it"),
        new Case(
            "store in remote",
            "store: {path: a/b}\nstorage: {remotes: [{provider: dir, path: a}]}",
            "remotes[0].path: lies in store.path or around it"),
        new Case(
            "alias and key",
            "http: {port: 1}\nsettings: {ui_port: 2}",
            "c.yaml:2:12: settings.ui_port: is another name of http.port, which has a different"),
        new Case(
            "token and file",
            "http: {auth_token: a, auth_token_file: c.yaml}",
            "http.auth_token_file: is set together with http.auth_token"),
        new Case(
            "no file", "http: {auth_token_file: nope}", "auth_token_file: names a file that does"));
  }

  private static List<Case> schedules() {
    String cron = "storage: {sync_cron: '%s'}";
    return List.of(
        new Case(
            "both",
            "storage: {sync_interval: 5, sync_cron: '0 0 3 * * ?'}",
            "sync_cron: is set together with storage.sync_interval"),
        new Case(
            "both, and wrong",
            "storage: {sync_interval: 5, sync_cron: '0 0 99 * * ?'}",
            "sync_cron: is set together with storage.sync_interval",
            "the hour is outside 0 to 23"),
        new Case("unix cron", cron.formatted("0 3 * * *"), "has 5 fields instead of 6 or 7"),
        new Case("minute", cron.formatted("0 99 * * * ?"), "the minute is outside 0 to 59"),
        new Case("minute list", cron.formatted("0 1,60 * * * ?"), "the minute is outside 0 to 59"),
        new Case("hour range", cron.formatted("0 0 1-24 * * ?"), "the hour is outside 0 to 23"),
        new Case("step", cron.formatted("0 0/99 * * * ?"), "the minute is outside 0 to 59"),
        new Case("month", cron.formatted("0 0 0 1 13 ?"), "the month is outside 1 to 12"),
        new Case("weekday", cron.formatted("0 0 0 ? * 8"), "the day of week is outside 1 to 7"),
        new Case("nth", cron.formatted("0 0 0 ? * 6#6"), "the day of week is outside 1 to 7"),
        new Case("both days", cron.formatted("0 0 0 1 1 2"), "is not a Quartz cron expression"),
        new Case("words", cron.formatted("a b c d e f"), "is not a Quartz cron expression"),
        new Case("never", cron.formatted("0 0 0 30 2 ?"), "sync_cron: never comes true"));
  }
}
