package dev.caravan.snapshot.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.event.NameZoo;
import dev.caravan.event.ObjectContent;
import dev.caravan.event.StorePath;
import dev.caravan.remote.memory.MemoryRemote;
import dev.caravan.snapshot.manifest.ManifestEntry.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class ManifestTest {

  private static final ManifestHeader HEADER =
      new ManifestHeader(Instant.parse("2026-11-21T03:28:00Z"), "/data", "caravan test");

  @Test
  void whatWasWrittenIsReadAgain() throws Exception {
    List<ManifestEntry> written =
        List.of(
            folder("a"),
            new ManifestEntry(
                StorePath.of("a/f"),
                Kind.FILE,
                5L << 40,
                06751,
                -2,
                65534,
                -1,
                Optional.empty(),
                Optional.of("0f".repeat(32))),
            link("a/l", "../../\u201BFF/etc\n"),
            file("b", 1_700_000_000_123_456_789L));
    ManifestWriter writer = new ManifestWriter(HEADER);
    written.forEach(writer::add);

    try (ManifestReader reader = reader(bytes(writer.finish(3)))) {
      assertThat(reader.header()).isEqualTo(HEADER);
      assertThat(rest(reader)).isEqualTo(written);
      assertThat(reader.totals())
          .isEqualTo(new ManifestTotals(HEADER.createdAt(), 2, 1, 1, (5L << 40) + 7, 3));
    }
  }

  @Test
  void anyToolReadsTheLines() throws Exception {
    ManifestWriter writer = new ManifestWriter(HEADER);
    writer.add(file("a \"b\"\n", -1_500_000_000L));

    String text =
        new String(
            new GZIPInputStream(new ByteArrayInputStream(bytes(writer.finish(0)))).readAllBytes(),
            UTF_8);

    assertThat(text.split("\n"))
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .isEqualTo(
                        "{\"format\":\"caravan-manifest\",\"version\":1,"
                            + "\"created\":\"2026-11-21T03:28:00Z\",\"source\":\"/data\","
                            + "\"tool\":\"caravan test\"}"),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "{\"path\":\"a \\\"b\\\"\\n\",\"kind\":\"file\",\"size\":7,"
                            + "\"mode\":\"0644\",\"uid\":1000,\"gid\":100,"
                            + "\"mtime\":\"1969-12-31T23:59:58.500Z\",\"sha256\":\""
                            + "ab".repeat(32)
                            + "\"}"),
            line -> assertThat(line).startsWith("{\"end\":true,").contains("\"files\":1"));
  }

  @Test
  void everyNameSurvives() throws Exception {
    List<String> names =
        NameZoo.NAMES.stream().sorted((a, b) -> StorePath.compareUtf8(a, b)).toList();
    ManifestWriter writer = new ManifestWriter(HEADER);
    names.forEach(name -> writer.add(file(name, 0)));

    try (ManifestReader reader = reader(bytes(writer.finish(0)))) {
      assertThat(rest(reader)).extracting(entry -> entry.path().value()).isEqualTo(names);
    }
  }

  @Test
  void everyCutIsNoticed() throws Exception {
    byte[] whole = bytes(threeFiles().finish(0));

    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> readAll(cut))
          .as("cut to %d of %d", length, whole.length)
          .isInstanceOf(DamagedManifestException.class);
    }
  }

  @Test
  void everyChangedByteIsNoticedOrMeansNothing() throws Exception {
    byte[] whole = bytes(threeFiles().finish(0));
    List<ManifestEntry> entries = readAll(whole);

    for (int at = 0; at < whole.length; at++) {
      byte[] changed = whole.clone();
      changed[at] ^= 0x10;
      try {
        assertThat(readAll(changed)).as("byte %d", at).isEqualTo(entries);
      } catch (DamagedManifestException e) {
        assertThat(e).hasMessageMatching("(?s).+");
      }
    }
  }

  @Test
  void linesThatAnotherHandPutTogetherAreRefused() {
    String header = line(HEADER);
    String a =
        "{\"path\":\"a\",\"kind\":\"folder\",\"mode\":\"0755\",\"uid\":0,\"gid\":0,"
            + "\"mtime\":\"1970-01-01T00:00:00Z\"}\n";
    for (String bad :
        List.of(
            a.replace("\"a\"", "\"../a\""),
            a.replace("\"a\"", "\"/a\""),
            a.replace("\"a\"", "\"a/b\""),
            a.replace("\"a\"", "\"\""),
            a.replace("\"a\"", "\"a//b\""),
            a.replace("0755", "19755"),
            a.replace("folder", "device"),
            a.replace("folder", "file"),
            a.replace("folder", "symlink"),
            a.replace("\"uid\":0", "\"uid\":-1"),
            a + a,
            a + a.replace("\"a\"", "\"A\""),
            a + "{\"end\":true}\n",
            a + "[]\n",
            a + "x\n",
            a)) {
      assertThatThrownBy(() -> readAll(gzip(header + bad)))
          .as(bad)
          .isInstanceOf(DamagedManifestException.class);
    }
    assertThatThrownBy(() -> readAll(gzip(header.replace("\"version\":1", "\"version\":2"))))
        .isInstanceOf(DamagedManifestException.class)
        .hasMessageContaining("newer Caravan");
  }

  @Test
  void nothingMayLieBelowALinkOrAFile() {
    ManifestWriter writer = new ManifestWriter(HEADER);
    writer.add(link("a", "/etc"));
    assertThatThrownBy(() -> writer.add(file("a/passwd", 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a folder that is not listed before it");
    writer.add(file("b", 0));
    assertThatThrownBy(() -> writer.add(file("a", 0))).hasMessageContaining("out of order");
  }

  @Test
  void theTotalsAreReadFromTheEndAlone() throws Exception {
    MemoryRemote remote = new MemoryRemote("m");
    remote.put(ManifestObject.keyIn("s/"), manyFiles(20_000).finish(1));

    ManifestTotals totals =
        ManifestObject.peek(remote, remote.find(ManifestObject.keyIn("s/")).orElseThrow());

    assertThat(totals.files()).isEqualTo(20_000);
    assertThat(totals.problems()).isEqualTo(1);
    assertThat(ManifestObject.load(remote, "s/").orElseThrow().totals()).isEqualTo(totals);
    assertThat(ManifestObject.load(remote, "t/")).isEmpty();
  }

  @Test
  void aQuarterOfAMillionFilesTakeAFewMebibytes() throws Exception {
    ObjectContent content = manyFiles(250_000).finish(0);

    assertThat(content.sizeBytes()).isLessThan(20 << 20);
    assertThat(readAll(bytes(content))).hasSize(250_000);
  }

  static ManifestEntry file(String path, long modifiedNs) {
    return new ManifestEntry(
        StorePath.of(path),
        Kind.FILE,
        7,
        0644,
        1000,
        100,
        modifiedNs,
        Optional.empty(),
        Optional.of("ab".repeat(32)));
  }

  static ManifestEntry folder(String path) {
    return new ManifestEntry(
        StorePath.of(path), Kind.FOLDER, 0, 0755, 0, 0, 0, Optional.empty(), Optional.empty());
  }

  static ManifestEntry link(String path, String to) {
    return new ManifestEntry(
        StorePath.of(path), Kind.SYMLINK, 0, 0777, 0, 0, 0, Optional.of(to), Optional.empty());
  }

  private static ManifestWriter threeFiles() {
    ManifestWriter writer = new ManifestWriter(HEADER);
    writer.add(file("a", 1));
    writer.add(file("b", 2));
    writer.add(file("c", 3));
    return writer;
  }

  private static ManifestWriter manyFiles(int count) {
    ManifestWriter writer = new ManifestWriter(HEADER);
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < count; i++) {
      StringBuilder sha256 = new StringBuilder();
      for (int part = 0; part < 4; part++) {
        sha256.append(HexFormat.of().toHexDigits(random.nextLong()));
      }
      writer.add(
          new ManifestEntry(
              StorePath.of("file-%07d.bin".formatted(i)),
              Kind.FILE,
              random.nextInt(100_000),
              0644,
              1000,
              100,
              1_700_000_000_000_000_000L + random.nextLong(1_000_000_000_000_000L),
              Optional.empty(),
              Optional.of(sha256.toString())));
    }
    return writer;
  }

  private static String line(ManifestHeader header) {
    return new String(new ManifestLines().header(header), UTF_8);
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(UTF_8));
    }
    return bytes.toByteArray();
  }

  private static byte[] bytes(ObjectContent content) throws IOException {
    try (InputStream in = content.open(0, content.sizeBytes())) {
      return in.readAllBytes();
    }
  }

  private static ManifestReader reader(byte[] bytes) throws IOException {
    return new ManifestReader(new ByteArrayInputStream(bytes));
  }

  private static List<ManifestEntry> readAll(byte[] bytes) throws IOException {
    try (ManifestReader reader = reader(bytes)) {
      return rest(reader);
    }
  }

  private static List<ManifestEntry> rest(ManifestReader reader) throws IOException {
    List<ManifestEntry> all = new ArrayList<>();
    for (var next = reader.next(); next.isPresent(); next = reader.next()) {
      all.add(next.get());
    }
    return all;
  }
}
