package dev.caravan.config.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.DirSettings;
import dev.caravan.config.S3Settings;
import dev.caravan.config.Secret;
import dev.caravan.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands over the file or beside it: {@code --set}, variables, aliases, secret files. */
class OverridesTest {
  @TempDir Path folder;
  private Reading reading;

  @BeforeEach
  void open() {
    reading = new Reading(folder);
  }

  @Test
  void setWinsOverTheFileAndTheLastSetOverTheOthers() {
    Settings s = reading.good("http: {port: 1, host: localhost}", "http.port=2", "http.port=3");
    assertThat(s.http().port()).isEqualTo(3);
    assertThat(s.http().host()).isEqualTo("localhost");
  }

  @Test
  void setReachesIntoListsAndMakesThem() {
    String file = "storage: {remotes: [{provider: s3, bucket: a}]}";
    Settings s =
        reading.good(
            file,
            "storage.remotes[0].bucket=x",
            "storage.remotes[1].provider=dir",
            "storage.remotes[1].path=/mnt/x");
    assertThat(((S3Settings) s.storage().remotes().get(0)).bucket()).isEqualTo("x");
    assertThat(s.storage().remotes().get(1))
        .isEqualTo(new DirSettings("dir", Path.of("/mnt/x"), false));

    Settings fresh =
        reading.good("", "storage.remotes[0].provider=s3", "storage.remotes[0].bucket=b");
    assertThat(fresh.storage().remotes()).extracting("name").containsExactly("s3");
  }

  @Test
  void setTakesListsMappingsAndAnyPlainText() {
    Settings s =
        reading.good(
            "",
            "store.exclude=[\"**/*.tmp\", b]",
            "store.include[0]=**/*.csv",
            "storage.remotes=[{provider: dir, path: /mnt/x}]",
            "storage.sync_cron=0 0 3 * * ?",
            "http.auth_token=*a#b: c");
    assertThat(s.store().exclude()).containsExactly("**/*.tmp", "b");
    assertThat(s.store().include()).containsExactly("**/*.csv");
    assertThat(s.storage().remotes()).hasSize(1);
    assertThat(s.storage().syncCron()).contains("0 0 3 * * ?");
    assertThat(s.http().authToken()).contains(new Secret("*a#b: c"));
  }

  @Test
  void setKnowsTheOtherNamesAndTakesTheSecretFilesPlace() {
    Settings s =
        reading.good(
            "settings: {ui_port: 5}\nhttp: {auth_token_file: nowhere}",
            "settings.ui_port=6",
            "http.auth_token=t");
    assertThat(s.http().port()).isEqualTo(6);
    assertThat(s.http().authToken()).contains(new Secret("t"));
  }

  @Test
  void setReachesCamelNestedOrDotted() {
    Settings s =
        reading.good(
            "camel: {main: {name: a, tracing: true}}", "camel.main.name=b", "camel.x.y={{z}}");
    assertThat(s.camel())
        .containsOnly(
            Map.entry("camel.main.name", "b"),
            Map.entry("camel.main.tracing", "true"),
            Map.entry("camel.x.y", "{{z}}"));
  }

  @Test
  void nullTakesAKeyAway() {
    Settings s = reading.good("storage: {sync_interval: 5}", "storage.sync_interval=null");
    assertThat(s.storage().syncInterval()).hasSeconds(3600);
  }

  @Test
  void wrongSetsAreToldWithoutTheirValues() {
    assertThat(reading.bad("", "hunter2"))
        .containsExactly(
            "--set: number 1 is not KEY=VALUE (write --set section.key=value, such as --set"
                + " http.port=8080)");
    assertThat(reading.bad("", "c2VjcmV0=", "storag.transfers=1"))
        .hasSize(2)
        .allMatch(line -> line.contains("does not begin with a section") && !line.contains("c2V"))
        .anyMatch(line -> line.contains("did you mean storage?"));
    assertThat(reading.bad("", "http.prot=1"))
        .containsExactly("--set: http.prot: is not a known key (did you mean port?)");
    assertThat(reading.bad("", "http.port=hunter2"))
        .hasSize(1)
        .allMatch(l -> !l.contains("hunter"));
    assertThat(reading.bad("", "http.port.x=1", "http.port=1")).isEmpty();
    assertThat(reading.bad("http: {port: 1}", "http.port.x=1")).hasSize(1);
    assertThat(reading.bad("", "storage.remotes[3].bucket=1"))
        .hasSize(1)
        .allMatch(l -> l.contains("leaves out places of a list that has 0"));
    assertThat(reading.bad("", "store.include=[a"))
        .hasSize(1)
        .allMatch(l -> l.contains("store.include: the value is not YAML"));
    assertThat(reading.bad("", "store[0]=1", "=", "a..b=1")).hasSize(3);
  }

  @Test
  void variablesAreReplacedInValuesOfEveryKind() {
    Settings s =
        reading.good(
            """
            http: {port: "${PORT}", auth_token: "${A}-${B:-b}", readonly: '${RO:-true}'}
            store: {exclude: ["${DIR}/**", "$${DIR}"]}
            alerts:
              ping_url: ${EMPTY:-}
            """,
            Map.of("PORT", "99", "A", "a$1\\", "DIR", "x", "EMPTY", ""));
    assertThat(s.http().port()).isEqualTo(99);
    assertThat(s.http().readonly()).isTrue();
    assertThat(s.http().authToken()).contains(new Secret("a$1\\-b"));
    assertThat(s.store().exclude()).containsExactly("x/**", "${DIR}");
    assertThat(s.alerts().pingUrl()).isEmpty();
  }

  @Test
  void anEmptyTokenFromAVariableLeavesTheDoorClosed() {
    for (String key : List.of("auth_token", "auth_token_file")) {
      String yaml = "http:\n  host: 0.0.0.0\n  " + key + ": ${T}";
      assertThat(reading.read(yaml, Map.of("T", "")).problems())
          .extracting(Problem::key)
          .containsExactly("http.host");
    }
  }

  @Test
  void dccdsNamesAreOtherNamesOfTheKeys() {
    Settings s =
        reading.good(
            """
            settings: {data_path: ~/x, ui_host: 0.0.0.0, ui_port: 8080, ui_auth_token: t}
            http: {port: 8080}
            """,
            Map.of("HOME", "/home/me"));
    assertThat(s.store().path()).isEqualTo(Path.of("/home/me/x"));
    assertThat(s.http().host()).isEqualTo("0.0.0.0");
    assertThat(s.http().port()).isEqualTo(8080);
    assertThat(s.http().authToken()).contains(new Secret("t"));
  }

  @Test
  void secretsComeFromFilesLessOneLineEnd() throws IOException {
    Files.writeString(folder.resolve("token"), "t\n\n");
    Files.writeString(folder.resolve("secret"), "s\r\n");
    Files.writeString(folder.resolve("key"), "k".repeat(32) + "\n");
    Settings s =
        reading.good(
            """
            settings: {ui_auth_token_file: token}
            storage:
              remotes:
                - provider: s3
                  bucket: b
                  access_key_id: a
                  secret_access_key_file: ${SECRET}
                  session_token_file: token
                  sse: customer
                  sse_customer_key_file: key
            """,
            Map.of("SECRET", folder.resolve("secret").toString()));
    assertThat(s.http().authToken()).contains(new Secret("t\n"));
    S3Settings s3 = (S3Settings) s.storage().remotes().get(0);
    assertThat(s3.secretAccessKey()).contains(new Secret("s"));
    assertThat(s3.sseCustomerKey()).contains(new Secret("k".repeat(32)));
  }

  @Test
  void secretFilesThatCannotBeReadAreToldAtTheirKey() throws IOException {
    Files.createDirectory(folder.resolve("dir"));
    Files.writeString(folder.resolve("empty"), "\n");
    Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe});
    Files.write(folder.resolve("big"), new byte[100_000]);
    for (String name : List.of("dir", "empty", "binary", "big", "nope")) {
      assertThat(reading.bad("http: {auth_token_file: " + name + "}"))
          .as(name)
          .hasSize(1)
          .allMatch(
              line -> line.startsWith("c.yaml:1:") && line.contains("auth_token_file: names"));
    }
  }
}
