package dev.caravan.snapshot.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.NameZoo;
import dev.caravan.event.StorePath;
import dev.caravan.snapshot.manifest.ManifestEntry.Kind;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is written and read without JSON's own tools is what they write and read. */
class EntryLineTest {

  private final ManifestLines lines = new ManifestLines();

  @Test
  void usualEntriesAreWrittenAndReadAsJson() throws Exception {
    long seed = Long.getLong("caravan.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      ManifestEntry entry = random(random);
      byte[] json = lines.anyEntry(entry);
      assertThat(EntryLine.write(entry)).as("seed %d", seed).isPresent();
      assertThat(EntryLine.write(entry).get()).as("seed %d", seed).isEqualTo(json);
      assertThat(EntryLine.read(json, 0, json.length)).as("seed %d", seed).contains(entry);
      assertThat(parsed(json)).as("seed %d", seed).contains(entry);
    }
  }

  @Test
  void namesThatNeedAnEscapeAreLeftToJson() {
    assertThat(NameZoo.NAMES).anyMatch(name -> isPlain(name)).anyMatch(name -> !isPlain(name));
    for (String name : NameZoo.NAMES) {
      ManifestEntry link = entry(name, Kind.SYMLINK, Optional.of(name));
      byte[] json = lines.anyEntry(link);
      assertThat(EntryLine.write(link).isPresent()).as(name).isEqualTo(isPlain(name));
      assertThat(lines.entry(link)).as(name).isEqualTo(json);
      assertThat(EntryLine.read(json, 0, json.length).isPresent())
          .as(name)
          .isEqualTo(isPlain(name));
    }
  }

  @Test
  void aLineThatWasChangedIsReadAsJsonReadsItOrLeftToIt() {
    long seed = Long.getLong("caravan.seed", System.nanoTime());
    Random random = new Random(seed);
    byte[] chars = "0123456789\"\\:,{}a/.- \n\0é".getBytes(UTF_8);
    int read = 0;
    for (int i = 0; i < 50_000; i++) {
      byte[] line = lines.anyEntry(random(random));
      line[random.nextInt(line.length)] = chars[random.nextInt(chars.length)];
      int length = random.nextInt(20) == 0 ? random.nextInt(line.length) : line.length;
      Optional<ManifestEntry> quick = EntryLine.read(line, 0, length);
      if (quick.isPresent()) {
        assertThat(parsed(line)).as("seed %d: %s", seed, new String(line, UTF_8)).isEqualTo(quick);
        read++;
      }
    }
    assertThat(read).as("seed %d", seed).isBetween(1_000, 49_000);
  }

  @Test
  void aLineIsFoundAmongOthers() {
    ManifestEntry entry = entry("a/b", Kind.FOLDER, Optional.empty());
    String line = new String(lines.anyEntry(entry), UTF_8);
    byte[] all = ("before\n" + line + line).getBytes(UTF_8);
    assertThat(EntryLine.read(all, 7, line.length())).contains(entry);
    assertThat(EntryLine.read(all, 7, 2 * line.length())).isEmpty();
    assertThat(EntryLine.read(all, 7, line.length() - 1)).isEmpty();
    assertThat(EntryLine.read(all, 0, 0)).isEmpty();
    for (String other :
        List.of(
            line.replace("\"uid\":0", "\"uid\":00"),
            line.replace("\"uid\":0", "\"uid\":4294967296"),
            line.replace("\"uid\":0", "\"uid\":0.0"),
            line.replace("\"uid\":0", "\"uid\": 0"),
            line.replace("folder", "symlink"),
            line.replace("folder", "file"),
            line.replace("0755", "0788"),
            line.replace("0755", "75"))) {
      assertThat(other).isNotEqualTo(line);
      byte[] bytes = other.getBytes(UTF_8);
      assertThat(EntryLine.read(bytes, 0, bytes.length)).as(other).isEmpty();
    }
  }

  private Optional<ManifestEntry> parsed(byte[] line) {
    try {
      return Optional.of(lines.entry(lines.values(line, 0, line.length)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static boolean isPlain(String name) {
    return name.chars().allMatch(c -> c >= ' ' && c <= '~' && c != '"' && c != '\\');
  }

  private static ManifestEntry entry(String path, Kind kind, Optional<String> target) {
    return new ManifestEntry(StorePath.of(path), kind, 0, 0755, 0, 0, 0, target, Optional.empty());
  }

  private static ManifestEntry random(Random random) {
    Kind kind = Kind.values()[random.nextInt(3)];
    boolean isFile = kind == Kind.FILE;
    StringBuilder sha256 = new StringBuilder();
    for (int i = 0; i < 64; i++) {
      sha256.append(Character.forDigit(random.nextInt(16), 16));
    }
    int[] units = {1, 1_000, 1_000_000, 1_000_000_000};
    int unit = units[random.nextInt(4)];
    return new ManifestEntry(
        StorePath.of("d" + random.nextInt(99) + "/a '{ f" + random.nextInt()),
        kind,
        isFile ? random.nextLong(1L << random.nextInt(1, 59)) : 0,
        random.nextInt(010000),
        random.nextInt(),
        random.nextInt(3) - 1,
        random.nextLong(-9_000_000_000_000_000_000L, 9_000_000_000_000_000_000L) / unit * unit,
        kind == Kind.SYMLINK ? Optional.of("../to " + random.nextInt()) : Optional.empty(),
        isFile ? Optional.of(sha256.toString()) : Optional.empty());
  }
}
