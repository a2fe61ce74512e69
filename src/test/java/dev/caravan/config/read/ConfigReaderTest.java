package dev.caravan.config.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.ArchiveSettings;
import dev.caravan.config.ByteSize;
import dev.caravan.config.DirSettings;
import dev.caravan.config.RemoteSettings;
import dev.caravan.config.S3Settings;
import dev.caravan.config.Secret;
import dev.caravan.config.Setting;
import dev.caravan.config.Settings;
import dev.caravan.config.StorageSettings.Deletes;
import dev.caravan.config.read.ConfigReader.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigReaderTest {
  @TempDir Path folder;
  private Reading reading;

  @BeforeEach
  void open() {
    reading = new Reading(folder);
  }

  @Test
  void withoutAnyFileTheBuiltInDefaultsRunOutOfTheBox() {
    Result result = new ConfigReader(Map.of(), folder).read(Optional.empty(), List.of());

    Settings s = result.settings().orElseThrow();
    assertThat(result.file()).isEmpty();
    assertThat(s.store().path()).isEqualTo(folder.resolve("data/store"));
    assertThat(s.store().create()).isTrue();
    assertThat(s.store().stateFolder()).isEqualTo(folder.resolve("data/store/.caravan"));
    assertThat(s.store().include()).containsExactly("**");
    assertThat(s.store().settle()).isEqualTo(Duration.ofSeconds(2));
    assertThat(s.storage().remotes())
        .containsExactly(new DirSettings("dir", folder.resolve("data/remote"), true));
    assertThat(s.storage().syncInterval()).isEqualTo(Duration.ofHours(1));
    assertThat(s.storage().trashKeep()).isEqualTo(Duration.ofDays(30));
    assertThat(s.storage().maxDelete().percent()).isEqualTo(10);
    assertThat(s.purge().copies().count()).isEmpty();
    assertThat(s.http().port()).isEqualTo(8686);
    assertThat(s.http().authToken()).isEmpty();
    assertThat(s.camel()).isEmpty();
  }

  @Test
  void pathsStayRelativeWhenTheWorkingFolderIsEmpty() {
    Result result =
        new ConfigReader(Map.of("CARAVAN_CONFIG", folder.resolve("c.yaml").toString()), Path.of(""))
            .read(Optional.empty(), List.of());
    assertThat(result.problems()).hasSize(1);

    Settings s = reading.good("");
    assertThat(s.routes().path()).isEqualTo(folder.resolve("config/routes"));
  }

  @Test
  void theCommandLineWinsOverTheVariableAndThatOverTheUsualPlace() throws IOException {
    Files.createDirectory(folder.resolve("config"));
    Files.writeString(folder.resolve("config/caravan.yaml"), "http: {port: 1}");
    Files.writeString(folder.resolve("env.yaml"), "http: {port: 2}");
    Files.writeString(folder.resolve("option.yaml"), "http: {port: 3}");
    Map<String, String> env = Map.of("CARAVAN_CONFIG", "env.yaml");

    assertThat(port(Map.of(), Optional.empty())).isEqualTo(1);
    assertThat(port(env, Optional.empty())).isEqualTo(2);
    assertThat(port(env, Optional.of(Path.of("option.yaml")))).isEqualTo(3);
  }

  @Test
  void noDefaultsTakeThePlaceOfAFileThatIsALinkToNothing() throws IOException {
    Files.createDirectory(folder.resolve("config"));
    Files.createSymbolicLink(folder.resolve("config/caravan.yaml"), Path.of("gone.yaml"));

    Result result = new ConfigReader(Map.of(), folder).read(Optional.empty(), List.of());
    assertThat(result.problems())
        .singleElement()
        .asString()
        .startsWith("config/caravan.yaml: does not exist");
  }

  @Test
  void aFileThatIsCalledConfigIsNoFolderOfOurs() throws IOException {
    Files.writeString(folder.resolve("config"), "of another program");

    Result result = new ConfigReader(Map.of(), folder).read(Optional.empty(), List.of());
    assertThat(result.file()).isEmpty();
    assertThat(result.settings()).isPresent();
  }

  @Test
  void anOptionWithoutAFileIsToldAsThat() {
    Result result = new ConfigReader(Map.of(), folder).read(Optional.of(Path.of("")), List.of());
    assertThat(result.problems())
        .singleElement()
        .hasToString("--config: is empty (name a file, or leave --config out)");
  }

  private int port(Map<String, String> env, Optional<Path> option) {
    Result result = new ConfigReader(env, folder).read(option, List.of());
    return result.settings().orElseThrow().http().port();
  }

  @Test
  void everyKindOfValueIsRead() {
    Settings s =
        reading.good(
            """
            store:
              path: /srv/data
              exclude: ["**/*.tmp", "scratch/**"]
              settle: 1m30s
              watch: false
            storage:
              sync_interval: 600
              transfers: 4
              bandwidth: 08:00,512KiB/s 19:00,off
              deletes: mirror
              max_delete: 500
              min_free_gb: 0.5
              remotes:
                - provider: s3
                  bucket: 123
                  endpoint: http://localhost:9000
                  access_key_id: AKIA
                  secret_access_key: s3cr3t
                  part_size: 8MiB
                - provider: s3
                  bucket: other
                - provider: dir
                  name: usb
                  path: /mnt/usb
            purge: {copies: 2}
            alerts: {ping_url: "https://ping.example.org/x"}
            camel:
              main.name: caravan
              component: {seda: {queueSize: 7}}
            camel.main.tracing: ${untouched}
            """);

    assertThat(s.store().path()).isEqualTo(Path.of("/srv/data"));
    assertThat(s.store().create()).isFalse();
    assertThat(s.store().settle()).isEqualTo(Duration.ofSeconds(90));
    assertThat(s.store().exclude()).containsExactly("**/*.tmp", "scratch/**");
    assertThat(s.storage().deletes()).isEqualTo(Deletes.MIRROR);
    assertThat(s.storage().minFreeGb()).isEqualTo(0.5);
    assertThat(s.storage().remotes())
        .extracting(RemoteSettings::name)
        .containsExactly("s3", "s3-2", "usb");
    S3Settings first = (S3Settings) s.storage().remotes().get(0);
    assertThat(first.bucket()).isEqualTo("123");
    assertThat(first.pathStyle()).isTrue();
    assertThat(first.partSize()).isEqualTo(ByteSize.ofMebibytes(8));
    assertThat(first.transfers()).isEqualTo(4);
    assertThat(first.secretAccessKey()).contains(new Secret("s3cr3t"));
    S3Settings second = (S3Settings) s.storage().remotes().get(1);
    assertThat(second.pathStyle()).isFalse();
    assertThat(second.region()).isEqualTo("us-east-1");
    assertThat(second.prefix()).isEmpty();
    assertThat(s.purge().copies().count()).contains(2);
    assertThat(s.camel())
        .containsOnly(
            Map.entry("camel.main.name", "caravan"),
            Map.entry("camel.main.tracing", "${untouched}"),
            Map.entry("camel.component.seda.queueSize", "7"));
  }

  @Test
  void noRemotesAtAllIsLegal() {
    assertThat(reading.good("storage: {remotes: []}").storage().remotes()).isEmpty();
  }

  @Test
  void aDefaultThatIsTakenAsItStandsIsWhatYamlWouldMakeOfIt() {
    List<Class<?>> records = new ArrayList<>(Keys.sections().values());
    records.addAll(Keys.providers().values());
    records.add(ArchiveSettings.class);
    List<Setting> settings =
        records.stream()
            .flatMap(each -> Keys.of(each, "").stream())
            .map(Keys.Key::setting)
            .filter(setting -> !setting.def().isEmpty())
            .toList();
    assertThat(settings).hasSizeGreaterThan(50);
    for (Setting setting : settings) {
      Findings none = new Findings(Findings.DEFAULT);
      Written parsed = YamlTree.parse(setting.def(), "", none).orElseThrow();
      assertThat(Binder.written(setting)).isEqualTo(Written.at(Findings.DEFAULT, parsed));
    }
  }
}
