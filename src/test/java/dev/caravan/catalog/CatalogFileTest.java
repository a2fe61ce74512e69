package dev.caravan.catalog;

import static java.time.ZoneOffset.UTC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.catalog.CatalogException.Fault;
import dev.caravan.event.StorePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The catalog's file: made, kept, refused. */
class CatalogFileTest {

  @TempDir Path folder;

  private Path file() {
    return folder.resolve(Catalog.FILE_NAME);
  }

  private static int migrations() throws Exception {
    try (Stream<Path> files = Files.list(Path.of("src/main/resources/db"))) {
      return (int) files.count();
    }
  }

  @Test
  void aNewFileHasTheSchemaAndIsEmpty() throws Exception {
    try (Catalog catalog = Catalog.open(folder)) {
      assertThat(catalog.isEmpty()).isTrue();
      assertThat(catalog.findMeta("x")).isEmpty();
      catalog.commit(session -> catalog.recordMeta(session, "x", "1"));
      catalog.commit(session -> catalog.recordMeta(session, "x", "2"));
      assertThat(catalog.findMeta("x")).contains("2");
    }
    assertThat(pragma("user_version")).isEqualTo(migrations());
    assertThat(pragma("application_id")).isEqualTo(0x4352564E);
    assertThat(text("PRAGMA journal_mode")).isEqualTo("wal");
  }

  @Test
  void openingAgainKeepsWhatWasThere() {
    try (Catalog catalog = Catalog.open(folder)) {
      fill(catalog, 10);
    }
    try (Catalog catalog = Catalog.open(folder)) {
      assertThat(catalog.files().find(StorePath.of("f3"))).isPresent();
    }
  }

  @Test
  void aBigFileIsCheckedOnceDamageWasMet() throws Exception {
    try (Catalog catalog = Catalog.open(folder)) {
      catalog.commit(
          session -> session.execute("CREATE TABLE pad AS SELECT zeroblob(70000000) AS x"));
    }
    byte[] noise = new byte[1 << 20];
    new Random(1).nextBytes(noise);
    try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(noise), 40 << 20);
    }
    try (Catalog catalog = Catalog.open(folder)) {
      assertThat(catalog.isEmpty()).as("the damage lies elsewhere").isTrue();
      assertThatThrownBy(() -> catalog.commit(h -> h.execute("DELETE FROM pad")))
          .hasStackTraceContaining("SQLITE_CORRUPT");
    }
    assertThat(refused().fault()).isEqualTo(Fault.CORRUPT);
    Catalog.setAside(folder, "now");
    Catalog.open(folder).close();
  }

  private boolean isCheckNeeded() {
    return new Soundness(file(), Clock.systemUTC()).isNeeded();
  }

  private boolean isCheckNeeded(long atMillis) {
    return new Soundness(file(), Clock.fixed(Instant.ofEpochMilli(atMillis), UTC)).isNeeded();
  }

  @Test
  void aFileThatNobodyTouchedIsNotCheckedAgainForADay() throws Exception {
    try (Catalog catalog = Catalog.open(folder)) {
      fill(catalog, 10);
    }
    Path checked = folder.resolve("catalog.db.checked");
    String vouched = Files.readString(checked);
    try (Catalog catalog = Catalog.open(folder)) {
      assertThat(checked).as("a crash must not leave it").doesNotExist();
      catalog.commit(session -> catalog.recordMeta(session, "x", "1"));
    }
    String since = vouched.substring(0, vouched.indexOf(' '));
    assertThat(checked).as("when it was checked stays").content().startsWith(since + " ");
    assertThat(isCheckNeeded()).isFalse();

    long last = Long.parseLong(since);
    assertThat(isCheckNeeded(last + 86_399_999)).as("within a day").isFalse();
    assertThat(isCheckNeeded(last + 86_400_000)).as("after a day").isTrue();
    assertThat(isCheckNeeded(last - 1)).as("the clock was wrong").isTrue();
    String now = Files.readString(checked);
    for (String torn : List.of("", since, since + " ", "x " + now)) {
      Files.writeString(checked, torn);
      assertThat(isCheckNeeded()).as("[%s]", torn).isTrue();
    }
    Files.writeString(checked, now);
    assertThat(isCheckNeeded()).isFalse();
    Files.createFile(folder.resolve("catalog.db-wal"));
    assertThat(isCheckNeeded()).as("it was not closed").isTrue();
    Files.delete(folder.resolve("catalog.db-wal"));
    Files.createFile(folder.resolve("catalog.db.suspect"));
    assertThat(isCheckNeeded()).as("damage was met").isTrue();
  }

  @Test
  void aFileThatSomebodyTouchedIsChecked() throws Exception {
    try (Catalog catalog = Catalog.open(folder)) {
      fill(catalog, 2_000);
    }
    assertThat(isCheckNeeded()).isFalse();
    FileTime before = Files.getLastModifiedTime(file());
    byte[] noise = new byte[4_096];
    new Random(1).nextBytes(noise);
    try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(noise), channel.size() / 2);
    }
    Files.setLastModifiedTime(file(), before);
    assertThat(refused().fault()).isEqualTo(Fault.CORRUPT);
  }

  @Test
  void oneThatHasItOpenBesideVouchesForNothing() throws Exception {
    Catalog.open(folder).close();
    Path checked = folder.resolve("catalog.db.checked");
    try (Catalog catalog = Catalog.open(folder)) {
      try (Catalog beside = Catalog.open(folder)) {
        fill(beside, 10);
      }
      assertThat(checked).doesNotExist();
      fill(catalog, 10);
    }
    assertThat(checked).exists();
    assertThat(isCheckNeeded()).isFalse();
  }

  @Test
  void everyCommitReachesTheDisk() {
    try (Catalog catalog = Catalog.open(folder)) {
      int synchronous =
          catalog.write(
              session -> session.createQuery("PRAGMA synchronous").map(row -> row.getInt(1)).one());
      assertThat(synchronous).as("2 is FULL").isEqualTo(2);
    }
  }

  @Test
  void aNewerSchemaIsRefusedAndNotTouched() throws Exception {
    Catalog.open(folder).close();
    execute("PRAGMA user_version = 99");
    byte[] before = Files.readAllBytes(file());
    CatalogException refused = refused();
    assertThat(refused.fault()).isEqualTo(Fault.NEWER);
    assertThat(refused).hasMessageContaining("99").hasMessageContaining(file().toString());
    assertThat(Files.readAllBytes(file())).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PRAGMA user_version = 7", "PRAGMA application_id = 5", "SELECT 1"})
  void anotherProgramsDatabaseIsNotWrittenInto(String sql) throws Exception {
    execute("CREATE TABLE theirs (x)");
    execute(sql);
    assertThat(refused().fault()).isEqualTo(Fault.CORRUPT);
    assertThat(refused()).hasMessageContaining("other program");
    assertThat(text("SELECT group_concat(name) FROM sqlite_master")).isEqualTo("theirs");
  }

  @Test
  void garbageIsCorrupt() throws Exception {
    byte[] garbage = new byte[20_000];
    new Random(1).nextBytes(garbage);
    Files.write(file(), garbage);
    assertThat(refused().fault()).isEqualTo(Fault.CORRUPT);
    assertThat(Files.readAllBytes(file())).isEqualTo(garbage);
  }

  @Test
  void aTruncatedFileIsCorruptWhereverItWasCut() throws Exception {
    try (Catalog catalog = Catalog.open(folder)) {
      fill(catalog, 2_000);
    }
    byte[] whole = Files.readAllBytes(file());
    for (double part : List.of(0.0001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)) {
      for (int odd : List.of(0, 1, 777)) {
        int cut = (int) (whole.length * part) / 4096 * 4096 + odd;
        wipe();
        Files.write(file(), Arrays.copyOf(whole, cut));
        if (cut >= 512) {
          assertThat(refused().fault()).as("cut at %s", cut).isEqualTo(Fault.CORRUPT);
        } else {
          // SQLite takes the stump for a new file; a catalog that knows nothing deletes nothing.
          try (Catalog catalog = Catalog.open(folder)) {
            assertThat(catalog.isEmpty()).isTrue();
          }
        }
      }
    }
  }

  @Test
  void overwrittenPagesAreFound() throws Exception {
    try (Catalog catalog = Catalog.open(folder)) {
      fill(catalog, 2_000);
    }
    byte[] whole = Files.readAllBytes(file());
    for (int page = 1; page < whole.length / 4096; page += 9) {
      byte[] broken = whole.clone();
      Arrays.fill(broken, page * 4096, page * 4096 + 2048, (byte) 0x5A);
      wipe();
      Files.write(file(), broken);
      assertThat(refused().fault()).as("page %s", page).isEqualTo(Fault.CORRUPT);
    }
  }

  @Test
  void aDamagedFileIsSetAsideAndANewOneMade() throws Exception {
    Files.writeString(file(), "no database");
    Files.writeString(folder.resolve("catalog.db-wal"), "no log");
    assertThat(refused().fault()).isEqualTo(Fault.CORRUPT);
    Catalog.setAside(folder, "stamp");
    assertThat(folder.resolve("catalog.db.damaged-stamp")).hasContent("no database");
    try (Catalog catalog = Catalog.open(folder)) {
      assertThat(catalog.isEmpty()).isTrue();
    }
  }

  @Test
  void aRefusedFileIsNotKeptOpen() throws Exception {
    Catalog.open(folder).close();
    execute("PRAGMA user_version = 99");
    assertThat(refused().fault()).isEqualTo(Fault.NEWER);
    Path real = file().toRealPath();
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      assertThat(open.filter(each -> leadsTo(each, real))).isEmpty();
    }
  }

  private static boolean leadsTo(Path link, Path file) {
    try {
      return Files.readSymbolicLink(link).equals(file);
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void aFolderThatIsNotThereIsUnusableAndNamed() {
    assertThatThrownBy(() -> Catalog.open(folder.resolve("no/such")))
        .isInstanceOfSatisfying(
            CatalogException.class, e -> assertThat(e.fault()).isEqualTo(Fault.UNUSABLE))
        .hasMessageContaining("no/such");
  }

  @Test
  void aCopyIsWholeAndReplacesAnOlderOne() throws Exception {
    Path copies = Files.createDirectory(folder.resolve("copies"));
    try (Catalog catalog = Catalog.open(folder)) {
      fill(catalog, 5);
      catalog.backup(copies.resolve(Catalog.FILE_NAME));
      fill(catalog, 9);
      catalog.backup(copies.resolve(Catalog.FILE_NAME));
    }
    try (Catalog copy = Catalog.open(copies)) {
      assertThat(copy.files().find(StorePath.of("f8"))).isPresent();
    }
  }

  private CatalogException refused() {
    return catchThrowableOfType(CatalogException.class, () -> Catalog.open(folder).close());
  }

  private static void fill(Catalog catalog, int files) {
    catalog.commit(
        session ->
            catalog
                .files()
                .recordSeen(
                    session,
                    Stream.iterate(0, i -> i < files, i -> i + 1)
                        .map(i -> Rows.file("f" + i, i))
                        .toList(),
                    1));
    assertThat(catalog.files().find(StorePath.of("f0")).map(FileRow::sha256))
        .contains(Optional.empty());
  }

  private void wipe() throws IOException {
    for (String suffix : List.of("", "-wal", "-shm")) {
      Files.deleteIfExists(folder.resolve(Catalog.FILE_NAME + suffix));
    }
  }

  private void execute(String sql) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private String text(String sql) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.getString(1);
    }
  }

  private int pragma(String name) throws Exception {
    return Integer.parseInt(text("PRAGMA " + name));
  }
}
