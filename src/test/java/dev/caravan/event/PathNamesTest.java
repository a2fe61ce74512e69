package dev.caravan.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathNamesTest {

  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "61, a",
    "E9, ‛E9",
    "C3A9, é",
    "E2809B, ‛",
    "E2809B3431, ‛41",
    "E2809B3830, ‛‛80",
    "E2809BE2809B3830, ‛‛‛‛80",
    "E2809B80, ‛‛‛80",
    "80E2809B80, ‛80‛‛‛80",
    "F09F9A, ‛F0‛9F‛9A",
    "F09F9A9A80, 🚚‛80",
    "EDA080, ‛ED‛A0‛80",
    "C080, ‛C0‛80",
    "EFBFBD, \uFFFD",
  })
  void bytesAndTextFormBelongTogether(String hex, String text) {
    assertThat(PathNames.textOf(HEX.parseHex(hex))).isEqualTo(text);
    assertThat(PathNames.bytesOf(text)).isEqualTo(HEX.parseHex(hex));
  }

  @Test
  void anyBytesSurviveTheWayThereAndBack() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[][] pieces = {
      "‛".getBytes(UTF_8),
      "8".getBytes(UTF_8),
      "F".getBytes(UTF_8),
      "é".getBytes(UTF_8),
      {(byte) 0x80},
      {(byte) 0xE2},
      {(byte) 0xE2, (byte) 0x80},
      {(byte) 0xF0, (byte) 0x9F},
      {(byte) 0xED, (byte) 0xA0},
      "🚚".getBytes(UTF_8),
      "a".getBytes(UTF_8),
      {(byte) 0xFF}
    };
    Set<String> texts = new HashSet<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < 50_000; i++) {
      StringBuilder hex = new StringBuilder();
      for (int n = random.nextInt(8); n >= 0; n--) {
        hex.append(HEX.formatHex(pieces[random.nextInt(pieces.length)]));
      }
      byte[] bytes = HEX.parseHex(hex);
      String text = PathNames.textOf(bytes);
      assertThat(PathNames.bytesOf(text)).as("seed %d, bytes %s", seed, hex).isEqualTo(bytes);
      texts.add(text);
      names.add(hex.toString());
    }
    assertThat(texts).hasSameSizeAs(names);
  }

  @ParameterizedTest
  @ValueSource(strings = {"‛C3‛A9", "‛E2‛80‛9B", "x‛F0‛9F‛9A‛9A"})
  void textThatWouldNameAFileASecondTimeIsRefused(String alias) {
    assertThatThrownBy(() -> PathNames.bytesOf(alias)).isInstanceOf(InvalidPathException.class);
  }

  @Test
  void halfASurrogatePairIsRefused() {
    assertThatThrownBy(() -> PathNames.bytesOf("a\uD83Db"))
        .isInstanceOf(InvalidPathException.class);
    assertThatThrownBy(() -> PathNames.resolve(folder, "a\uD83Db"))
        .isInstanceOf(InvalidPathException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/etc", "..", "../x", "a/../b", "a/..", ".", "./a", "a/./b", "a//b", "a/", "a\0b"})
  void whatLeadsElsewhereIsNotResolved(String text) {
    assertThatThrownBy(() -> PathNames.resolve(folder, text))
        .isInstanceOf(InvalidPathException.class);
  }

  @Test
  void namesOfDotsAloneAreResolved() {
    assertThat(PathNames.resolve(folder, ".../..a/.b./a.."))
        .isEqualTo(folder.resolve(".../..a/.b./a.."));
    assertThat(PathNames.resolve(folder, "")).isEqualTo(folder);
  }

  @Test
  void theWholeZooLivesOnDisk() throws IOException {
    for (String name : NameZoo.NAMES) {
      Path file = PathNames.resolve(folder, "deep/" + name + "/" + name);
      Files.createDirectories(file.getParent());
      Files.write(file, PathNames.bytesOf(name));
      assertThat(PathNames.textOf(folder.relativize(file))).isEqualTo("deep/" + name + "/" + name);
      assertThat(PathNames.textOf(file)).endsWith("/deep/" + name + "/" + name).startsWith("/");
      assertThat(PathNames.textOf(file.getFileName())).isEqualTo(name);
    }
    assertThat(namesIn(folder.resolve("deep"))).isEqualTo(Set.copyOf(NameZoo.NAMES));
  }

  @ParameterizedTest
  @MethodSource("javas")
  void theWholeZooLivesOnDiskUnderTheCLocaleToo(Path java) throws Exception {
    String encoding = runProbe(java, "C");
    assertThat(encoding).startsWith("equal ").doesNotContain("UTF-8");
    assertThat(namesIn(folder)).isEqualTo(Set.copyOf(NameZoo.NAMES));
  }

  @ParameterizedTest
  @MethodSource("javas")
  void theWholeZooLivesOnDiskUnderUtf8OnEveryJava(Path java) throws Exception {
    assertThat(runProbe(java, "C.UTF-8")).isEqualTo("equal UTF-8");
    assertThat(namesIn(folder)).isEqualTo(Set.copyOf(NameZoo.NAMES));
  }

  private String runProbe(Path java, String locale) throws Exception {
    String classes = placeOf(PathNames.class) + File.pathSeparator + placeOf(NameZooProbe.class);
    ProcessBuilder command =
        new ProcessBuilder(
            java.toString(), "-cp", classes, NameZooProbe.class.getName(), folder.toString());
    command.environment().put("LC_ALL", locale);
    command.environment().remove("JAVA_TOOL_OPTIONS");
    Process process = command.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  private static Path placeOf(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  static Stream<Path> javas() throws IOException {
    List<Path> found = new ArrayList<>();
    found.add(Path.of(System.getProperty("java.home"), "bin", "java").toRealPath());
    Path installed = Path.of("/usr/lib/jvm");
    if (Files.isDirectory(installed)) {
      try (DirectoryStream<Path> homes = Files.newDirectoryStream(installed)) {
        for (Path home : homes) {
          Path java = home.resolve("bin/java");
          if (Files.isExecutable(java)) {
            found.add(java.toRealPath());
          }
        }
      }
    }
    return found.stream().distinct();
  }

  private static Set<String> namesIn(Path folder) throws IOException {
    Set<String> names = new HashSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      entries.forEach(entry -> names.add(PathNames.textOf(entry.getFileName())));
    }
    return names;
  }
}
