package dev.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What the command line says before anything was done: wrong usage, and nothing known yet. */
class UsageTest {

  @TempDir Path folder;
  private Path config;
  private String out = "";
  private String err = "";

  /** Knows nothing, and does nothing. */
  private static final Engine NOTHING_KNOWN =
      (Engine)
          Proxy.newProxyInstance(
              Engine.class.getClassLoader(),
              new Class<?>[] {Engine.class},
              (proxy, method, args) -> {
                if (method.getName().equals("storage")) {
                  return Optional.empty();
                }
                throw new AssertionError("Nothing is to be done, but " + method.getName());
              });

  @BeforeEach
  void configured() throws Exception {
    config = Files.writeString(folder.resolve("c.yaml"), "store: {path: %s}\n".formatted(folder));
  }

  private int run(String... args) {
    List<String> all = new ArrayList<>(List.of("--config", config.toString()));
    all.addAll(List.of(args));
    StringWriter outText = new StringWriter();
    StringWriter errText = new StringWriter();
    int code =
        CaravanCommand.line(NOTHING_KNOWN, Map.of(), CaravanCommand.needed(args))
            .setOut(new PrintWriter(outText))
            .setErr(new PrintWriter(errText))
            .execute(all.toArray(String[]::new));
    out = outText.toString();
    err = errText.toString();
    return code;
  }

  @ParameterizedTest
  @CsvSource({
    "snyc, 'snyc', sync",
    "operator, 'operator', caravan --help",
    "snyc --help, 'snyc', sync",
    "archive nosuch --help, 'nosuch', caravan archive --help",
    "sync --drry-run --help, --drry-run, caravan sync --help",
    "sync extra, 'extra', caravan sync --help",
    "sync --drry-run, --drry-run, caravan sync --help",
    "runs --limit 0, --limit, 1 to 1000",
    "runs --limit -1, --limit, 1 to 1000",
    "runs --limit 1001, --limit, 1 to 1000",
    "runs --limit many, --limit, caravan runs --help",
    "files --state odd, --state, caravan files --help",
    "files --state LOST, --state, 'none of local, synced, purged, failed (caravan files --help'",
    "archive list A --state odd, --state, 'queued, failing, dead, copied, removed, ignored'",
    "routes eject, NAME, caravan routes eject --help",
    "archive list, ARCHIVE, caravan archive list --help"
  })
  void wrongUsageIsOneLineThatNamesTheThingAndTheNextStep(String line, String named, String next) {
    assertThat(run(line.split(" "))).as(line).isEqualTo(2);
    assertThat(err.strip().lines()).as(err).hasSize(1);
    assertThat(err).contains(named, next);
    assertThat(out).isEmpty();
  }

  @Test
  void whatIsWrongWithAnOptionOfDsyncIsToldOfTheOption() throws Exception {
    assertThat(run("dsync", "--bucket-name=b", "--crypto-key=too short")).isEqualTo(2);
    assertThat(err).contains("--crypto-key: is neither").doesNotContain("dgraph.");
    Path file = Files.writeString(folder.resolve("key"), "too short");
    assertThat(run("dsync", "--bucket-name=b", "--crypto-key-file=" + file)).isEqualTo(2);
    assertThat(err).contains("--crypto-key-file: is neither").doesNotContain("dgraph.");
    Files.writeString(config, "dgraph: {bucket_name: b, crypto_key_file: %s}\n".formatted(file));
    assertThat(run("validate")).isEqualTo(2);
    assertThat(out + err).contains("dgraph.crypto_key_file: is neither");
  }

  @Test
  void theStatusHasItsShapeBeforeAnythingIsKnown() throws Exception {
    Files.writeString(
        config,
        "store: {path: %s}\nstorage: {min_free_gb: 1, remotes: [{provider: dir, path: %s}]}\n"
            .formatted(folder, folder.resolveSibling("other")));
    assertThat(run("status", "--json")).isZero();
    JsonNode status = new ObjectMapper().readTree(out);
    assertThat(status.fieldNames())
        .toIterable()
        .contains("store", "files", "remotes", "next_sync_at", "paused", "halted");
    assertThat(status.at("/store/path").asText()).isEqualTo(folder.toString());
    assertThat(status.at("/store/free_bytes").isIntegralNumber()).isTrue();
    assertThat(status.at("/store/min_free_bytes").asLong()).isEqualTo(1L << 30);
    assertThat(status.at("/files/total").asInt(-1)).isZero();
    assertThat(status.at("/remotes/0/name").asText()).isEqualTo("dir");
    assertThat(status.at("/remotes/0/last_sync").isNull()).isTrue();
    assertThat(status.at("/paused").isBoolean()).isTrue();
    Files.writeString(config, "store: {path: %s}\n".formatted(folder.resolve("nowhere")));
    assertThat(run("status", "--json")).isZero();
    assertThat(new ObjectMapper().readTree(out).at("/store/free_bytes").isNull()).isTrue();
  }

  @Test
  void whereNoArchiveIsConfiguredThatIsSaid() {
    assertThat(run("archive")).isZero();
    assertThat(out.strip()).isNotEmpty();
    assertThat(run("archive", "next", "x")).isEqualTo(2);
    assertThat(err).contains("'x'", "none is configured");
  }

  @Test
  void wordsAreTakenInSmallLettersAndWrongOnesAreTold() {
    CommandLine caravan =
        CaravanCommand.line(NOTHING_KNOWN, Map.of(), CaravanCommand.COMMANDS.values());
    List<String> tried = new ArrayList<>();
    tryWords(caravan, caravan, tried);
    assertThat(tried).contains("caravan files --state", "caravan datamover verify --mode");
  }

  private static void tryWords(CommandLine caravan, CommandLine line, List<String> tried) {
    line.getSubcommands().values().forEach(each -> tryWords(caravan, each, tried));
    for (CommandLine.Model.OptionSpec option : line.getCommandSpec().options()) {
      if (option.type().isEnum()) {
        String given = line.getCommandSpec().qualifiedName() + " " + option.longestName();
        for (Object constant : option.type().getEnumConstants()) {
          String word = ((Enum<?>) constant).name().toLowerCase(Locale.ROOT);
          caravan.parseArgs(words(line, given + " " + word));
          assertThat(option.<Object>getValue()).as(given + " " + word).isEqualTo(constant);
        }
        assertThatThrownBy(() -> caravan.parseArgs(words(line, given + " nonsense")))
            .hasMessageContaining("'nonsense' is none of ")
            .hasMessageNotContaining("Exception");
        tried.add(given);
      }
    }
  }

  /** The words behind the program's name, with what the command must have besides. */
  private static String[] words(CommandLine line, String given) {
    boolean place = !line.getCommandSpec().positionalParameters().isEmpty();
    return (given + (place ? " x" : "")).substring("caravan ".length()).split(" ");
  }

  /** A line that the daemon takes by itself means what picocli would have made of it. */
  @Test
  void aDaemonsLineIsReadAsPicocliReadsIt() {
    List<List<String>> lines =
        List.of(
            List.of(),
            List.of("run"),
            List.of("--config", "a b.yaml", "--set", "a.b=c=d"),
            List.of("--config=x=y", "--set=camel.a=1", "--set", "k=", "--verbose", "run"));
    for (List<String> words : lines) {
      CaravanCommand own = new CaravanCommand(NOTHING_KNOWN, Map.of());
      assertThat(own.takes(words.toArray(String[]::new))).as(words.toString()).isTrue();
      CommandLine other = CaravanCommand.line(NOTHING_KNOWN, Map.of(), List.of(RunCommand.class));
      other.parseArgs(words.toArray(String[]::new));
      assertThat(own.given()).isEqualTo(other.<CaravanCommand>getCommand().given());
    }
    for (String line :
        List.of(
            "--help",
            "--set",
            "--config",
            "sync",
            "run --set a=b",
            "--config a --config b",
            "--verbose --verbose",
            "--set --config",
            "--set=",
            "@file",
            "--set @file",
            "--",
            "x",
            "--set \"a=b\"",
            "--version run",
            "--set sync",
            "run run",
            "--sets a=b")) {
      assertThat(new CaravanCommand(NOTHING_KNOWN, Map.of()).takes(line.split(" ", -1)))
          .as(line)
          .isFalse();
    }
  }
}
