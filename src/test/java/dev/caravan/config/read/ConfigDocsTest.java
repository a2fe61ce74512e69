package dev.caravan.config.read;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import dev.caravan.config.CamelSettings;
import dev.caravan.config.RcloneSettings;
import dev.caravan.config.RsyncSettings;
import dev.caravan.config.S3Settings;
import dev.caravan.config.Settings;
import dev.caravan.config.SftpSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Keeps the generated files equal to the settings records; {@code mvn test -Dtest=ConfigDocsTest
 * -Dcaravan.rewrite=true} writes them anew.
 */
class ConfigDocsTest {
  private static final Path SAMPLE = Path.of("config/caravan.yaml");
  private static final Path SCHEMA = Path.of("config/caravan.schema.json");
  private static final Path EXAMPLES = Path.of("config/examples");

  @TempDir Path folder;

  @BeforeAll
  static void rewriteWhenAsked() throws IOException {
    if (Boolean.getBoolean("caravan.rewrite")) {
      for (Map.Entry<Path, String> file : generated().entrySet()) {
        Files.writeString(file.getKey(), file.getValue());
      }
    }
  }

  private static Map<Path, String> generated() throws IOException {
    return Map.of(
        Path.of("docs/configuration.md"),
        ConfigDocs.markdown(),
        SAMPLE,
        ConfigSample.yaml(),
        SCHEMA,
        ConfigSchema.json());
  }

  @Test
  void theGeneratedFilesAreUpToDate() throws IOException {
    generated()
        .forEach(
            (file, content) ->
                assertThat(file)
                    .as("rewrite it: mvn test -Dtest=ConfigDocsTest -Dcaravan.rewrite=true")
                    .hasContent(content));
  }

  @Test
  void theSampleSaysExactlyTheDefaults() throws IOException {
    Settings sample = new Reading(folder).good(Files.readString(SAMPLE));
    assertThat(sample).isEqualTo(new Reading(folder).good(""));
  }

  @Test
  void theSampleNamesEveryKeyOnALineOfItsOwn() throws IOException {
    List<String> lines = Files.readAllLines(SAMPLE);
    Stream<Keys.Key> remotes =
        Keys.providers().values().stream().flatMap(type -> Keys.of(type, "").stream());
    assertThat(Stream.concat(Keys.all().stream(), remotes))
        .allSatisfy(
            key ->
                assertThat(lines)
                    .anyMatch(line -> line.matches("[ #-]*" + key.name() + ":( .*)?")));
    assertThat(lines).allMatch(line -> line.length() <= 100);
  }

  @Test
  void theRemotesOfTheSampleAreGoodWhenTheCommentIsTakenAway() throws IOException {
    List<String> s3 =
        Files.readAllLines(SAMPLE).stream()
            .dropWhile(line -> !line.contains("- provider: s3"))
            .takeWhile(line -> !line.contains("- provider: dir"))
            .map(line -> line.replaceFirst("# ", ""))
            .filter(line -> line.matches(" *(- )?\\w+: [^.].*"))
            .toList();
    Settings settings =
        new Reading(folder).good("storage:\n  remotes:\n" + String.join("\n", s3) + "\n");
    assertThat(settings.storage().remotes())
        .hasExactlyElementsOfTypes(
            S3Settings.class,
            RcloneSettings.class,
            CamelSettings.class,
            SftpSettings.class,
            RsyncSettings.class)
        .first()
        .hasFieldOrPropertyWithValue("bucket", "my-bucket");
  }

  @Test
  void everyExampleLoads() throws IOException {
    Map<String, String> env =
        Map.of(
            "CARAVAN_TOKEN", "t",
            "S3_KEY_ID", "k",
            "S3_SECRET", "s",
            "CUSTOMER_KEY", "k".repeat(32));
    assertThat(yamls()).hasSizeGreaterThanOrEqualTo(3);
    for (Path example : yamls()) {
      ConfigReader.Result result =
          new ConfigReader(env, folder).read(Optional.of(example.toAbsolutePath()), List.of());
      assertThat(result.problems()).as(example.toString()).isEmpty();
    }
  }

  @Test
  void theSchemaAcceptsTheSampleAndTheExamples() throws IOException {
    assertThat(schema().validate(tree(Files.readString(SAMPLE)))).isEmpty();
    for (Path example : yamls()) {
      assertThat(schema().validate(tree(Files.readString(example)))).as("" + example).isEmpty();
    }
  }

  @Test
  void theSchemaRefusesWhatAnEditorShouldMark() throws IOException {
    for (String wrong :
        List.of(
            "htpp: {}",
            "http: {prot: 1}",
            "http: {port: abc}",
            "http: {port: 70000}",
            "store: {settle: soon}",
            "store: {include: a}",
            "storage: {deletes: never}",
            "storage: {remotes: [{provider: s3}]}",
            "storage: {remotes: [{provider: s3, bucket: b, part_size: 16M}]}",
            "storage: {remotes: [{provider: s4, bucket: b}]}",
            "settings: {timezone: UTC}")) {
      assertThat(schema().validate(tree(wrong))).as(wrong).isNotEmpty();
    }
    for (String right :
        List.of(
            "{}",
            "http: {port: \"${PORT}\", auth_token_file: x}",
            "storage: {remotes: [{provider: s3, bucket: 123}]}",
            "camel: {main: {name: x}}\ncamel.main.x: 1",
            "settings: {ui_port: 1}")) {
      assertThat(schema().validate(tree(right))).as(right).isEmpty();
    }
  }

  private static List<Path> yamls() throws IOException {
    try (Stream<Path> files = Files.list(EXAMPLES)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  private static JsonSchema schema() throws IOException {
    return JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(Files.readString(SCHEMA));
  }

  private static JsonNode tree(String yaml) {
    Object value = new Load(LoadSettings.builder().build()).loadFromString(yaml);
    return new ObjectMapper().valueToTree(value);
  }
}
