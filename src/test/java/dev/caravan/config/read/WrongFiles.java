package dev.caravan.config.read;

import java.util.List;
import java.util.stream.Stream;

/** Wrong files and what an operator gets to read about them: words, kinds of values, YAML. */
final class WrongFiles {
  private WrongFiles() {}

  record Case(String name, String yaml, String... problems) {}

  static Stream<Case> all() {
    return Stream.of(spelling(), kinds(), yaml()).flatMap(List::stream);
  }

  private static List<Case> spelling() {
    return List.of(
        new Case(
            "misspelt key",
            "http:\n  prot: 80",
            "c.yaml:2:3: http.prot: is not a known key (did you mean port?)"),
        new Case(
            "misspelt section",
            "storrage: {}",
            "1:1: storrage: is not a known key (did you mean sto"),
        new Case(
            "misspelt list", "archive: []", "archive: is not a known key (did you mean archives?)"),
        new Case(
            "nothing like a section",
            "zzzzzz: 1",
            "(known here: alerts, archives, camel, check, dgraph, http, log, purge, routes, runs,"
                + " settings, storage, store)"),
        new Case("camel case", "storage: {syncInterval: 60}", "did you mean sync_interval?"),
        new Case("hyphen", "storage: {min-free-gb: 60}", "did you mean min_free_gb?"),
        new Case(
            "right key in the wrong section",
            "purge: {min_free_gb: 1}",
            "purge.min_free_gb: is not a known key (did you mean storage.min_free_gb?)"),
        new Case(
            "dotted key",
            "http.port: 80",
            "http.port: is not a known key (did you mean http.port?)"),
        new Case(
            "nothing like it", "runs: {zzz: 1}", "runs.zzz: is not a known key (known here: keep)"),
        new Case(
            "a key of dccd that is not read here",
            "settings: {timezone: UTC}",
            "settings.timezone: is not a known key (known here: data_path, ui_auth_token,"),
        new Case(
            "secret file of no secret", "http: {host_file: x}", "http.host_file: is not a known"),
        new Case(
            "archives",
            """
            archives:
              - name: a b
                remote_basedir: /x
                db_path: q.db
                chmod: all
              - name: two
                remote_basedir: x
                ssh_key: id
                slep_time: 5
                remote: nowhere
            """,
            "archives[0].name: is not a name for an archive",
            "archives[0].chmod: is not a change of permissions",
            "archives[1].db_path: is missing",
            "archives[1].ssh_key: is set without archives[1].ssh_host",
            "archives[1].slep_time: is not a known key (did you mean sleep_time?)",
            "archives[1].remote: is no remote of storage.remotes"),
        new Case(
            "archives that would overwrite each other's files",
            """
            storage: {remotes: [{provider: camel, name: own, put: 'direct:own'}]}
            archives:
              - {name: a, remote_basedir: /x/y, db_path: q.db}
              - {name: b, remote_basedir: /x//y/, db_path: q.db}
              - {name: c, remote_basedir: /x/y, db_path: q.db, ssh_host: u@one}
              - {name: d, remote_basedir: /x/y/, db_path: other.db, ssh_host: v@ONE}
              - {name: e, remote_basedir: x, db_path: q.db, remote: own}
            """,
            "archives[1].remote_basedir: is the destination of another archive",
            "archives[3].remote_basedir: is the destination of another archive",
            "archives[4].remote: is a remote that cannot say what it holds"));
  }

  private static List<Case> kinds() {
    return List.of(
        new Case("text as number", "http: {port: abc}", "http.port: is not a whole number"),
        new Case("fraction as number", "http: {port: 80.5}", "http.port: is not a whole number"),
        new Case("port too big", "http: {port: 65536}", "http.port: must be from 0 to 65535"),
        new Case("port negative", "http: {port: -1}", "http.port: must be from 0 to 65535"),
        new Case("transfers 0", "storage: {transfers: 0}", "must be from 1 to 256"),
        new Case("transfers 257", "storage: {transfers: 257}", "must be from 1 to 256"),
        new Case("errors 0", "alerts: {max_consecutive_errors: 0}", "must be 1 or more"),
        new Case("floor negative", "storage: {min_free_gb: -1}", "must be 0 or more"),
        new Case("floor no number", "storage: {min_free_gb: .nan}", "is not a number"),
        new Case("floor with unit", "storage: {min_free_gb: 20GiB}", "is not a number"),
        new Case("yes is no boolean", "store: {watch: yes}", "is neither true nor false"),
        new Case("duration without sense", "store: {settle: soon}", "is not a duration"),
        new Case("duration with a wrong unit", "store: {settle: 3 parsecs}", "is not a duration"),
        new Case("duration twice a unit", "store: {settle: 3m4m}", "is not a duration"),
        new Case("duration negative", "store: {settle: -3s}", "it cannot be negative"),
        new Case("interval negative", "storage: {sync_interval: -1}", "it cannot be negative"),
        new Case("duration endless", "runs: {keep: 999999d}", "more than a century"),
        new Case("scan all the time", "store: {scan_interval: 0}", "must be 1s or more"),
        new Case("size", "storage: {bandwidth: 10M/s}", "is not a rate limit"),
        new Case("rate without time", "storage: {bandwidth: 10MiB}", "is not a rate limit"),
        new Case("rate 0", "storage: {bandwidth: 0/s}", "a limit of 0 would stop everything"),
        new Case("timetable", "storage: {bandwidth: '25:00,1MiB/s'}", "is not a rate limit"),
        new Case(
            "timetable twice", "storage: {bandwidth: '01:00,off 01:00,off'}", "each time once"),
        new Case("percentage", "storage: {max_delete: 101%}", "is not a limit"),
        new Case("copies", "purge: {copies: 0}", "is not a number of copies"),
        new Case(
            "word", "storage: {deletes: trsh}", "one of trash, mirror, keep (did you mean trash?)"),
        new Case("address", "alerts: {ping_url: 'ftp://x/y'}", "is not an http or https address"),
        new Case("address w/o host", "alerts: {webhook_url: 'https:///y'}", "is not an http or"),
        new Case("path", "routes: {path: ' '}", "is not a path"),
        new Case("path with NUL", "routes: {path: \"a\\0b\"}", "is not a path"),
        new Case("list as value", "http: {host: [a]}", "http.host: is a list, but one value"),
        new Case(
            "mapping as value", "http: {port: {a: 1}}", "http.port: is a mapping, but one value"),
        new Case(
            "value as list", "store: {include: '**'}", "store.include: is a value, but a list"),
        new Case("empty pattern", "store: {include: ['']}", "store.include[0]: is empty"),
        new Case("list in list", "store: {include: [[a]]}", "store.include[0]: is a list, but one"),
        new Case(
            "absolute pattern", "store: {exclude: [a, /b]}", "store.exclude[1]: can never match"),
        new Case("value as section", "http: 8080", "http: is a value, but a mapping belongs here"),
        new Case("list as section", "store: []", "store: is a list, but a mapping belongs here"),
        new Case("value for camel", "camel: 5", "camel: is a value, but a mapping belongs here"),
        new Case("empty token", "http: {auth_token: ''}", "http.auth_token: is empty"));
  }

  private static List<Case> yaml() {
    return List.of(
        new Case(
            "twice",
            "http:\n  port: 1\n  port: 2",
            "c.yaml:3:3: http.port: is written twice (keep one; the first is in line 2)"),
        new Case("section twice", "http: {}\nhttp: {}", "2:1: http: is written twice"),
        new Case("camel twice", "camel: {a.b: 1}\ncamel.a.b: 2", "camel.a.b: is written twice"),
        new Case(
            "tab", "http:\n\tport: 1", "c.yaml:2:1: a tab at the beginning", "2:1: YAML syntax"),
        new Case("unclosed list", "store: {include: [a", "YAML syntax error"),
        new Case("unclosed quote", "http: {host: \"a", "YAML syntax error"),
        new Case("bad indentation", "http:\n  port: 1\n host: a", "c.yaml:3:2: YAML syntax error"),
        new Case("alias", "http: {auth_token: *hunter2}", "an alias (*name) without its anchor"),
        new Case("tag", "http: {port: !!java/object 80}", "has a tag"),
        new Case("loop", "camel: &a {b: *a}", "camel.b: contains itself"),
        new Case("key is a list", "http: {[a]: b}", "http: a key must be a word"),
        new Case("control character", "http:\n  host: \u0007", "c.yaml:2:9: a character that YAML"),
        new Case("two documents", "http: {}\n---\nhttp: {}", "YAML syntax error"),
        new Case("a list", "- a", "1:1: is not a mapping of keys"),
        new Case("a word", "hello", "1:1: is not a mapping of keys"),
        new Case("very deep", "[".repeat(50_000), "is nested too deeply"),
        new Case("billion laughs", laughs(), "is not YAML that can be read"),
        new Case("variable", "http: {host: '${NOPE}'}", "environment variable NOPE is not set"),
        new Case("no variable", "http: {host: '${'}", "http.host: has a ${ that is no variable"));
  }

  private static String laughs() {
    StringBuilder yaml = new StringBuilder("camel:\n  a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 9; i++) {
      String alias = "*a" + (i - 1);
      yaml.append(
          "  a%d: &a%d [%s]%n"
              .formatted(
                  i,
                  i,
                  String.join(
                      ",", List.of(alias, alias, alias, alias, alias, alias, alias, alias))));
    }
    return yaml.toString();
  }
}
