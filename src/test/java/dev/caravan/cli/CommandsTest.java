package dev.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.check.CheckMode;
import dev.caravan.config.Settings;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The command line against an application that answers what the test wants. */
class CommandsTest {

  private static final String EVIL = "a\u001b[2J\nb\u009b7m";

  @TempDir Path folder;
  private final Told told = new Told();
  private String out = "";
  private String err = "";
  private Path config;

  /** Answers as it was told. */
  private static final class Told implements Engine {
    private final List<String> proxies = new ArrayList<>();
    private final List<String> fetched = new ArrayList<>();
    private final Map<String, @Nullable Object> run = new LinkedHashMap<>();
    private final List<SyncOptions> asked = new ArrayList<>();
    private final List<PurgeOptions> purges = new ArrayList<>();
    private final List<CheckOptions> checks = new ArrayList<>();
    private Optional<Map<String, @Nullable Object>> storage = Optional.empty();
    private List<Map<String, @Nullable Object>> items = List.of();
    private final List<Map<String, @Nullable Object>> pages = new ArrayList<>();
    private final List<RestoreOptions> restores = new ArrayList<>();
    private int served;
    private final List<String> tellings = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();

    @Override
    public Map<String, @Nullable Object> restore(
        Settings settings,
        RestoreOptions options,
        Consumer<Map<String, @Nullable Object>> progress) {
      restores.add(options);
      return run;
    }

    @Override
    public Map<String, @Nullable Object> restoreTo(
        Settings settings,
        RestoreOptions options,
        Path to,
        Consumer<Map<String, @Nullable Object>> progress) {
      restores.add(options);
      Map<String, @Nullable Object> told = new LinkedHashMap<>(run);
      told.put("failures", List.of("a: no room in " + to));
      return told;
    }

    @Override
    public Map<String, @Nullable Object> tell(
        Settings settings, String path, Map<String, Object> body) {
      tellings.add(path + " " + body);
      Map<String, @Nullable Object> answer = new LinkedHashMap<>(run);
      answer.put("idle", tellings.size() > 1);
      return answer;
    }

    @Override
    public int backup(Map<String, String> env, Consumer<String> lines, Consumer<String> problems) {
      lines.accept("{}");
      return 0;
    }

    @Override
    public int fetchExports(Settings settings, List<String> names, Path to, Consumer<String> told) {
      fetched.addAll(names);
      told.accept(to.resolve("g01.rdf.gz").toString());
      return 1;
    }

    @Override
    public Routes routes(Settings settings) {
      return new Routes() {
        @Override
        public List<Map<String, Object>> list() {
          Map<String, Object> file = new LinkedHashMap<>(Map.of("name", "a.camel.yaml"));
          file.putAll(Map.of("origin", "here", "routes", List.of("x"), "faults", faults));
          return List.of(file);
        }

        @Override
        public List<String> check() {
          return faults;
        }

        @Override
        public List<String> misnamed() {
          return List.of();
        }

        @Override
        public Path eject(String name) throws CommandFailure {
          if (!name.equals("hooks")) {
            throw new CommandFailure(2, "There is no bundled route file '" + name + "'", null);
          }
          return Path.of("routes/hooks.camel.yaml");
        }
      };
    }

    @Override
    public int serve(Settings settings) throws CommandFailure {
      proxies.add(settings.dgraph().host());
      if (served < 0) {
        throw new CommandFailure(1, "Cannot listen on 127.0.0.1:1", null);
      }
      return served;
    }

    @Override
    public Map<String, @Nullable Object> check(
        Settings settings, CheckOptions options, Consumer<Map<String, @Nullable Object>> progress) {
      checks.add(options);
      return run;
    }

    @Override
    public Map<String, @Nullable Object> purge(
        Settings settings, PurgeOptions options, Consumer<Map<String, @Nullable Object>> progress) {
      purges.add(options);
      return run;
    }

    @Override
    public Map<String, @Nullable Object> sync(
        Settings settings, SyncOptions options, Consumer<Map<String, @Nullable Object>> progress) {
      asked.add(options);
      progress.accept(run);
      return run;
    }

    @Override
    public Optional<Map<String, @Nullable Object>> storage(Settings settings) {
      return storage;
    }

    @Override
    public List<Map<String, @Nullable Object>> runs(Settings settings, int limit) {
      return List.of(run);
    }

    @Override
    public List<Map<String, @Nullable Object>> items(Settings settings, String runId) {
      return items;
    }

    @Override
    public Map<String, @Nullable Object> files(
        Settings settings, String prefix, Optional<String> state, String cursor) {
      return pages.remove(0);
    }
  }

  @BeforeEach
  void configure() throws Exception {
    config = Files.writeString(folder.resolve("c.yaml"), "store: {path: %s}\n".formatted(folder));
    told.run.put("run_id", "r1");
    told.run.put("state", "succeeded");
    told.run.put("error", null);
  }

  private int run(String... args) {
    List<String> all = new ArrayList<>(List.of("--config", config.toString()));
    all.addAll(List.of(args));
    StringWriter outText = new StringWriter();
    StringWriter errText = new StringWriter();
    int code =
        CaravanCommand.line(told, Map.of(), CaravanCommand.needed(args))
            .setOut(new PrintWriter(outText))
            .setErr(new PrintWriter(errText))
            .execute(all.toArray(String[]::new));
    out = outText.toString();
    err = errText.toString();
    return code;
  }

  private void noControlCharacters() {
    assertThat((out + err).chars())
        .as("%s", out + err)
        .noneMatch(c -> Character.isISOControl(c) && c != '\n');
  }

  @ParameterizedTest
  @CsvSource({
    "succeeded, 0",
    "partial, 3",
    "halted, 4",
    "failed, 1",
    "cancelled, 1",
    "interrupted, 1"
  })
  void theStateOfTheRunIsTheExitCode(String state, int code) {
    told.run.put("state", state);
    told.run.put("error", code == 0 ? null : "because");
    assertThat(run("sync")).isEqualTo(code);
    assertThat(out).contains("Sync " + state);
    assertThat(err.contains("because")).isEqualTo(code != 0);
  }

  @Test
  void theDaemonIsToldWhatToHold() {
    assertThat(run("pause", "far")).isZero();
    assertThat(run("resume")).isZero();
    assertThat(run("bandwidth", "1MiB/s", "--remote", "far")).isZero();
    assertThat(told.tellings)
        .containsExactly(
            "/api/storage/pause {remote=far}",
            "/api/storage/resume {}",
            "/api/storage/bandwidth {limit=1MiB/s, remote=far}");
  }

  @Test
  void aDrainAsksUntilNothingIsUnderWay() {
    assertThat(run("drain", "far")).isZero();
    assertThat(told.tellings)
        .containsExactly(
            "/api/storage/drain?wait=30 {remote=far}", "/api/storage/drain?wait=30 {remote=far}");
  }

  @Test
  void optionsReachTheApplication() {
    run("sync", "--dry-run");
    run("sync", "--accept-halt");
    assertThat(run("sync", "--dry-run", "--accept-halt")).isEqualTo(2);
    assertThat(told.asked)
        .containsExactly(new Engine.SyncOptions(true, false), new Engine.SyncOptions(false, true));
  }

  @Test
  void aCheckSaysWhatIsDifferentAndHowItLooked() {
    told.run.put("state", "partial");
    told.run.put("error", "2 missing; see the run's items");
    told.run.put("counts", Map.of("verified", 7, "different", 2));
    assertThat(run("check")).isEqualTo(3);
    assertThat(out).contains("Check partial: 7 equal, 2 different");
    assertThat(err).contains("2 missing");
    assertThat(run("check", "--mode", "full", "--repair", "--json")).isEqualTo(3);
    assertThat(run("check", "--mode", "deep")).isEqualTo(2);
    assertThat(told.checks)
        .containsExactly(
            new Engine.CheckOptions(CheckMode.SIZE, false),
            new Engine.CheckOptions(CheckMode.FULL, true));
  }

  @Test
  void aWrongConfigurationIsExitCodeTwoAndNamesEveryProblem() throws Exception {
    Files.writeString(config, "store: {pth: x}\nhttp: {port: 99999}\n");
    assertThat(run("sync")).isEqualTo(2);
    assertThat(err).contains("pth", "port").doesNotContain("\tat ");
    assertThat(run("validate")).isEqualTo(2);
    assertThat(run("run")).isEqualTo(2);
    assertThat(told.asked).isEmpty();
  }

  @Test
  void wrongUsageIsExitCodeTwo() {
    assertThat(run("sink")).isEqualTo(2);
    assertThat(run("sync", "--nonsense")).isEqualTo(2);
    assertThat(run("runs", "--limit", "many")).isEqualTo(2);
  }

  @Test
  void aRefusalIsOneLineAndItsCode() {
    told.served = -1;
    assertThat(run("run")).isEqualTo(1);
    assertThat(err.strip()).isEqualTo("Cannot listen on 127.0.0.1:1");
    assertThat(run()).as("without a command, the daemon").isEqualTo(1);
  }

  @Test
  void controlCharactersOfAFilesNameStayOffTheTerminal() {
    Map<String, @Nullable Object> file = new LinkedHashMap<>();
    file.put("path", EVIL);
    file.put("size", 1);
    file.put("state", "local");
    file.put("remotes", Map.of("near", Map.of("state", "pending")));
    Map<String, @Nullable Object> page = new LinkedHashMap<>();
    page.put("files", List.of(file));
    told.pages.add(page);
    assertThat(run("files")).isZero();
    assertThat(out).contains("\\x1b[2J\\x0ab\\x9b7m");
    noControlCharacters();
  }

  @Test
  void controlCharactersInARunsErrorAndItemsStayOffTheTerminal() {
    told.run.put("state", "failed");
    told.run.put("error", EVIL);
    Map<String, @Nullable Object> item = new LinkedHashMap<>();
    item.put("path", EVIL);
    item.put("action", "upload");
    item.put("reason", "new");
    told.items = List.of(item);
    assertThat(run("sync", "--dry-run")).isEqualTo(1);
    noControlCharacters();
    assertThat(run("runs")).isZero();
    noControlCharacters();
  }

  @Test
  void controlCharactersInARemotesErrorStayOffTheTerminal() {
    Map<String, @Nullable Object> remote = new LinkedHashMap<>();
    remote.put("name", "near");
    remote.put("error", EVIL);
    Map<String, @Nullable Object> storage = new LinkedHashMap<>();
    storage.put("store", Map.of("path", EVIL));
    storage.put("remotes", List.of(remote));
    storage.put("halted", Map.of("reason", EVIL));
    told.storage = Optional.of(storage);
    assertThat(run("status")).isZero();
    assertThat(out).contains("HALTED");
    noControlCharacters();
  }

  @Test
  void jsonEscapesThem() {
    told.run.put("error", EVIL);
    run("sync", "--json");
    assertThat(out).contains("\\u001B[2J\\nb").doesNotContain("\u001b");
  }

  @Test
  void filesGoOnPageByPageToTheEnd() {
    Map<String, @Nullable Object> first = new LinkedHashMap<>();
    first.put("files", List.of(Map.of("path", "a", "state", "synced")));
    first.put("next_cursor", "a");
    Map<String, @Nullable Object> second = new LinkedHashMap<>();
    second.put("files", List.of(Map.of("path", "b", "state", "synced")));
    second.put("next_cursor", null);
    told.pages.addAll(List.of(first, second));
    assertThat(run("files")).isZero();
    assertThat(out.lines()).hasSize(2);
  }

  @Test
  void theProxyForDgraphListensWhereItIsTold() {
    String key = "--crypto-key=0123456789abcdef0123456789abcdef";
    assertThat(run("dsync", "--bucket-name=b", key, "--host=::1")).as("%s", err).isZero();
    assertThat(told.proxies).containsExactly("::1");
  }

  @Test
  void aStatusBeforeAnythingIsKnownSaysSo() {
    assertThat(run("status")).isZero();
    assertThat(out).contains("Nothing is known yet");
  }

  @Test
  void theCommandsAreKnownByTheNamesThatTheyGiveThemselves() {
    CaravanCommand.COMMANDS.forEach(
        (name, type) ->
            assertThat(new CommandLine(type, CommandsTest::unmade).getCommandName())
                .isEqualTo(name));
  }

  private static <T> T unmade(Class<T> type) throws Exception {
    return CommandLine.defaultFactory().create(type);
  }

  @Test
  void aLineIsReadWithTheCommandsItCanComeToAndAllWhenItHasToBeExplained() {
    assertThat(CaravanCommand.needed()).isEmpty();
    assertThat(CaravanCommand.needed("--set", "sync", "--config=a", "--verbose")).isEmpty();
    assertThat(CaravanCommand.needed("--set", "a=b", "purge", "--dry-run"))
        .containsExactly(PurgeCommand.class);
    for (String word : List.of("--help", "-V", "snyc", "--st", "generate-completion", "a")) {
      assertThat(CaravanCommand.needed(word)).hasSize(CaravanCommand.COMMANDS.size());
    }
    assertThat(run("--help")).isZero();
    assertThat(out).contains(CaravanCommand.COMMANDS.keySet());
    assertThat(run("snyc")).isEqualTo(2);
    assertThat(err).contains("sync");
  }
}
